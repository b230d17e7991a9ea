"""Le second facteur est exigé : sans lui, rien ne s'ouvre que de quoi en enregistrer un."""

import re

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.core.checks import run_checks
from django.template.loader import render_to_string
from django.urls import reverse

from securisation.comptes.intergiciels import SecondFacteurExige
from securisation.comptes.models import Professionnel
from securisation.socle.models import Evenement
from securisation.socle.routes import routes

from .conftest import MOT_DE_PASSE
from .test_connexion import code_de, entrer

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("compteurs_a_zero")]
PROTEGER = "/compte/second-facteur/"


@pytest.fixture(autouse=True)
def obligatoire(settings):
    settings.MFA_OBLIGATOIRE = True


class TestExiger:
    def test_chaque_route_mene_a_l_inscription(self, client, nora):
        entrer(client)
        ailleurs, ouvertes = [], set()
        for route in routes():
            if route.acces and route.acces[0] == "public":
                continue
            if not route.nom.rpartition(":")[2]:
                continue  # les renvois sans nom de l'administration
            reponse = client.get(reverse(route.nom, kwargs=route.valeurs(app_label="comptes")))
            if reponse.headers.get("Location") != PROTEGER:
                ouvertes.add(route.nom)
                ailleurs.append((route.nom, reponse.status_code))
        assert ouvertes <= SecondFacteurExige.OUVERTES, ailleurs

    def test_un_fragment_y_mene_la_page_entiere(self, client, nora):
        entrer(client)
        reponse = client.get("/", headers={"HX-Request": "true"})
        assert (reponse.status_code, reponse["HX-Redirect"]) == (204, PROTEGER)

    def test_une_adresse_inconnue_ne_montre_rien(self, client, nora):
        entrer(client)
        assert client.get("/nulle-part/").status_code == 404

    @pytest.mark.parametrize("compte", ["superutilisateur", "awa"])
    def test_vaut_pour_tous(self, client, distribution, compte):
        qui = distribution.get(compte) or Professionnel.objects.create_superuser(
            "super@exemple.test", prenom="S", nom="U"
        )
        client.force_login(qui)
        assert client.get(reverse("mfa_index")).url == PROTEGER
        assert client.get(reverse("admin:index")).url == PROTEGER

    def test_un_compte_invite_en_est_dispense(self, client):
        invite = Professionnel.objects.create_user("invite@exemple.test", nom="Invité", est_invite=True)
        client.force_login(invite)
        assert client.get(reverse("synthese:mes_parcours")).headers.get("Location") != PROTEGER

    def test_des_codes_de_secours_seuls_ne_suffisent_pas(self, client, nora):
        Authenticator.objects.create(user=nora, type="recovery_codes", data={})
        client.force_login(nora)
        assert client.get("/").url == PROTEGER

    def test_le_facteur_retire_referme_a_la_requete_suivante(self, client, nora):
        TOTP.activate(nora, generate_totp_secret())
        client.force_login(nora)
        assert client.get(reverse("mfa_index")).status_code == 200
        Authenticator.objects.all().delete()
        assert client.get(reverse("mfa_index")).url == PROTEGER


class TestInscrire:
    def test_de_la_premiere_connexion_aux_codes_de_secours(
        self, client, nora, relever, django_capture_on_commit_callbacks
    ):
        assert entrer(client).url == "/"
        page = client.get("/", follow=True)
        assert "aucune autre page ne s’ouvre" in page.content.decode()
        secret = client.get(reverse("mfa_activate_totp")).context["form"].secret
        with django_capture_on_commit_callbacks(execute=True):
            client.post(reverse("mfa_activate_totp"), {"code": code_de(secret)})
        suite = client.get(reverse("mfa_view_recovery_codes"))
        assert "10\xa0codes servent encore" in suite.content.decode()
        assert client.get(reverse("mfa_index")).status_code == 200
        assert "Jalon : application d’authentification activée" in {message.subject for message in relever()}

    def test_une_connexion_ancienne_redemande_le_mot_de_passe(self, client, nora):
        entrer(client)
        session = client.session
        session["confirme_le"] -= 15 * 60
        session.save()
        assert client.get(reverse("mfa_activate_totp")).url.startswith(reverse("account_reauthenticate"))

    def test_ensuite_y_toucher_redemande_toujours_une_preuve(self, client, nora):
        TOTP.activate(nora, generate_totp_secret())
        client.force_login(nora)
        assert client.get(reverse("mfa_deactivate_totp")).url.startswith(reverse("account_reauthenticate"))

    @pytest.mark.parametrize("oblige", [True, False])
    def test_le_retrait_dit_ce_qui_suit_selon_le_reglage(self, rf, settings, oblige):
        settings.MFA_OBLIGATOIRE = oblige
        dit = render_to_string("mfa/_sans_second_facteur.html", request=rf.get("/"))
        assert ("il faudra en enregistrer un avant d’ouvrir une autre page" in dit) is oblige
        assert ("votre compte n’aura plus que son mot de passe" in dit) is not oblige

    def test_les_pages_du_compte_se_lisent_en_francais(self, client, nora):
        entrer(client)
        for nom in ("comptes:second_facteur", "mfa_activate_totp", "mfa_add_webauthn", "account_change_password"):
            page = client.get(reverse(nom))
            assert page.status_code == 200, nom
            texte = re.sub(r"<script.*?</script>|<[^>]+>", " ", page.content.decode(), flags=re.S)
            assert not re.search(r"\b(Security|Password|Activate|Key|Cancel|Your|The)\b", texte), nom


class TestPerdre:
    def test_l_administratrice_retire_un_facteur_perdu(self, client, distribution, nora, relever, settings):
        settings.MFA_OBLIGATOIRE = False
        TOTP.activate(nora, generate_totp_secret())
        client.force_login(distribution["ines"])
        champs = {"action": "oublier_le_second_facteur", "_selected_action": [nora.pk, distribution["ines"].pk]}
        client.post(reverse("admin:comptes_professionnel_changelist"), champs)
        assert not nora.authenticator_set.exists()
        assert Evenement.objects.get(action="second facteur retiré").objet == nora.pk
        assert "Jalon : second facteur retiré" in {message.subject for message in relever()}

    def test_un_code_de_secours_sert_une_fois(self, client, nora):
        TOTP.activate(nora, generate_totp_secret())
        from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes

        code = RecoveryCodes.activate(nora).get_unused_codes()[0]
        for attendu in (True, False):
            entrer(client, mot_de_passe=MOT_DE_PASSE)
            client.post(reverse("mfa_authenticate"), {"code": code})
            assert ("_auth_user_id" in client.session) is attendu
            client.post(reverse("account_logout"))


class TestControle:
    def test_l_eteindre_hors_demonstration_est_une_faute(self, settings):
        settings.MFA_OBLIGATOIRE, settings.DEMO, settings.ESSAIS = False, False, False
        assert "comptes.E002" in {faute.id for faute in run_checks()}
