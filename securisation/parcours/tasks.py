"""Importer un fichier déposé, lot après lot (l'état fait foi, un second passage ne fait rien) ; effacer les imports anciens."""

from celery import current_app, shared_task

from securisation.parcours.models import Importation
from securisation.socle.outbox import travail


def abandonner(*, importation, rang, erreur=None):
    """Après le dernier essai d'un lot : l'arrêt est dit sur la page, avec quoi faire."""
    depot = Importation.objects.filter(pk=importation).first()
    if depot is not None and not depot.est_finie:
        depot.echouer()


@travail("importer", a_l_echec=abandonner)
def importer(importation, rang):
    """Importe le lot de ce rang, s'il attend encore, et demande le suivant."""
    depot = Importation.objects.select_related("par").select_for_update(of=("self",)).filter(pk=importation).first()
    if depot is not None:
        depot.avancer(rang)


@shared_task(name="parcours.purger_les_imports")
def purger_les_imports():
    """Efface les imports de plus de trente jours, même si personne n'en dépose plus."""
    Importation.purger()


current_app.add_periodic_task(3600.0, current_app.signature("parcours.purger_les_imports"), name="purger-les-imports")
