"""Ouvrir un dossier à un partenaire demande une confirmation récente ; lire ce qui lui est partagé, non."""

import pytest
from django.test import Client
from django.urls import reverse

from securisation.coordination.models import Invitation
from securisation.coordination.tests.conftest import inviter, partager
from securisation.socle import horloge
from securisation.socle.confirmation import CONFIRME_LE, DELAI

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def hachage_rapide(settings):
    """Un code se hache ici d'un calcul léger."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def partage(parcours_admis, awa):
    """Un accord de partage qui court."""
    return partager(parcours_admis, awa)


@pytest.fixture
def invite(partage, awa):
    """Le navigateur d'un invité entré par son lien et son code."""
    _, cle, code = inviter(partage, awa)
    client = Client()
    client.post("/invitation/", {"lien": f"https://jalon.test/invitation/#{cle}", "code": code})
    return client


def vieillir(client):
    """La confirmation de cette session date de plus de quinze minutes."""
    session = client.session
    session[CONFIRME_LE] = horloge.montre() - DELAI - 1
    session.save()


def test_un_partage_restreint_se_lit_toujours_apres_un_quart_d_heure(invite, partage, parcours_admis, awa):
    """Confirmer est une page qu'un invité n'a pas : son lien et son code ont déjà dit qui il est."""
    parcours_admis.restreindre(par=awa, restreint=True)
    vieillir(invite)
    assert invite.get(reverse("coordination:partage", args=[partage.uuid])).status_code == 200


@pytest.mark.parametrize("nom", ["inviter", "donner_un_code", "copier_le_lien", "envoyer_le_lien"])
def test_ouvrir_un_dossier_a_quelqu_un_demande_une_confirmation_recente(client, partage, awa, nom):
    invitation, _, _ = inviter(partage, awa)

    def gardees():
        return list(Invitation.objects.order_by("pk").values("pk", "empreinte", "code", "version"))

    client.force_login(awa)
    vieillir(client)
    avant = gardees()
    refus = client.post(reverse(f"coordination:{nom}", args=[(partage if nom == "inviter" else invitation).uuid]))
    assert (refus.status_code, "Confirmez" in refus.text) == (403, True)
    assert gardees() == avant
