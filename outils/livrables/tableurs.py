"""Dix mille textes qui voudraient être des formules, en CSV, XLSX et ODS, relus : aucune ne vit ; et ce que coûtent dix mille lignes."""

import time

CHAINES, LIGNES, COLONNES = 10_000, 10_000, 9
SECONDES = 10


def mesurer():
    """Une ligne par format."""
    from securisation.socle.tableur import FORMATS

    return [_du_format(format) for format in FORMATS]


def _du_format(format):
    from securisation.socle.tableur import Feuille, ecrire
    from securisation.socle.tests.test_tableur import hostiles, relire

    chaines = list(hostiles(CHAINES))
    lues = relire(ecrire(format, [Feuille(chaines[0], ["texte"], [[chaine] for chaine in chaines])]))
    vivantes = sum(vivante for _, vivante in lues)
    depart = time.process_time()
    fichier = ecrire(
        format, [Feuille("Lignes", ["x"] * COLONNES, (["texte", rang] * 4 + [None] for rang in range(LIGNES)))]
    )
    return ligne(format, len(lues), vivantes, time.process_time() - depart, len(fichier.octets))


def ligne(format, lues, vivantes, secondes, octets):
    """(nom, figure, cible, tenue) d'un format."""
    figure = f"{lues} cellules relues, {vivantes} formules vivantes ; {LIGNES} lignes en {secondes:.1f} s, {octets / 2**20:.1f} Mo"
    cible = f"{CHAINES} chaînes, 0 formule ; {SECONDES} s au plus"
    return f"tableau {format.upper()}", figure, cible, lues >= CHAINES and not vivantes and secondes <= SECONDES
