"""Le diagnostic de Mme Diallo : ouvert, puis rempli."""

import pytest

from diagnostics.tests import recits


@pytest.fixture
def diagnostic(parcours_admis, awa):
    """Ouvert par awa, encore vide."""
    return recits.ouvrir(parcours_admis, awa)


@pytest.fixture
def rempli(diagnostic, awa):
    """Prêt à être validé."""
    return recits.remplir(diagnostic, awa)


@pytest.fixture
def chez(client, settings):
    """`chez(awa)` : un navigateur sans JavaScript, connecté."""

    def ouvrir(professionnel):
        client.force_login(professionnel, backend=settings.AUTHENTICATION_BACKENDS[0])
        return client

    return ouvrir


@pytest.fixture
def logement(diagnostic):
    """L'axe du logement, encore vide."""
    return recits.axe(diagnostic, "LOG")
