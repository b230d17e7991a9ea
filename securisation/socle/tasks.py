"""Tâches du socle : solder ce qui est dû, au réveil ou au balayage ; effacer ce qui ne se garde pas."""

import logging

from celery import shared_task

from . import ancrage, outbox

journaliste = logging.getLogger("jalon.ancrage")


@shared_task(name="socle.solder")
def solder_un_du(numero):
    """Solde un dû (clé entière) ; rejouable sans effet double."""
    outbox.solder(numero)


@shared_task(name="socle.balayer")
def balayer():
    """Reprend ce que la file a perdu ou reporté."""
    for numero in outbox.a_solder():
        outbox.solder(numero)


@shared_task(name="socle.purger")
def purger():
    """Passe les purges inscrites par chaque app."""
    outbox.purger()


@shared_task(name="socle.ancrer")
def ancrer():
    """Signe toutes les têtes du journal hors de la base, tous les quarts d'heure ; ce qui l'empêche est dit au journal technique."""
    try:
        ancrage.ancrer()
    except ancrage.AncrageImpossible as erreur:
        journaliste.error("%s", erreur)
