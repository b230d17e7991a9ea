-- Effacer ce qui ne se réécrit pas : des fonctions du propriétaire, seules à passer l'ajout seul, et seulement sous un titre vérifié ici.
-- Une charge effacée vaut '{"effacee": true}', sel NULL ; empreinte_charge reste, donc la chaîne se vérifie encore ; chaque chaîne
-- touchée porte un maillon « effacement » qui dit quels maillons l'ont été.
ALTER TABLE socle_journal ALTER COLUMN sel DROP NOT NULL;

CREATE OR REPLACE FUNCTION jalon_ajout_seul() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE pile text;
BEGIN
    IF TG_OP = 'TRUNCATE' AND current_setting('jalon.essais', true) = 'on' THEN RETURN NULL; END IF;
    GET DIAGNOSTICS pile = PG_CONTEXT;
    IF TG_OP <> 'TRUNCATE' AND pile ~ '\mjalon_(effacer_lignes|vider_les_charges)\(' THEN RETURN NULL; END IF;
    RAISE EXCEPTION 'La table % ne se réécrit pas : elle fait preuve.', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;

-- Un titre est une fonction jalon_titre_<nom>(source, chaine), posée par l'app qui sait ce qui permet d'effacer dans cette chaîne.
CREATE FUNCTION jalon_exiger_un_titre(p_titre text, p_source bigint, p_chaine bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE permis boolean;
BEGIN
    IF p_titre ~ '^[a-z_]{1,40}$' AND to_regprocedure(format('public.jalon_titre_%s(bigint,bigint)', p_titre)) IS NOT NULL THEN
        EXECUTE format('SELECT public.jalon_titre_%s($1, $2)', p_titre) INTO permis USING p_source, p_chaine;
    END IF;
    IF permis IS NOT TRUE THEN
        RAISE EXCEPTION 'Rien ne permet cet effacement (titre %, source %, chaîne %).', p_titre, p_source, p_chaine
            USING ERRCODE = 'insufficient_privilege';
    END IF;
END $$;

-- Vider lectures et citations demande que le dossier entier s'efface : un accord retiré n'atteint que les lignes qu'il couvrait.
CREATE FUNCTION jalon_exiger_le_dossier(p_titre text, p_source bigint, p_chaine bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM jalon_exiger_un_titre(CASE WHEN p_titre = 'effacement' THEN p_titre END, p_source, p_chaine);
END $$;

-- Vide les charges de ces maillons et inscrit, dans chaque chaîne, lesquels : {"titre", "source", "maillons": [[de, à], …]}.
CREATE FUNCTION jalon_vider_les_charges(p_titre text, p_source bigint, p_chaines bigint[], p_rangs bigint[])
RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    v record;
    total bigint := 0;
BEGIN
    FOR v IN
        WITH videes AS (
            UPDATE socle_journal j SET charge = '{"effacee": true}', sel = NULL
              FROM unnest(p_chaines, p_rangs) AS x(chaine, seq)
             WHERE j.chaine = x.chaine AND j.seq = x.seq AND j.action <> 'effacement' AND j.sel IS NOT NULL
            RETURNING j.chaine, j.seq
        ), suites AS (
            SELECT chaine, min(seq) AS de, max(seq) AS a, count(*) AS n
              FROM (SELECT chaine, seq, seq - row_number() OVER (PARTITION BY chaine ORDER BY seq) AS ile FROM videes) s
             GROUP BY chaine, ile
        )
        SELECT chaine, sum(n)::bigint AS n, jsonb_agg(jsonb_build_array(de, a) ORDER BY de) AS maillons FROM suites GROUP BY chaine ORDER BY chaine
    LOOP
        PERFORM jalon_inscrire(v.chaine, jalon_acteur(), 'effacement', jalon_motif(), '', NULL,
            jsonb_build_object('titre', p_titre, 'source', p_source, 'maillons', v.maillons));
        total := total + v.n;
    END LOOP;
    RETURN total;
END $$;
REVOKE ALL ON FUNCTION jalon_vider_les_charges(text, bigint, bigint[], bigint[]) FROM PUBLIC;

-- Efface l'historique de ces objets du parcours (objets que sa chaîne connaît) ; d'une ligne encore vivante, la dernière copie reste.
CREATE FUNCTION jalon_effacer_lignes(p_titre text, p_source bigint, p_chaine bigint, p_modele text, p_ids bigint[])
RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    vivants regclass := to_regclass(replace(p_modele, '.', '_'));
    histoire regclass := to_regclass(replace(p_modele, '.', '_historique'));
    connus bigint[];
    gardees bigint[];
    effacees bigint[];
BEGIN
    PERFORM jalon_exiger_un_titre(p_titre, p_source, p_chaine);
    SELECT coalesce(array_agg(DISTINCT objet), '{}') INTO connus
      FROM socle_journal WHERE chaine = p_chaine AND modele = p_modele AND objet = ANY (p_ids);
    EXECUTE format('SELECT coalesce(array_agg(d), ''{}'') FROM (SELECT max(h.history_id) AS d FROM %s h JOIN %s r ON r.id = h.id
                    WHERE h.id = ANY ($1) GROUP BY h.id) x', histoire, vivants) INTO gardees USING connus;
    EXECUTE format('WITH e AS (DELETE FROM %s WHERE id = ANY ($1) AND history_id <> ALL ($2) RETURNING history_id)
                    SELECT coalesce(array_agg(history_id), ''{}'') FROM e', histoire) INTO effacees USING connus, gardees;
    PERFORM jalon_vider_les_charges(p_titre, p_source, array_agg(chaine), array_agg(seq))
       FROM socle_journal
      WHERE modele = p_modele AND objet = ANY (connus) AND charge ? 'histoire' AND (charge ->> 'histoire')::bigint = ANY (effacees);
    RETURN cardinality(effacees);
END $$;

-- Vide, dans la chaîne du parcours, les charges qui ne scellent pas une ligne d'historique : lectures, exports, refus.
CREATE FUNCTION jalon_effacer_chaine(p_titre text, p_source bigint, p_chaine bigint)
RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM jalon_exiger_le_dossier(p_titre, p_source, p_chaine);
    RETURN (SELECT jalon_vider_les_charges(p_titre, p_source, array_agg(chaine), array_agg(seq))
              FROM socle_journal WHERE chaine = p_chaine AND NOT charge ? 'histoire' AND sel IS NOT NULL);
END $$;

-- Ce que des charges gardent d'une saisie ou d'un numéro, une valeur par ligne : une clé de plus qui en garde s'ajoute ici.
-- Ni noms de clés, ni routes, ni genres : un nom de famille peut être le mot d'une page.
CREATE FUNCTION jalon_saisies(p_charge jsonb) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT concat_ws(E'\n', p_charge ->> 'termes', p_charge ->> 'numero', p_charge ->> 'numeros', p_charge ->> 'montres',
                     p_charge ->> 'cible')
$$;

-- Vide, dans les autres chaînes, les charges dont une saisie cite un de ces mots entiers (numéro, nom), ou qui portent une de ces clés.
CREATE FUNCTION jalon_effacer_citations(p_titre text, p_source bigint, p_chaine bigint, p_mots text[], p_cles text[])
RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE v_mots text;
BEGIN
    PERFORM jalon_exiger_le_dossier(p_titre, p_source, p_chaine);
    SELECT '(^|[^[:alnum:]])(' || string_agg(regexp_replace(mot, '([^[:alnum:] ])', '\\\1', 'g'), '|') || ')($|[^[:alnum:]])'
      INTO v_mots FROM unnest(p_mots) AS mot WHERE length(mot) >= 3;
    RETURN (SELECT jalon_vider_les_charges(p_titre, p_source, array_agg(chaine), array_agg(seq))
              FROM socle_journal
             WHERE chaine <> p_chaine AND action <> 'effacement' AND NOT charge ? 'histoire' AND sel IS NOT NULL
               AND (jalon_saisies(charge) ~* v_mots
                    OR EXISTS (SELECT FROM regexp_matches(charge::text, '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}', 'g') AS cle
                                WHERE cle[1] = ANY (p_cles))));
END $$;
