"""L'export de la piste : un tableau (CSV, XLSX ou ODS) de ce qui est filtré, sans nom de personne ni contenu, inscrit au journal."""

from securisation.socle import horloge
from securisation.socle.acces import montrer
from securisation.socle.tableur import Feuille, telecharger
from securisation.socle.templatetags.jalon import nombre
from securisation.synthese.piste import lecture
from securisation.synthese.piste.filtres import NATURES, PERIODES
from securisation.synthese.piste.presentation import compte_dit

TITRES = ["moment", "acteur", "action", "ce qui est dit", "parcours", "champs changés", "chaîne", "rang", "maillon"]


def annonce(par, filtres):
    """Contexte de la page qui précède l'export : ce qui partira, ce qui n'y sera pas."""
    total, exact = lecture.compter(par, filtres)
    voulus = [PERIODES[filtres.periode], filtres.nature and NATURES[filtres.nature][0], filtres.personne]
    voulus.append(next((nom for _, uuid, nom in filtres.acteurs if uuid == filtres.acteur), ""))
    dits = [
        {"texte": f"{compte_dit(total, exact)} de la sélection : {', '.join(filter(None, voulus))}."},
        {"texte": f"Au plus {nombre(lecture.MAXIMUM)} lignes, les plus récentes d’abord. Au-delà, resserrez la période."},
        {"texte": "Ni nom de personne, ni contenu de dossier : le numéro du parcours, l’acte et les noms des champs changés."},
        {"texte": "Cet export s’inscrit au journal, avec le nombre de lignes."},
    ]  # fmt: skip
    return {"consequences": dits, "retour_url": f"../{filtres.adresse(apres=None, avant=None)}"}


def tableau(request, filtres, format):
    """Le fichier de ce qui est filtré, dans ce format."""
    traits = lecture.lire_pour_export(request.user, filtres)
    de_plus, traits = len(traits) > lecture.MAXIMUM, traits[: lecture.MAXIMUM]
    montrer(request, "export", lignes=len(traits), coupe=de_plus)
    notes = [f"Coupé à {lecture.MAXIMUM} lignes : resserrez la période pour la suite."] if de_plus else []
    feuille = Feuille("Piste d’audit", TITRES, map(_cellules, traits), notes)
    return telecharger(format, [feuille], nom=f"piste-{horloge.aujourd_hui():%Y-%m-%d}")


def _cellules(trait):
    champs = ", ".join(trait.champs_changes)
    debut = [trait.quand, trait.qui, trait.action, trait.phrase, trait.numero]
    return [*debut, champs, trait.chaine, trait.seq, trait.maillon]
