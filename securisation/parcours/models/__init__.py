"""Modèles du rez-de-chaussée : la personne, son parcours, les rôles, les accords, ce qui est dû."""

from securisation.parcours.models.accord import Accord
from securisation.parcours.models.attribution import Attribution, DeclarationInteret
from securisation.parcours.models.conservation import Conservation
from securisation.parcours.models.demande import Demande
from securisation.parcours.models.effacement import Effacement
from securisation.parcours.models.importation import Importation, LigneImportee, Lot
from securisation.parcours.models.ouverture import Ouverture
from securisation.parcours.models.parcours import Compteur, Echeance, Parcours
from securisation.parcours.models.personne import Entourage, Personne
from securisation.parcours.models.preuve import PreuveAccord
from securisation.parcours.models.qualification import Qualification
from securisation.parcours.models.rendez_vous import Presence, RendezVous

__all__ = [
    "Accord",
    "Attribution",
    "Compteur",
    "Conservation",
    "DeclarationInteret",
    "Demande",
    "Echeance",
    "Effacement",
    "Entourage",
    "Importation",
    "LigneImportee",
    "Lot",
    "Ouverture",
    "Parcours",
    "Personne",
    "Presence",
    "PreuveAccord",
    "Qualification",
    "RendezVous",
]
