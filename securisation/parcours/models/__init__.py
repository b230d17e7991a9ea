"""Modèles du rez-de-chaussée : la personne, son parcours, les rôles, les accords, ce qui est dû."""

from securisation.parcours.models.accord import Accord
from securisation.parcours.models.attribution import Attribution, DeclarationInteret
from securisation.parcours.models.parcours import Compteur, Echeance, Parcours
from securisation.parcours.models.personne import Entourage, Personne
from securisation.parcours.models.qualification import Qualification

__all__ = [
    "Accord",
    "Attribution",
    "Compteur",
    "DeclarationInteret",
    "Echeance",
    "Entourage",
    "Parcours",
    "Personne",
    "Qualification",
]
