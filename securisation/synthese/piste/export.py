"""L'export de la piste : un tableau CSV de ce qui est filtré, sans nom de personne ni contenu, inscrit au journal."""

import csv
import io

from django.http import HttpResponse
from django.utils import timezone

from securisation.parcours.importation.rejets import neutraliser
from securisation.socle import horloge
from securisation.socle.acces import montrer
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


def tableau(request, filtres):
    """La réponse CSV (séparateur « ; », marque UTF-8 que les tableurs attendent), formules neutralisées."""
    traits = lecture.lire_pour_export(request.user, filtres)
    de_plus, traits = len(traits) > lecture.MAXIMUM, traits[: lecture.MAXIMUM]
    montrer(request, "export", lignes=len(traits), coupe=de_plus)
    flux = io.StringIO()
    flux.write("\ufeff")
    ecrivain = csv.writer(flux, delimiter=";", lineterminator="\r\n")
    ecrivain.writerow(TITRES)
    for trait in traits:
        ecrivain.writerow([neutraliser(cellule) for cellule in _cellules(trait)])
    if de_plus:
        ecrivain.writerow([f"Coupé à {lecture.MAXIMUM} lignes : resserrez la période pour la suite."])
    reponse = HttpResponse(flux.getvalue(), content_type="text/csv; charset=utf-8")
    reponse["Content-Disposition"] = f'attachment; filename="piste-{horloge.aujourd_hui():%Y-%m-%d}.csv"'
    return reponse


def _cellules(trait):
    moment = timezone.localtime(trait.quand).strftime("%Y-%m-%d %H:%M:%S")
    champs = ", ".join(trait.champs_changes)
    return [moment, trait.qui, trait.action, trait.phrase, trait.numero or "", champs, trait.chaine, trait.seq, trait.maillon]  # fmt: skip
