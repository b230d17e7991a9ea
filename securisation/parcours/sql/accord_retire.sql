-- Titre d'effacement : l'accord sur les données sensibles de ce parcours est retiré, ou refusé.
CREATE OR REPLACE FUNCTION jalon_titre_accord_retire(p_source bigint, p_chaine bigint) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT FROM parcours_accord a JOIN annuaire_finalite f ON f.id = a.finalite_id
                    WHERE a.id = p_source AND a.parcours_id = p_chaine AND f.code = 'SENSIBLE' AND (a.retire_le IS NOT NULL OR NOT a.accorde))
$$;
