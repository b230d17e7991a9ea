-- Un contact venu de la personne est une nouvelle parmi d'autres : la plus récente compte, quel que soit l'étage qui l'a notée.
CREATE OR REPLACE FUNCTION parcours_nouvelles_d_en_haut(cible bigint) RETURNS date LANGUAGE sql STABLE AS $$
    SELECT max(le) FROM interventions_contact WHERE parcours_id = cible AND de_la_personne
$$;
DROP TRIGGER tenir_les_nouvelles ON interventions_contact;
DROP FUNCTION interventions_tenir_les_nouvelles();
CREATE TRIGGER tenir_les_nouvelles AFTER INSERT OR UPDATE OR DELETE ON interventions_contact
    FOR EACH ROW EXECUTE FUNCTION parcours_tenir_les_nouvelles();
-- Une clé de tri n'est pas un fait du dossier : la remplir ne laisse pas de trace.
DO $$
DECLARE lecteur text := coalesce(current_setting('jalon.lecteur', true), '');
BEGIN
    IF EXISTS (SELECT FROM pg_trigger WHERE tgname = 'tracer' AND tgrelid = 'parcours_parcours'::regclass) THEN
        ALTER TABLE parcours_parcours DISABLE TRIGGER tracer;
    END IF;
    PERFORM set_config('jalon.lecteur', 'systeme', true);
    UPDATE parcours_parcours SET derniere_nouvelle_le = parcours_dernieres_nouvelles(id);
    PERFORM set_config('jalon.lecteur', lecteur, true);
    IF EXISTS (SELECT FROM pg_trigger WHERE tgname = 'tracer' AND tgrelid = 'parcours_parcours'::regclass) THEN
        ALTER TABLE parcours_parcours ENABLE TRIGGER tracer;
    END IF;
END $$;
