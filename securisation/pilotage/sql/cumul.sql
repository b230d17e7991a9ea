-- Le cumul des faits, par mois et par équipe : ce que la direction lit en direct. Tenu par les faits eux-mêmes, quel que soit l'écrivain.
-- Une nature est une date du parcours (r reçue, x non admise, a admise, z finie après admission, f finie, b bilan coté) : un parcours
-- accompagné entre deux mois est admis au plus tard au second et n'est pas fini avant le premier.
CREATE FUNCTION pilotage_departement(d text) RETURNS bigint LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN d = '' THEN 0 ELSE ascii(d) * 65536 + ascii(substr(d, 2, 1)) * 256 + ascii(substr(d, 3, 1)) END::bigint
$$;
CREATE FUNCTION pilotage_parts(f pilotage_fait) RETURNS TABLE (nature text, mois date, groupe text, code bigint, poids bigint)
LANGUAGE sql IMMUTABLE AS $$
    SELECT n.nature, date_trunc('month', n.le)::date, c.groupe, c.code, c.poids
      FROM (VALUES ('r', f.recue_le), ('x', f.refuse_le), ('a', f.admis_le), ('z', CASE WHEN f.admis_le IS NOT NULL THEN f.fini_le END),
                   ('f', CASE WHEN f.admis_le IS NOT NULL THEN f.fini_le END),
                   ('b', CASE WHEN (f.niveaux & (f.niveaux >> 1) & 349525) = 0 THEN f.bilan_le END)) n(nature, le)
      JOIN LATERAL (
        SELECT 'recues', 0::bigint, 1::bigint WHERE n.nature = 'r'
        UNION ALL SELECT 'origine', f.origine, 1 WHERE n.nature = 'r'
        UNION ALL SELECT 'qualification', CASE WHEN f.admis_le IS NOT NULL THEN 1 WHEN f.refuse_le IS NOT NULL THEN 2
            WHEN f.fini_le IS NOT NULL THEN 4 ELSE 3 END, 1 WHERE n.nature = 'r'
        UNION ALL SELECT g, v, 1 FROM (VALUES ('refuses', 0::bigint), ('orientation', f.orientation)) t(g, v) WHERE n.nature = 'x'
        UNION ALL SELECT g, v, 1 FROM (VALUES ('fins', 0::bigint), ('fin', f.fin), ('duree', f.duree)) t(g, v) WHERE n.nature = 'f'
        UNION ALL SELECT 'risques', v, 1 FROM unnest(f.risques) v WHERE n.nature = 'f'
        UNION ALL SELECT 'relais', v, 1 FROM unnest(f.relais) v WHERE n.nature = 'f'
        UNION ALL SELECT g, v, 1 FROM (VALUES ('cotes', 0::bigint), ('niveaux_de_trois_axes', (f.niveaux & 4095)::bigint),
            ('niveaux_de_deux_axes', (f.niveaux >> 12)::bigint)) t(g, v) WHERE n.nature = 'b'
        UNION ALL SELECT g, v, 1 FROM (VALUES ('accompagnes', 0::bigint), ('epci', f.epci), ('cadre', f.cadre)) t(g, v) WHERE n.nature IN ('a', 'z')
        -- Le département est un texte (« 2A ») : ses lettres en nombre.
        UNION ALL SELECT 'departement', pilotage_departement(f.departement), 1 WHERE n.nature IN ('a', 'z')
        UNION ALL SELECT g, 0, p FROM (VALUES ('demarches', 1::bigint), ('demarches_engagees', f.demarches::bigint)) t(g, p)
            WHERE n.nature IN ('a', 'z') AND f.demarches > 0
        UNION ALL SELECT 'publics', v, 1 FROM unnest(f.publics) v WHERE n.nature IN ('a', 'z')
        UNION ALL SELECT 'facteurs', v, 1 FROM unnest(f.facteurs) v WHERE n.nature IN ('a', 'z')
        UNION ALL SELECT 'dominos', v, 1 FROM unnest(f.dominos) v WHERE n.nature IN ('a', 'z')
        UNION ALL SELECT 'leviers', v, 1 FROM unnest(f.leviers) v WHERE n.nature IN ('a', 'z')
        UNION ALL SELECT 'delais', v, 1 FROM unnest(f.delais) v WHERE n.nature IN ('a', 'z')
        UNION ALL SELECT 'moyens', v, 1 FROM unnest(f.moyens) v WHERE n.nature IN ('a', 'z')
      ) c(groupe, code, poids) ON true
     WHERE f.compte AND n.le IS NOT NULL
$$;
CREATE FUNCTION pilotage_cumuler() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO pilotage_cumul AS c (nature, mois, equipe_id, groupe, code, n, cle)
        SELECT p.nature, p.mois, f.equipe_id, p.groupe, p.code, sum(p.poids), sum(f.cle::bigint) FROM nouvelles f, pilotage_parts(f) p
         GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2, 3, 4, 5
        ON CONFLICT (nature, mois, equipe_id, groupe, code) DO UPDATE SET n = c.n + EXCLUDED.n, cle = c.cle + EXCLUDED.cle;
    ELSIF TG_OP = 'UPDATE' THEN
        INSERT INTO pilotage_cumul AS c (nature, mois, equipe_id, groupe, code, n, cle)
        SELECT nature, mois, equipe_id, groupe, code, sum(n), sum(cle) FROM (
            SELECT p.nature, p.mois, f.equipe_id, p.groupe, p.code, p.poids AS n, f.cle::bigint AS cle FROM nouvelles f, pilotage_parts(f) p
            UNION ALL SELECT p.nature, p.mois, f.equipe_id, p.groupe, p.code, -p.poids, -f.cle::bigint FROM anciennes f, pilotage_parts(f) p) t
         GROUP BY 1, 2, 3, 4, 5 HAVING sum(n) <> 0 OR sum(cle) <> 0 ORDER BY 1, 2, 3, 4, 5
        ON CONFLICT (nature, mois, equipe_id, groupe, code) DO UPDATE SET n = c.n + EXCLUDED.n, cle = c.cle + EXCLUDED.cle;
    ELSE
        UPDATE pilotage_cumul c SET n = c.n - t.n, cle = c.cle - t.cle FROM (
            SELECT p.nature, p.mois, f.equipe_id, p.groupe, p.code, sum(p.poids) AS n, sum(f.cle::bigint) AS cle
              FROM anciennes f, pilotage_parts(f) p GROUP BY 1, 2, 3, 4, 5) t
         WHERE (c.nature, c.mois, c.equipe_id, c.groupe, c.code) = (t.nature, t.mois, t.equipe_id, t.groupe, t.code);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER cumuler_les_neufs AFTER INSERT ON pilotage_fait REFERENCING NEW TABLE AS nouvelles
    FOR EACH STATEMENT EXECUTE FUNCTION pilotage_cumuler();
CREATE TRIGGER cumuler_les_changes AFTER UPDATE ON pilotage_fait REFERENCING OLD TABLE AS anciennes NEW TABLE AS nouvelles
    FOR EACH STATEMENT EXECUTE FUNCTION pilotage_cumuler();
CREATE TRIGGER cumuler_les_partis AFTER DELETE ON pilotage_fait REFERENCING OLD TABLE AS anciennes
    FOR EACH STATEMENT EXECUTE FUNCTION pilotage_cumuler();
