"""Tâches du socle : solder ce qui est dû, au réveil ou au balayage ; effacer ce qui ne se garde pas."""

from celery import shared_task

from . import outbox


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
