"""Le travail dû : importer un fichier déposé, lot après lot. L'état fait foi, un second passage ne fait rien."""

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
