"""`make captures` : chaque page de la liste, à 1280 et 390 points, photographiée en entier depuis la démonstration."""

import sys
from pathlib import Path

from outils.commun import RACINE, Panne, dire
from outils.qualite.navigateur import BUREAU, TELEPHONE, Visiteur, chromium
from outils.qualite.pages import choisir
from outils.qualite.site import site_de_demonstration

LARGEURS = (BUREAU, TELEPHONE)
BASE = "jalon_captures"


def photographier(visiteur, fiche, dossier):
    """Les images d'une page : une visite, deux largeurs ; rend leurs chemins. Une page au mauvais statut est une panne."""
    images = []
    with visiteur.ouvrir(fiche) as page:
        fiche.verifier(page)
        for ecran in LARGEURS:
            page.set_viewport_size(ecran)
            # Un écran haut comme la page : la barre du téléphone reste au bas, pas au milieu de l'image.
            page.set_viewport_size(ecran | {"height": page.evaluate("document.documentElement.scrollHeight")})
            images.append(dossier / f"{fiche.nom}-{ecran['width']}.png")
            page.screenshot(path=images[-1], animations="disabled")
    return images


def principal(arguments):
    """Photographie la liste entière, ou les pages nommées après le dossier."""
    dossier = Path(RACINE, arguments[0] if arguments else ".local/captures")
    fiches = choisir(arguments[1:])
    dossier.mkdir(parents=True, exist_ok=True)
    nombre = 0
    with site_de_demonstration(BASE) as racine, chromium() as navigateur:
        visiteur = Visiteur(navigateur, racine)
        for fiche in fiches:
            nombre += len(photographier(visiteur, fiche, dossier))
            dire(f"{fiche.nom} ({fiche.compte}, {fiche.etat})")
    dire(f"{nombre} captures de {len(fiches)} pages dans {dossier}")
    return 0


if __name__ == "__main__":
    try:
        sys.exit(principal(sys.argv[1:]))
    except Panne as panne:
        print(f"Erreur : {panne}", file=sys.stderr)
    sys.exit(1)
