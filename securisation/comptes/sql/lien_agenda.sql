-- Le lien d'abonnement à l'agenda finit comme les sessions : compte fermé, équipe, adresse ou fonction changée, mot de passe changé.
CREATE FUNCTION jalon_finir_le_lien_d_agenda() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_TABLE_NAME = 'comptes_professionnel' THEN
        DELETE FROM comptes_lienagenda WHERE compte_id = OLD.id;
    ELSE
        DELETE FROM comptes_lienagenda WHERE compte_id = OLD.professionnel_id;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER finir_le_lien_d_agenda AFTER UPDATE OF is_active, is_superuser, equipe_id, email, password ON comptes_professionnel FOR EACH ROW
    WHEN ((OLD.is_active, OLD.is_superuser, OLD.equipe_id, OLD.email, OLD.password)
          IS DISTINCT FROM (NEW.is_active, NEW.is_superuser, NEW.equipe_id, NEW.email, NEW.password))
    EXECUTE FUNCTION jalon_finir_le_lien_d_agenda();
CREATE TRIGGER finir_le_lien_d_agenda AFTER UPDATE ON comptes_fonction FOR EACH ROW
    WHEN (OLD IS DISTINCT FROM NEW) EXECUTE FUNCTION jalon_finir_le_lien_d_agenda();
CREATE TRIGGER finir_le_lien_d_agenda_retiree AFTER DELETE ON comptes_fonction FOR EACH ROW
    EXECUTE FUNCTION jalon_finir_le_lien_d_agenda();
