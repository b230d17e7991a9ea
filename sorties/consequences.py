"""Ce que la sortie garde sous l'accord sur les données sensibles."""

from django.db.models import Q

from securisation.parcours.consequences import Couvert, couvre
from sorties.models import Risque

_PAR_LA_DEMARCHE = Q(action__facteur__revele_la_sante=True) | Q(action__levier__revele_la_sante=True)


def _lever_leurs_dus(parcours, risques):
    for risque in risques:
        parcours.lever_echeance("confirmation", risque.source)


couvre(
    Couvert(
        Risque,
        Q(risque__revele_la_sante=True) | Q(facteur__revele_la_sante=True) | _PAR_LA_DEMARCHE,
        "risque,risques",
        textes=("motif", "signal_d_alerte"),
        avant=_lever_leurs_dus,
    )
)
