-- Les faits des parcours demandés (%(ids)s : clés ; NULL : tous), refaits des dossiers. Ce qui révèle la santé n'y entre que sous le code 0.
INSERT INTO pilotage_fait AS f (parcours_id, cle, compte, equipe_id, departement, epci, recue_le, admis_le, refuse_le, fini_le, bilan_le,
    origine, orientation, fin, niveaux, duree, cadre, demarches, publics, facteurs, dominos, leviers, delais, moyens, risques, relais)
SELECT p.id, ('x' || substr(md5(p.uuid::text || %(sel)s), 1, 8))::bit(32)::int & 2147483647,
       h.opposition_le IS NULL AND p.effacement_le IS NULL AND coalesce(s.accorde AND (s.retire_le IS NULL OR s.retire_le > CURRENT_DATE), true),
       p.equipe_id,
       CASE WHEN left(h.code_postal, 2) IN ('', '00') THEN '' WHEN h.code_postal = '97133' THEN '977' WHEN h.code_postal = '97150' THEN '978'
            WHEN left(h.code_postal, 2) IN ('97', '98') THEN left(h.code_postal, 3)
            WHEN left(h.code_postal, 3) IN ('200', '201') THEN '2A' WHEN left(h.code_postal, 2) = '20' THEN '2B'
            ELSE left(h.code_postal, 2) END,
       coalesce(e.id, 0), p.recue_le,
       CASE WHEN q.decision = 'admise' THEN q.le END, CASE WHEN q.decision = 'non_admise' THEN q.le END,
       CASE WHEN p.etat IN ('clos', 'interrompu') THEN p.clos_le END, CASE WHEN so.etat = 'validee' THEN so.validee_le END,
       p.origine_id,
       CASE WHEN q.decision = 'non_admise' AND NOT lo.revele_la_sante THEN q.orientation_proposee_id ELSE 0 END,
       CASE WHEN p.etat = 'clos' THEN so.motif_id
            WHEN p.etat = 'interrompu' THEN -(array_position(%(interruptions)s::text[], p.motif_interruption::text)) ELSE 0 END,
       n.niveaux,
       CASE WHEN i.id IS NULL THEN 0 WHEN coalesce(i.terminee_le, p.clos_le) IS NULL THEN 9
            ELSE width_bucket(coalesce(i.terminee_le, p.clos_le) - i.demarre_le, %(durees)s::int[]) + 1 END,
       CASE WHEN i.id IS NULL THEN 0 ELSE 1 + (b.suspendue)::int + 2 * b.prolongee END,
       least(a.demarches, 32000), coalesce(u.publics, '{}'), coalesce(d.facteurs, '{}'), coalesce(d.dominos, '{}'),
       coalesce(a.leviers, '{}'), coalesce(a.delais, '{}'), coalesce(a.moyens, '{}'), coalesce(r.risques, '{}'), coalesce(r.relais, '{}')
  FROM parcours_parcours p
  JOIN parcours_personne h ON h.id = p.personne_id
  LEFT JOIN parcours_qualification q ON q.parcours_id = p.id
  LEFT JOIN annuaire_levier lo ON lo.id = q.orientation_proposee_id
  LEFT JOIN interventions_intervention i ON i.parcours_id = p.id
  LEFT JOIN sorties_sortie so ON so.parcours_id = p.id
  LEFT JOIN LATERAL (SELECT c.accorde, c.retire_le FROM parcours_accord c JOIN annuaire_finalite t ON t.id = c.finalite_id
        WHERE c.parcours_id = p.id AND t.code = 'STATISTIQUES' ORDER BY c.le DESC, c.id DESC LIMIT 1) s ON true
  LEFT JOIN LATERAL (SELECT min(x.id) AS id FROM annuaire_epci x WHERE x.ferme_le IS NULL AND h.code_postal <> '' AND h.code_postal = ANY(x.codes_postaux) HAVING count(*) = 1) e ON true
  LEFT JOIN LATERAL (SELECT array_agg(t.id::int) AS publics FROM annuaire_public t WHERE t.code = ANY(q.publics) AND NOT t.revele_la_sante) u ON true
  -- Le premier diagnostic validé dit l'entrée ; les faits n'en gardent ni la note ni la date.
  LEFT JOIN LATERAL (SELECT x.id FROM diagnostics_diagnostic x WHERE x.parcours_id = p.id AND x.valide_le IS NOT NULL
        ORDER BY x.valide_le, x.id LIMIT 1) dg ON true
  LEFT JOIN LATERAL (SELECT
        (SELECT array_agg(DISTINCT CASE WHEN t.revele_la_sante THEN 0 ELSE t.id END) FROM diagnostics_evaluationaxe v
           JOIN diagnostics_facteurretenu x ON x.evaluation_id = v.id JOIN annuaire_facteur t ON t.id = x.facteur_id
          WHERE v.diagnostic_id = dg.id) AS facteurs,
        (SELECT array_agg(DISTINCT CASE WHEN t1.revele_la_sante OR t2.revele_la_sante THEN 0 ELSE coalesce(x.lien_id, -1) END)
           FROM diagnostics_dominoexamine x JOIN annuaire_facteur t1 ON t1.id = x.de_id JOIN annuaire_facteur t2 ON t2.id = x.vers_id
          WHERE x.diagnostic_id = dg.id AND x.retenu) AS dominos) d ON true
  LEFT JOIN LATERAL (SELECT coalesce(sum((CASE WHEN v.criticite IS NULL THEN 3 WHEN v.criticite >= 3 THEN 2 WHEN v.criticite = 2 THEN 1 ELSE 0 END * 4
             + CASE WHEN k.criticite IS NULL THEN 3 WHEN k.criticite >= 3 THEN 2 WHEN k.criticite = 2 THEN 1 ELSE 0 END) << (4 * (t.n - 1))), 0)::int AS niveaux
        FROM (SELECT id, row_number() OVER (ORDER BY ordre, code)::int AS n FROM annuaire_axe) t
        LEFT JOIN diagnostics_evaluationaxe v ON v.axe_id = t.id AND v.diagnostic_id = coalesce(i.diagnostic_id, dg.id)
        LEFT JOIN sorties_cotationsortie k ON k.axe_id = t.id AND k.sortie_id = so.id WHERE t.n <= 5) n ON true
  LEFT JOIN LATERAL (SELECT EXISTS (SELECT FROM interventions_suspension x WHERE x.intervention_id = i.id) AS suspendue,
        coalesce((SELECT max(CASE x.etat WHEN 'approuvee' THEN 2 ELSE 1 END) FROM interventions_prolongation x WHERE x.intervention_id = i.id), 0) AS prolongee) b ON true
  LEFT JOIN LATERAL (SELECT count(DISTINCT x.id) AS demarches, array_agg(DISTINCT c.levier) FILTER (WHERE c.levier IS NOT NULL) AS leviers,
        array_agg(DISTINCT c.delai) FILTER (WHERE c.delai IS NOT NULL) AS delais, array_agg(DISTINCT c.moyen) FILTER (WHERE c.moyen IS NOT NULL) AS moyens
        FROM interventions_action x JOIN annuaire_levier t ON t.id = x.levier_id
        LEFT JOIN annuaire_issuedemarche u ON u.id = x.issue_id
        CROSS JOIN LATERAL (VALUES
            (CASE WHEN t.revele_la_sante THEN 0 ELSE t.id * 16 END, NULL::int, NULL::int),
            (CASE WHEN t.revele_la_sante THEN 0 ELSE t.id * 16 END + coalesce((%(classes)s::int[])[array_position(%(issues)s::text[], u.code::text)], 1),
             CASE WHEN x.ns2_sollicite_le IS NULL THEN NULL WHEN u.ouverte IS NOT false OR x.issue_le IS NULL THEN 9
                  ELSE width_bucket(x.issue_le - x.ns2_sollicite_le, %(delais)s::int[]) END,
             array_position(%(moyens)s::text[], x.ns3::text))) c(levier, delai, moyen)
        WHERE x.intervention_id = i.id) a ON true
  LEFT JOIN LATERAL (SELECT array_agg(DISTINCT CASE WHEN t.revele_la_sante OR coalesce(y.revele_la_sante, false) THEN 0 ELSE t.id END) AS risques,
        array_agg(DISTINCT CASE WHEN x.assume THEN 3 WHEN x.relais_confirme_le IS NULL THEN 2 ELSE 1 END) AS relais
        FROM sorties_risque x JOIN annuaire_risqueresiduel t ON t.id = x.risque_id LEFT JOIN annuaire_facteur y ON y.id = x.facteur_id
        WHERE x.sortie_id = so.id AND so.etat = 'validee') r ON true
 WHERE %(tous)s OR p.id = ANY(%(ids)s::bigint[])
ON CONFLICT (parcours_id) DO UPDATE SET cle = EXCLUDED.cle, compte = EXCLUDED.compte, equipe_id = EXCLUDED.equipe_id,
    departement = EXCLUDED.departement, epci = EXCLUDED.epci, recue_le = EXCLUDED.recue_le, admis_le = EXCLUDED.admis_le,
    refuse_le = EXCLUDED.refuse_le, fini_le = EXCLUDED.fini_le, bilan_le = EXCLUDED.bilan_le, origine = EXCLUDED.origine,
    orientation = EXCLUDED.orientation, fin = EXCLUDED.fin, niveaux = EXCLUDED.niveaux, duree = EXCLUDED.duree, cadre = EXCLUDED.cadre,
    demarches = EXCLUDED.demarches, publics = EXCLUDED.publics, facteurs = EXCLUDED.facteurs, dominos = EXCLUDED.dominos,
    leviers = EXCLUDED.leviers, delais = EXCLUDED.delais, moyens = EXCLUDED.moyens, risques = EXCLUDED.risques, relais = EXCLUDED.relais
