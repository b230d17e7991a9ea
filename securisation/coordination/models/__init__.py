"""Modèles de la coordination : l'invitation d'un partenaire."""

from securisation.coordination.models.invitation import Invitation

__all__ = ["Invitation"]
