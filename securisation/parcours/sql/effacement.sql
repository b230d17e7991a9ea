-- Ce qui permet d'effacer dans une chaîne du journal (voir socle/sql/effacement.sql).
-- Le propriétaire des tables est celui que les commandes d'exploitation nomment ; l'application ne peut pas s'en donner le nom.
CREATE FUNCTION parcours_est_le_proprietaire() RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT session_user = pg_get_userbyid(relowner) FROM pg_class WHERE oid = 'public.parcours_effacement'::regclass
$$;
CREATE FUNCTION parcours_jour() RETURNS date LANGUAGE sql STABLE AS $$
    SELECT (coalesce(CASE WHEN public.parcours_est_le_proprietaire() THEN public.jalon_fait_le() END, now()) AT TIME ZONE 'Europe/Paris')::date
$$;
-- « effacement » : décidé par deux personnes distinctes, ou rejoué d'un registre par le propriétaire après une restauration ;
-- jamais avant son jour. L'heure d'une reprise ne vaut que pour le propriétaire.
CREATE FUNCTION jalon_titre_effacement(source bigint, chaine bigint) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT FROM public.parcours_effacement e
                    WHERE e.id = source AND e.parcours_id = chaine AND e.etat IN ('decide', 'execution')
                      AND (e.superviseur_par_id <> e.dpo_par_id OR (e.origine = 'rejeu' AND public.parcours_est_le_proprietaire()))
                      AND coalesce(e.pas_avant <= public.parcours_jour(), e.origine <> 'conservation'))
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
