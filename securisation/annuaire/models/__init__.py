"""Modèles de l'annuaire, rangés par nom : base, situation, accompagnement, courriers, termes, territoire."""

from securisation.annuaire.models.accompagnement import (
    ActionCollective,
    Finalite,
    IssueDemarche,
    Levier,
    ModeAction,
    MotifNonSollicitation,
    MotifSortie,
    ObjectifPraps,
    QuestionNonSubstitution,
    RoleParcours,
)
from securisation.annuaire.models.base import RELU, Nomenclature
from securisation.annuaire.models.courriers import ModeleCourrier
from securisation.annuaire.models.situation import (
    Ancrage,
    Axe,
    Criticite,
    Facteur,
    LienDomino,
    Origine,
    Public,
    RisqueResiduel,
)
from securisation.annuaire.models.termes import TermeDeGarde
from securisation.annuaire.models.territoire import Departement, Epci, Structure
from securisation.annuaire.models.textes import TexteAccord

__all__ = [
    "RELU",
    "ActionCollective",
    "Ancrage",
    "Axe",
    "Criticite",
    "Departement",
    "Epci",
    "Facteur",
    "Finalite",
    "IssueDemarche",
    "Levier",
    "LienDomino",
    "ModeAction",
    "ModeleCourrier",
    "MotifNonSollicitation",
    "MotifSortie",
    "Nomenclature",
    "ObjectifPraps",
    "Origine",
    "Public",
    "QuestionNonSubstitution",
    "RisqueResiduel",
    "RoleParcours",
    "Structure",
    "TermeDeGarde",
    "TexteAccord",
]
