"""Page « Référentiel » : qui lit, qui dit relu, ce que montrent les filtres."""

import pytest
from django.urls import reverse

from securisation.annuaire.chargement import charger
from securisation.annuaire.models import Facteur, Levier, Public, RisqueResiduel
from securisation.comptes.models import Fonction, Professionnel

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def referentiel():
    charger()


@pytest.fixture
def awa():
    return Professionnel.objects.create_user("awa.annuaire@exemple.test", "un mot de passe long", prenom="Awa", nom="D")


@pytest.fixture
def ines():
    ines = Professionnel.objects.create_user("ines@exemple.test", "un mot de passe long", prenom="Inès", nom="R")
    Fonction.objects.create(professionnel=ines, genre=Fonction.Genre.ADMINISTRATEUR)
    return ines


@pytest.fixture
def entrer(client, settings):
    def ouvrir(professionnel):
        client.force_login(professionnel, backend=settings.AUTHENTICATION_BACKENDS[0])
        return client

    return ouvrir


def relu(code):
    return reverse("annuaire:marquer_relu", args=["facteurs", code])


class TestLire:
    def test_montre_d_abord_ce_qui_reste_a_relire(self, entrer, awa):
        page = entrer(awa).get(reverse("annuaire:referentiel")).content.decode()
        assert "lignes à relire sur" in page
        assert "ADM-04" in page
        assert "ADM-05" not in page
        assert "Marquer relue" not in page

    def test_filtre_par_nomenclature_axe_et_mots(self, entrer, awa):
        adresse = reverse("annuaire:referentiel")
        page = entrer(awa).get(adresse, {"nomenclature": "leviers", "etat": "ouvertes", "axe": "PRO", "q": "emploi"})
        assert [ligne.code for ligne in page.context["page"]] == ["L-CAPEMP"]

    @pytest.mark.parametrize("valeur", ["inconnu", "x" * 500, "é\u202e", "-1", "9" * 40])
    def test_une_valeur_inconnue_est_ignoree(self, entrer, awa, valeur):
        parametres = dict.fromkeys(("nomenclature", "etat", "axe", "page"), valeur)
        assert entrer(awa).get(reverse("annuaire:referentiel"), parametres).status_code == 200

    def test_demande_une_connexion(self, client):
        assert client.get(reverse("annuaire:referentiel")).status_code == 302

    @pytest.mark.parametrize("nomenclature", ["axes", "liens-domino"])
    def test_dix_requetes_pour_cinq_lignes_comme_pour_cinquante(
        self, entrer, ines, nomenclature, django_assert_num_queries
    ):
        client = entrer(ines)
        with django_assert_num_queries(10):
            client.get(reverse("annuaire:referentiel"), {"nomenclature": nomenclature, "etat": "ouvertes"})


class TestMarquerRelu:
    def test_l_administrateur_le_dit_et_garde_ses_filtres(self, entrer, ines):
        reponse = entrer(ines).post(relu("ADM-04"), {"filtres": "nomenclature=facteurs&axe=ADM"})
        assert reponse.url.endswith("?nomenclature=facteurs&axe=ADM#lignes")
        facteur = Facteur.objects.get(code="ADM-04")
        assert (facteur.relecture, facteur.relu_par) == ("relu", ines)
        assert "relecture" in facteur.champs_corriges

    def test_deux_fois_ne_change_rien(self, entrer, ines, awa):
        Facteur.objects.get(code="ADM-04").marquer_relu(par=awa)
        entrer(ines).post(relu("ADM-04"))
        assert Facteur.objects.get(code="ADM-04").relu_par == awa

    def test_refuse_les_autres(self, entrer, awa):
        assert entrer(awa).post(relu("ADM-04")).status_code == 403
        assert Facteur.objects.get(code="ADM-04").est_a_relire

    def test_un_code_ou_une_nomenclature_inconnus_sont_introuvables(self, entrer, ines):
        client = entrer(ines)
        assert client.post(relu("ADM-99")).status_code == 404
        assert client.post(reverse("annuaire:marquer_relu", args=["rien", "ADM-04"])).status_code == 404

    def test_ne_se_fait_pas_par_un_lien(self, entrer, ines):
        assert entrer(ines).get(relu("ADM-04")).status_code == 405


class TestAdministration:
    def test_une_modification_devient_une_correction_que_le_rechargement_garde(self, entrer, ines):
        levier = Levier.objects.get(code="L-GEM")
        champs = {"libelle": "GEM de Laval", "ordre": levier.ordre, "relecture": levier.relecture}
        champs |= {"axes": "ORG", "type": "ASSO", "delai_et_silence": "", "ferme_le": ""}
        reponse = entrer(ines).post(reverse("admin:annuaire_levier_change", args=[levier.pk]), champs)
        assert reponse.status_code == 302
        charger()
        levier.refresh_from_db()
        assert (levier.libelle, levier.champs_corriges) == ("GEM de Laval", ["libelle"])

    @pytest.mark.parametrize("modele", [Facteur, Levier, RisqueResiduel, Public])
    def test_ce_qui_revele_la_sante_ne_s_y_decoche_pas(self, entrer, ines, modele):
        nom = modele._meta.model_name
        modele.objects.filter(pk=(objet := modele.objects.first()).pk).update(revele_la_sante=True)
        client, adresse = entrer(ines), reverse(f"admin:annuaire_{nom}_change", args=[objet.pk])
        formulaire = client.get(adresse).context["adminform"].form
        assert "revele_la_sante" not in formulaire.fields
        envoi = {cle: "" if (valeur := formulaire[cle].value()) is None else valeur for cle in formulaire.fields}
        assert client.post(adresse, envoi | {"libelle": "Autre libellé", "revele_la_sante": ""}).status_code == 302
        objet.refresh_from_db()
        assert (objet.libelle, objet.revele_la_sante) == ("Autre libellé", True)

    def test_rien_ne_s_y_supprime(self, entrer, ines):
        levier = Levier.objects.get(code="L-GEM")
        assert entrer(ines).get(reverse("admin:annuaire_levier_delete", args=[levier.pk])).status_code == 403
