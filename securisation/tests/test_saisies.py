"""Une session finie pendant une saisie : chaque texte envoyé revient à l'écran, les secrets non, et rien ne s'écrit."""

import time

import pytest
from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import QueryDict
from django.test import Client
from django.urls import reverse

from securisation.comptes import saisies
from securisation.comptes.sessions import VUE_LE
from securisation.socle.models import Evenement, Jeton

pytestmark = pytest.mark.django_db
LONG = "Elle dit : « Je n'ouvre plus mon courrier. »\n<b>Deux</b> factures & un loyer."


@pytest.fixture
def adresse(parcours):
    return reverse("coordination:enregistrer_demande", args=[parcours.uuid])


def envoyer(client, adresse, plus=None, **entetes):
    champs = {"texte": LONG, "jeton": "7a1c2c7e-6e0c-4b43-9e1c-0f4f4f9f0001", "version": "3"} | (plus or {})
    return client.post(adresse, champs, headers=entetes)


def champs_rendus(reponse):
    return [(t["libelle"], t["valeur"]) for t in reponse.context["textes"]]


class TestSansSession:
    def test_rend_le_texte_entier_sans_l_executer(self, adresse):
        reponse = envoyer(Client(), adresse)
        page = reponse.content.decode()
        assert reponse.status_code == 403
        assert reponse["Cache-Control"] == "no-store, private"
        assert "Votre session est finie : ce que vous avez tapé est ci-dessous" in page
        assert [valeur for _, valeur in champs_rendus(reponse)] == [LONG]
        assert "&lt;b&gt;Deux&lt;/b&gt; factures &amp; un loyer." in page
        assert "readonly" in page

    def test_mene_a_la_connexion_puis_a_la_page_du_formulaire(self, adresse):
        venue = f"http://testserver{adresse}?de=fiche"
        page = envoyer(Client(), adresse, Referer=venue).content.decode()
        assert f'href="{reverse("account_login")}?next={adresse.replace("/", "%2F")}%3Fde%3Dfiche"' in page
        assert f'href="{adresse}?de=fiche"' in page

    def test_une_page_d_un_autre_site_ne_devient_pas_un_lien(self, adresse):
        page = envoyer(Client(), adresse, Referer="https://ailleurs.exemple/piege").content.decode()
        assert "ailleurs.exemple" not in page
        assert f'href="{adresse}"' in page

    def test_n_ecrit_rien(self, adresse):
        avant = apps.get_model("parcours.Parcours").objects.count(), Evenement.objects.count(), Jeton.objects.count()
        reponse = envoyer(Client(), adresse)
        assert (
            apps.get_model("parcours.Parcours").objects.count(),
            Evenement.objects.count(),
            Jeton.objects.count(),
        ) == avant
        assert not reponse.cookies.get("jalon_session")

    def test_sans_preuve_d_origine_rien_n_est_rendu(self, adresse):
        reponse = envoyer(Client(enforce_csrf_checks=True), adresse)
        assert reponse.status_code == 403
        assert LONG[:20] not in reponse.content.decode()

    def test_dit_le_fichier_a_choisir_de_nouveau(self, adresse):
        reponse = envoyer(Client(), adresse, {"fichier": SimpleUploadedFile("tableau.csv", b"secret;du;fichier")})
        page = reponse.content.decode()
        assert "« tableau.csv »" in page
        assert "secret;du;fichier" not in page

    def test_un_envoi_htmx_garde_son_chemin(self, adresse):
        reponse = envoyer(Client(), adresse, **{"HX-Request": "true"})
        assert reponse.status_code == 204
        assert reponse["HX-Redirect"].startswith(reverse("account_login"))

    @pytest.mark.parametrize("nom", ["account_login", "account_logout", "account_reset_password", "mfa_authenticate"])
    def test_les_pages_de_connexion_n_en_rendent_rien(self, nom):
        reponse = Client().post(reverse(nom), {"login": "nora@exemple.test", "texte": LONG})
        assert "Votre session est finie" not in reponse.content.decode()

    def test_une_page_lue_mene_toujours_a_la_connexion(self, adresse):
        assert Client().get(adresse).url.startswith(reverse("account_login"))


class TestSessionTropVieille:
    def reculer(self, client):
        session = client.session
        session[VUE_LE] = int(time.time()) - 31 * 60
        session.save()

    def test_rend_le_texte_et_ferme_la_session(self, client, awa, adresse):
        client.force_login(awa)
        assert client.get(adresse).status_code == 200
        self.reculer(client)
        reponse = envoyer(client, adresse)
        assert reponse.status_code == 403
        assert [valeur for _, valeur in champs_rendus(reponse)] == [LONG]
        assert "_auth_user_id" not in client.session
        assert client.get(adresse).status_code == 302

    def test_rien_de_l_envoi_n_a_eu_d_effet(self, client, awa, parcours, adresse):
        client.force_login(awa)
        client.get(adresse)
        self.reculer(client)
        envoyer(client, adresse, {"genre": "ACCES"})
        assert parcours.demandes.count() == 0


class TestLire:
    def lu(self, texte):
        return saisies.lire(QueryDict(texte), {})

    @pytest.mark.parametrize(
        "nom",
        ["password", "oldpassword", "password1", "new_password2", "mot_de_passe", "code", "api_token", "credential"],
    )
    def test_tait_un_secret_et_le_dit(self, nom):
        assert self.lu(f"{nom}=girafe&motif=ici") | {"textes": []} == {"textes": [], "secrets": True, "fichiers": []}
        assert "girafe" not in str(self.lu(f"{nom}=girafe"))

    @pytest.mark.parametrize(
        "nom", ["csrfmiddlewaretoken", "jeton", "version", "next", "a-version", "lignes-TOTAL_FORMS"]
    )
    def test_tait_la_plomberie(self, nom):
        assert self.lu(f"{nom}=7")["textes"] == []

    @pytest.mark.parametrize("nom", ["code_postal", "secretariat", "passage", "motif", "ligne-0-note"])
    def test_rend_ce_qui_n_est_pas_un_secret(self, nom):
        assert [t["valeur"] for t in self.lu(f"{nom}=53000")["textes"]] == ["53000"]

    def test_rend_chaque_valeur_d_un_champ_repete_et_aucun_vide(self):
        assert [t["valeur"] for t in self.lu("axe=BUD&axe=LOG&note=++&motif=")["textes"]] == ["BUD", "LOG"]

    @pytest.mark.parametrize(
        ("nom", "libelle"),
        [
            ("code_postal", "Code postal"),
            ("ligne-0-ns1_precision", "Ce qui a été cherché"),
            ("inconnu_au_registre", "Inconnu au registre"),
        ],
    )
    def test_nomme_un_champ_dans_les_mots_des_ecrans(self, nom, libelle):
        assert [t["libelle"] for t in self.lu(f"{nom}=ici")["textes"]] == [libelle]

    def test_dit_un_choix_dans_les_mots_des_ecrans(self):
        lus = [(t["libelle"], t["valeur"]) for t in self.lu("genre=rectification&moyen=oral&texte=Non")["textes"]]
        assert lus == [("Demande", "Rectification"), ("Reçue", "De vive voix"), ("Ce que la personne demande", "Non")]

    def test_un_long_texte_a_plusieurs_lignes_un_court_une_seule(self):
        hauteurs = {t["valeur"]: t["lignes"] for t in self.lu(f"a=court&b={'x' * 200}&c=deux%0Alignes")["textes"]}
        assert hauteurs == {"court": 0, "x" * 200: 5, "deux\nlignes": 3}
