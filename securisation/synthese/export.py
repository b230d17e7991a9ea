"""L'export de « Mes parcours » : ce que la liste montre, sans nom de personne, formules neutralisées, inscrit au journal."""

import csv
import io

from django.http import HttpResponse

from securisation.parcours.importation.rejets import neutraliser
from securisation.socle import horloge
from securisation.socle.acces import montrer
from securisation.synthese import liste

TITRES = ["numéro", "phase", "échéance", "ce qui est dû", "terme de l'intervention", "axe le plus fragile", "accords"]
MAXIMUM = 10_000  # lignes


def tableau(request, filtres):
    """La réponse CSV (séparateur « ; », marque UTF-8 que les tableurs attendent) de toute la liste filtrée."""
    lignes = lire_tout(request.user, phase=filtres.phase, temps=filtres.temps)
    montrer(request, "export", lignes=len(lignes), page_de="mes_parcours")
    flux = io.StringIO()
    flux.write("\ufeff")
    ecrivain = csv.writer(flux, delimiter=";", lineterminator="\r\n")
    ecrivain.writerow(TITRES)
    for ligne in lignes:
        ecrivain.writerow([neutraliser(cellule) for cellule in _cellules(ligne)])
    reponse = HttpResponse(flux.getvalue(), content_type="text/csv; charset=utf-8")
    reponse["Content-Disposition"] = f'attachment; filename="parcours-{horloge.aujourd_hui():%Y-%m-%d}.csv"'
    return reponse


def lire_tout(professionnel, *, phase="", temps=""):
    """Toutes les lignes de la liste, page après page, au plus `MAXIMUM`."""
    lignes, suite = [], liste.PREMIER
    while suite and len(lignes) < MAXIMUM:
        page, suite = liste.lire_liste(professionnel, phase=phase, temps=temps, apres=suite)
        lignes += page
    return lignes


def _cellules(ligne):
    jours = [jour.isoformat() if jour else "" for jour in (ligne.echeance, ligne.terme)]
    return [ligne.numero, ligne.phase, jours[0], ligne.attendu or "", jours[1], ligne.axe_libelle or "", ligne.accords]
