"""Ce que le diagnostic garde sous l'accord sur les données sensibles."""

from django.db.models import Q

from diagnostics.models import BrouillonAxe, DominoExamine, FacteurRetenu
from securisation.parcours.consequences import Couvert, couvre


def _oter_des_brouillons(parcours, retenus):
    """Ôte des saisies en cours ce qui parle de ces facteurs ; le reste de la saisie est gardé."""
    codes = {retenu.facteur.code for retenu in retenus}
    for brouillon in BrouillonAxe.objects.filter(evaluation__diagnostic__parcours=parcours):
        brouillon.oter(codes)


couvre(
    Couvert(
        FacteurRetenu,
        Q(facteur__revele_la_sante=True),
        "facteur,facteurs",
        textes=("note",),
        avant=_oter_des_brouillons,
    ),
    Couvert(
        DominoExamine,
        Q(de__revele_la_sante=True) | Q(vers__revele_la_sante=True),
        "enchaînement,enchaînements",
        textes=("note",),
    ),
)
