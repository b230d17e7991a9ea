"""Les pages du toit : ce qu'elles montrent, à qui, et combien de requêtes elles coûtent."""

import datetime
import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from interventions.models import Contact
from securisation.parcours.models import Accord
from securisation.parcours.roles import attribuer_role
from securisation.socle import horloge

# Ni les points de reprise, ni le début et la fin des transactions.
GESTION = ("SAVEPOINT", "RELEASE", "BEGIN", "COMMIT", "ROLLBACK")


@pytest.fixture
def entrer(client, settings):
    """Ouvre la session d'un professionnel et passe la première page, qui la date."""

    def ouvrir(professionnel):
        client.force_login(professionnel, backend=settings.AUTHENTICATION_BACKENDS[0])
        client.get(reverse("synthese:mes_parcours"))
        return client

    return ouvrir


def requetes(client, adresse, statut=200, **options):
    """Nombre de requêtes SQL d'une page, et sa réponse."""
    with CaptureQueriesContext(connection) as vues:
        reponse = client.get(adresse, **options)
    assert reponse.status_code == statut
    return len([vue for vue in vues if not vue["sql"].startswith(GESTION)]), reponse


def noter(parcours, par, nombre):
    """Note des contacts sur ce parcours."""
    for rang in range(nombre):
        Contact(parcours=parcours).noter(par=par, canal="SMS", de_la_personne=bool(rang % 2), note=f"Message {rang}.")


class TestMesParcours:
    ADRESSE = "/"

    @pytest.mark.parametrize("prenom", ["awa", "gaelle", "bruno"])
    def test_coute_cinq_requetes_quel_que_soit_le_nombre_de_lignes(
        self, ouvrir_un_parcours, distribution, entrer, prenom
    ):
        """Session, compte, journal, liste, compteurs."""
        awa, client = distribution["awa"], entrer(distribution[prenom])
        for rang in range(2):
            ouvrir_un_parcours(awa, nom=f"Un{rang}", intervenant=distribution["bruno"])
        assert requetes(client, self.ADRESSE)[0] == 5
        for rang in range(12):
            ouvrir_un_parcours(awa, nom=f"Deux{rang}", intervenant=distribution["bruno"])
        nombre, reponse = requetes(client, self.ADRESSE)
        assert nombre == 5
        assert len(reponse.context["lignes"]) == 14

    @pytest.mark.parametrize("cadre", ["liste", "a-faire"])
    def test_un_filtre_ne_rend_que_son_cadre(self, parcours, awa, entrer, cadre):
        client, fragment = entrer(awa), {"HX-Request": "true", "HX-Target": cadre}
        nombre, reponse = requetes(client, self.ADRESSE, data={"phase": "orientation"}, headers=fragment)
        assert nombre == 5
        assert "<html" not in reponse.text
        assert re.match(rf'\s*<section class="box"\s+id="{cadre}"', reponse.text)

    def test_une_adresse_deformee_ne_casse_rien(self, parcours, awa, entrer):
        client = entrer(awa)
        for apres in ("", "x", "2026-01-01_", "9999-99-99_1", "2026-01-01_99999999999999999999", "_", "0000-00-00_0"):
            faux = {"phase": "zzz", "temps": "hier", "faire": "rien", "apres": apres}
            assert "Fatou Diallo" in requetes(client, self.ADRESSE, data=faux)[1].text

    def test_une_liste_vide_le_dit(self, elsa, entrer):
        assert "Vos parcours apparaîtront ici" in requetes(entrer(elsa), self.ADRESSE)[1].text

    def test_un_partenaire_apprend_que_rien_ne_lui_est_ouvert(self, chloe, entrer):
        page = entrer(chloe).get(self.ADRESSE, follow=True)
        assert "Aucun partage ne court en ce moment" in page.text


class TestParcours:
    def test_coute_sept_requetes_quel_que_soit_le_contenu(self, parcours_admis, awa, entrer):
        """Session, compte, parcours et personne, rôles, journal, dossier : huit au plus."""
        client, adresse = entrer(awa), parcours_admis.get_absolute_url()
        avant = requetes(client, adresse)[0]
        noter(parcours_admis, awa, 20)
        apres, reponse = requetes(client, adresse)
        assert avant == apres <= 8
        assert "Message 19." in reponse.text

    @pytest.mark.parametrize("prenom", ["elsa", "chloe", "farid", "hugo"])
    def test_n_existe_pas_pour_qui_ne_le_voit_pas(self, parcours, distribution, entrer, prenom):
        client = entrer(distribution[prenom])
        for adresse in (parcours.get_absolute_url(), reverse("synthese:historique", args=[parcours.uuid])):
            assert requetes(client, adresse, statut=404)[1].text.count("Diallo") == 0

    def test_un_parcours_restreint_quitte_la_vue_de_l_equipe(self, parcours, awa, gaelle, entrer):
        client = entrer(gaelle)
        requetes(client, parcours.get_absolute_url())
        parcours.restreindre(par=awa, restreint=True)
        requetes(client, parcours.get_absolute_url(), statut=404)

    def test_un_accord_echu_ou_retire_se_voit_tout_de_suite(self, parcours_admis, awa, entrer, laisser_finir):
        client, adhesion = entrer(awa), Accord.objects.get(parcours=parcours_admis, finalite__code="ADHESION")
        assert "Adhésion en cours" in requetes(client, parcours_admis.get_absolute_url())[1].text
        laisser_finir(parcours_admis, "ADHESION")
        assert "Adhésion à recueillir" in requetes(client, parcours_admis.get_absolute_url())[1].text
        adhesion.retirer(par=awa)
        assert "Adhésion retirée" in requetes(client, parcours_admis.get_absolute_url())[1].text

    def test_un_texte_qui_ressemble_a_une_date_reste_un_texte(self, parcours_admis, awa, entrer):
        note = "2026-01-05"
        Contact(parcours=parcours_admis).noter(par=awa, canal="SMS", de_la_personne=True, note=note)
        assert note in requetes(entrer(awa), parcours_admis.get_absolute_url())[1].text


class TestHistorique:
    @pytest.fixture
    def adresse(self, parcours_admis):
        return reverse("synthese:historique", args=[parcours_admis.uuid])

    def test_ne_coute_pas_plus_avec_plus_d_evenements(self, parcours_admis, adresse, awa, entrer):
        client = entrer(awa)
        noter(parcours_admis, awa, 3)
        avant = requetes(client, adresse)[0]
        noter(parcours_admis, awa, 30)
        assert requetes(client, adresse)[0] <= avant <= 12

    def test_dit_qui_a_fait_quoi_avant_et_apres(self, parcours_admis, adresse, awa, entrer):
        personne = parcours_admis.personne
        personne.modifier(par=awa, commune="Mayenne")
        texte = requetes(entrer(awa), adresse)[1].text
        assert "Awa Diarra" in texte
        assert "<del>Laval</del>" in texte
        assert "<ins>Mayenne</ins>" in texte

    def test_inscrit_sa_propre_lecture(self, parcours_admis, adresse, awa, gaelle, entrer):
        requetes(entrer(gaelle), adresse)
        texte = requetes(entrer(awa), adresse, data={"nature": "lectures"})[1].text
        assert "Gaëlle Le Goff" in texte

    def test_se_parcourt_page_par_page_sans_rien_perdre(self, parcours_admis, adresse, awa, entrer, monkeypatch):
        from securisation.synthese import historique

        monkeypatch.setattr(historique, "TAILLE", 7)
        noter(parcours_admis, awa, 10)
        client, suite, vus = entrer(awa), "?nature=ecritures", []
        while suite:
            contexte = requetes(client, adresse + suite)[1].context
            vus += [ecart.seq for ecart in contexte["ecarts"]]
            suite = contexte["suivant"]
        assert vus == sorted(set(vus), reverse=True)
        assert len(vus) > 14

    def test_un_rang_deforme_ramene_au_debut(self, parcours_admis, adresse, awa, entrer):
        client = entrer(awa)
        for rang in ("x", "-1", "9" * 40, "²", ""):
            assert requetes(client, adresse, data={"apres": rang})[1].context["ecarts"]

    def test_est_refuse_a_l_intervenant(self, parcours_admis, adresse, bruno, entrer):
        requetes(entrer(bruno), adresse, statut=403)


class TestRetard:
    def test_un_parcours_en_retard_est_dit_en_retard(self, parcours, awa, entrer):
        parcours.poser_echeance(
            "qualification", horloge.aujourd_hui() - datetime.timedelta(days=3), "Qualifier la demande"
        )
        reponse = requetes(entrer(awa), "/")[1]
        assert [ligne.quand for ligne in reponse.context["lignes"]] == ["3 j de retard"]
        assert reponse.context["comptes"].retards == 1

    def test_un_lecteur_voit_sans_pouvoir_agir(self, parcours_admis, awa, gaelle, bruno, entrer):
        attribuer_role(parcours_admis, bruno, "lecteur", par=awa)
        reponse = requetes(entrer(bruno), parcours_admis.get_absolute_url())[1]
        assert not any(
            reponse.context["peut"][mot] for mot in ("noter_contact", "recueillir_accord", "modifier_personne")
        )
