"""Les modèles des comptes, par sujet."""

from .absence import Absence, LienAgenda
from .professionnel import Equipe, Fonction, Professionnel, Reglages, jour_courant
from .proposition import PropositionDeFonction
from .session import Appareil, Session

__all__ = [
    "Absence",
    "Appareil",
    "Equipe",
    "Fonction",
    "LienAgenda",
    "Professionnel",
    "PropositionDeFonction",
    "Reglages",
    "Session",
    "jour_courant",
]
