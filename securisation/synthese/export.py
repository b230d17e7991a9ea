"""L'export de « Mes parcours » : ce que la liste montre, sans nom de personne, en CSV, XLSX ou ODS, inscrit au journal."""

from securisation.socle import horloge
from securisation.socle.acces import montrer
from securisation.socle.tableur import Feuille, telecharger
from securisation.synthese import liste

TITRES = ["numéro", "phase", "échéance", "ce qui est dû", "terme de l'intervention", "axe le plus fragile", "accords"]
MAXIMUM = 10_000  # lignes


def tableau(request, filtres):
    """Le fichier de toute la liste filtrée, dans le format que dit l'adresse."""
    lignes = lire_tout(request.user, phase=filtres.phase, temps=filtres.temps)
    montrer(request, "export", lignes=len(lignes), page_de="mes_parcours")
    feuille = Feuille("Mes parcours", TITRES, map(_cellules, lignes))
    nom = f"parcours-{horloge.aujourd_hui():%Y-%m-%d}"
    return telecharger(request.GET.get("format", "csv"), [feuille], nom=nom)


def lire_tout(professionnel, *, phase="", temps=""):
    """Toutes les lignes de la liste, page après page, au plus `MAXIMUM`."""
    lignes, suite = [], liste.PREMIER
    while suite and len(lignes) < MAXIMUM:
        page, suite = liste.lire_liste(professionnel, phase=phase, temps=temps, apres=suite)
        lignes += page
    return lignes


def _cellules(ligne):
    return [ligne.numero, ligne.phase, ligne.echeance, ligne.attendu, ligne.terme, ligne.axe_libelle, ligne.accords]
