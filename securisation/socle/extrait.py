# ruff: noqa: S608 (le SQL est composé des seuls noms de tables des modèles suivis)
"""L'extrait du journal : un fichier JSON Lines que `outils/verifier_hors_ligne.py` vérifie sans la base ni Django.

Une ligne par maillon (`maillon` est le tableau haché, tel quel), par tête et par ligne d'historique.
"""

import json
from contextlib import contextmanager

from django.db import connection, transaction

from . import ancrage, horloge
from .declencheurs import modeles_suivis
from .verification import LOT, MAILLONS, SCELLEE, dernieres_colonnes

# Chaque ligne telle qu'elle fut scellée, pour que l'autre vérificateur n'ait qu'à la hacher ; telle qu'elle est, si rien ne l'a scellée.
_HISTOIRE = f"""
SELECT h.history_id, coalesce({SCELLEE.format(empreinte="j.empreinte")}, jsonb_strip_nulls(to_jsonb(h.*)))::text
  FROM {{histoire}} h LEFT JOIN (
    SELECT DISTINCT ON (1) (charge ->> 'histoire')::bigint AS rang, charge ->> 'empreinte' AS empreinte
      FROM socle_journal WHERE modele = %(modele)s AND charge ? 'histoire' ORDER BY 1) j ON j.rang = h.history_id
 ORDER BY h.history_id
"""


@contextmanager
def photographie():
    """Une seule image de la base : une écriture en cours n'a pas l'air d'une rupture."""
    dedans = connection.in_atomic_block
    with transaction.atomic():
        if not dedans:
            with connection.cursor() as curseur:
                curseur.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield


def ecrire(flux, *, sans_contenu=False):
    """Écrit l'extrait dans `flux` (texte) ; rend le nombre de maillons.

    `sans_contenu` : ni charges ni historique ; les chaînes et les ancres se vérifient encore, ce qu'elles scellent non.
    """
    for ligne in lignes(sans_contenu=sans_contenu):
        flux.write(json.dumps(ligne, ensure_ascii=False) + "\n")
    return ligne["fin"]["maillons"]


def lignes(*, sans_contenu=False):
    """Les lignes de l'extrait, de l'en-tête à la fin (qui compte les maillons)."""
    nombre, ancre = 0, ancrage.derniere()  # lue avant l'image : une ancre plus récente en saurait davantage
    tete = {"version": 1, "quand": horloge.maintenant().isoformat(), "sans_contenu": sans_contenu}
    tete["modeles"] = [modele._meta.label_lower for modele in modeles_suivis()]
    yield {"extrait": tete | {"ancre": ancre[0] if ancre else 0}}
    for ligne in _maillons():
        nombre += 1
        yield _maillon(ligne, sans_contenu)
    with connection.cursor() as curseur:
        curseur.execute("SELECT chaine, seq, encode(empreinte, 'hex') FROM socle_tete WHERE seq > 0 ORDER BY chaine")
        for tete in curseur.fetchall():
            yield {"tete": list(tete)}
    if not sans_contenu:
        yield from _histoires()
    yield {"fin": {"maillons": nombre}}


def _maillons():
    connection.ensure_connection()
    with connection.connection.cursor("extrait", binary=True) as curseur:
        curseur.itersize = LOT
        curseur.execute(MAILLONS.format(condition=""))
        yield from curseur


def _maillon(ligne, sans_contenu):
    *dits, charge, sel, empreinte_charge, precedente, empreinte = ligne
    rendu = {"maillon": dits, "efface": sel is None}
    # Ce qu'un effacement vise n'est jamais un contenu : sans lui, une charge effacée ne s'expliquerait pas.
    if not sans_contenu or dits[5] in ("effacement", "ancrage"):
        rendu |= {"charge": charge, "sel": sel and sel.hex()}
    empreintes = {"empreinte_charge": empreinte_charge, "precedente": precedente, "empreinte": empreinte}
    return rendu | {nom: octets.hex() for nom, octets in empreintes.items()}


def _histoires():
    for modele in modeles_suivis():
        with connection.connection.cursor("histoires", binary=True) as curseur:
            curseur.itersize = LOT
            valeurs = {"modele": modele._meta.label_lower} | dernieres_colonnes(modele)
            curseur.execute(_HISTOIRE.format(histoire=modele.history.model._meta.db_table), valeurs)
            for rang, texte in curseur:
                yield {"histoire": [modele._meta.label_lower, rang], "texte": texte}
