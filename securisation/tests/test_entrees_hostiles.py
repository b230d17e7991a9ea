"""Ce que reçoit une demande hostile : le bon code, une trace quand un compte est connu, rien dans la réponse, aucun effet."""

import re
import uuid

import pytest
from django.core.cache import cache
from django.db import models
from django.test import Client
from django.urls import reverse

from securisation.comptes.models import Professionnel
from securisation.parcours.models import Parcours
from securisation.socle import flots
from securisation.socle.models import Du, Evenement
from securisation.socle.routes import routes
from securisation.socle.trace import Trace
from securisation.tests import dossiers
from securisation.tests.distribution import construire_parcours

pytestmark = pytest.mark.django_db
SONDE = "sonde-7f3a"
ECRITURES = ("creation", "modification", "suppression")
BAVARD = re.compile(
    r"Traceback|Exception|psycopg|SELECT .+ FROM|/site-packages/|securisation\.|csrfmiddlewaretoken missing", re.I
)


@pytest.fixture(autouse=True)
def hachage_rapide(settings):
    """Ce n'est pas le hachage qu'on éprouve ici."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    cache.clear()
    flots.oublier()


@pytest.fixture
def dossier(distribution):
    """Un dossier en intervention, suspendu."""
    return dossiers.construire("suspendue", distribution)


@pytest.fixture
def awa_connectee(awa):
    """Le client d'awa, qui vérifie la preuve d'origine comme en vrai."""
    client = Client(enforce_csrf_checks=True)
    client.force_login(awa)
    return client


def refusees():
    """Les demandes refusées au journal, en (statut, méthode, acteur)."""
    lues = Evenement.objects.filter(action="demande refusée").order_by("quand")
    return [(e.charge["statut"], e.charge["methode"], e.acteur_id) for e in lues]


def arretees():
    """Les demandes arrêtées avant qu'un compte soit connu, en (chaîne, acteur, charge)."""
    lues = Evenement.objects.filter(action="demande arrêtée").order_by("seq")
    return [(e.chaine, e.acteur_id, e.charge) for e in lues]


def ecritures():
    return Evenement.objects.filter(action__in=ECRITURES).count()


def jeton(client, adresse):
    """La preuve d'origine que cette page donne à ce navigateur."""
    page = client.get(adresse).content.decode()
    return re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page).group(1)


def sobre(reponse):
    """La réponse ne dit ni la saisie ni l'intérieur du programme."""
    texte = reponse.content.decode(errors="replace")
    return SONDE not in texte and not BAVARD.search(texte)


class TestPreuveDOrigine:
    @pytest.mark.parametrize("sorte", ["absente", "fausse", "d_un_autre"])
    def test_un_envoi_sans_la_sienne_est_refuse_et_inscrit(self, sorte, dossier, awa_connectee, awa, bruno):
        page = reverse("parcours:modifier_personne", args=[dossier[Parcours].uuid])
        jeton(awa_connectee, page)
        autre = Client()
        autre.force_login(bruno)
        preuves = {"absente": {}, "fausse": {"csrfmiddlewaretoken": "a" * 64}}
        preuves["d_un_autre"] = {"csrfmiddlewaretoken": jeton(autre, page)}
        avant = ecritures()
        reponse = awa_connectee.post(page, {"nom": SONDE} | preuves[sorte])
        assert (reponse.status_code, sobre(reponse), ecritures()) == (403, True, avant)
        assert refusees() == [(403, "POST", awa.pk)]

    def test_venir_d_un_autre_site_est_refuse(self, dossier, awa_connectee):
        page = reverse("parcours:modifier_personne", args=[dossier[Parcours].uuid])
        envoi = {"csrfmiddlewaretoken": jeton(awa_connectee, page), "nom": SONDE}
        assert awa_connectee.post(page, envoi, headers={"origin": "https://ailleurs.exemple"}).status_code == 403
        assert awa_connectee.post(page, envoi, headers={"origin": "null"}).status_code == 403

    def test_chaque_envoi_d_un_dossier_la_demande(self, dossier, awa_connectee):
        for route in routes():
            if route.acces and route.acces[0] == "objet" and route.modele in dossier:
                adresse = reverse(route.nom, kwargs=route.valeurs(uuid=dossier[route.modele].uuid))
                assert awa_connectee.post(adresse, {}).status_code == 403, route.nom


class TestForme:
    @pytest.mark.parametrize("genre", ["application/json", "text/plain", "text/xml", "application/octet-stream"])
    def test_un_contenu_qui_n_est_pas_un_formulaire_est_refuse(self, genre, dossier, client, awa):
        client.force_login(awa)
        page = reverse("parcours:modifier_personne", args=[dossier[Parcours].uuid])
        avant = ecritures()
        reponse = client.post(page, f'{{"nom": "{SONDE}"}}', content_type=genre)
        assert (reponse.status_code, sobre(reponse), ecritures()) == (415, True, avant)
        assert Evenement.objects.filter(action="refus", charge__statut=415, acteur=awa).count() == 1

    @pytest.mark.parametrize(
        ("genre", "envoi"),
        [
            ("multipart/form-data", b"--x\r\n"),
            ("multipart/form-data; boundary=", b"nom=1"),
            ("multipart/form-data; boundary=x", b"--x\r\nContent-Disposition: form-data; name=\"nom\"\r\n\r\n" + b"\xff" * 50),
            ("application/x-www-form-urlencoded; charset=utf-7", b"nom=+ADw-script+AD4-"),
            ("application/x-www-form-urlencoded; charset=nimporte", b"nom=1"),
            ("application/x-www-form-urlencoded", b"&".join(b"a%d=1" % rang for rang in range(2000))),
            ("application/x-www-form-urlencoded", b"nom=%ff%fe%00"),
        ],
    )  # fmt: skip
    def test_un_envoi_abime_ne_casse_rien(self, genre, envoi, dossier, client, awa):
        client.force_login(awa)
        page = reverse("parcours:modifier_personne", args=[dossier[Parcours].uuid])
        avant = ecritures()
        reponse = client.generic("POST", page, envoi, content_type=genre)
        assert reponse.status_code in (400, 422)
        assert (sobre(reponse), ecritures()) == (True, avant)

    @pytest.mark.parametrize("methode", ["PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND", "SONDE-7F3A"])
    def test_une_autre_methode_est_refusee_et_inscrite(self, methode, dossier, client, awa):
        client.force_login(awa)
        reponse = client.generic(methode, reverse("synthese:parcours", args=[dossier[Parcours].uuid]))
        connue = methode if methode in ("PUT", "PATCH", "DELETE", "OPTIONS", "TRACE") else "autre"
        assert (reponse.status_code, refusees()) == (405, [(405, connue, awa.pk)])

    def test_une_methode_cachee_dans_un_champ_ou_un_en_tete_ne_compte_pas(self, dossier, client, awa):
        client.force_login(awa)
        page = reverse("synthese:parcours", args=[dossier[Parcours].uuid])
        reponse = client.get(page + "?_method=DELETE", headers={"X-HTTP-Method-Override": "DELETE"})
        assert reponse.status_code == 200

    @pytest.mark.parametrize(
        "chemin",
        ["/parcours/1/", "/parcours/../administration/", "/parcours/%00/", "/parcours/%c0%ae/", "/%2e%2e/%2e%2e/etc/passwd",
         f"/{SONDE}/", "/parcours/' OR 1=1 --/", "/.env", "/static/../securisation/settings.py", "/static/%2e%2e/manage.py"],
    )  # fmt: skip
    def test_une_adresse_inventee_est_introuvable(self, chemin, client, awa):
        client.force_login(awa)
        reponse = client.get(chemin)
        assert reponse.status_code in (302, 400, 404)
        assert sobre(reponse)

    def test_deviner_des_numeros_laisse_une_trace(self, client, awa):
        client.force_login(awa)
        for numero in range(5):
            client.get(f"/parcours/{numero}/")
        assert refusees() == [(404, "GET", awa.pk)] * 5


class TestTemoin:
    @pytest.mark.parametrize("faux", ["", "a" * 32, "../../etc", "é" * 20, "a" * 4000, "' OR 1=1 --", "\x00"])
    def test_un_temoin_de_session_altere_n_ouvre_rien(self, faux, client, dossier):
        client.cookies["jalon_session"] = faux
        reponse = client.get(reverse("synthese:parcours", args=[dossier[Parcours].uuid]))
        assert reponse.status_code == 302
        assert reponse.url.startswith(reverse("account_login"))
        assert arretees() == ([(0, None, {"cause": "session", "methode": "GET", "tues": 0})] if faux else [])

    def test_un_caractere_change_ferme_la_session_et_s_inscrit(self, client, awa):
        client.force_login(awa)
        client.get("/")
        assert arretees() == []
        vrai = client.cookies["jalon_session"].value
        client.cookies["jalon_session"] = vrai[:-1] + ("a" if vrai[-1] != "a" else "b")
        assert client.get("/").status_code == 302
        assert arretees() == [(0, None, {"cause": "session", "methode": "GET", "tues": 0})]

    def test_se_deconnecter_n_est_pas_un_arret(self, client, awa):
        client.force_login(awa)
        client.post(reverse("account_logout"))
        client.get(reverse("account_login"))
        assert arretees() == []

    def test_un_flot_n_ecrit_pas_sans_fin(self, client, monkeypatch):
        """Cinq par minute et par cause ; la minute suivante dit combien se sont tues."""
        minute = [1000.0]
        monkeypatch.setattr(flots.time, "monotonic", lambda: minute[0])
        for _ in range(40):
            client.cookies["jalon_session"] = SONDE * 3
            client.get("/")
            client.get("/", headers={"host": SONDE})
        assert len(arretees()) == 2 * flots.PAR_MINUTE
        minute[0] += flots.MINUTE
        client.get("/", headers={"host": SONDE})
        assert arretees()[-1] == (0, None, {"cause": "hôte", "methode": "GET", "tues": 40 - flots.PAR_MINUTE})
        assert SONDE not in str(arretees())

    def test_la_connexion_change_le_temoin(self, client):
        """Une session posée d'avance par un autre (fixation) n'est pas celle qui s'ouvre."""
        Professionnel.objects.create_user("nora@exemple.test", "clairière tuba girafe", prenom="Nora", nom="L")
        client.get(reverse("account_login"))
        session = client.session
        session["posee"] = 1
        session.save()
        pose = session.session_key
        client.cookies["jalon_session"] = pose
        client.post(reverse("account_login"), {"login": "nora@exemple.test", "password": "clairière tuba girafe"})
        assert client.session.session_key != pose
        assert "_auth_user_id" in client.session


class TestEnTetes:
    @pytest.mark.parametrize(
        "hote", ["ailleurs.exemple", "localhost.ailleurs.exemple", "localhost:80@ailleurs", "", "a b", SONDE]
    )
    def test_un_hote_forge_est_refuse_sans_rien_dire(self, hote, client, awa):
        client.force_login(awa)
        reponse = (
            client.get("/", headers={"host": hote}) if hote else client.get("/", SERVER_NAME="", headers={"host": ","})
        )
        assert (reponse.status_code, sobre(reponse)) == (400, True)
        assert arretees() == [(0, None, {"cause": "hôte", "methode": "GET", "tues": 0})]

    def test_le_lien_d_un_courriel_ne_suit_pas_un_hote_forge(self, client):
        envoi = {"email": "awa@exemple.test"}
        page = reverse("account_reset_password")
        assert client.post(page, envoi, headers={"host": "ailleurs.exemple"}).status_code == 400
        client.post(page, envoi, headers={"x-forwarded-host": "ailleurs.exemple", "forwarded": "host=ailleurs.exemple"})
        assert Du.objects.get(genre="lien_de_mot_de_passe").ids["site"] == "http://testserver/"

    def test_un_mandataire_invente_ne_trompe_ni_le_schema_ni_le_limiteur(self, client):
        for rang in range(11):
            faux = {
                "x-forwarded-for": f"203.0.113.{rang}",
                "x-real-ip": f"203.0.113.{rang}",
                "x-forwarded-proto": "https",
            }
            reponse = client.post(reverse("account_login"), {"login": "x@exemple.test", "password": "y"}, headers=faux)
        assert reponse.status_code == 200
        assert not reponse.wsgi_request.is_secure()
        assert Evenement.objects.filter(action="connexion refusée").count() == 10

    @pytest.mark.parametrize(
        "suite",
        ["https://ailleurs.exemple/", "//ailleurs.exemple/", "/\\ailleurs.exemple", "\thttps://ailleurs.exemple"],
    )
    @pytest.mark.parametrize("page", ["account_logout", "comptes:confirmer"])
    def test_ne_mene_jamais_sur_un_autre_site(self, page, suite, client, awa):
        client.force_login(awa)
        reponse = client.post(reverse(page), {"next": suite})
        assert "ailleurs" not in reponse.headers.get("Location", "").partition("?")[0]


class TestChampsCaches:
    def test_un_champ_ajoute_a_l_envoi_ne_compte_pas(self, client, distribution):
        """Ni droit, ni équipe, ni état, ni identifiant ne se donne par un champ que le formulaire n'a pas."""
        awa, elsa = distribution["awa"], distribution["elsa"]
        parcours = construire_parcours(awa)
        client.force_login(awa)
        page = reverse("parcours:modifier_personne", args=[parcours.uuid])
        saisie = {
            nom: valeur or "" for nom, valeur in client.get(page).context["form"].initial.items() if valeur != "None"
        }
        ajoutes = {
            "id": 999,
            "uuid": uuid.uuid4(),
            "equipe": elsa.equipe_id,
            "etat": "clos",
            "restreint": "on",
            "is_superuser": "on",
        }
        client.post(page, saisie | ajoutes | {"version": parcours.personne.version, "nom": "Diallo-Ba"})
        lu = Parcours.objects.get(pk=parcours.pk)
        assert (lu.uuid, lu.equipe_id, lu.etat, lu.restreint) == (
            parcours.uuid,
            awa.equipe_id,
            parcours.etat,
            parcours.restreint,
        )
        awa.refresh_from_db()
        assert (awa.is_superuser, awa.equipe_id) == (False, parcours.equipe_id)

    def test_aucun_champ_ne_propose_ni_n_accepte_l_objet_d_un_autre_dossier(self, client, distribution):
        ici = dossiers.construire("en_sortie", distribution)
        ailleurs = construire_parcours(distribution["elsa"])
        client.force_login(distribution["awa"])
        vus, ecarts = 0, []
        for route, champ in champs_d_un_dossier(client, ici):
            vus += 1
            etrangers = champ.queryset.model.objects.exclude(
                pk__in=[objet.pk for objet in ici.values() if hasattr(objet, "pk")]
            )
            if champ.queryset.model is Parcours:
                etrangers = Parcours.objects.filter(pk=ailleurs.pk)
            ecarts += [(route.nom, str(o)) for o in champ.queryset if parcours_de(o) not in (None, ici[Parcours])]
            ecarts += [
                (route.nom, o.pk)
                for o in etrangers
                if parcours_de(o) == ailleurs and champ.queryset.filter(pk=o.pk).exists()
            ]
        assert vus > 0
        assert ecarts == []


def champs_d_un_dossier(client, objets):
    """Chaque champ d'un formulaire de ce dossier qui désigne un objet suivi."""
    for route in routes():
        if not (route.acces and route.acces[0] == "objet" and route.modele in objets):
            continue
        page = client.get(reverse(route.nom, kwargs=route.valeurs(uuid=objets[route.modele].uuid)))
        form = (page.context or {}).get("form") if page.status_code == 200 and page.context else None
        for champ in getattr(form, "fields", {}).values():
            requete = getattr(champ, "queryset", None)
            if isinstance(requete, models.QuerySet) and issubclass(requete.model, Trace):
                yield route, champ


def parcours_de(objet):
    """Le parcours dont cet objet est un élément, ou None."""
    return objet if isinstance(objet, Parcours) else getattr(objet, "parcours_de_rattachement", None)
