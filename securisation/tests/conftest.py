"""Pièces des parcours au navigateur (chaque page doit se lire, au bureau et au téléphone), et la production de documents sans machine."""

import os

import pytest
from playwright.sync_api import expect

from securisation.celery import app
from securisation.documents import genres
from securisation.documents.machine import Pdf
from securisation.socle import outbox

CLICHES = os.environ.get("JALON_CLICHES")
PATIENCE = 20_000  # millisecondes : une machine chargée est lente, elle n'est pas en défaut
BUREAU, TELEPHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}


class Visite:
    """Une page du navigateur tenue par une personne connectée ; les gestes se font par ce qui se lit à l'écran."""

    constatees = set()
    ecrans = (TELEPHONE, BUREAU)

    def __init__(self, page, racine, axe, connecter):
        self.page, self.racine, self._axe, self._connecter = page, racine, axe, connecter
        page.set_default_timeout(PATIENCE)
        expect.set_options(timeout=PATIENCE)

    def entrer(self, professionnel, adresse="/"):
        """Ouvre l'adresse sous ce compte."""
        self._connecter(self.page, professionnel)
        self.page.goto(self.racine + adresse)
        return self

    def suivre(self, nom, *, dans=None):
        """Clique le lien qui porte ce nom."""
        (dans or self.page).get_by_role("link", name=nom).first.click()
        return self

    def presser(self, nom, *, dans=None):
        """Clique le bouton qui porte ce nom."""
        (dans or self.page).get_by_role("button", name=nom).first.click()
        return self

    def ouvrir(self, personne):
        """Depuis « Mes parcours », ouvre le dossier de cette personne dans la liste ; ce qui est dû mène, lui, droit à son geste."""
        return self.suivre(personne, dans=self.page.locator("#liste"))

    def menu(self, nom):
        """Ouvre le menu des autres actions et suit cette entrée."""
        self.page.locator("details.menu > summary").click()
        return self.suivre(nom, dans=self.page.locator("details.menu"))

    def ecrire(self, **textes):
        """Remplit les champs par le nom qu'ils portent dans le formulaire."""
        for nom, texte in textes.items():
            self.page.locator(f"[name={nom}]:not([type=hidden])").fill(texte)
        return self

    def choisir(self, **choix):
        """Coche la réponse d'une question à choix, par le nom du champ et le libellé de la réponse."""
        for nom, libelle in choix.items():
            groupe = self.page.locator("fieldset").filter(has=self.page.locator(f"[name={nom}]"))
            groupe.last.get_by_label(libelle).first.check()
        return self

    def titre(self, texte):
        """Attend la page qui porte ce titre, et constate qu'elle se lit."""
        expect(self.page.locator("h1")).to_have_text(texte)
        return self.constater()

    def lit(self, texte):
        """Attend ce texte à l'écran."""
        expect(self.page.get_by_text(texte).first).to_be_visible()
        return self

    def constater(self, nom=""):
        """À chaque largeur : un seul h1, rien ne déborde, aucune faute d'accessibilité. Une fois par sorte de page."""
        self._attendre()
        titre = nom or self.page.locator("h1").text_content().strip()
        if titre in self.constatees:
            return self
        self.constatees.add(titre)
        for ecran in self.ecrans:
            self.page.set_viewport_size(ecran)
            assert self.page.locator("h1").count() == 1
            assert self.page.evaluate("document.documentElement.scrollWidth") <= ecran["width"], titre
            self._examiner(ecran)
            self._photographier(titre, ecran["width"])
        return self

    def _attendre(self):
        """La page entière, ses feuilles et ses polices : un clic rend la main dès la réponse, on mesurerait une page nue, ou vide."""
        self.page.wait_for_load_state()
        self.page.evaluate("document.fonts.ready.then(() => true)")

    def _examiner(self, ecran):
        """L'accessibilité de la page déroulée : une barre fixe y couvrirait une cible que l'on découvre en défilant."""
        hauteur = self.page.evaluate("document.documentElement.scrollHeight")
        self.page.set_viewport_size(ecran | {"height": max(hauteur, ecran["height"])})
        self._axe(self.page)
        self.page.set_viewport_size(ecran)

    def _photographier(self, titre, largeur):
        """Garde une image de la page dans le dossier que nomme `JALON_CLICHES`, pour la regarder."""
        if CLICHES:
            nom = "".join(lettre if lettre.isalnum() else "-" for lettre in titre.lower())[:48]
            self.page.screenshot(path=f"{CLICHES}/{nom}-{largeur}.png", full_page=True)


@pytest.fixture
def visite(page, live_server, axe, connecter):
    """La visite du site, prête à `entrer` sous un compte."""
    yield from visiter(Visite, page, live_server, axe, connecter)


def visiter(sorte, page, live_server, axe, connecter):
    """Une visite de cette sorte ; la page qui se ferme n'envoie plus son brouillon : il arriverait pendant que la base se vide."""
    yield sorte(page, live_server.url, axe, connecter)
    page.evaluate("document.querySelectorAll('[data-brouillon]').forEach(f => f.removeAttribute('data-brouillon'))")


@pytest.fixture
def travailler():
    """Fait ce que fait l'exécutant des tâches : solde tout ce qui est dû, jusqu'à ce que plus rien ne le soit."""
    app.autodiscover_tasks(force=True)

    def solder_tout():
        while dus := outbox.a_solder():
            assert all(outbox.solder(numero) for numero in dus)

    return solder_tout


@pytest.fixture
def sans_machine(monkeypatch):
    """La production rend aussitôt un petit fichier ; rend la liste des instantanés produits, dans l'ordre."""
    produits = []

    def produire(code, instantane, **_cle):
        produits.append(instantane["document"]["numero"])
        contenu = f"%PDF-1.7 {instantane['document']['numero']}".encode()
        return Pdf(contenu, 1, "a" * 64)

    monkeypatch.setattr(genres, "produire_scelle", produire)
    return produits
