"""Confier une fonction à deux : l'administrateur propose, la direction ou le délégué à la protection des données confirme."""

import re

from django.db import IntegrityError, transaction

from securisation.comptes.courriels import prevenir
from securisation.comptes.models import Fonction, Professionnel, PropositionDeFonction, jour_courant
from securisation.socle.journal import inscrire
from securisation.socle.refus import DroitRefuse, Refus

DECIDENT = (Fonction.Genre.DIRECTION, Fonction.Genre.DPO)
NUMERO = re.compile(r"[0-9]{1,18}")
A_CONFIRMER = PropositionDeFonction.Etat.A_CONFIRMER

INVITE = "Une fonction ne se confie pas à un compte invité : il ne lit que ce qu'une personne lui partage."


class PropositionDecidee(Refus):
    """La proposition a déjà été décidée, ou la fonction confiée autrement (409)."""

    titre = "Cette proposition est déjà décidée"
    que_faire = "Rouvrez la page des fonctions : elle montre ce qui reste à confirmer."


def a_confirmer():
    """Les propositions qui attendent une seconde personne, la plus ancienne d'abord."""
    attente = PropositionDeFonction.objects.filter(etat=A_CONFIRMER)
    return attente.select_related("professionnel", "equipe", "proposee_par").order_by("proposee_le")


def proposer(proposition, *, par):
    """Enregistre la proposition et l'inscrit au journal ; elle n'ouvre aucun droit."""
    if proposition.professionnel.est_invite:
        raise DroitRefuse(INVITE)
    proposition.proposee_par = par
    proposition.save()
    inscrire("fonction proposée", objet=proposition, par=par, **_dite(proposition))
    for compte in Professionnel.objects.actifs().filter(fonctions__genre__in=DECIDENT).distinct():
        if compte.pk not in (par.pk, proposition.professionnel_id) and any(map(compte.a_fonction, DECIDENT)):
            prevenir(compte, "comptes/courriels/fonction_a_confirmer")


def decider(numero, reponse, *, par):
    """Confirme (« confirmer ») ou refuse une proposition ; refusé à qui l'a faite ou la recevrait. Rend la proposition."""
    attente = PropositionDeFonction.objects.select_for_update(of=("self",)).select_related("professionnel", "equipe")
    proposition = attente.filter(pk=numero, etat=A_CONFIRMER).first() if NUMERO.fullmatch(str(numero)) else None
    if proposition is None:
        raise PropositionDecidee()
    if par.pk in (proposition.proposee_par_id, proposition.professionnel_id):
        raise DroitRefuse("Une fonction se confirme par une autre personne que celle qui la propose ou la reçoit.")
    confirmee = reponse == "confirmer"
    if confirmee and proposition.professionnel.est_invite:
        raise DroitRefuse(INVITE)
    proposition.decider(par=par, confirmee=confirmee)
    if confirmee:
        _confier(proposition)
        prevenir(proposition.professionnel, "comptes/courriels/acces_change")
    inscrire("fonction confiée" if confirmee else "fonction refusée", objet=proposition, par=par, **_dite(proposition))
    return proposition


def _confier(proposition):
    """La fonction, au plus tôt d'aujourd'hui : une confirmation ne donne rien au passé."""
    champs = {"professionnel": proposition.professionnel, "genre": proposition.genre, "equipe": proposition.equipe}
    try:
        with transaction.atomic():
            Fonction.objects.create(**champs, du=max(proposition.du, jour_courant()))
    except IntegrityError:
        raise PropositionDecidee("Cette fonction est déjà confiée à ce professionnel.") from None


def _dite(proposition):
    return {"genre": proposition.genre, "professionnel": proposition.professionnel_id, "equipe": proposition.equipe_id}
