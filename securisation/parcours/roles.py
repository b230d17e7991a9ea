"""Donner et retirer un rôle sur un parcours : le seul endroit où guardian écrit des droits."""

from django.core.exceptions import ValidationError
from django.db import transaction
from guardian.shortcuts import assign_perm

from securisation.parcours import droits
from securisation.parcours.models import Attribution, DeclarationInteret, Parcours
from securisation.socle.refus import DroitRefuse
from securisation.socle.trace import porte_ouverte


def poser_role(parcours, professionnel, role):
    """Écrit la ligne guardian ; un seul rôle par professionnel, un seul référent par parcours. Dans une porte ouverte."""
    anciennes = Attribution.objects.filter(content_object=parcours, user=professionnel)
    if role == droits.REFERENT:
        anciennes = anciennes | Attribution.objects.filter(content_object=parcours, permission__codename=role)
    anciennes.delete()
    assign_perm(role, professionnel, parcours)


def attribuer_role(parcours, professionnel, role, *, par, absence_de_conflit=True, precisions=""):
    """Attribue un rôle. Le référent déclare l'absence de conflit d'intérêts ; un conflit déclaré refuse l'attribution (ValidationError)."""
    if role not in droits.ROLES:
        raise ValidationError({"role": "Ce rôle n'existe pas."})
    if not professionnel.is_active or professionnel.equipe_id is None:
        raise ValidationError({"professionnel": "Un rôle se donne à un membre actif d'une équipe."})
    with _attribution(parcours, par, "attribuer_role"):
        if role == droits.REFERENT:
            declaration = DeclarationInteret(parcours=parcours, professionnel=professionnel)
            declaration.declarer(par=par, absence_de_conflit=absence_de_conflit, precisions=precisions)
            if not absence_de_conflit:
                raise ValidationError("Un conflit d'intérêts est déclaré : choisissez un autre référent.")
        poser_role(parcours, professionnel, role)


def retirer_role(parcours, professionnel, *, par):
    """Retire le rôle de ce professionnel ; il ne voit plus le parcours dès la requête suivante."""
    with _attribution(parcours, par, "retirer_role"):
        referent = Attribution.objects.filter(
            content_object=parcours, user=professionnel, permission__codename=droits.REFERENT
        )
        if referent.exists():
            raise ValidationError("Le référent ne se retire pas : attribuez d'abord ce rôle à quelqu'un d'autre.")
        Attribution.objects.filter(content_object=parcours, user=professionnel).delete()


class _attribution:
    """Ouvre l'écriture pour une attribution : parcours verrouillé et relu, droit vérifié, acteur et motif dits à la base."""

    def __init__(self, parcours, par, motif):
        self.parcours, self.par, self.motif = parcours, par, motif

    def __enter__(self):
        self.transaction = transaction.atomic()
        self.transaction.__enter__()
        self.parcours.refresh_from_db(from_queryset=Parcours.objects.select_for_update(of=("self",), no_key=True))
        if not Parcours.autorise(self.par, "attribuer_role", self.parcours):
            self.transaction.__exit__(DroitRefuse, DroitRefuse(), None)
            raise DroitRefuse()
        self.porte = porte_ouverte(self.par, self.motif)
        self.porte.__enter__()

    def __exit__(self, *erreur):
        self.porte.__exit__(*erreur)
        self.parcours.__dict__.pop("_roles", None)
        return self.transaction.__exit__(*erreur)
