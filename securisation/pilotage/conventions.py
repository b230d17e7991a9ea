"""Tenir les conventions : réservé à la direction, inscrit au journal, sous verrou."""

from django.db import transaction

from securisation.comptes.models import Fonction, Professionnel
from securisation.pilotage.models import Convention
from securisation.pilotage.models.convention import LIENS
from securisation.socle.journal import inscrire
from securisation.socle.refus import Introuvable, PageReservee
from securisation.socle.transitions import Conflit

RESERVE = "La direction tient les conventions et publie leurs éditions."


def exiger_la_direction(par):
    """Refuse (403) qui n'exerce pas aujourd'hui la fonction de direction."""
    if not par.a_fonction(Fonction.Genre.DIRECTION):
        raise PageReservee(RESERVE)


def lues_par(par):
    """Les conventions que ce compte lit, avec leurs liens."""
    return Convention.objects.lues_par(par).avec_liens()


def trouver(uuid, *, par):
    """La convention de ce numéro, si ce compte la lit ; sinon introuvable."""
    convention = lues_par(par).filter(uuid=uuid).first()
    if convention is None:
        raise Introuvable()
    return convention


def comptes_de_financeurs():
    """Les comptes à qui une convention se confie : actifs, de fonction financeur."""
    comptes = Professionnel.objects.actifs().filter(fonctions__genre=Fonction.Genre.FINANCEUR).distinct()
    return comptes.order_by("nom", "prenom")


@transaction.atomic
def creer(*, par, **champs):
    """Enregistre une convention nouvelle et la rend."""
    exiger_la_direction(par)
    convention = Convention()
    convention.definir(par=par, **champs)
    inscrire("convention créée", objet=convention, par=par, numero=convention.numero)
    return convention


@transaction.atomic
def modifier(uuid, *, par, version, **champs):
    """Change la convention ; refusé si quelqu'un l'a enregistrée entre-temps. Les éditions publiées n'en changent pas."""
    exiger_la_direction(par)
    convention = Convention.objects.select_for_update().filter(uuid=uuid).first()
    if convention is None:
        raise Introuvable()
    if version != convention.version:
        raise Conflit(convention, {nom: valeur for nom, valeur in champs.items() if nom not in LIENS})
    changes = convention.definir(par=par, **champs)
    inscrire("convention modifiée", objet=convention, par=par, numero=convention.numero, champs=changes)
    return convention
