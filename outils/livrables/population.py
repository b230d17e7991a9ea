"""Une population fabriquée : des parcours sans histoire et leurs faits, tirés au sort, toujours les mêmes pour une même graine.

Les lois sont choisies pour gêner le contrôle : beaucoup de petits nombres, des parts très inégales, des équipes de tailles différentes.
"""

import psycopg

_OUTILS = """
CREATE OR REPLACE FUNCTION pg_temp.u(i bigint, g int) RETURNS double precision LANGUAGE sql IMMUTABLE AS
$$ SELECT (hashint8extended(i * 7919 + g, {graine}) & 1073741823)::float8 / 1073741824 $$;
-- Un rang de 1 à n, les premiers bien plus souvent que les derniers.
CREATE OR REPLACE FUNCTION pg_temp.rang(i bigint, g int, n int) RETURNS int LANGUAGE sql IMMUTABLE AS
$$ SELECT 1 + floor(n * power(pg_temp.u(i, g), 2.5))::int $$;
"""
_PARCOURS = """
INSERT INTO comptes_equipe (id, nom, territoire, places, association)
SELECT e, 'Équipe ' || e, 'Territoire ' || e, 0, '' FROM generate_series(1, {equipes}) e ON CONFLICT DO NOTHING;
INSERT INTO parcours_personne ({colonnes_personne}) SELECT {valeurs_personne} FROM generate_series(1, {n}) i;
INSERT INTO parcours_parcours ({colonnes_parcours}) SELECT {valeurs_parcours} FROM generate_series(1, {n}) i;
"""
_FAITS = """
INSERT INTO pilotage_fait (parcours_id, cle, compte, equipe_id, departement, epci, recue_le, admis_le, refuse_le, fini_le, bilan_le,
    origine, orientation, fin, niveaux, duree, cadre, demarches, publics, facteurs, dominos, leviers, delais, moyens, risques, relais)
SELECT i, hashint8(i * 2654435761) & 2147483647, pg_temp.u(i, 1) > 0.02, pg_temp.rang(i, 2, {equipes}),
       (ARRAY['53', '49', '72', '44', '85', '35', '61', '14'])[pg_temp.rang(i, 3, 8)], 0, recue,
       CASE WHEN suite < 0.8 THEN recue + 5 END, CASE WHEN suite >= 0.8 AND suite < 0.95 THEN recue + 5 END,
       CASE WHEN suite < 0.6 THEN recue + 30 + (pg_temp.u(i, 5) * 150)::int END,
       CASE WHEN suite < 0.5 THEN recue + 30 + (pg_temp.u(i, 5) * 150)::int END,
       o.ids[pg_temp.rang(i, 6, cardinality(o.ids))],
       CASE WHEN suite >= 0.8 AND suite < 0.95 THEN l.ids[pg_temp.rang(i, 7, cardinality(l.ids))] ELSE 0 END,
       CASE WHEN suite < 0.5 THEN m.ids[pg_temp.rang(i, 8, cardinality(m.ids))] WHEN suite < 0.6 THEN -pg_temp.rang(i, 8, 5) ELSE 0 END,
       CASE WHEN suite < 0.5 THEN n.v ELSE 1048575 END,
       CASE WHEN suite < 0.6 THEN pg_temp.rang(i, 9, 5) ELSE 0 END, CASE WHEN suite < 0.7 THEN pg_temp.rang(i, 10, 6) ELSE 0 END,
       CASE WHEN suite < 0.7 THEN 1 + (pg_temp.u(i, 11) * 5)::int ELSE 0 END,
       ARRAY(SELECT DISTINCT p.ids[pg_temp.rang(i, 20 + k, cardinality(p.ids))] FROM generate_series(1, 2) k),
       ARRAY(SELECT DISTINCT f.ids[pg_temp.rang(i, 30 + k, cardinality(f.ids))] FROM generate_series(1, 4) k),
       ARRAY(SELECT DISTINCT d.ids[pg_temp.rang(i, 40 + k, cardinality(d.ids))] FROM generate_series(1, 2) k),
       CASE WHEN suite < 0.7 THEN ARRAY(SELECT DISTINCT x FROM generate_series(1, 3) k,
            LATERAL (VALUES (l.ids[pg_temp.rang(i, 50 + k, cardinality(l.ids))] * 16)) b(base),
            LATERAL (VALUES (base), (base + pg_temp.rang(i, 60 + k, 5))) c(x)) ELSE '{{}}' END,
       CASE WHEN suite < 0.7 THEN ARRAY[pg_temp.rang(i, 70, 4) - 1] ELSE '{{}}' END,
       CASE WHEN suite < 0.7 THEN ARRAY[pg_temp.rang(i, 71, 4)] ELSE '{{}}' END,
       CASE WHEN suite < 0.5 THEN ARRAY[r.ids[pg_temp.rang(i, 72, cardinality(r.ids))]] ELSE '{{}}' END,
       CASE WHEN suite < 0.5 THEN ARRAY[pg_temp.rang(i, 73, 3)] ELSE '{{}}' END
  FROM (SELECT i, DATE '2023-01-01' + (pg_temp.u(i, 12) * 1090)::int AS recue, pg_temp.u(i, 13) AS suite
          FROM generate_series(1, {n}) i) b
 CROSS JOIN LATERAL (SELECT sum(((pg_temp.rang(i, 80 + k, 3) - 1) * 4 + pg_temp.rang(i, 90 + k, 3) - 1) << (4 * k))::int AS v
                       FROM generate_series(0, 4) k) n
 CROSS JOIN (SELECT array_agg(id::int ORDER BY ordre, code) AS ids FROM annuaire_origine) o
 CROSS JOIN (SELECT array_agg(id::int ORDER BY ordre, code) AS ids FROM annuaire_levier WHERE NOT revele_la_sante) l
 CROSS JOIN (SELECT array_agg(id::int ORDER BY ordre, code) AS ids FROM annuaire_motifsortie) m
 CROSS JOIN (SELECT array_agg(id::int ORDER BY ordre, code) AS ids FROM annuaire_public WHERE NOT revele_la_sante) p
 CROSS JOIN (SELECT array_agg(id::int ORDER BY ordre, code) || 0 AS ids FROM annuaire_facteur WHERE NOT revele_la_sante) f
 CROSS JOIN (SELECT array_agg(id::int ORDER BY ordre, code) || 0 AS ids FROM annuaire_liendomino) d
 CROSS JOIN (SELECT array_agg(id::int ORDER BY ordre, code) || 0 AS ids FROM annuaire_risqueresiduel WHERE NOT revele_la_sante) r;
"""


TABLES = ("parcours_personne", "parcours_parcours")
PERSONNE = {"uuid": "md5('p' || i)::uuid", "nom": "'Personne ' || i", "code_postal": "'53000'"}
PARCOURS = {
    "uuid": "md5('q' || i)::uuid", "numero": "'P-0000-' || i", "personne_id": "i", "etat": "'clos'", "clos_le": "DATE '2026-01-01'",
    "recue_le": "DATE '2025-01-01'", "equipe_id": "1", "echeance": "DATE '9999-12-31'",
    "origine_id": "(SELECT min(id) FROM annuaire_origine)",
}  # fmt: skip


def peupler(url, n, *, equipes=8, graine=11):
    """Remplit une base neuve (`url` : compte propriétaire, référentiel chargé) de `n` parcours et de leurs faits."""
    morceaux = {"n": n, "equipes": equipes, "graine": graine} | _colonnes()
    with psycopg.connect(url) as base:
        for table in TABLES:
            base.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        base.execute("SET CONSTRAINTS ALL IMMEDIATE")
        base.execute(_OUTILS.format(graine=graine))
        base.execute(_PARCOURS.format(**morceaux))
        base.execute(_FAITS.format(**morceaux))
        base.execute("INSERT INTO pilotage_passage (id, jusqu_a) VALUES (1, now()) ON CONFLICT DO NOTHING")
        for table in TABLES:
            base.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
    with psycopg.connect(url, autocommit=True) as base:
        base.execute("VACUUM ANALYZE")


def _colonnes():
    """Colonnes et valeurs des deux tables, celles que rien ne remplit à leur défaut."""
    from outils.banc.lots import _defaut
    from securisation.parcours.models import Parcours, Personne

    morceaux, trace = {}, {"cree_le": "now()", "modifie_le": "now()", "version": "1", "id": "i"}
    for nom, modele, valeurs in (("personne", Personne, PERSONNE), ("parcours", Parcours, PARCOURS)):
        champs = modele._meta.concrete_fields
        morceaux[f"colonnes_{nom}"] = ", ".join(f'"{champ.column}"' for champ in champs)
        morceaux[f"valeurs_{nom}"] = ", ".join(
            (trace | valeurs).get(champ.column) or _defaut(champ) for champ in champs
        )
    return morceaux


def etape(url, n, equipes):
    """Peuple la base de cette adresse ; rend le nombre de parcours."""
    peupler(url, int(n), equipes=int(equipes))
    return int(n)
