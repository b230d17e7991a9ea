"""Ce qu'un partenaire voit : évalué en SQL à chaque requête depuis l'accord, jamais recopié."""

from django.db.models import Case, Exists, F, OuterRef, Q, Subquery, When

from securisation.parcours.models import Accord
from securisation.parcours.models.accord import PARTAGE
from securisation.socle import horloge
from securisation.socle.trace import TraceQuerySet


class InvitationQuerySet(TraceQuerySet):
    def ouvertes(self):
        """Celles qui laissent entrer aujourd'hui : ni fermées ni échues, l'accord court, le compte aussi."""
        jour = horloge.aujourd_hui()
        vives = self.filter(Q(compte=None) | Q(compte__is_active=True), etat="en_cours", jusqu_au__gte=jour)
        return vives.filter(accord__in=accords_de_partage(jour).values("pk"))


def accords_de_partage(jour=None):
    """Les accords de partage qui courent ce jour, sur un parcours ni limité à la demande de la personne ni fermé pour effacement."""
    ouverts = Accord.objects.en_cours(jour).filter(parcours__limite_le=None, parcours__effacement_le=None)
    return ouverts.filter(finalite__code=PARTAGE)


def partages_de(professionnel):
    """Les accords de partage qui courent et nomment ce compte, ou l'ont invité ; un compte fermé n'en a aucun.

    `lisible_jusqu_au` : le dernier jour où ce compte lit, celui de l'accord s'il y est nommé, sinon celui de son invitation.
    """
    from securisation.coordination.models import Invitation

    if not professionnel.is_authenticated or not professionnel.is_active:
        return Accord.objects.none()
    invite = Invitation.objects.ouvertes().filter(accord=OuterRef("pk"), compte=professionnel)
    accords = accords_de_partage().filter(Q(professionnel=professionnel) | Exists(invite))
    fin = Case(When(professionnel=professionnel, then=F("jusqu_au")), default=Subquery(invite.values("jusqu_au")[:1]))
    return accords.annotate(lisible_jusqu_au=fin)
