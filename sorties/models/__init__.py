"""Modèles de la phase sortie, rangés par nom : la sortie, ses cotes, ses risques résiduels, ses additifs."""

from sorties.models.additif import Additif
from sorties.models.cotation import CotationSortie
from sorties.models.risque import Risque
from sorties.models.sortie import Manque, Sortie

__all__ = ["Additif", "CotationSortie", "Manque", "Risque", "Sortie"]
