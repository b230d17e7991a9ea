"""Un document demandé tout de suite, que la machine ne peut pas faire : un refus en français, jamais une page d'erreur."""

from contextlib import contextmanager

from securisation.socle.refus import Refus

from .atelier import EchecDuMetier, TravailArrete
from .machine import FauteDuRendu
from .rendu import PanneDuRendu

# Le rendu dit les siennes en clair ; le scellement laisse passer celles de son atelier.
PANNES = (PanneDuRendu, FauteDuRendu, EchecDuMetier, TravailArrete)


class DocumentIndisponible(Refus):
    """La machine PDF ne démarre pas, ou s'est arrêtée : rien ne part, et surtout pas autre chose à la place (503)."""

    statut = 503
    titre = "Ce document ne peut pas être préparé pour l’instant"
    que_faire = "Rien n’est perdu. Réessayez plus tard ; si cela dure, prévenez la personne qui vous a invité."


@contextmanager
def ou_indisponible():
    """Dans ce bloc, une panne du rendu ou du scellement devient DocumentIndisponible."""
    try:
        yield
    except PANNES as panne:
        raise DocumentIndisponible() from panne
