"""Ce que l'intervention garde sous l'accord sur les données sensibles."""

from django.db.models import Q

from interventions.models import Action, Piece
from securisation.parcours.consequences import Couvert, couvre


def _lever_leurs_dus(parcours, actions):
    """L'échéance d'une démarche en cite l'intitulé."""
    parcours.echeances.filter(source__in=[action.source for action in actions]).delete()


couvre(
    Couvert(
        Action,
        Q(facteur__revele_la_sante=True) | Q(levier__revele_la_sante=True),
        "démarche,démarches",
        feminin=True,
        textes=("intitule", "issue_note"),
        avant=_lever_leurs_dus,
    ),
    Couvert(
        Piece,
        Q(action__facteur__revele_la_sante=True) | Q(action__levier__revele_la_sante=True),
        "pièce jointe,pièces jointes",
        feminin=True,
        textes=("intitule", "motif_du_retrait"),
    ),
)
