-- Qui change d'équipe, ou n'en a plus, perd ses rôles sur les parcours des autres équipes ; l'historique de chaque rôle dit pourquoi.
CREATE FUNCTION parcours_retirer_les_roles_d_ailleurs() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE motif text := coalesce(current_setting('jalon.motif', true), '');
BEGIN
    PERFORM set_config('jalon.motif', 'changement d''équipe', true);
    DELETE FROM parcours_attribution a USING parcours_parcours p
     WHERE a.user_id = NEW.id AND p.id = a.content_object_id AND p.equipe_id IS DISTINCT FROM NEW.equipe_id;
    PERFORM set_config('jalon.motif', motif, true);
    RETURN NULL;
END $$;
CREATE TRIGGER retirer_les_roles_d_ailleurs AFTER UPDATE OF equipe_id ON comptes_professionnel FOR EACH ROW
    WHEN (OLD.equipe_id IS DISTINCT FROM NEW.equipe_id) EXECUTE FUNCTION parcours_retirer_les_roles_d_ailleurs();
