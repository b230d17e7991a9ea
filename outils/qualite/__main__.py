"""`make qualite` : mesure chaque page de la liste, imprime le tableau, sort en 1 quand une cible est manquée."""

import sys
import tempfile
from pathlib import Path

from outils.commun import Panne, dire
from outils.qualite import garde, mesures, phare, rapport
from outils.qualite.formes import fautes_de_forme
from outils.qualite.navigateur import Visiteur, chromium
from outils.qualite.pages import choisir
from outils.qualite.site import site_de_demonstration

BASE = "jalon_qualite"


def visiter(visiteur, fiche, dossier):
    """Le relevé d'une page : ce qui se mesure pendant une visite."""
    with visiteur.ouvrir(fiche) as page:
        fiche.verifier(page)
        (dossier / f"{fiche.nom}.html").write_text(page.reponses[-1].text(), encoding="utf-8")
        releve = {"fiche": fiche, "adresse": page.url, "poids": None, "phare": None, "reaction": mesures.reaction(page)}
        releve["axe"] = mesures.fautes_axe(page)
        releve["formes"] = list(fautes_de_forme(page))
        releve["csp"] = mesures.fautes_de_politique(page)
    if fiche.adressable:
        releve["poids"] = mesures.peser(visiteur, fiche, releve["adresse"])
    return releve


def mesurer(fiches):
    """Les relevés de toutes les pages."""
    with tempfile.TemporaryDirectory() as dossier, site_de_demonstration(BASE) as racine:
        with chromium() as navigateur:
            visiteur = Visiteur(navigateur, racine)
            releves = []
            for fiche in fiches:
                dire(f"{fiche.nom} ({fiche.compte}, {fiche.etat})")
                releves.append(visiter(visiteur, fiche, Path(dossier)))
            demandes = [_demande(visiteur, releve) for releve in releves if releve["fiche"].passe_le_phare]
        fautes = mesures.fautes_html(dossier)
        dire(f"Lighthouse, profil téléphone : {len(demandes)} pages")
        vitesses = phare.mesurer(demandes)
    for releve in releves:
        releve["html"] = fautes[releve["fiche"].nom]
        releve["phare"] = vitesses.get(releve["fiche"].nom)
    return releves


def _demande(visiteur, releve):
    fiche, temoin = releve["fiche"], ""
    if fiche.compte != "-":
        temoin = "; ".join(f"{c['name']}={c['value']}" for c in visiteur.entree(fiche.compte)["cookies"])
    return {"nom": fiche.nom, "adresse": releve["adresse"], "temoin": temoin}


def principal(arguments):
    """Mesure la liste (ou les pages nommées), imprime ; seul un passage entier récrit docs/qualite.md."""
    releves = mesurer(choisir(arguments))
    figures_de_garde = garde.mesurer()
    texte = rapport.tableau(releves, figures_de_garde)
    print(texte)
    fautes = [*rapport.fautes(releves), *garde.manques(figures_de_garde)]
    print("\n".join(f"✗ {faute}" for faute in fautes) or "Toutes les cibles sont tenues.")
    if not arguments:
        rapport.ecrire(texte)
    return 1 if fautes else 0


if __name__ == "__main__":
    try:
        sys.exit(principal(sys.argv[1:]))
    except Panne as panne:
        print(f"Erreur : {panne}", file=sys.stderr)
    sys.exit(1)
