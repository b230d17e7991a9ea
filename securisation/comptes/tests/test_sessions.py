"""Mes sessions : les voir, en terminer une ; un compte fermé, une équipe changée, une fonction retirée les terminent."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from securisation.comptes.models import Appareil, Equipe, Fonction, Professionnel, Session
from securisation.comptes.sessions import INCONNU, nommer_appareil
from securisation.comptes.tasks import appareils_oublies, sessions_finies
from securisation.socle.models import Evenement

from .conftest import MOT_DE_PASSE

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("compteurs_a_zero")]
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1 (KHTML, like Gecko) Version/18.0 Safari/604.1"


def entrer(agent=FIREFOX, navigateur=None):
    navigateur = navigateur or Client(headers={"User-Agent": agent})
    navigateur.post(reverse("account_login"), {"login": "nora@exemple.test", "password": MOT_DE_PASSE})
    navigateur.get(reverse("mfa_index"))
    return navigateur


def ouvert(navigateur):
    return navigateur.get(reverse("mfa_index")).status_code == 200


class TestNommer:
    @pytest.mark.parametrize(
        ("agent", "nom"),
        [
            (FIREFOX, "Firefox, Windows"),
            (IPHONE, "Safari, iPhone"),
            ("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0 Safari/537.36", "Chrome, Linux"),
            ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/141.0 Safari/537.36 Edg/141.0", "Edge, Windows"),
            ("", INCONNU),
            ("<script>alert(1)</script>" * 500, INCONNU),
        ],
    )  # fmt: skip
    def test_dit_le_navigateur_et_la_machine(self, agent, nom):
        assert nommer_appareil(agent) == nom


class TestVoir:
    def test_montre_les_siennes_celle_ci_d_abord(self, nora):
        ici, _ailleurs = entrer(), entrer(IPHONE)
        autre = Professionnel.objects.create_user("autre@exemple.test", MOT_DE_PASSE, prenom="Autre", nom="Compte")
        Client().force_login(autre)
        lues = ici.get(reverse("comptes:sessions")).context["sessions"]
        assert [(s.appareil, s.est_celle_ci) for s in lues] == [("Firefox, Windows", True), ("Safari, iPhone", False)]

    def test_ne_dit_pas_le_temoin_qui_ouvre(self, nora):
        ici, ailleurs = entrer(), entrer(IPHONE)
        page = ici.get(reverse("comptes:sessions")).content.decode()
        assert ailleurs.session.session_key not in page
        assert ici.session.session_key not in page

    def test_une_session_qu_un_ancien_mot_de_passe_a_ouverte_n_y_est_plus(self, nora):
        entrer(IPHONE)
        nora.set_password("quatre mots jamais vus")
        nora.save()
        ici = Client()
        ici.force_login(nora)
        assert len(ici.get(reverse("comptes:sessions")).context["sessions"]) == 1


class TestTerminer:
    def test_termine_une_session_aussitot(self, nora):
        ici, ailleurs = entrer(), entrer(IPHONE)
        cle = next(s.cle for s in ici.get(reverse("comptes:sessions")).context["sessions"] if not s.est_celle_ci)
        ici.post(reverse("comptes:sessions"), {"session": cle})
        assert (ouvert(ici), ouvert(ailleurs)) == (True, False)
        assert Evenement.objects.get(action="sessions terminées").charge == {"nombre": 1}

    def test_termine_toutes_les_autres(self, nora):
        ici, ailleurs, plus_loin = entrer(), entrer(IPHONE), entrer()
        ici.post(reverse("comptes:sessions"), {"session": "autres"})
        assert (ouvert(ici), ouvert(ailleurs), ouvert(plus_loin)) == (True, False, False)

    def test_ne_touche_pas_celles_d_un_autre(self, nora, client, awa):
        visee = entrer()
        cle = visee.get(reverse("comptes:sessions")).context["sessions"][0].cle
        client.force_login(awa)
        for essai in (cle, visee.session.session_key, "", "*", "autres"):
            client.post(reverse("comptes:sessions"), {"session": essai})
        assert ouvert(visee)

    def test_changer_de_mot_de_passe_termine_les_autres(self, nora):
        ici, ailleurs = entrer(), entrer(IPHONE)
        neuf = "quatre mots jamais vus"
        ici.post(
            reverse("account_change_password"), {"oldpassword": MOT_DE_PASSE, "password1": neuf, "password2": neuf}
        )
        assert (ouvert(ici), ouvert(ailleurs), nora.sessions.count()) == (True, False, 1)

    def test_une_session_volee_ne_sert_plus_apres_la_deconnexion(self, nora):
        ici = entrer()
        vole = Client()
        vole.cookies["jalon_session"] = ici.cookies["jalon_session"].value
        assert ouvert(vole)
        ici.post(reverse("account_logout"))
        assert not ouvert(vole)


class TestUnCompteQuiChange:
    @pytest.fixture
    def laval(self):
        return Equipe.objects.create(nom="Laval")

    @pytest.mark.parametrize("champ", ["is_active", "equipe", "is_superuser", "email"])
    def test_ferme_ses_sessions(self, nora, laval, champ):
        entrer()
        neuf = {"is_active": False, "equipe": laval, "is_superuser": True, "email": "n.legoff@exemple.test"}[champ]
        Professionnel.objects.filter(pk=nora.pk).update(**{champ: neuf})
        assert nora.sessions.count() == 0

    def test_un_metier_corrige_ne_ferme_rien(self, nora):
        ici = entrer()
        Professionnel.objects.filter(pk=nora.pk).update(metier="Conseillère")
        assert ouvert(ici)

    @pytest.mark.parametrize("acte", ["terminer", "retirer"])
    def test_une_fonction_retiree_ferme_ses_sessions(self, nora, acte):
        fonction = Fonction.objects.create(professionnel=nora, genre="DPO")
        ici = entrer()
        assert ouvert(ici)
        if acte == "terminer":
            fonction.au = timezone.localdate()
            fonction.save()
        else:
            fonction.delete()
        assert not ouvert(ici)

    def test_l_administratrice_ne_se_ferme_pas_elle_meme(self, client, distribution):
        ines = distribution["ines"]
        client.force_login(ines)
        inlines = {"fonctions-TOTAL_FORMS": 0, "fonctions-INITIAL_FORMS": 0}
        client.post(
            reverse("admin:comptes_professionnel_change", args=[ines.pk]), {"metier": "x", "equipe": ""} | inlines
        )
        ines.refresh_from_db()
        assert (ines.is_active, ines.metier) == (True, "x")


class TestAppareil:
    def test_un_appareil_nouveau_se_dit_au_titulaire_une_fois(self, nora, relever):
        ici = entrer()
        ici.post(reverse("account_logout"))
        entrer(navigateur=ici)
        courriels = relever()
        assert [message.subject for message in courriels] == ["Jalon : connexion depuis un nouvel appareil"]
        assert "Firefox, Windows" in courriels[0].body

    def test_un_temoin_faux_est_un_appareil_nouveau(self, nora, relever):
        entrer()
        faux = Client()
        faux.cookies["jalon_appareil"] = "faux"
        entrer(navigateur=faux)
        assert len(relever()) == 2

    def test_le_temoin_est_ferme_aux_scripts_et_sans_valeur_gardee(self, nora):
        temoin = entrer().cookies["jalon_appareil"]
        assert (temoin["httponly"], temoin["samesite"]) == (True, "Strict")
        assert not Appareil.objects.filter(empreinte=temoin.value).exists()

    def test_un_compte_de_demonstration_n_en_parle_pas(self, client, awa, relever):
        client.force_login(awa)
        assert relever() == []


class TestPurge:
    def test_oublie_ce_qui_est_fini(self, nora):
        entrer()
        assert (sessions_finies(), appareils_oublies()) == (0, 0)
        Session.objects.update(expire_date=timezone.now() - timedelta(minutes=1))
        Appareil.objects.update(vu_le=timezone.now() - timedelta(days=366))
        assert sessions_finies() >= 1
        assert appareils_oublies() == 1
