"""Se connecter : l'adresse et le mot de passe, les refus, la durée des sessions, ce que le journal en garde."""

import re
import time

import pytest
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value
from django.core import mail
from django.core.cache import cache
from django.urls import reverse

from securisation.comptes import connexion
from securisation.comptes.intergiciels import OUVERTE_LE, VUE_LE
from securisation.comptes.models import Fonction, Professionnel
from securisation.socle.models import Du, Evenement

pytestmark = pytest.mark.django_db
MOT_DE_PASSE = "clairière tuba girafe"
REFUSE = "connexion refusée"


@pytest.fixture(autouse=True)
def compteurs_a_zero(settings):
    """Aucune tentative en mémoire, et un hachage rapide : ce n'est pas lui qu'on éprouve ici."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    cache.clear()


@pytest.fixture
def nora():
    return Professionnel.objects.create_user("nora@exemple.test", MOT_DE_PASSE, prenom="Nora", nom="Le Goff")


def entrer(client, email="nora@exemple.test", mot_de_passe=MOT_DE_PASSE, **champs):
    return client.post(reverse("account_login"), {"login": email, "password": mot_de_passe} | champs)


def code_de(secret):
    """Le code que montre l'application du téléphone en ce moment."""
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30))


def actions():
    return list(Evenement.objects.order_by("quand", "seq").values_list("action", flat=True))


class TestEntrer:
    def test_montre_une_page_en_francais_sans_inscription(self, client):
        page = client.get(reverse("account_login")).content.decode()
        assert "Adresse électronique professionnelle" in page
        assert "signup" not in page
        assert "Sign" not in page

    def test_entre_avec_l_adresse_dans_n_importe_quelle_casse(self, client, nora):
        reponse = entrer(client, "NORA@Exemple.Test")
        assert (reponse.status_code, reponse.url) == (302, "/")
        assert client.session["_auth_user_id"] == str(nora.pk)
        assert "connexion" in actions()

    def test_refuse_un_mauvais_mot_de_passe_et_l_inscrit_sans_recopier_la_saisie(self, client, nora):
        reponse = entrer(client, mot_de_passe="girafe tuba clairière")
        assert "_auth_user_id" not in client.session
        assert "Erreur" in reponse.content.decode()
        evenement = Evenement.objects.get(action=REFUSE)
        assert evenement.charge == {"compte": nora.pk}

    def test_refuse_une_adresse_inconnue_avec_la_meme_reponse(self, client, nora):
        def corps(reponse):
            neutre = re.sub(r'name="csrfmiddlewaretoken" value="[^"]+"', "", reponse.content.decode())
            return re.sub(r"[a-z]+@exemple\.test|csrf-token\S+", "", neutre)

        connue = corps(entrer(client, mot_de_passe="girafe tuba clairière"))
        inconnue = corps(entrer(client, "personne@exemple.test", "girafe tuba clairière"))
        assert connue == inconnue
        assert Evenement.objects.filter(action=REFUSE, charge={"compte": None}).exists()

    def test_refuse_un_compte_ferme(self, client, nora):
        nora.is_active = False
        nora.save()
        entrer(client)
        assert "_auth_user_id" not in client.session

    def test_un_compte_ferme_perd_l_acces_a_la_requete_suivante(self, client, nora):
        entrer(client)
        nora.is_active = False
        nora.save()
        assert client.get(reverse("mfa_index")).status_code == 302

    def test_n_accepte_pas_une_onzieme_tentative(self, client, nora):
        for _ in range(10):
            entrer(client, mot_de_passe="girafe tuba clairière")
        assert entrer(client).status_code in (200, 429)
        assert "_auth_user_id" not in client.session

    def test_mille_autres_compteurs_n_effacent_pas_le_sien(self, client, nora):
        for _ in range(10):
            entrer(client, mot_de_passe="girafe tuba clairière")
        for rang in range(400):
            cache.set(f"autre-{rang}", [rang], 900)
        entrer(client)
        assert "_auth_user_id" not in client.session

    def test_ne_renvoie_pas_vers_un_autre_site(self, client, nora):
        assert entrer(client, next="https://ailleurs.exemple/").url == "/"

    @pytest.mark.parametrize("nom", ["account_signup", "account_email", "socialaccount_connections"])
    def test_n_expose_ni_inscription_ni_adresses(self, nom):
        assert nom not in {motif.name for motif in connexion.urlpatterns}

    def test_chaque_adresse_declare_son_acces(self):
        sans = [motif.name for motif in connexion.urlpatterns if not getattr(motif.callback, "acces", None)]
        assert sans == []

    def test_les_pages_connectees_demandent_une_connexion(self, client):
        for motif in connexion.urlpatterns:
            if motif.callback.acces[0] == "connecte":
                cles = {"pk": 1} if "pk" in motif.pattern.converters else {}
                reponse = client.get(reverse(motif.name, kwargs=cles))
                assert reponse.status_code == 302, motif.name
                assert reponse.url.startswith(reverse("account_login")), motif.name


class TestSortir:
    def test_demande_confirmation_puis_ferme_la_session(self, client, nora):
        entrer(client)
        assert "Rester connecté" in client.get(reverse("account_logout")).content.decode()
        client.post(reverse("account_logout"))
        assert "_auth_user_id" not in client.session
        assert actions()[-1] == "déconnexion"


class TestSession:
    def reculer(self, client, **cles):
        session = client.session
        session.update({cle: int(time.time()) - secondes for cle, secondes in cles.items()})
        session.save()

    def test_note_son_ouverture(self, client, nora):
        entrer(client)
        client.get(reverse("mfa_index"))
        assert abs(client.session[OUVERTE_LE] - time.time()) < 5

    @pytest.mark.parametrize(
        ("cles", "ouverte"),
        [
            ({VUE_LE: 29 * 60}, True),
            ({VUE_LE: 30 * 60 + 1}, False),
            ({OUVERTE_LE: 12 * 3600 - 60, VUE_LE: 5}, True),
            ({OUVERTE_LE: 12 * 3600 + 1, VUE_LE: 5}, False),
        ],
    )
    def test_dure_trente_minutes_sans_activite_et_douze_heures_en_tout(self, client, nora, cles, ouverte):
        entrer(client)
        client.get(reverse("mfa_index"))
        self.reculer(client, **cles)
        reponse = client.get(reverse("mfa_index"))
        assert (reponse.status_code == 200) is ouverte
        assert ("_auth_user_id" in client.session) is ouverte

    def test_finie_ramene_a_la_page_lue_et_le_dit(self, client, nora):
        entrer(client)
        client.get(reverse("mfa_index"))
        self.reculer(client, **{VUE_LE: 31 * 60})
        reponse = client.get(reverse("mfa_index"), follow=True)
        assert "Votre session est terminée" in reponse.content.decode()
        assert f"next={reverse('mfa_index')}".replace("/", "%2F") in reponse.redirect_chain[0][0]

    def test_finie_renvoie_toute_la_page_quand_un_fragment_est_demande(self, client, nora):
        entrer(client)
        client.get(reverse("mfa_index"))
        self.reculer(client, **{VUE_LE: 31 * 60})
        reponse = client.get(reverse("mfa_index"), headers={"HX-Request": "true"})
        assert reponse.status_code == 204
        assert reponse["HX-Redirect"].startswith(reverse("account_login"))

    def test_n_ecrit_pas_la_session_a_chaque_page(self, client, nora):
        entrer(client)
        client.get(reverse("mfa_index"))
        avant = client.session[VUE_LE]
        client.get(reverse("mfa_index"))
        assert client.session[VUE_LE] == avant

    def test_porte_des_cookies_fermes_aux_scripts_et_aux_autres_sites(self, client, nora):
        reponse = entrer(client)
        biscuit = reponse.cookies["jalon_session"]
        assert biscuit["httponly"]
        assert biscuit["samesite"] == "Strict"


class TestMotDePasseOublie:
    @pytest.fixture(autouse=True)
    def boite(self, relever):
        self.relever = relever

    def demander(self, client, email="nora@exemple.test"):
        return client.post(reverse("account_reset_password"), {"email": email})

    def lien(self):
        return re.search(r"https?://[^/\s]+(/\S+)", self.relever()[-1].body).group(1)

    def test_repond_pareil_pour_une_adresse_inconnue_et_n_envoie_rien(self, client, nora):
        assert self.demander(client, "personne@exemple.test").url == self.demander(client).url
        assert Du.objects.filter(genre="lien_de_mot_de_passe").count() == 2
        assert [message.to for message in self.relever()] == [["nora@exemple.test"]]

    def test_aucun_lien_n_attend_dans_la_file(self, client, nora):
        self.demander(client)
        assert set(Du.objects.get().ids) == {"compte", "site", "demande"}

    def test_un_compte_invite_n_en_recoit_pas(self, client):
        Professionnel.objects.create_user("invite@exemple.test", nom="Invité", est_invite=True)
        self.demander(client, "invite@exemple.test")
        assert self.relever() == []

    def test_ouvrir_le_lien_ne_fait_rien_puis_le_bouton_echange_la_cle(self, client, nora):
        self.demander(client)
        lien = self.lien()
        assert "Continuer" in client.get(lien).content.decode()
        suite = client.post(lien)
        assert suite.url.endswith("-set-password/")
        neuf = "quatre mots jamais vus"
        client.post(suite.url, {"password1": neuf, "password2": neuf})
        assert "mot de passe changé" in actions()
        entrer(client, mot_de_passe=neuf)
        assert client.session["_auth_user_id"] == str(nora.pk)

    def test_le_lien_ne_sert_qu_une_fois(self, client, nora):
        self.demander(client)
        lien = self.lien()
        suite = client.post(lien)
        client.post(suite.url, {"password1": "quatre mots jamais vus", "password2": "quatre mots jamais vus"})
        assert "Ce lien ne sert plus" in client.post(lien).content.decode()

    def test_sert_de_premier_acces_a_un_compte_sans_mot_de_passe(self, client):
        Professionnel.objects.create_user("neuf@exemple.test", prenom="Neuf", nom="Compte")
        self.demander(client, "neuf@exemple.test")
        assert len(self.relever()) == 1
        assert "ce lien" in mail.outbox[0].body


class TestSecondFacteur:
    @pytest.fixture
    def secret(self, nora):
        secret = generate_totp_secret()
        TOTP.activate(nora, secret)
        return secret

    def test_demande_un_code_apres_le_mot_de_passe(self, client, nora, secret):
        reponse = entrer(client)
        assert reponse.url == reverse("mfa_authenticate")
        assert "_auth_user_id" not in client.session
        assert "Second facteur" in client.get(reponse.url).content.decode()

    def test_entre_avec_le_code_de_l_application(self, client, nora, secret):
        entrer(client)
        client.post(reverse("mfa_authenticate"), {"code": code_de(secret)})
        assert client.session["_auth_user_id"] == str(nora.pk)

    def test_refuse_un_mauvais_code(self, client, nora, secret):
        entrer(client)
        client.post(reverse("mfa_authenticate"), {"code": "000000"})
        assert "_auth_user_id" not in client.session
        assert Evenement.objects.get(action=REFUSE).charge["compte"] == nora.pk

    def test_toucher_au_second_facteur_demande_de_confirmer(self, client, nora):
        entrer(client)
        reponse = client.get(reverse("mfa_activate_totp"), follow=True)
        assert reponse.redirect_chain[0][0].startswith(reverse("account_reauthenticate"))
        assert "Confirmer que c’est bien vous" in reponse.content.decode()

    def test_s_active_se_lit_et_se_retire_depuis_le_compte(self, client, nora):
        entrer(client)
        client.post(reverse("account_reauthenticate"), {"password": MOT_DE_PASSE})
        secret = client.get(reverse("mfa_activate_totp")).context["form"].secret
        suite = client.post(reverse("mfa_activate_totp"), {"code": code_de(secret)}, follow=True)
        assert "10\xa0codes servent encore" in suite.content.decode()
        assert "Retirer l’application" in client.get(reverse("mfa_index")).content.decode()
        client.post(reverse("mfa_deactivate_totp"))
        inscrits = {action for action in actions() if "moyen" in action}
        assert inscrits == {"moyen de connexion ajouté", "moyen de connexion retiré"}
        assert "Activer l’application" in client.get(reverse("mfa_index")).content.decode()

    @pytest.mark.parametrize(
        "nom",
        ["mfa_activate_totp", "mfa_add_webauthn", "mfa_list_webauthn", "mfa_index", "account_change_password"],
    )
    def test_les_pages_du_compte_s_ouvrent_en_francais(self, client, nora, nom):
        entrer(client)
        client.post(reverse("account_reauthenticate"), {"password": MOT_DE_PASSE})
        page = client.get(reverse(nom))
        assert page.status_code == 200
        assert not re.search(
            r"\b(Security|Password|Activate|Key|Cancel)\b", re.sub(r"<[^>]+>", "", page.content.decode())
        )


class TestAdministration:
    @pytest.fixture
    def administratrice(self, client, nora):
        Fonction.objects.create(professionnel=nora, genre="ADMINISTRATEUR")
        client.force_login(nora)
        return nora

    def test_se_rejoint_par_la_connexion_de_l_application(self, client):
        reponse = client.get(reverse("admin:index"), follow=True)
        assert reponse.redirect_chain[-1][0].startswith(reverse("account_login"))

    def test_reste_fermee_aux_autres_comptes(self, client, nora):
        client.force_login(nora)
        assert client.get(reverse("admin:comptes_professionnel_changelist")).status_code in (302, 403)

    def test_ferme_un_compte_et_l_inscrit(self, client, administratrice):
        autre = Professionnel.objects.create_user("autre@exemple.test", prenom="Autre", nom="Compte")
        page = reverse("admin:comptes_professionnel_change", args=[autre.pk])
        inlines = {"fonctions-TOTAL_FORMS": 0, "fonctions-INITIAL_FORMS": 0}
        client.post(page, {"metier": "", "equipe": ""} | inlines)
        autre.refresh_from_db()
        assert not autre.is_active
        assert Evenement.objects.get(action="compte modifié").charge == {"champs": ["is_active"]}

    def test_ouvre_un_compte_sans_mot_de_passe(self, client, administratrice):
        inlines = {"fonctions-TOTAL_FORMS": 0, "fonctions-INITIAL_FORMS": 0}
        champs = {"email": "Neuf@exemple.test", "prenom": "Neuf", "nom": "Compte", "metier": "", "is_active": "on"}
        client.post(reverse("admin:comptes_professionnel_add"), champs | inlines)
        assert not Professionnel.objects.get(email="neuf@exemple.test").has_usable_password()

    def test_ne_supprime_rien(self, client, administratrice):
        page = reverse("admin:comptes_professionnel_delete", args=[administratrice.pk])
        assert client.post(page, {"post": "yes"}).status_code == 403

    @pytest.mark.parametrize(
        ("liste", "question"),
        [
            ("comptes_professionnel", "password__startswith=md5"),
            ("comptes_professionnel", "roles=1"),
            ("comptes_equipe", "parcours=1"),
            ("annuaire_origine", "parcours=1"),
        ],
    )
    def test_ne_repond_qu_aux_filtres_affiches(self, client, administratrice, liste, question):
        assert client.get(reverse(f"admin:{liste}_changelist") + "?" + question).status_code in (302, 400)
        assert client.get(reverse("admin:comptes_professionnel_changelist") + "?is_active__exact=1").status_code == 200

    def test_ne_montre_les_secrets_de_personne_meme_a_un_superutilisateur(self, client):
        client.force_login(Professionnel.objects.create_superuser("super@exemple.test", prenom="S", nom="U"))
        assert client.get("/administration/").status_code == 200
        for chemin in ("mfa/authenticator/", "account/emailaddress/", "auth/group/", "comptes/session/"):
            assert client.get(f"/administration/{chemin}").status_code == 404, chemin

    def test_n_ecrit_rien_dans_le_navigateur(self, client, administratrice):
        """Le thème et le menu de Django se gardent dans le navigateur : leurs scripts ne sont pas servis."""
        page = client.get(reverse("admin:index")).content.decode()
        assert "Jalon, comptes et référentiel" in page
        assert [script for script in ("theme.js", "nav_sidebar.js") if script in page] == []

    def test_ne_dit_pas_ou_mene_une_cle(self, client, administratrice):
        assert client.get("/administration/r/1/1/").status_code == 404
