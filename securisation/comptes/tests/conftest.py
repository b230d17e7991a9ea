"""Pièces des essais des comptes : un titulaire, son mot de passe, sa boîte aux lettres."""

import pytest
from django.core import mail
from django.core.cache import cache

from securisation.comptes.models import Professionnel
from securisation.socle import outbox

MOT_DE_PASSE = "clairière tuba girafe"


@pytest.fixture
def compteurs_a_zero(settings):
    """Aucune tentative en mémoire, et un hachage rapide : ce n'est pas lui qu'on éprouve."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    cache.clear()


@pytest.fixture
def nora(db):
    """Une titulaire, avec un mot de passe."""
    return Professionnel.objects.create_user("nora@exemple.test", MOT_DE_PASSE, prenom="Nora", nom="Le Goff")


@pytest.fixture
def relever(db):
    """`relever()` : le travailleur solde ce qui est dû ; rend les courriels partis."""

    def solder():
        for numero in outbox.a_solder():
            outbox.solder(numero)
        return mail.outbox

    return solder
