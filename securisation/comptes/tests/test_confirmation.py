"""Confirmer que c'est bien la même personne : avant la page, sans perdre un envoi, et seulement pour quinze minutes."""

import pytest
from django.http import HttpResponse
from django.urls import include, path, reverse

from securisation.comptes.models import Professionnel
from securisation.socle.acces import acces_connecte
from securisation.socle.confirmation import CONFIRME_LE, DELAI, confirmation_recente
from securisation.socle.horloge import montre
from securisation.socle.models import Evenement

pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]
MOT_DE_PASSE = "clairière tuba girafe"


@acces_connecte
@confirmation_recente
def protegee(request):
    return HttpResponse(f"fait : {request.POST.get('texte', 'ouverte')}")


urlpatterns = [path("protegee/", protegee, name="protegee"), path("", include("securisation.urls"))]


@pytest.fixture(autouse=True)
def hachage_rapide(settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def nora(client):
    compte = Professionnel.objects.create_user("nora@exemple.test", MOT_DE_PASSE, prenom="Nora", nom="Le Goff")
    client.force_login(compte)
    return compte


def vieillir(client, secondes):
    session = client.session
    session[CONFIRME_LE] = montre() - secondes
    session.save()


class TestDelai:
    @pytest.mark.parametrize(("age", "ouverte"), [(0, True), (DELAI - 5, True), (DELAI, False), (-60, False)])
    def test_dure_quinze_minutes(self, client, nora, age, ouverte):
        vieillir(client, age)
        assert (client.get("/protegee/").status_code == 200) is ouverte

    def test_une_session_qui_n_a_rien_note_confirme(self, client, nora):
        session = client.session
        del session[CONFIRME_LE]
        session.save()
        assert client.get("/protegee/").status_code == 302

    def test_une_connexion_vaut_confirmation(self, client, nora):
        assert client.get("/protegee/").status_code == 200


class TestPasser:
    def test_mene_a_la_confirmation_puis_ramene_a_la_page(self, client, nora):
        vieillir(client, DELAI)
        page = client.get("/protegee/?mois=3", follow=True)
        assert [etape[0].split("?")[0] for etape in page.redirect_chain] == [
            reverse("comptes:confirmer"),
            reverse("account_reauthenticate"),
        ]
        suite = client.post(page.request["PATH_INFO"] + "?" + page.request["QUERY_STRING"], {"password": MOT_DE_PASSE})
        assert suite.url == "/protegee/?mois=3"
        assert client.get(suite.url).content == b"fait : ouverte"
        assert Evenement.objects.get(action="confirmation").charge == {"moyen": "password"}

    def test_un_mauvais_mot_de_passe_ne_confirme_pas(self, client, nora):
        vieillir(client, DELAI)
        client.post(reverse("account_reauthenticate"), {"password": "girafe tuba clairière"})
        assert client.get("/protegee/").status_code == 302

    def test_un_fragment_mene_la_page_entiere(self, client, nora):
        vieillir(client, DELAI)
        entetes = {"HX-Request": "true", "HX-Current-URL": "http://testserver/parcours/?q=a"}
        reponse = client.get("/protegee/", headers=entetes)
        assert reponse.status_code == 204
        assert reponse["HX-Redirect"] == f"{reverse('comptes:confirmer')}?next=%2Fparcours%2F%3Fq%3Da"

    def test_ne_ramene_que_sur_ce_site(self, client, nora, settings):
        settings.DEMO = True
        nora.set_unusable_password()
        nora.save()
        client.force_login(nora)
        for ailleurs in (
            "https://ailleurs.exemple/",
            "//ailleurs.exemple",
            "/\\ailleurs.exemple",
            "javascript:alert(1)",
            "",
        ):
            assert client.post(reverse("comptes:confirmer"), {"next": ailleurs}).url == "/"


class TestEnvoi:
    def test_une_saisie_trop_tardive_est_gardee_et_repart(self, client, nora):
        vieillir(client, DELAI)
        page = client.post("/protegee/?mois=3", {"texte": 'Elle dit « non » & "oui"', "axes": ["LOG", "BUD"]})
        lu = page.content.decode()
        assert page.status_code == 403
        assert 'value="Elle dit « non » &amp; &quot;oui&quot;"' in lu
        assert (lu.count('name="axes"'), 'action="/protegee/?mois=3"' in lu) == (2, True)
        client.post(reverse("account_reauthenticate"), {"password": MOT_DE_PASSE})
        assert client.post("/protegee/", {"texte": "suite"}).content.decode() == "fait : suite"

    def test_elle_ne_fait_rien_avant(self, client, nora):
        vieillir(client, DELAI)
        assert "fait :" not in client.post("/protegee/", {"texte": "a"}).content.decode()
        assert Evenement.objects.filter(action="refus", charge__genre="ConfirmationRequise").count() == 1


class TestDemonstration:
    def test_se_confirme_d_un_clic(self, client, nora, settings):
        settings.DEMO = True
        nora.set_unusable_password()
        nora.save()
        client.force_login(nora)
        vieillir(client, DELAI)
        page = client.get("/protegee/", follow=True)
        assert "Hors de la démonstration" in page.content.decode()
        assert client.post(reverse("comptes:confirmer"), {"next": "/protegee/"}).url == "/protegee/"
        assert client.get("/protegee/").status_code == 200

    def test_le_clic_ne_suffit_pas_hors_de_la_demonstration(self, client, nora):
        vieillir(client, DELAI)
        client.post(reverse("comptes:confirmer"), {"next": "/protegee/"})
        assert client.get("/protegee/").status_code == 302

    def test_ni_a_un_compte_qui_a_un_mot_de_passe(self, client, nora, settings):
        settings.DEMO = True
        vieillir(client, DELAI)
        client.post(reverse("comptes:confirmer"), {"next": "/protegee/"})
        assert client.get("/protegee/").status_code == 302
