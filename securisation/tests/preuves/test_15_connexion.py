"""La connexion sous attaque : peu de vérifications, la même réponse à tous, un chemin qui reste, un second facteur pour chacun."""

import re
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.contrib.auth.hashers import MD5PasswordHasher
from django.core.cache import cache
from django.db import connections
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from securisation.comptes.intergiciels import SecondFacteurExige
from securisation.comptes.models import Professionnel
from securisation.socle.models import Du, Evenement
from securisation.socle.routes import routes

MOT_DE_PASSE, FAUX = "clairière tuba girafe", "girafe tuba clairière"
VICTIME = "nora@exemple.test"
FENETRE, PERMISES = 15 * 60, 10
PROTEGER = "/compte/second-facteur/"
CLE_VIRTUELLE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


class Compteur(MD5PasswordHasher):
    """Un hachage rapide qui compte combien de fois on l'appelle."""

    algorithm = "compteur"
    verifications, hachages = 0, 0

    def encode(self, password, salt):
        """Hache, et compte."""
        type(self).hachages += 1
        return super().encode(password, salt)

    def verify(self, password, encoded):
        """Vérifie, et compte."""
        type(self).verifications += 1
        return super().verify(password, encoded)


@pytest.fixture(autouse=True)
def compter(settings):
    """Le temps de l'essai, chaque hachage se compte ; les pièces d'après se font sous lui (tests/couches.py)."""
    settings.PASSWORD_HASHERS = [f"{__name__}.Compteur"]
    cache.clear()
    Compteur.verifications = Compteur.hachages = 0
    yield


@pytest.fixture
def nora(db):
    return Professionnel.objects.create_user(VICTIME, MOT_DE_PASSE, prenom="Nora", nom="Le Goff")


def essayer(email, mot_de_passe=FAUX, adresse="192.0.2.1", navigateur=None):
    """Un envoi de la page de connexion, depuis cette adresse, sans témoin d'un envoi d'avant."""
    navigateur = navigateur or Client()
    navigateur.cookies.clear()
    saisie = {"login": email, "password": mot_de_passe}
    return navigateur.post(reverse("account_login"), saisie, REMOTE_ADDR=adresse)


def attaquer(nombre, de_front=4):
    """Autant d'essais sur un compte, chacun d'une autre adresse, plusieurs à la fois ; rend (secondes, codes reçus)."""

    def un_assaillant(premier):
        navigateur = Client()
        try:
            return {
                essayer(
                    VICTIME, f"{FAUX} {rang}", f"10.{rang // 62500}.{rang // 250 % 250}.{rang % 250 + 1}", navigateur
                ).status_code
                for rang in range(premier, nombre, de_front)
            }
        finally:
            connections.close_all()

    debut = time.monotonic()
    with ThreadPoolExecutor(de_front) as fils:
        codes = set().union(*fils.map(un_assaillant, range(de_front)))
    return time.monotonic() - debut, codes


def corps(reponse):
    """Ce que dit une réponse, jetons et adresse saisie mis de côté."""
    texte = re.sub(r'name="csrfmiddlewaretoken" value="[^"]+"', "", reponse.content.decode())
    return (
        reponse.status_code,
        re.sub(r"[\w.]+@exemple\.test", "", texte),
        sorted(reponse.headers),
        sorted(reponse.cookies),
    )


@pytest.mark.preuve(15)
def test_dix_mille_essais_et_la_victime_entre_encore(preuve, page, live_server, transactional_db, settings, nora):
    """Une clé d'accès est enregistrée ; l'attaque passe ; le mot de passe est retenu, la clé ouvre."""
    settings.MFA_OBLIGATOIRE = True
    enregistrer_une_cle(page, live_server.url)
    Compteur.verifications = 0
    nombre = preuve.taille(150, 10_000)
    duree, codes = attaquer(nombre)
    permises, faites = PERMISES * (1 + int(duree // FENETRE)), Compteur.verifications
    par_mot_de_passe = essayer(VICTIME, MOT_DE_PASSE, "203.0.113.9")
    page.goto(live_server.url + reverse("account_login"))
    page.locator("#passkey_login").click()
    page.wait_for_url(lambda adresse: "/connexion/" not in adresse)
    entree = page.goto(live_server.url + reverse("mfa_index"))
    assert codes <= {200, 429}
    assert Evenement.objects.filter(action="connexion refusée").count() == faites
    preuve.dire(
        f"{nombre} essais, {faites} vérifications du mot de passe en {duree:.0f} s ; la clé d'accès ouvre",
        cible=f"≥ 10 000 essais, ≤ {PERMISES} vérifications par quart d'heure, la victime entre",
        atteinte=faites <= permises
        and par_mot_de_passe.status_code == 200
        and entree.url.endswith(reverse("mfa_index")),
    )


def enregistrer_une_cle(page, site):
    """De la première connexion à une clé d'accès sans mot de passe, dans le navigateur, puis la déconnexion."""
    chrome = page.context.new_cdp_session(page)
    chrome.send("WebAuthn.enable", {"enableUI": False})
    chrome.send("WebAuthn.addVirtualAuthenticator", {"options": CLE_VIRTUELLE})
    page.goto(site + reverse("account_login"))
    page.locator("[name=login]").fill(VICTIME)
    page.locator("[name=password]").fill(MOT_DE_PASSE)
    page.get_by_role("button", name="Se connecter").click()
    page.get_by_role("link", name="Choisir la clé d’accès").click()
    page.locator("[name=name]").fill("téléphone")
    page.locator("[name=passwordless]").check()
    page.locator("#mfa_webauthn_add").click()
    page.wait_for_url("**/compte/securite/codes/")
    page.context.clear_cookies()


@pytest.mark.django_db
@pytest.mark.preuve(15)
def test_la_meme_reponse_a_tous(preuve, nora):
    """Connu, inconnu, fermé, sans mot de passe, invité : mêmes octets, en-têtes et nombre de hachages, avant et après la limite."""
    Professionnel.objects.create_user("ferme@exemple.test", MOT_DE_PASSE, nom="Fermé", is_active=False)
    Professionnel.objects.create_user("sans@exemple.test", nom="Sans")
    Professionnel.objects.create_user("invite@exemple.test", nom="Invité", est_invite=True)
    vues, durees, navigateur = {}, {}, Client()
    sortes = ("nora", "personne", "ferme", "sans", "invite")
    for rang, nom in enumerate(sortes[: preuve.taille(3, 5)]):
        for _ in range(PERMISES + 2):
            Compteur.verifications = Compteur.hachages = 0
            debut = time.perf_counter()
            reponse = essayer(f"{nom}@exemple.test", adresse=f"198.51.100.{rang + 1}", navigateur=navigateur)
            durees.setdefault(nom, []).append(time.perf_counter() - debut)
            vues.setdefault(nom, []).append((corps(reponse), Compteur.hachages))
    ecarts = sum(vue != vues["personne"][essai] for suite in vues.values() for essai, vue in enumerate(suite))
    millisecondes = {nom: 1000 * sorted(suite)[len(suite) // 2] for nom, suite in durees.items()}
    assert vues["personne"][0][1] == 1
    preuve.dire(
        f"{len(vues)} sortes de comptes, {ecarts} écart de réponse ou de hachage "
        f"(médiane {min(millisecondes.values()):.0f} à {max(millisecondes.values()):.0f} ms, hachage ôté)",
        cible="mêmes octets, même nombre de hachages",
        atteinte=ecarts == 0,
    )


@pytest.mark.django_db
@pytest.mark.preuve(15)
def test_la_meme_reponse_a_l_oubli(preuve, nora):
    """Un lien demandé pour une adresse connue ou non : même suite, mêmes requêtes à la base, même travail dû."""
    for sorte in ("ferme", "sans", "invite"):
        ouvert = {"nom": sorte, "is_active": sorte != "ferme", "est_invite": sorte == "invite"}
        Professionnel.objects.create_user(f"{sorte}@exemple.test", None if sorte == "sans" else MOT_DE_PASSE, **ouvert)
    vues = {}
    for nom in ("amorce", "nora", "personne", "ferme", "sans", "invite"):
        avant = set(Du.objects.values_list("pk", flat=True))
        with CaptureQueriesContext(connections["default"]) as requetes:
            reponse = Client().post(reverse("account_reset_password"), {"email": f"{nom}@exemple.test"})
        dus = [(du.genre, sorted(du.ids)) for du in Du.objects.exclude(pk__in=avant)]
        vues[nom] = (corps(reponse), reponse.headers.get("Location"), dus, _enonces(requetes))
    del vues["amorce"]  # la première demande remplit les caches du programme
    assert len(vues["nora"][2]) == 1
    ecarts = [nom for nom, vue in vues.items() if vue != vues["personne"]]
    preuve.dire(
        f"oubli : {len(vues)} sortes d'adresses, {len(ecarts)} écart de réponse, de requêtes ou de travail dû",
        cible="mêmes octets, mêmes requêtes, même travail dû",
        atteinte=not ecarts,
    )


def _enonces(requetes):
    """Ce que la base s'est vu demander, valeurs mises de côté : le verbe et la table de chaque requête."""
    return [re.sub(r"'[^']*'|\d+", "?", requete["sql"])[:80] for requete in requetes.captured_queries]


@pytest.mark.django_db
@pytest.mark.preuve(15)
def test_aucun_compte_n_ouvre_rien_sans_second_facteur(preuve, distribution, client, settings):
    """Chaque compte hors démonstration, chaque route, en lecture et en envoi : menée à l'inscription du second facteur."""
    settings.MFA_OBLIGATOIRE = True
    Professionnel.objects.create_superuser("super@exemple.test", prenom="S", nom="U")
    fermees = [
        route
        for route in routes()
        if route.nom.rpartition(":")[2]
        and (route.acces or [""])[0] != "public"
        and route.nom not in SecondFacteurExige.OUVERTES
    ]
    comptes = [*distribution.values(), Professionnel.objects.get(email="super@exemple.test")]
    demandes, ouvertes = 0, []
    for compte in comptes[:: preuve.taille(6, 1)]:
        client.force_login(compte)
        for route in fermees[:: preuve.taille(4, 1)]:
            adresse = reverse(route.nom, kwargs=route.valeurs(app_label="comptes"))
            for reponse in (client.get(adresse), client.post(adresse)):
                demandes += 1
                ouvertes += [(compte.email, route.nom)] * (reponse.headers.get("Location") != PROTEGER)
    preuve.dire(
        f"{len(comptes)} comptes, {demandes} demandes, {len(ouvertes)} ouverte sans second facteur",
        cible="0 ouverte",
        atteinte=not ouvertes,
    )
