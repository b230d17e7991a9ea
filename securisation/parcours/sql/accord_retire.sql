-- Titre d'effacement : l'accord sur les données sensibles de ce parcours est retiré, ou refusé, et aucun autre ne court.
CREATE OR REPLACE FUNCTION jalon_titre_accord_retire(p_source bigint, p_chaine bigint) RETURNS boolean LANGUAGE sql STABLE AS $$
    WITH sensibles AS (
        SELECT a.*, (now() AT TIME ZONE 'Europe/Paris')::date AS jour
          FROM public.parcours_accord a JOIN public.annuaire_finalite f ON f.id = a.finalite_id
         WHERE a.parcours_id = p_chaine AND f.code = 'SENSIBLE')
    SELECT EXISTS (SELECT FROM sensibles WHERE id = p_source AND (retire_le IS NOT NULL OR NOT accorde))
       AND NOT EXISTS (SELECT FROM sensibles WHERE id <> p_source AND accorde AND le <= jour
                          AND (jusqu_au IS NULL OR jusqu_au >= jour) AND (retire_le IS NULL OR retire_le > jour))
$$;
