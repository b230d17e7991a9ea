"""Modèles de la phase sortie, rangés par nom : la sortie, ses cotes, ses risques résiduels, ses additifs, leurs libellés."""

from sorties.models.additif import Additif
from sorties.models.cotation import CotationSortie
from sorties.models.libelles import en_clair
from sorties.models.risque import Risque
from sorties.models.sortie import Manque, Sortie

__all__ = ["Additif", "CotationSortie", "Manque", "Risque", "Sortie", "en_clair"]
