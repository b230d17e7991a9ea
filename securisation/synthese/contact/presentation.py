"""Avec qui ? Ses parcours où un contact peut se noter : les derniers lus d'abord, ou ceux qui répondent à une recherche."""

import datetime

from django.urls import reverse

from securisation.parcours.droits import DROITS
from securisation.parcours.models import Attribution, Parcours
from securisation.socle import horloge
from securisation.socle.models import Evenement
from securisation.synthese.liste import LIBELLES
from securisation.synthese.recherche import chercher

PROPOSES = 8  # sur un téléphone, ce qui se lit sans défiler
RELUES = 300  # lectures relues au journal pour y trouver des dossiers différents
DEPUIS = datetime.timedelta(days=30)
INITIATIVES = (("oui", "De sa part"), ("non", "De notre part"))


def les_siens(par):
    """Les attributions de ce professionnel sur des parcours qui vivent, et où son rôle lui permet de noter un contact."""
    roles = Attribution.objects.filter(user=par, permission__codename__in=DROITS["noter_contact"])
    return roles.exclude(phase__in=Parcours.FIGES).select_related("content_object__personne")


def derniers_lus(par):
    """Clés des dossiers que ce professionnel a ouverts depuis trente jours, le dernier d'abord."""
    lectures = Evenement.objects.filter(
        acteur=par, action="lecture", chaine__gt=0, quand__gte=horloge.maintenant() - DEPUIS
    )
    return list(dict.fromkeys(lectures.order_by("-quand").values_list("chaine", flat=True)[:RELUES]))


def proposes(par):
    """Au plus huit parcours : les derniers lus, puis ceux dont l'échéance est la plus proche."""
    rangs = {cle: rang for rang, cle in enumerate(derniers_lus(par))}
    lus = sorted(les_siens(par).filter(content_object__in=rangs), key=lambda role: rangs[role.content_object_id])
    lus = lus[:PROPOSES]
    autres = les_siens(par).exclude(pk__in=[role.pk for role in lus]).order_by("echeance", "content_object")
    return [_ligne(role.content_object) for role in [*lus, *autres[: PROPOSES - len(lus)]]]


def trouves(par, question):
    """Ceux des siens qui répondent à la recherche, dans l'ordre où elle les rend."""
    cles = [ligne.cle for ligne in chercher(par, question)[0]]
    siens = {role.content_object_id: role.content_object for role in les_siens(par).filter(content_object__in=cles)}
    return [_ligne(siens[cle]) for cle in cles if cle in siens]


def _ligne(parcours):
    noter = f"{reverse('interventions:noter_contact', args=[parcours.uuid])}?de=partout"
    return {
        "url": noter,
        "initiatives": [{"url": f"{noter}&initiative={code}", "mot": mot} for code, mot in INITIATIVES],
        "nom": parcours.personne.appellation,
        "numero": parcours.numero,
        "meta": f"{parcours.numero} · {LIBELLES[parcours.etat]}",
    }
