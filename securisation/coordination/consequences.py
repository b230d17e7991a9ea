"""Ce que le retrait d'un accord ferme ici : ce que des partenaires lisaient par lui, les invitations qu'il portait."""

from securisation.coordination.models import Invitation
from securisation.coordination.querysets import accords_de_partage
from securisation.parcours.consequences import compter


@compter("PARTAGE", "ADHESION")
def lecteurs(accord):
    """Les comptes actifs qui lisent par ce partage, ou par tous quand l'adhésion cesse, et ne liront plus ; un nom seul ne lit rien."""
    partages = accords_de_partage().filter(parcours=accord.parcours_id)
    if accord.finalite.code == "PARTAGE":
        partages = partages.filter(pk=accord.pk)
    nommes = partages.filter(professionnel__is_active=True).order_by().values_list("professionnel_id")
    invites = Invitation.objects.ouvertes().filter(accord__in=partages.values("pk"), compte__isnull=False)
    lisent = nommes.union(invites.order_by().values_list("compte_id")).count()
    yield lisent, "partenaire perd l’accès,partenaires perdent l’accès"


@compter("PARTAGE", "ADHESION")
def invitations_fermees(accord):
    """Les invitations encore ouvertes de ce partage, ou de tous quand l'adhésion cesse."""
    ouvertes = Invitation.objects.ouvertes().filter(accord__parcours=accord.parcours_id)
    if accord.finalite.code == "PARTAGE":
        ouvertes = ouvertes.filter(accord=accord)
    yield ouvertes.count(), "invitation se ferme,invitations se ferment"
