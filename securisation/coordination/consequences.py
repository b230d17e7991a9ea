"""Ce que le retrait d'un accord ferme ici : les invitations qu'il portait."""

from securisation.coordination.models import Invitation
from securisation.parcours.consequences import compter


@compter("PARTAGE", "ADHESION")
def invitations_fermees(accord):
    """Les invitations encore ouvertes de ce partage, ou de tous quand l'adhésion cesse."""
    ouvertes = Invitation.objects.ouvertes().filter(accord__parcours=accord.parcours_id)
    if accord.finalite.code == "PARTAGE":
        ouvertes = ouvertes.filter(accord=accord)
    yield ouvertes.count(), "invitation se ferme,invitations se ferment"
