"""Refaire les faits des parcours qui ont changé : le journal dit lesquels, aucun déclencheur de plus.

Le journal se relit avec une heure de recul : une transaction longue s'y inscrit avec l'heure de ses écritures, pas de sa fin.
"""

import datetime
from pathlib import Path

from django.db import connection, transaction

from securisation.parcours.models import Parcours
from securisation.pilotage.models import Passage
from securisation.socle.cloison import lire_en_systeme

SQL = (Path(__file__).resolve().parent / "sql" / "faits.sql").read_text(encoding="utf-8")
RECUL = datetime.timedelta(hours=1)
DUREES = (31, 61, 91, 121)  # jours : bornes hautes exclues des classes de durée d'intervention
DELAIS = (16, 31, 61)  # jours : bornes hautes exclues des classes de délai de réponse
# Issue d'une démarche → classe de réponse : 1 en cours, 2 silence, 3 aboutie, 4 refus, 5 abandon.
REPONSES = {"DEM-ATT": 1, "DEM-INC": 1, "DEM-ACC": 1, "DEM-SIL": 2, "DEM-OK": 3, "DEM-REF": 4, "DEM-ABN": 5}
MOYENS = ("la personne seule", "la personne avec le dispositif", "un tiers mandaté", "le dispositif seul")
INTERRUPTIONS = tuple(Parcours.MotifInterruption.values)
_VERROU = 5_110_000  # clé du verrou consultatif : une réfection à la fois
_CHANGES = """
SELECT DISTINCT chaine FROM socle_journal
 WHERE quand >= %s AND chaine > 0 AND action IN ('creation', 'modification', 'suppression')
"""


def rafraichir(*, attendre=True):
    """Refait les faits des parcours que le journal dit changés depuis le dernier passage ; tous la première fois. Rend leur nombre.

    Sans `attendre` (une page), ne fait rien si quelqu'un les refait déjà : une édition en calcul ne retient aucune lectrice.
    """
    with transaction.atomic(), lire_en_systeme(), connection.cursor() as curseur:
        if not _prendre_le_tour(curseur, attendre):
            return 0
        curseur.execute("SELECT clock_timestamp()")
        maintenant = curseur.fetchone()[0]
        dernier = Passage.dernier()
        if dernier is None:
            refaits = _refaire(curseur, None)
        else:
            curseur.execute(_CHANGES, [dernier - RECUL])
            refaits = _refaire(curseur, [chaine for (chaine,) in curseur.fetchall()])
        Passage.noter(maintenant)
    return refaits


def _prendre_le_tour(curseur, attendre):
    """Vrai si ce processus peut refaire les faits ; le tour se garde jusqu'à la fin de la transaction."""
    if attendre:
        curseur.execute("SELECT pg_advisory_xact_lock(%s)", [_VERROU])
        return True
    curseur.execute("SELECT pg_try_advisory_xact_lock(%s)", [_VERROU])
    return curseur.fetchone()[0]


def refaire_tout():
    """Refait tous les faits (après un changement du référentiel : ce qui révèle la santé, les intercommunalités) ; rend leur nombre."""
    with transaction.atomic(), lire_en_systeme(), connection.cursor() as curseur:
        curseur.execute("SELECT pg_advisory_xact_lock(%s)", [_VERROU])
        return _refaire(curseur, None)


def _refaire(curseur, ids):
    """`ids` : clés de parcours ; None : tous. Un parcours effacé n'a plus de fait : la ligne part avec lui."""
    if ids == []:
        return 0
    listes = {
        "durees": DUREES,
        "delais": DELAIS,
        "issues": REPONSES,
        "classes": REPONSES.values(),
        "moyens": MOYENS,
        "interruptions": INTERRUPTIONS,
    }
    commun = {"ids": ids, "tous": ids is None, "sel": str(Passage.du_sel())}
    curseur.execute(SQL, commun | {nom: list(valeurs) for nom, valeurs in listes.items()})
    return curseur.rowcount
