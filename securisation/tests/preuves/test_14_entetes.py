"""Les en-têtes et la politique de contenu : notés, parcourus au navigateur, et rien d'une personne n'est gardé dehors."""

import os
import runpy
import subprocess
import sys
import uuid

import pytest
from django.conf import settings as reglages
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Error

from securisation.parcours.models import Importation
from securisation.pilotage.models import Collective
from securisation.pilotage.tests.collectives import une_collective
from securisation.socle import horloge
from securisation.socle.routes import routes
from securisation.tests import dossiers
from securisation.tests.matrice import recues
from securisation.tests.observatoire import note, noter

MINIMUM = 125
HOTE = "jalon.example.org"
PRODUCTION = {
    "JALON_HTTPS": "1",
    "JALON_HOTES": HOTE,
    "JALON_ORIGINES": f"https://{HOTE}",
    "JALON_DEMO": "0",
    "DEBUG": "0",
}
DE_SECURITE = (
    "SECURE_",
    "SESSION_COOKIE_",
    "CSRF_COOKIE_",
    "CONTENT_SECURITY",
    "X_FRAME",
    "ALLOWED_HOSTS",
    "MIDDLEWARE",
    "ALLAUTH_",
)
METHODES = ("get", "head", "post", "put", "delete", "options")
# Ce que le navigateur dit d'une page : ses violations de la politique, et ce qu'elle a gardé hors de la session.
ECOUTER = """
window.__ecarts = [];
document.addEventListener("securitypolicyviolation", (e) => window.__ecarts.push(e.blockedURI + " " + e.violatedDirective));
"""
GARDE = """
async () => [
  ...Object.keys(localStorage), ...Object.keys(sessionStorage), ...(await indexedDB.databases()).map((b) => b.name),
  ...("caches" in window ? await caches.keys() : []),
]
"""


@pytest.fixture
def en_production(settings, monkeypatch):
    """Les réglages de sécurité tels qu'ils se calculent derrière HTTPS, sous le nom du site."""
    for nom, valeur in PRODUCTION.items():
        monkeypatch.setenv(nom, valeur)
    calcules = runpy.run_path(os.path.join(reglages.BASE_DIR, "securisation", "settings.py"))
    for nom, valeur in calcules.items():
        if nom.startswith(DE_SECURITE):
            setattr(settings, nom, valeur)


def adresses(objets, *, nommees=True):
    """Une adresse par route nommée, pour les objets de ce dossier ; celles d'un modèle absent du dossier n'y sont pas."""
    for route in routes():
        if not route.nom.rpartition(":")[2] or (
            route.modele and route.acces[0] == "objet" and route.modele not in objets
        ):
            continue
        objet = objets.get(route.modele)
        connues = {"uuid": getattr(objet, "uuid", None) or uuid.uuid4(), "code": "LOG-01", "app_label": "comptes"}
        yield route, reverse(route.nom, kwargs=route.valeurs(**(connues | {"professionnel": objets["bruno"].uuid})))


def construire(moment, distribution):
    """Le dossier à ce moment, et un import déposé par awa."""
    depot = Importation.objects.create(par=distribution["awa"], nom="depot.csv", depose_le=horloge.maintenant())
    hors = {Importation: depot, Collective: une_collective(distribution["awa"])}
    return dossiers.construire(moment, distribution) | hors | {"bruno": distribution["bruno"]}


@pytest.mark.django_db
@pytest.mark.preuve(14)
def test_la_note_des_entetes(preuve, en_production, distribution):
    """Chaque page publique, et des pages d'une personne connectée, notées derrière HTTPS."""
    anonyme, awa = (
        Client(headers={"host": HOTE, "x-forwarded-proto": "https", "x-forwarded-for": "192.0.2.1"}) for _ in "ab"
    )
    awa.force_login(distribution["awa"])
    en_clair = Client(headers={"host": HOTE}).get("/connexion/")
    assert en_clair["Location"] == f"https://{HOTE}/connexion/"
    publiques = [reverse(r.nom) for r in routes() if r.acces and r.acces[0] == "public" and not r.parametres]
    lues = [(anonyme, adresse) for adresse in publiques] + [
        (awa, reverse("synthese:mes_parcours")),
        (awa, "/nulle-part/"),
    ]
    notes = {adresse: note(noter(qui.get(adresse), en_clair)) for qui, adresse in lues}
    pire = min(notes.values())
    preuve.dire(f"note {pire} au moins sur {len(notes)} pages", cible=f"≥ {MINIMUM}", atteinte=pire >= MINIMUM)


@pytest.mark.django_db
@pytest.mark.preuve(14)
def test_rien_ne_se_garde(preuve, distribution, client):
    """`no-store` sur chaque réponse faite à un compte, quelle que soit la route, la méthode et le code."""
    objets = construire("suspendue", distribution)
    recues, gardees = 0, []
    for nom in preuve.taille(("awa",), ("awa", "gaelle", "ines", "hugo", "elsa", "chloe")):
        client.force_login(distribution[nom])
        for route, adresse in list(adresses(objets))[:: preuve.taille(3, 1)]:
            if route.nom == "account_logout":
                continue
            for methode in preuve.taille(("get",), METHODES):
                reponse = getattr(client, methode)(adresse)
                recues += 1
                if "no-store" not in reponse.headers.get("Cache-Control", ""):
                    gardees.append((nom, methode, adresse))
    preuve.dire(
        "{recues} réponses, " + f"{len(gardees)} sans no-store",
        cible="no-store partout",
        atteinte=gardees == [],
        recues=recues,
    )


@pytest.mark.preuve(14)
def test_aucune_violation_au_navigateur(preuve, page, live_server, connecter, distribution):
    """Chaque page ouverte dans un navigateur : 0 violation, 0 octet dans le stockage du navigateur."""
    page.add_init_script(ECOUTER)
    visitees, ecarts = 0, []
    for moment in preuve.taille(("suspendue",), tuple(dossiers.MOMENTS)):
        objets = construire(moment, distribution)
        for nom in preuve.taille(("awa",), ("awa", "ines", "hugo") if moment == "suspendue" else ("awa",)):
            connecter(page, distribution[nom])
            for adresse in a_visiter(objets)[:: preuve.taille(12, 1)]:
                if not est_une_page(page, live_server.url + adresse):
                    continue
                visitees += 1
                ecarts += [(adresse, ecart) for ecart in page.evaluate("window.__ecarts")]
    page.goto(live_server.url + reverse("synthese:recherche") + f"?q={dossiers.CANARI}")
    garde = page.evaluate(GARDE)
    preuve.dire(
        "{pages} pages, " + f"{len(ecarts)} violation, {len(garde)} objet gardé dans le navigateur",
        cible="0 violation, rien dans le stockage du navigateur",
        atteinte=not ecarts and not garde,
        pages=visitees,
    )


def est_une_page(page, adresse):
    """Ouvre l'adresse ; faux si c'est un fichier, que le navigateur télécharge au lieu de l'afficher."""
    try:
        page.goto(adresse)
    except Error as depart:
        if "Download is starting" not in depart.message:
            raise
        return False
    return True


def a_visiter(objets):
    """Les adresses qui rendent une page : ni fichier à télécharger, ni déconnexion, ni donnée pour un script, ni adresse d'envoi."""
    a_part = {
        "account_logout",
        "mfa_login_webauthn",
        "mfa_download_recovery_codes",
        "documents:telecharger",
        "parcours:rejets",
    }
    return [
        adresse
        for route, adresse in adresses(objets)
        if route.nom not in a_part
        and "GET" in recues(route.vue)
        and not any(mot in route.nom for mot in ("export", "json", "jsi18n", "telecharger"))
    ]


def test_le_controle_de_deploiement_ne_trouve_rien():
    """`check --deploy --fail-level WARNING` avec les réglages de production."""
    env = {**os.environ, **PRODUCTION, "SECRET_KEY": uuid.uuid4().hex * 2}
    env.pop("DJANGO_ALLOW_ASYNC_UNSAFE", None)  # posée par les essais au navigateur
    commande = [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"]
    fait = subprocess.run(commande, cwd=reglages.BASE_DIR, env=env, capture_output=True, text=True)
    assert fait.returncode == 0, fait.stderr
