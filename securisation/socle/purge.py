"""Ce que l'application ne garde pas : chaque app inscrit sa purge, l'horloge les passe toutes, une fois par heure.

@purge
def fichiers_deposes():
    …  # rend le nombre de lignes effacées
"""

import logging
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from .models import Du, Jeton

journaliste = logging.getLogger("jalon.purge")
PURGES = []
JOURS_D_UN_JETON, JOURS_D_UN_DU = 7, 30


def purge(fonction):
    """Inscrit une purge ; elle est rejouable et tient dans sa propre transaction."""
    PURGES.append(fonction)
    return fonction


def purger():
    """Passe chaque purge inscrite : {nom: lignes effacées} ; une purge qui échoue n'empêche pas les autres."""
    faites = {}
    for fonction in PURGES:
        try:
            with transaction.atomic():
                faites[fonction.__name__] = fonction()
        except Exception as erreur:
            journaliste.error("La purge %s a échoué : %s", fonction.__name__, type(erreur).__name__)
    return faites


@purge
def jetons_de_formulaire():
    """Un formulaire ouvert il y a plus d'une semaine ne se renvoie plus."""
    return Jeton.objects.filter(cree_le__lt=timezone.now() - timedelta(days=JOURS_D_UN_JETON)).delete()[0]


@purge
def dus_soldes():
    """Un travail soldé depuis un mois n'explique plus rien ; ce qui reste dû demeure."""
    return Du.objects.filter(fait_le__lt=timezone.now() - timedelta(days=JOURS_D_UN_DU)).delete()[0]
