"""Importer un tableau d'orientations : le lire, contrôler chaque ligne, l'orienter, et rendre ce qui est refusé."""

from securisation.parcours.importation.controle import Controle
from securisation.parcours.importation.execution import Resultat, importer_lot, par_lots
from securisation.parcours.importation.lecture import FichierRefuse, lire, nom_court
from securisation.parcours.importation.rejets import a_garder, ecrire_rejets

TAILLE_DU_LOT = 200

__all__ = [
    "TAILLE_DU_LOT",
    "Controle",
    "FichierRefuse",
    "Resultat",
    "a_garder",
    "ecrire_rejets",
    "importer_lot",
    "lire",
    "nom_court",
    "par_lots",
]
