-- Le rythme des lectures : combien de dossiers différents ce compte a ouverts dans l'heure. Compté et inscrit en une instruction.
-- `p_connu` : depuis combien de temps un dossier déjà ouvert ne compte plus comme nouveau (une heure ; plus pour un envoi).
-- Rend (dossiers de l'heure, celui-ci compris, ou 0 s'il est déjà connu ; plafond en vigueur pour ce compte).
CREATE FUNCTION jalon_lire(p_chaine bigint, p_acteur bigint, p_action text, p_motif text, p_modele text, p_objet bigint, p_charge jsonb,
                           p_connu interval, p_plafond integer, OUT dossiers integer, OUT plafond integer)
LANGUAGE plpgsql AS $$
DECLARE
    v_maintenant timestamptz := clock_timestamp();
    v_vu timestamptz;
BEGIN
    SELECT vu_le INTO v_vu FROM socle_rythme WHERE acteur = p_acteur AND chaine = p_chaine;
    IF v_vu > v_maintenant - p_connu THEN
        dossiers := 0;
    ELSE
        SELECT count(*) + 1 INTO dossiers FROM socle_rythme
         WHERE acteur = p_acteur AND chaine <> p_chaine AND vu_le > v_maintenant - interval '1 hour';
        IF dossiers * 2 > p_plafond THEN
            -- Près du plafond, les lectures d'un même compte passent une à une : ouvertes ensemble, elles se compteraient mal.
            PERFORM pg_advisory_xact_lock(hashtext('jalon_rythme'), p_acteur::integer);
            SELECT count(*) + 1 INTO dossiers FROM socle_rythme
             WHERE acteur = p_acteur AND chaine <> p_chaine AND vu_le > v_maintenant - interval '1 hour';
        END IF;
    END IF;
    SELECT p_plafond * (1 + count(*)) INTO plafond FROM socle_elargissement
     WHERE acteur = p_acteur AND accorde_le > v_maintenant - interval '1 hour';
    INSERT INTO socle_rythme (acteur, chaine, vu_le) VALUES (p_acteur, p_chaine, v_maintenant)
        ON CONFLICT (acteur, chaine) DO UPDATE SET vu_le = excluded.vu_le;
    PERFORM jalon_inscrire(p_chaine, p_acteur, p_action, p_motif, p_modele, p_objet, p_charge);
END $$;
