-- Ce qui permet d'effacer dans une chaîne du journal (voir socle/sql/effacement.sql).
-- « effacement » : décidé par deux personnes distinctes, ou rejoué d'un registre après une restauration.
CREATE FUNCTION jalon_titre_effacement(source bigint, chaine bigint) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT FROM parcours_effacement e
                    WHERE e.id = source AND e.parcours_id = chaine AND e.etat IN ('decide', 'execution')
                      AND (e.origine = 'rejeu' OR e.superviseur_par_id <> e.dpo_par_id))
$$;
-- Le délai de conservation court de l'ouverture ; l'étage des interventions y substitue le dernier contact venu de la personne.
CREATE FUNCTION parcours_poser_les_nouvelles() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.derniere_nouvelle_le := (NEW.cree_le AT TIME ZONE 'Europe/Paris')::date;
    RETURN NEW;
END $$;
CREATE TRIGGER poser_les_nouvelles BEFORE INSERT ON parcours_parcours FOR EACH ROW EXECUTE FUNCTION parcours_poser_les_nouvelles();
-- Une clé de tri n'est pas un fait du dossier : la remplir ne laisse pas de trace.
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_trigger WHERE tgname = 'tracer' AND tgrelid = 'parcours_parcours'::regclass) THEN
        ALTER TABLE parcours_parcours DISABLE TRIGGER tracer;
    END IF;
    UPDATE parcours_parcours SET derniere_nouvelle_le = (cree_le AT TIME ZONE 'Europe/Paris')::date;
    IF EXISTS (SELECT FROM pg_trigger WHERE tgname = 'tracer' AND tgrelid = 'parcours_parcours'::regclass) THEN
        ALTER TABLE parcours_parcours ENABLE TRIGGER tracer;
    END IF;
END $$;
