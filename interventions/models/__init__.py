"""Modèles de la phase intervention, rangés par nom : intervention, suspension et prolongation, action, contact, pièce."""

from interventions.models.action import Action
from interventions.models.bornes import Derogation, Prolongation, Suspension
from interventions.models.contact import Contact
from interventions.models.intervention import Intervention
from interventions.models.piece import FichierDePiece, Piece

__all__ = ["Action", "Contact", "Derogation", "FichierDePiece", "Intervention", "Piece", "Prolongation", "Suspension"]
