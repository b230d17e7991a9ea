"""Modèles de la coordination : l'invitation d'un partenaire, la copie de la personne."""

from securisation.coordination.models.copie import Copie, FichierDeCopie
from securisation.coordination.models.invitation import Invitation

__all__ = ["Copie", "FichierDeCopie", "Invitation"]
