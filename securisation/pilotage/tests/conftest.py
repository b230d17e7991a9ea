"""Une convention de farid, tenue par jean, et un calcul d'essai : les éditions s'éprouvent sans compter personne."""

from copy import deepcopy
from datetime import date

import pytest

from securisation.comptes.models import Equipe, Fonction, Professionnel
from securisation.pilotage import conventions
from securisation.pilotage.edition import actes, fictif, preparation
from securisation.socle import outbox

DU, AU = date(2025, 1, 1), date(2025, 12, 31)


@pytest.fixture
def jean(distribution):
    """Direction."""
    return distribution["jean"]


@pytest.fixture
def champs(farid):
    """De quoi enregistrer une convention."""
    return {
        "numero": "2025-118",
        "financeur": "Département d'essai",
        "du": date(2025, 1, 1),
        "au": date(2027, 12, 31),
        "objet_paye": "Le diagnostic, l'intervention et la sortie.",
        "equipes": Equipe.objects.filter(nom="Équipe de Laval"),
        "lecteurs": [farid],
    }


@pytest.fixture
def convention(jean, champs):
    """La convention que farid lit."""
    return conventions.creer(par=jean, **champs)


@pytest.fixture
def autre_financeur(distribution):
    """Un financeur sans convention."""
    compte = Professionnel.objects.create_user("noe@exemple.test", prenom="Noé", nom="Faure")
    Fonction.objects.create(professionnel=compte, genre="FINANCEUR")
    return compte


class Calcul:
    """Un calcul d'essai : ce qu'il rend se règle, ce qu'il a reçu se lit."""

    def __init__(self):
        self.contenu, self.rapport, self.recus = fictif.contenu(), fictif.rapport(), []
        self.echoue = False

    def __call__(self, definition, publiees):
        self.recus.append((definition, publiees))
        if self.echoue:
            raise MemoryError("trop de cases")
        return deepcopy(self.contenu), deepcopy(self.rapport)


@pytest.fixture
def calcul(monkeypatch):
    """Le calcul d'essai, à la place du vrai."""
    faux = Calcul()
    monkeypatch.setattr(preparation, "calculer", faux)
    return faux


@pytest.fixture
def solder(db):
    """Fait ce qui est dû, comme l'exécutant des tâches."""

    def tout():
        for numero in outbox.a_solder():
            assert outbox.solder(numero)

    return tout


@pytest.fixture
def controlee(convention, jean, calcul, solder):
    """Une édition contrôlée, prête à paraître."""
    edition = actes.preparer(convention, par=jean, du=DU, au=AU)
    solder()
    edition.refresh_from_db()
    return edition


@pytest.fixture
def publiee(controlee, jean):
    """Une édition publiée, dont les fichiers sont encore dus."""
    edition = actes.publier(controlee.uuid, par=jean)
    edition.refresh_from_db()
    return edition


@pytest.fixture
def avec_fichiers(publiee, solder):
    """La même, fichiers produits."""
    solder()
    publiee.refresh_from_db()
    return publiee
