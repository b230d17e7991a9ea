"""Rejouer un dossier écrit : les mêmes actes que l'écran, à leurs dates, par la distribution de démonstration."""

from securisation.synthese.reprise.lecture import RepriseRefusee, lire
from securisation.synthese.reprise.scene import produire_les_documents, rejouer

__all__ = ["RepriseRefusee", "lire", "produire_les_documents", "rejouer"]
