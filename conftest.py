"""Pièces communes aux tests : navigateur, accessibilité, réglages de Hypothesis."""

import os
from pathlib import Path

import pytest
from hypothesis import settings as reglages_hypothesis

from outils.installation import trouver_chromium

pytest_plugins = ["securisation.tests.distribution", "securisation.tests.requete", "securisation.tests.couches"]
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # playwright laisse une boucle ouverte dans le fil du test
AXE = Path(__file__).parent / "securisation" / "tests" / "vendor" / "axe.min.js"
REGLES_AXE = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
REFUS_ATTENDUS = ("403", "404", "409", "422", "429")
DELAI = 5000  # millisecondes

reglages_hypothesis.register_profile("jalon", deadline=None, max_examples=50)
reglages_hypothesis.load_profile("jalon")


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args):
    """Le chromium de la machine, jamais un navigateur téléchargé en douce."""
    chromium = trouver_chromium()
    if chromium is None:
        pytest.fail("chromium manque : installez le paquet chromium, ou donnez son chemin par JALON_CHROMIUM.")
    arguments = ["--no-sandbox", "--disable-dev-shm-usage"]
    return {**browser_type_launch_args, "executable_path": chromium, "args": arguments}


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args):
    """Un navigateur en français, à Paris, large de 1280 points."""
    ecran = {"width": 1280, "height": 900}
    # Le garde du hors-ligne a ses propres essais ; ailleurs il mettrait un intermédiaire entre la page et le site d'essai.
    ecran = {"viewport": ecran, "service_workers": "block"}
    return {**browser_context_args, "locale": "fr-FR", "timezone_id": "Europe/Paris", **ecran}


def _attendu(message):
    """Un refus affiché par la page n'est pas un défaut : le navigateur le note quand même."""
    return "Failed to load resource" in message and any(f"status of {code}" in message for code in REFUS_ATTENDUS)


@pytest.fixture
def page(page):
    """Page qui échoue si elle viole la politique de contenu ou lève une erreur JavaScript."""
    erreurs = []
    page.on("console", lambda message: message.type == "error" and erreurs.append(message.text))
    page.on("pageerror", lambda erreur: erreurs.append(str(erreur)))
    page.set_default_timeout(DELAI)
    yield page
    assert [message for message in erreurs if not _attendu(message)] == []


@pytest.fixture
def telephone(page):
    """La même page à la largeur d'un téléphone."""
    page.set_viewport_size({"width": 390, "height": 844})
    return page


@pytest.fixture
def connecter(live_server, client, settings):
    """Ouvre une session dans une page : `connecter(page, professionnel)`."""

    def ouvrir(page, professionnel):
        client.force_login(professionnel, backend=settings.AUTHENTICATION_BACKENDS[0])
        nom = settings.SESSION_COOKIE_NAME
        page.context.add_cookies([{"name": nom, "value": client.cookies[nom].value, "url": live_server.url}])
        return page

    return ouvrir


@pytest.fixture(scope="session")
def axe():
    """Vérifie l'accessibilité d'une page : `axe(page)` échoue en citant chaque violation."""
    source = AXE.read_text(encoding="utf-8")

    def verifier(page):
        page.wait_for_load_state()  # une page qui arrive remplacerait le document pendant la mesure
        if page.evaluate("typeof window.axe?.run") != "function":
            page.evaluate(source)  # passe par le protocole de débogage : la politique de contenu reste active
        rapport = page.evaluate(f"axe.run(document, {{runOnly: {REGLES_AXE!r}}})")
        assert [(faute["id"], faute["nodes"][0]["html"][:200]) for faute in rapport["violations"]] == []

    return verifier
