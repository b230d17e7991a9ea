"""Les pages de refus : ce qu'un conflit montre s'inscrit, et d'où l'on vient se retrouve."""

import pytest
from django.http import QueryDict
from django.urls import reverse

from securisation.socle.models import Evenement
from securisation.socle.transitions import Conflit

pytestmark = pytest.mark.django_db


@pytest.fixture
def en_awa(client, awa):
    client.force_login(awa)
    return client


@pytest.fixture
def envoyer_en_retard(en_awa, awa, parcours):
    """Envoie la fiche de la personne d'une version dépassée, avec ces champs en plus ; rend la réponse."""

    def envoyer(**champs):
        url = reverse("parcours:modifier_personne", args=[parcours.uuid])
        form = en_awa.get(url).context["form"]
        saisie = {nom: form.initial.get(nom) or "" for nom in form.fields if nom != "jeton"}
        parcours.personne.modifier(par=awa, telephone="06 39 98 20 99", foyer="Deux enfants")
        return en_awa.post(url, saisie | {"foyer": "Trois enfants"} | champs)

    return envoyer


class TestConflit:
    def test_ce_qu_il_montre_est_une_lecture_au_journal_du_parcours(self, envoyer_en_retard, parcours, awa):
        avant = Evenement.objects.filter(chaine=parcours.pk, action="lecture").count()
        reponse = envoyer_en_retard()
        assert reponse.status_code == 409
        assert "06 39 98 20 99" in reponse.content.decode()
        lectures = Evenement.objects.filter(chaine=parcours.pk, action="lecture", acteur=awa)
        assert lectures.count() == avant + 2  # le formulaire ouvert, puis la page du conflit
        assert lectures.latest("seq").modele == "parcours.personne"

    def test_ne_montre_pas_un_champ_absent_du_formulaire(self, envoyer_en_retard, parcours):
        lignes = {ligne["nom"]: ligne for ligne in envoyer_en_retard(uuid="x", modifie_le="x").context["lignes"]}
        assert lignes["foyer"]["enregistre"] == "Deux enfants"
        assert [lignes[nom]["enregistre"] for nom in ("uuid", "modifie_le")] == ["", ""]

    @pytest.mark.parametrize("cle", ["1", "9" * 40, "9" * 5000])
    @pytest.mark.parametrize("saisie", [{}, {"precedent": None}, {"precedent": 5}])
    def test_ne_lit_rien_a_partir_d_une_cle_envoyee(self, parcours, cle, saisie, django_assert_num_queries):
        with django_assert_num_queries(0):
            (ligne,) = Conflit(parcours, saisie)._lignes(QueryDict(f"precedent={cle}"))
        assert (ligne["enregistre"], ligne.get("envoye_texte", cle)) == ("", cle)

    def test_dit_une_ligne_de_nomenclature_par_son_nom(self, parcours):
        origine = parcours.origine
        (ligne,) = Conflit(parcours, {"origine": origine})._lignes(QueryDict(f"origine={origine.pk}"))
        assert (ligne["differe"], ligne["envoye_texte"], ligne["enregistre_texte"]) == (
            False,
            str(origine),
            str(origine),
        )


class TestRetour:
    @pytest.mark.parametrize(
        ("venue", "attendu"),
        [
            ("http://testserver/parcours/?q=a", "/parcours/?q=a"),
            ("https://ailleurs.exemple/parcours/", None),
            ("javascript:alert(1)", None),
            ("", None),
        ],
    )
    def test_mene_a_la_page_d_ou_l_on_vient_si_elle_est_de_ce_site(self, en_awa, awa, parcours, venue, attendu):
        url = reverse("parcours:modifier_personne", args=[parcours.uuid])
        reponse = en_awa.post(url, {"nom": "a\x00"}, headers={"referer": venue})
        assert reponse.context["refus"].lien == attendu
        assert (f'href="{attendu}"' in reponse.content.decode()) is bool(attendu)


class TestMethode:
    def test_une_adresse_d_envoi_ouverte_comme_une_page_dit_quoi_faire(self, client, distribution):
        client.force_login(distribution["ines"])
        precedente = reverse("annuaire:referentiel")
        adresse = reverse("annuaire:marquer_relu", args=["leviers", "ADM-01"])
        page = client.get(adresse, headers={"Referer": f"http://testserver{precedente}"})
        assert (page.status_code, page["Allow"]) == (405, "POST")
        assert "refaites le geste par son bouton" in page.content.decode()
        assert f'href="{precedente}"' in page.content.decode()
