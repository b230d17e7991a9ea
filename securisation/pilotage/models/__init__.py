"""Les modèles du pilotage, par sujet."""

from securisation.pilotage.models.collective import Collective
from securisation.pilotage.models.convention import Convention
from securisation.pilotage.models.edition import Edition, FichierDEdition
from securisation.pilotage.models.empreinte import EmpreinteDEdition
from securisation.pilotage.models.fait import Cumul, Fait, Passage
from securisation.pilotage.models.parole import Parole

__all__ = [
    "Collective",
    "Convention",
    "Cumul",
    "Edition",
    "EmpreinteDEdition",
    "Fait",
    "FichierDEdition",
    "Parole",
    "Passage",
]
