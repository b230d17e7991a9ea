"""Donner et retirer un rôle sur un parcours : le seul endroit où guardian écrit des droits."""

from contextlib import contextmanager

from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.db import transaction
from guardian.shortcuts import assign_perm

from securisation.parcours import droits
from securisation.parcours.models import Attribution, DeclarationInteret, Parcours
from securisation.socle.cloison import lire_en_systeme
from securisation.socle.refus import DroitRefuse
from securisation.socle.trace import porte_ouverte
from securisation.socle.transitions import EtatRefuse


def poser_role(parcours, professionnel, role):
    """Écrit la ligne guardian ; un seul rôle par professionnel, un seul référent par parcours. Dans une porte ouverte."""
    anciennes = Attribution.objects.filter(content_object=parcours, user=professionnel)
    if role == droits.REFERENT:
        anciennes = anciennes | Attribution.objects.filter(content_object=parcours, permission__codename=role)
    anciennes.delete()
    assign_perm(role, professionnel, parcours)


def attribuer_role(parcours, professionnel, role, *, par, absence_de_conflit=True, precisions="", mot="attribuer_role"):
    """Attribue un rôle. Le référent déclare l'absence de conflit d'intérêts ; un conflit déclaré refuse l'attribution (ValidationError)."""
    if role not in droits.ROLES:
        raise ValidationError({"role": "Ce rôle n'existe pas."})
    if not professionnel.is_active or professionnel.equipe_id is None:
        raise ValidationError({"professionnel": "Un rôle se donne à un membre actif d'une équipe."})
    with _attribution(parcours, par, mot, mot=mot):
        if professionnel.equipe_id != parcours.equipe_id:
            raise ValidationError({"professionnel": "Un rôle se donne à un membre de l'équipe du parcours."})
        if role != droits.REFERENT:
            _refuser_sans_referent(parcours, professionnel)
        else:
            declaration = DeclarationInteret(parcours=parcours, professionnel=professionnel)
            declaration.declarer(par=par, absence_de_conflit=absence_de_conflit, precisions=precisions)
            if not absence_de_conflit:
                raise ValidationError("Un conflit d'intérêts est déclaré : choisissez un autre référent.")
        poser_role(parcours, professionnel, role)


def refuser_si_tenu(parcours):
    """Un parcours qu'un référent en exercice suit n'en reçoit pas un autre de cette façon (EtatRefuse)."""
    if parcours.attributions.filter(permission__codename=droits.REFERENT, user__is_active=True).exists():
        raise EtatRefuse(
            "Ce parcours a un référent.",
            que_faire="C’est à lui, ou à la superviseure de l’équipe, de passer ce rôle. Rien n’a été enregistré.",
        )


def nommer_referent(parcours, professionnel, *, par, **declaration):
    """Le délégué, une ouverture motivée en cours, nomme un référent à un parcours que plus personne ne suit."""
    # Son ouverture ne fait que lire : le droit vérifié, l'acte s'écrit au nom de l'application, sous son nom au journal.
    with transaction.atomic(), lire_en_systeme():
        refuser_si_tenu(parcours)
        attribuer_role(parcours, professionnel, droits.REFERENT, par=par, mot="nommer_referent", **declaration)


def retirer_role(parcours, professionnel, *, par):
    """Retire le rôle de ce professionnel ; il ne voit plus le parcours dès la requête suivante."""
    with _attribution(parcours, par, "retirer_role"):
        _refuser_sans_referent(parcours, professionnel)
        Attribution.objects.filter(content_object=parcours, user=professionnel).delete()


def rendre_les_roles(parcours, roles):
    """Rend des rôles retirés ([clé du compte, rôle]) à qui peut encore les tenir : compte actif, équipe du parcours. Porte ouverte."""
    comptes = (
        get_user_model().objects.filter(is_active=True, equipe=parcours.equipe_id).in_bulk([cle for cle, _ in roles])
    )
    for cle, role in roles:
        if cle in comptes:
            poser_role(parcours, comptes[cle], role)


def _refuser_sans_referent(parcours, professionnel):
    """Un parcours a toujours un référent : celui-ci ne perd ce rôle qu'en le passant à quelqu'un d'autre (ValidationError)."""
    roles = Attribution.objects.filter(content_object=parcours, user=professionnel)
    if roles.filter(permission__codename=droits.REFERENT).exists():
        raise ValidationError("Le référent ne se retire pas : attribuez d'abord ce rôle à quelqu'un d'autre.")


@contextmanager
def _attribution(parcours, par, motif, mot="attribuer_role"):
    """Ouvre l'écriture pour une attribution : parcours verrouillé et relu, droit vérifié, acteur et motif dits à la base."""
    with transaction.atomic():
        parcours.refresh_from_db(from_queryset=Parcours.objects.select_for_update(of=("self",), no_key=True))
        if not Parcours.autorise(par, mot, parcours):
            raise DroitRefuse()
        try:
            with porte_ouverte(par, motif):
                yield
        finally:
            parcours.__dict__.pop("_roles", None)
