-- Une édition publiée fait foi : elle se remplace ou se retire, elle ne se récrit pas. Ses fichiers non plus.
CREATE FUNCTION pilotage_edition_figee() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    libres text[] := ARRAY['etat', 'retiree_le', 'retiree_par_id', 'motif_retrait', 'erreur'];
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'Une édition publiée ne se supprime pas : retirez-la.' USING ERRCODE = 'restrict_violation';
    END IF;
    IF (to_jsonb(NEW) - libres) IS DISTINCT FROM (to_jsonb(OLD) - libres) THEN
        RAISE EXCEPTION 'Une édition publiée ne se récrit pas : publiez une correction.' USING ERRCODE = 'restrict_violation';
    END IF;
    IF NEW.etat <> OLD.etat AND NOT (OLD.etat = 'publiee' AND NEW.etat IN ('remplacee', 'retiree')
                                     OR OLD.etat = 'remplacee' AND NEW.etat = 'retiree') THEN
        RAISE EXCEPTION 'Une édition publiée ne peut que se remplacer ou se retirer.' USING ERRCODE = 'restrict_violation';
    END IF;
    IF OLD.etat = 'retiree' AND (NEW.motif_retrait, NEW.retiree_le, NEW.retiree_par_id)
                                IS DISTINCT FROM (OLD.motif_retrait, OLD.retiree_le, OLD.retiree_par_id) THEN
        RAISE EXCEPTION 'Le retrait d''une édition ne se récrit pas.' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER edition_figee BEFORE UPDATE OR DELETE ON pilotage_edition FOR EACH ROW
    WHEN (OLD.etat IN ('publiee', 'remplacee', 'retiree')) EXECUTE FUNCTION pilotage_edition_figee();

-- Une édition paraît par la publication : rien ne s'insère déjà publié, et seul le contrôle y mène.
CREATE FUNCTION pilotage_edition_controlee() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    libres text[] := ARRAY['etat', 'publiee_le', 'publiee_par_id', 'erreur'];
BEGIN
    IF TG_OP = 'INSERT' OR NEW.etat <> 'publiee' OR OLD.etat <> 'controlee' OR (OLD.rapport -> 'publiable') IS DISTINCT FROM 'true'::jsonb THEN
        RAISE EXCEPTION 'Une édition se publie une fois contrôlée, et si le contrôle le permet.' USING ERRCODE = 'restrict_violation';
    END IF;
    IF (to_jsonb(NEW) - libres) IS DISTINCT FROM (to_jsonb(OLD) - libres) THEN
        RAISE EXCEPTION 'Une édition se publie telle que contrôlée : recontrôlez-la.' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER edition_controlee_insert BEFORE INSERT ON pilotage_edition FOR EACH ROW
    WHEN (NEW.etat IN ('publiee', 'remplacee', 'retiree')) EXECUTE FUNCTION pilotage_edition_controlee();
CREATE TRIGGER edition_controlee BEFORE UPDATE ON pilotage_edition FOR EACH ROW
    WHEN (NEW.etat IN ('publiee', 'remplacee', 'retiree') AND OLD.etat NOT IN ('publiee', 'remplacee', 'retiree'))
    EXECUTE FUNCTION pilotage_edition_controlee();

CREATE FUNCTION pilotage_fichier_fige() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'Le fichier d''une édition publiée ne se récrit pas.' USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER fichier_fige BEFORE UPDATE OR DELETE ON pilotage_fichierdedition FOR EACH ROW
    EXECUTE FUNCTION pilotage_fichier_fige();
