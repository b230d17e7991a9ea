"""Chaque page a son compte de requêtes : un plafond par route, mesuré sur un dossier plein, à quatre moments de sa vie."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from securisation.socle.routes import routes_d_un_dossier
from securisation.tests.requetes import PLAFONDS
from securisation.tests.test_acces import adresse, construire

pytestmark = pytest.mark.django_db
MOMENTS = ["oriente", "suspendue", "en_sortie", "clos"]
# Les points de reprise ne lisent rien : ils ne comptent pas.
VIDES = ("SAVEPOINT", "RELEASE SAVEPOINT", "ROLLBACK TO SAVEPOINT")


def mesurer(client, objets):
    """{route: requêtes} des pages qui s'ouvrent à ce moment du dossier."""
    comptes = {}
    for route in routes_d_un_dossier():
        if route.modele not in objets:
            continue
        with CaptureQueriesContext(connection) as lues:
            reponse = client.get(adresse(route, objets))
        if reponse.status_code == 200:
            comptes[route.nom] = sum(not requete["sql"].startswith(VIDES) for requete in lues.captured_queries)
    return comptes


@pytest.mark.parametrize("moment", MOMENTS)
def test_aucune_page_ne_passe_son_plafond(moment, distribution, client):
    client.force_login(distribution["awa"])
    comptes = mesurer(client, construire(moment, distribution))
    assert comptes
    assert {nom: nombre for nom, nombre in comptes.items() if nombre > PLAFONDS.get(nom, 0)} == {}
