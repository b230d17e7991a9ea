"""Les modèles des comptes, par sujet."""

from .professionnel import Equipe, Fonction, Professionnel, Reglages, jour_courant
from .proposition import PropositionDeFonction
from .session import Appareil, Session

__all__ = [
    "Appareil",
    "Equipe",
    "Fonction",
    "Professionnel",
    "PropositionDeFonction",
    "Reglages",
    "Session",
    "jour_courant",
]
