# ruff: noqa: S608 (le SQL est composé des seuls noms de colonnes et conditions de `chiffres`)
"""Les empreintes : quels parcours une édition compte, et ce que ses tableaux lisent de chacun.

L'arrondi est stable : même groupe, même nombre. Deux éditions que peu de parcours séparent diraient donc, par les nombres qui changent,
ce que sont ceux-là. Ce module compte combien les séparent, d'une seule instruction chaque fois, sans jamais dire lesquels.
Il dit aussi à l'attaquant de quelles éditions des parcours sont à la fois ; corrigé entre deux, un parcours en est deux.
"""

from django.db import connection

from securisation.pilotage.attaque import SEUIL
from securisation.pilotage.chiffres import MULTIPLES, PASSAGES, UNIVERS
from securisation.pilotage.models.edition import SORTIES

_TABLE = "pilotage_empreintededition"
_REGISTRE = "e.etat = ANY(%(sorties)s) AND NOT e.fictive AND e.id <> %(edition)s"
# Le compte s'arrête au seuil : deux éditions sans rapport ne se lisent pas jusqu'au bout.
_DIFFERENTS = f"""
SELECT count(*) FROM (
  SELECT FROM ({{neuve}}) n FULL JOIN ({{ancienne}}) a ON a.parcours_id = n.parcours_id
   WHERE n.empreintes IS DISTINCT FROM a.empreintes LIMIT {SEUIL}) d
"""
_D_UNE_EDITION = f"SELECT parcours_id, empreintes FROM {_TABLE} WHERE edition_id = {{cle}}"
_DE_CHACUNE = _DIFFERENTS.format(
    neuve=_D_UNE_EDITION.format(cle="%(edition)s"), ancienne=_D_UNE_EDITION.format(cle="e.id")
)
_PROCHES = f"""
SELECT e.numero FROM pilotage_edition e, LATERAL ({_DE_CHACUNE}) d(n)
 WHERE {_REGISTRE} AND d.n BETWEEN 1 AND {SEUIL - 1} ORDER BY e.id DESC LIMIT 1
"""
_ATOMES = f"""
SELECT DISTINCT array_agg(rang ORDER BY rang) FROM (
  SELECT coalesce(parcours_id, -id) AS qui, empreintes[%(univers)s] AS empreinte, array_position(%(cles)s::bigint[], edition_id) - 1 AS rang
    FROM {_TABLE} WHERE edition_id = ANY(%(cles)s) AND empreintes[%(univers)s] IS NOT NULL) i
 GROUP BY qui, empreinte
"""
# Une phrase lue ici et pas là vient d'un atome : ceux des mêmes éditions. Une édition parue sans mot n'en sépare aucun.
_ATTRIBUABLE = f"""
WITH parues AS MATERIALIZED (
  SELECT e.id, hashtextextended(e.id::text, 0) AS cle, ARRAY(SELECT m->>'texte' FROM jsonb_array_elements(e.contenu->'mots') m) AS textes
    FROM pilotage_edition e WHERE {_REGISTRE} AND jsonb_typeof(e.contenu->'mots') = 'array' AND e.contenu->'mots' <> '[]'),
cites AS MATERIALIZED (
  SELECT parcours_id, texte FROM pilotage_parole
   WHERE texte IN (SELECT unnest(textes) FROM parues UNION ALL SELECT unnest(%(textes)s::text[]))),
atomes AS MATERIALIZED (
  SELECT parcours_id, bit_xor(cle) AS atome FROM (
    SELECT x.parcours_id, p.cle FROM parues p JOIN {_TABLE} x ON x.edition_id = p.id AND x.accompagne AND x.parcours_id IS NOT NULL
    UNION ALL SELECT parcours_id, hashtextextended('neuve', 0) FROM pilotage_fait WHERE {{condition}}) l GROUP BY parcours_id),
vises AS (
  SELECT a.atome FROM atomes a WHERE a.parcours_id IN (SELECT parcours_id FROM cites)
  -- Sa phrase est parue, son parcours est effacé : de lui, cette édition seule se sait encore.
  UNION SELECT p.cle FROM parues p WHERE EXISTS (SELECT unnest(p.textes) EXCEPT SELECT texte FROM cites)
    AND EXISTS (SELECT FROM {_TABLE} x WHERE x.edition_id = p.id AND x.parcours_id IS NULL AND x.accompagne))
SELECT EXISTS (SELECT FROM vises v LEFT JOIN atomes a USING (atome) GROUP BY v.atome HAVING count(a.parcours_id) < {SEUIL})
"""


def ecrire(edition, perimetre):
    """Écrit les empreintes de cette édition (sa clé), à la place de celles qu'elle avait."""
    lues, valeurs = _lues(perimetre)
    with connection.cursor() as curseur:
        curseur.execute(f"DELETE FROM {_TABLE} WHERE edition_id = %s", [edition])
        curseur.execute(
            f"INSERT INTO {_TABLE} (edition_id, parcours_id, empreintes, accompagne) SELECT %(edition)s, * FROM ({lues}) l",
            valeurs | {"edition": edition},
        )


def effacer(edition):
    """Retire les empreintes de cette édition (sa clé)."""
    with connection.cursor() as curseur:
        curseur.execute(f"DELETE FROM {_TABLE} WHERE edition_id = %s", [edition])


def sont_exactes(edition, perimetre):
    """Vrai si les faits d'aujourd'hui donneraient, parcours par parcours, les empreintes écrites au contrôle."""
    lues, valeurs = _lues(perimetre)
    differents = _DIFFERENTS.format(neuve=lues, ancienne=_D_UNE_EDITION.format(cle="%(edition)s"))
    return _une_valeur(differents, valeurs | {"edition": edition}) == 0


def la_plus_proche(edition):
    """Le numéro d'une édition jamais publiée que d'un à dix parcours séparent de celle-ci (sa clé), ou ""."""
    return _une_valeur(_PROCHES, {"edition": edition, "sorties": list(SORTIES)}) or ""


def est_attribuable(perimetre, textes):
    """Vrai si ces phrases, figées avec ce périmètre, ou l'une de celles déjà parues, désigneraient moins de onze parcours accompagnés.

    Les accompagnés se rangent par atome : les mêmes éditions, parmi celles jamais parues avec des mots et celle-ci. Chaque atome d'où vient
    une phrase en compte onze au moins, quel que soit l'ordre où les éditions paraissent.
    """
    condition, valeurs = perimetre.condition("accompagnes")
    valeurs |= {"edition": 0, "sorties": list(SORTIES), "textes": textes}
    return _une_valeur(_ATTRIBUABLE.format(condition=condition), valeurs)


def _une_valeur(sql, valeurs):
    with connection.cursor() as curseur:
        curseur.execute(sql, valeurs)
        ligne = curseur.fetchone()
    return ligne and ligne[0]


def atomes(cles):
    """{univers: [ensembles de rangs]} : de quelles éditions (rangs dans `cles`) des parcours, comptés pareil, sont à la fois.

    D'un parcours effacé, on ne sait plus de quelles autres éditions il était : sa ligne n'est que de la sienne.
    """
    with connection.cursor() as curseur:
        rendus = {}
        for rang, univers in enumerate(UNIVERS, 1):
            curseur.execute(_ATOMES, {"cles": list(cles), "univers": rang})
            rendus[univers] = [frozenset(rangs) for (rangs,) in curseur.fetchall()]
    return rendus


def _lues(perimetre):
    """(SQL, paramètres) : parcours, empreintes, accompagné, de chaque parcours compté dans un univers au moins de ce périmètre."""
    parts, conditions, valeurs = [], {}, {}
    for univers, colonnes in _colonnes().items():
        conditions[univers], siennes = perimetre.condition(univers)
        valeurs |= siennes
        parts.append(f"CASE WHEN {conditions[univers]} THEN hashtextextended(ROW({', '.join(colonnes)})::text, 0) END")
    sql = (
        f"SELECT parcours_id, ARRAY[{', '.join(parts)}] AS empreintes, "
        f"coalesce({conditions['accompagnes']}, false) AS accompagne FROM pilotage_fait "
        f"WHERE {' OR '.join(f'({condition})' for condition in conditions.values())}"
    )
    return sql, valeurs


def _colonnes():
    """{univers: ce que ses tableaux lisent d'un fait} : un fait qui change ailleurs ne change aucun nombre."""
    lues = {univers: [] for univers in UNIVERS}
    for univers, cles in PASSAGES:
        lues[univers] += cles.values()
    for nom, univers in MULTIPLES.items():
        lues[univers].append(nom)
    lues["demarches"].append("demarches")
    return lues
