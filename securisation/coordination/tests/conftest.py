"""Pièces des essais : un diagnostic validé, un accord de partage, une invitation et ce que le partenaire a en main."""

import datetime

import pytest

from securisation.annuaire.models import Finalite
from securisation.coordination.models import Invitation
from securisation.parcours.models import Accord
from securisation.socle import horloge
from securisation.socle.confirmation import CONFIRME_LE

PARTENAIRE, ADRESSE = "Bailleur du Maine", "agence@bailleur.test"


def dans(jours):
    """Le jour qu'il sera dans tant de jours."""
    return horloge.aujourd_hui() + datetime.timedelta(days=jours)


def partager(parcours, par, **champs):
    """Un accord de partage qui court."""
    finalite = Finalite.objects.get(code="PARTAGE")
    donnes = {"le": dans(0), "partenaire": PARTENAIRE, "axes": ["LOG"], "jusqu_au": dans(60), "mode": "oral"}
    return Accord(parcours=parcours, finalite=finalite).recueillir(par=par, **(donnes | champs))


def inviter(accord, par, **champs):
    """L'invitation, sa clé et son code : (invitation, clé, code)."""
    invitation = Invitation(accord=accord)
    invitation.inviter(par=par, **({"courriel": ADRESSE, "jusqu_au": Invitation.dernier_jour(accord)} | champs))
    invitation.copier_le_lien(par=par)
    cle = invitation.cle_claire
    invitation.donner_un_code(par=par)
    return invitation, cle, invitation.code_clair


@pytest.fixture(autouse=True)
def hachage_rapide(settings):
    """Un code se hache ici d'un calcul léger ; la force du vrai calcul n'est pas ce que ces essais vérifient."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def accord(parcours_admis, awa):
    """L'accord de partage du logement, avec un bailleur, pour soixante jours."""
    return partager(parcours_admis, awa)


@pytest.fixture
def confirmer():
    """`confirmer(client)` : la personne connectée vient de prouver qui elle est, ou il y a tant de secondes."""

    def noter(client, il_y_a=0):
        session = client.session
        session[CONFIRME_LE] = horloge.montre() - il_y_a
        session.save()

    return noter
