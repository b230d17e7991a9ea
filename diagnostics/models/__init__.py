"""Modèles du diagnostic : la pièce et ses versions, les axes et leurs facteurs, les suites examinées."""

from diagnostics.models.axe import BrouillonAxe, EvaluationAxe, FacteurRetenu
from diagnostics.models.diagnostic import Diagnostic, Manque
from diagnostics.models.domino import DominoExamine

__all__ = ["BrouillonAxe", "Diagnostic", "DominoExamine", "EvaluationAxe", "FacteurRetenu", "Manque"]
