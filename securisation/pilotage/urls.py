"""Adresses du pilotage : l'espace du financeur, les conventions et leurs éditions, les chiffres de la direction."""

from securisation.pilotage.collectives.urls import urlpatterns as collectives
from securisation.pilotage.direction.urls import urlpatterns as direction
from securisation.pilotage.edition.urls import urlpatterns as editions
from securisation.pilotage.mots.urls import urlpatterns as mots

app_name = "pilotage"
urlpatterns = [
    *collectives,
    *direction,
    *editions,
    *mots,
]
