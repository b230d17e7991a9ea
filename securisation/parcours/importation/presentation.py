"""Ce que les pages de l'import montrent."""

from urllib.parse import urlencode

from securisation.parcours.importation.colonnes import ATTENDUES, CONNUES, LIBELLES
from securisation.parcours.importation.rejets import feuille_des_rejets
from securisation.parcours.models import Parcours
from securisation.socle.tableur import telecharger

RECENTS, PAR_PAGE = 5, 50
TITRES = {
    "attente": "Import en attente",
    "cours": "Import en cours",
    "fini": "Import terminé",
    "echec": "L’import s’est arrêté",
}
VOIR = {"rejets": ("doublon", "refusee"), "creees": ("creee",)}


def depot(imports):
    """La page de dépôt : imports récents et colonnes sues."""
    facultatives = [nom for nom in CONNUES if nom not in ATTENDUES]
    return {
        "imports": list(imports[:RECENTS]),
        "attendues": [(nom, LIBELLES[nom]) for nom in ATTENDUES],
        "facultatives": [(nom, LIBELLES[nom]) for nom in facultatives],
    }


def suivi(importation, adresse, *, par):
    """La page d'un import : avancement, comptes, lignes (50 par page, à la suite de `apres`)."""
    comptes = importation.comptes
    voir = adresse.get("voir") if adresse.get("voir") in VOIR else "rejets"
    apres = adresse.get("apres", "")
    apres = int(apres) if apres.isdecimal() and len(apres) < 10 else 0
    lignes = importation.lignes.filter(sort__in=VOIR[voir], numero__gt=apres)
    lignes = list(lignes[: PAR_PAGE + 1])
    suivant = urlencode({"voir": voir, "apres": lignes[PAR_PAGE - 1].numero}) if len(lignes) > PAR_PAGE else ""
    return {
        "importation": importation,
        "comptes": comptes,
        "titre_suivi": f"Essai : {TITRES[importation.etat].lower()}" if importation.essai else TITRES[importation.etat],
        "voir": voir,
        "lignes": _avec_leur_parcours(lignes[:PAR_PAGE], par),
        "suivant": f"?{suivant}" if suivant else "",
        "segments": [
            {"libelle": "Non importées", "url": "?", "nombre": comptes["rejets"], "ici": voir == "rejets"},
            {
                "libelle": "À créer" if importation.essai else "Créées",
                "url": "?voir=creees",
                "nombre": comptes["creee"],
                "ici": voir == "creees",
            },
        ],
    }


def _avec_leur_parcours(lignes, par):
    """Donne à chaque ligne créée son parcours (`ouvert`), si cette personne peut encore le voir."""
    cles = [ligne.parcours_id for ligne in lignes if ligne.parcours_id]
    vus = Parcours.objects.visibles_pour(par).select_related("personne").in_bulk(cles) if cles else {}
    for ligne in lignes:
        ligne.ouvert = vus.get(ligne.parcours_id)
    return lignes


def ecrire_modele(flux):
    """Écrit les titres d'un tableau d'orientations, tels qu'on les relit."""
    flux.write("\ufeff" + ";".join(LIBELLES[nom] for nom in CONNUES) + "\r\n")


def fichier_des_rejets(importation, format):
    """La réponse qui remet le fichier des rejets, dans ce format."""
    rejets = importation.lignes.filter(sort__in=VOIR["rejets"]).values_list("numero", "valeurs", "raison")
    feuille = feuille_des_rejets(rejets.iterator(chunk_size=500))
    return telecharger(format, [feuille], nom=f"rejets-{importation.depose_le:%Y-%m-%d}")
