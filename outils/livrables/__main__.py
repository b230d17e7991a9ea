"""`make livrables` : chaque partie mesure, une ligne par livrable ; code 1 si une cible est manquée, sautée ou tombée."""

import datetime
import importlib
import sys
import time
from collections import Counter
from pathlib import Path

from outils.commun import JOURNAUX, RACINE, Panne, dire

# Les modules d'ici qui mesurent : `mesurer()` rend des lignes (nom, figure, cible, tenue). Les figures vont au bas de leur page.
PARTIES = dict.fromkeys(("documents", "hostiles", "lots", "tableurs"), "documents.md") | {"editions": "divulgation.md"}
DEBUT, FIN = "<!-- livrables : début -->", "<!-- livrables : fin -->"
DOCS = RACINE / "docs"


def jouer(partie):
    """Les lignes de cette partie ; une partie qui tombe, ou qui ne mesure rien, est une ligne manquée."""
    dire(f"livrables : {partie}")
    try:
        lignes = [tuple(ligne) for ligne in importlib.import_module(f"outils.livrables.{partie}").mesurer()]
    except Panne as panne:
        return [(partie, str(panne), "aller au bout", False)]
    return lignes or [(partie, "aucune mesure", "au moins une", False)]


def tableau(lignes):
    """Le tableau des figures, en Markdown."""
    rendu = ["| livrable | figure | cible | |", "|---|---|---|---|"]
    for nom, figure, cible, tenue in lignes:
        rendu.append(f"| {nom} | {figure} | {cible} | {'tenue' if tenue is True else '**manquée**'} |")
    return "\n".join(rendu)


def ecrire(page, texte, secondes):
    """Récrit le bloc des figures de cette page de `docs`, daté."""
    page = Path(DOCS, page)
    contenu = page.read_text(encoding="utf-8")
    avant, reste = contenu.split(DEBUT, 1)
    apres = reste.split(FIN, 1)[1]
    jour = datetime.datetime.now(datetime.UTC).date()
    bloc = f"{DEBUT}\nMesurées le {jour:%d/%m/%Y} en {secondes / 60:.0f} min.\n\n{texte}\n{FIN}"
    page.write_text(avant + bloc + apres, encoding="utf-8")


def principal(arguments):
    """Code 0 si chaque cible est tenue ; une page se récrit quand toutes les parties qui y vont ont été jouées."""
    if inconnues := set(arguments) - set(PARTIES):
        raise Panne(f"partie inconnue : {', '.join(sorted(inconnues))}. Parties : {', '.join(PARTIES)}.")
    jouees, par_page, durees = arguments or PARTIES, {}, Counter()
    for partie in jouees:
        depart = time.monotonic()
        lignes = jouer(partie)
        print(tableau(lignes), flush=True)
        par_page.setdefault(PARTIES[partie], []).extend(lignes)
        durees[PARTIES[partie]] += time.monotonic() - depart
    for page, lignes in par_page.items():
        if {partie for partie, sienne in PARTIES.items() if sienne == page} <= set(jouees):
            ecrire(page, tableau(lignes), durees[page])
    return 0 if all(ligne[-1] is True for lignes in par_page.values() for ligne in lignes) else 1


if __name__ == "__main__":
    (JOURNAUX / "livrables.log").unlink(missing_ok=True)
    try:
        sys.exit(principal(sys.argv[1:]))
    except Panne as panne:
        print(f"Erreur : {panne}", file=sys.stderr)
    sys.exit(1)
