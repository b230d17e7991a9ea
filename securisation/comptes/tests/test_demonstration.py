"""La démonstration : sa distribution, sa page, et sa fermeture dès qu'un hôte n'est pas local."""

from io import StringIO

import pytest
from django.core.management import call_command
from django.urls import reverse

from securisation.comptes.contexte import demo
from securisation.comptes.controles import demo_permise, refuser_demo_ouverte
from securisation.comptes.demonstration import DISTRIBUTION, creer_distribution
from securisation.comptes.models import Equipe, Fonction, Professionnel

PAGE = "comptes:demo"


@pytest.fixture
def ouverte(settings):
    settings.DEMO = True
    settings.ALLOWED_HOSTS = ["localhost", "127.0.0.1", "testserver"]


@pytest.mark.django_db
class TestDistribution:
    def test_deux_passages_donnent_le_meme_resultat(self):
        call_command("creer_comptes_demo", stdout=StringIO())
        avant = (Professionnel.objects.count(), Equipe.objects.count(), Fonction.objects.count())
        call_command("creer_comptes_demo", stdout=StringIO())
        assert avant == (len(DISTRIBUTION), 2, 5)
        assert (Professionnel.objects.count(), Equipe.objects.count(), Fonction.objects.count()) == avant

    def test_place_chacun_dans_son_role(self):
        gens = creer_distribution()
        assert gens["awa"].equipe.nom == gens["bruno"].equipe.nom == "Équipe de Laval"
        assert gens["elsa"].equipe.nom == "Équipe de Nantes"
        assert gens["chloe"].equipe is gens["driss"].equipe is gens["farid"].equipe is None
        assert gens["gaelle"].equipes_supervisees == [gens["awa"].equipe_id]
        attendues = {"farid": "FINANCEUR", "hugo": "DPO", "ines": "ADMINISTRATEUR", "jean": "DIRECTION"}
        assert {code for code, fonction in attendues.items() if gens[code].a_fonction(fonction)} == set(attendues)

    def test_ne_donne_aucun_mot_de_passe(self):
        assert not any(compte.has_usable_password() for compte in creer_distribution().values())

    def test_ne_rouvre_pas_un_compte_ferme(self):
        awa = creer_distribution()["awa"]
        awa.is_active = False
        awa.save()
        assert not creer_distribution()["awa"].is_active


@pytest.mark.django_db
class TestPage:
    def test_est_introuvable_hors_du_mode_demonstration(self, client, settings):
        settings.DEMO = False
        creer_distribution()
        assert client.get(reverse(PAGE)).status_code == 404
        assert client.post(reverse(PAGE), {"compte": "awa"}).status_code == 404
        assert "_auth_user_id" not in client.session

    def test_est_introuvable_avec_un_hote_non_local(self, client, settings):
        settings.DEMO = True
        settings.ALLOWED_HOSTS = ["testserver", "jalon.exemple.test"]
        creer_distribution()
        assert client.post(reverse(PAGE), {"compte": "awa"}).status_code == 404
        assert "_auth_user_id" not in client.session

    def test_propose_chaque_compte(self, client, ouverte, django_assert_num_queries):
        creer_distribution()
        with django_assert_num_queries(3):  # la lecture, entre la pose et la levée du point de reprise
            page = client.get(reverse(PAGE)).content.decode()
        assert [role.code for role in DISTRIBUTION if f'value="{role.code}"' not in page] == []
        assert "Démonstration." in page

    def test_dit_quoi_faire_sans_compte(self, client, ouverte):
        assert "pas encore créés" in client.get(reverse(PAGE)).content.decode()

    def test_fait_entrer_comme_le_compte_choisi(self, client, ouverte):
        awa = creer_distribution()["awa"]
        reponse = client.post(reverse(PAGE), {"compte": "awa"})
        assert (reponse.status_code, reponse.url) == (302, "/")
        assert client.session["_auth_user_id"] == str(awa.pk)

    def test_change_de_compte_sans_garder_la_session_du_precedent(self, client, ouverte):
        gens = creer_distribution()
        client.post(reverse(PAGE), {"compte": "awa"})
        premiere = client.session.session_key
        client.post(reverse(PAGE), {"compte": "elsa"})
        assert client.session["_auth_user_id"] == str(gens["elsa"].pk)
        assert client.session.session_key != premiere

    @pytest.mark.parametrize("code", ["", "racine", "awa@exemple.test", "1"])
    def test_refuse_tout_autre_compte(self, client, ouverte, code):
        creer_distribution()
        Professionnel.objects.create_superuser("racine@exemple.test", "x" * 20, prenom="R", nom="R")
        assert client.post(reverse(PAGE), {"compte": code}).status_code == 404
        assert "_auth_user_id" not in client.session

    def test_refuse_un_compte_ferme(self, client, ouverte):
        awa = creer_distribution()["awa"]
        awa.is_active = False
        awa.save()
        assert client.post(reverse(PAGE), {"compte": "awa"}).status_code == 404

    def test_demande_le_jeton_anti_contrefacon(self, ouverte, client):
        from django.test import Client

        creer_distribution()
        assert Client(enforce_csrf_checks=True).post(reverse(PAGE), {"compte": "awa"}).status_code == 403


class TestControle:
    @pytest.mark.parametrize("hotes", [["jalon.fr"], ["*"], ["localhost", "192.168.1.4"], [".exemple.fr"], ["0.0.0.0"]])
    def test_refuse_un_hote_non_local(self, settings, hotes):
        settings.DEMO, settings.ALLOWED_HOSTS = True, hotes
        assert [erreur.id for erreur in refuser_demo_ouverte()] == ["comptes.E001"]
        assert demo(None)["demo"] is False

    @pytest.mark.parametrize("hotes", [[], ["localhost", "127.0.0.1", "[::1]"]])
    def test_accepte_des_hotes_locaux(self, settings, hotes):
        settings.DEMO, settings.ALLOWED_HOSTS = True, hotes
        assert refuser_demo_ouverte() == []
        assert demo(None)["demo"] is True

    def test_ne_dit_rien_hors_demonstration(self, settings):
        settings.DEMO, settings.ALLOWED_HOSTS = False, ["jalon.fr"]
        assert refuser_demo_ouverte() == []
        assert not demo_permise()
