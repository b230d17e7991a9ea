-- Un compte fermé, une équipe changée, une fonction retirée : ses sessions finissent aussitôt, quel que soit le chemin de l'écriture.
CREATE FUNCTION jalon_finir_les_sessions() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_TABLE_NAME = 'comptes_professionnel' THEN
        DELETE FROM comptes_session WHERE compte_id = OLD.id;
    ELSE
        DELETE FROM comptes_session WHERE compte_id = OLD.professionnel_id;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER finir_les_sessions AFTER UPDATE OF is_active, is_superuser, equipe_id, email ON comptes_professionnel FOR EACH ROW
    WHEN ((OLD.is_active, OLD.is_superuser, OLD.equipe_id, OLD.email) IS DISTINCT FROM (NEW.is_active, NEW.is_superuser, NEW.equipe_id, NEW.email))
    EXECUTE FUNCTION jalon_finir_les_sessions();
CREATE TRIGGER finir_les_sessions AFTER UPDATE ON comptes_fonction FOR EACH ROW
    WHEN (OLD IS DISTINCT FROM NEW) EXECUTE FUNCTION jalon_finir_les_sessions();
CREATE TRIGGER finir_les_sessions_retiree AFTER DELETE ON comptes_fonction FOR EACH ROW EXECUTE FUNCTION jalon_finir_les_sessions();
