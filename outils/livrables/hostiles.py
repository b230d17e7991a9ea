"""Les contenus hostiles, tous, dans chaque champ de texte de chaque genre de document produit des dossiers de démonstration."""

import json
import logging
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict

from outils.commun import environnement
from outils.livrables.etape import lancer
from outils.qualite.site import base_de_demonstration

BASE = "jalon_livrables_hostiles"
CHARGES = 300
AJOUTES = ("genres", "champs", "documents", "refuses", "acces", "temoins")
CIBLE = (
    f"{CHARGES} charges au moins entières dans chaque champ, toutes dans un champ de chaque genre, 0 accès au réseau ou à un fichier, "
    "10 s et 512 Mo au plus par document"
)


def mesurer():
    """Une ligne pour tous les genres, un processus par genre, autant à la fois que de cœurs."""
    with base_de_demonstration(BASE), ThreadPoolExecutor(os.cpu_count()) as equipe:
        parts = lancer("outils.livrables.hostiles", env=environnement(demo=True))
        comptes = equipe.map(
            lambda part: lancer("outils.livrables.hostiles", part, parts, env=environnement(demo=True)), range(parts)
        )
        return [ligne(reunir(list(comptes)))]


def reunir(comptes):
    """Le compte de tous : ce qui se compte s'ajoute (charge par charge pour `entieres`), le pire l'emporte, tout tient si chacun tient."""
    tous = {cle: sum((compte[cle] for compte in comptes), start=type(comptes[0][cle])()) for cle in AJOUTES}
    tous |= {cle: max(compte[cle] for compte in comptes) for cle in ("secondes", "memoire")}
    return tous | {
        "charges": min(compte["charges"] for compte in comptes),
        "entieres": [sum(champs) for champs in zip(*(compte["entieres"] for compte in comptes), strict=True)],
        "tenue": all(compte["tenue"] for compte in comptes),
    }


def ligne(compte):
    """(nom, figure, cible, tenue) du compte d'une épreuve."""
    genres = len(compte["genres"])
    partout = sum(champs == compte["champs"] for champs in compte["entieres"])
    un_seul = sum(champs == genres < compte["champs"] for champs in compte["entieres"])
    figure = (
        f"{compte['charges']} charges × {compte['champs']} champs de {genres} genres, {compte['documents']} documents ; "
        f"{partout} charges entières dans chaque champ, {un_seul} dans un seul champ de chaque genre, "
        f"{compte['charges'] - partout - un_seul} dans les champs longs, coupées ailleurs : "
        f"{len(compte['acces'])} accès, {compte['temoins']} fuites, {len(compte['refuses'])} non produits ; "
        f"{compte['secondes']:.1f} s et {compte['memoire'] / 2**20:.0f} Mo au pire"
    )
    return "contenus hostiles", figure, CIBLE, compte["tenue"] and partout >= CHARGES


def instantanes():
    """Un exemplaire de chaque genre : le plus fourni de la démonstration."""
    from outils.livrables.documents import exemplaires
    from securisation.documents import genres
    from securisation.tests.hostiles import champs

    for choisi in genres.tous():
        trouves = sorted(exemplaires(choisi), key=lambda instantane: len(champs(instantane)))
        yield from [(choisi.code, instantane) for instantane in trouves[-1:]]


if __name__ == "__main__":
    import django

    django.setup()
    from securisation.documents import genres
    from securisation.tests.hostiles import eprouver

    # WeasyPrint plaint chaque charge : l'avancement s'y noierait.
    logging.getLogger("weasyprint").propagate = False
    logging.getLogger("weasyprint").handlers = [logging.NullHandler()]
    if sys.argv[1:]:
        part, parts = map(int, sys.argv[1:])
        rendu = eprouver(list(instantanes())[part::parts], dire=lambda dit: print(dit, file=sys.stderr, flush=True))
        print(json.dumps(asdict(rendu) | {"tenue": rendu.tenue}))
    else:
        print(len(genres.tous()))
