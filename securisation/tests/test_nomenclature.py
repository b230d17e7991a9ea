"""La nomenclature d'un axe : ce que l'équipe emploie le plus vient d'abord, et rien n'y désigne un dossier."""

import pytest
from django.test.utils import CaptureQueriesContext

from diagnostics import nomenclature, saisie
from diagnostics.tests import recits
from securisation.annuaire.models import Axe, Facteur
from securisation.parcours.models import Parcours
from securisation.socle.cloison import lire_comme
from securisation.socle.trace import hors_porte
from securisation.tests.distribution import admettre, construire_parcours

pytestmark = pytest.mark.django_db


def dossiers(awa, *codes, nombre=3):
    """Autant de dossiers d'awa, ces facteurs retenus dans chacun."""
    for rang in range(nombre):
        diagnostic = recits.ouvrir(admettre(construire_parcours(awa, nom=f"Roche {rang} {len(codes)}"), awa), awa)
        for code in codes:
            recits.retenir(diagnostic, code, awa)


def employes(compte):
    """Codes mis en tête de l'axe du logement pour l'équipe de ce compte."""
    with lire_comme(compte):
        cles = nomenclature.plus_employes(Axe.objects.get(code="LOG").pk, compte.equipe_id)
    codes = dict(Facteur.objects.values_list("pk", "code"))
    return [codes[cle] for cle in cles]


class TestPlusEmployes:
    def test_les_plus_retenus_d_abord_dans_leur_axe(self, awa):
        dossiers(awa, "LOG-09", "BUD-05")
        dossiers(awa, "LOG-09", "LOG-04", "LOG-12")
        assert employes(awa) == ["LOG-09", "LOG-04", "LOG-12"]

    def test_sous_trois_dossiers_rien_ne_se_sait(self, awa):
        dossiers(awa, "LOG-09", nombre=2)
        assert employes(awa) == []

    def test_le_rang_est_celui_de_l_equipe_entiere(self, awa, bruno, elsa):
        dossiers(awa, "LOG-09")
        assert employes(bruno) == ["LOG-09"]
        assert employes(elsa) == []

    def test_ni_dossier_restreint_ni_personne_opposee_aux_chiffres(self, awa):
        dossiers(awa, "LOG-09", nombre=4)
        premier, second = Parcours.objects.order_by("pk")[:2]
        with hors_porte("essai"):
            premier.restreint = True
            premier.save()
        assert employes(awa) == ["LOG-09"]
        with hors_porte("essai"):
            second.personne.opposition_le = second.recue_le
            second.personne.save()
        assert employes(awa) == []

    def test_cinq_au_plus_en_une_requete_et_le_mur_se_referme(self, awa, elsa, django_assert_num_queries):
        dossiers(awa, *(f"LOG-0{rang}" for rang in range(1, 8)))
        assert len(employes(awa)) == 5
        axe = Axe.objects.get(code="LOG").pk
        with lire_comme(elsa), django_assert_num_queries(3):
            nomenclature.plus_employes(axe, awa.equipe_id)
        with lire_comme(elsa):
            assert not Parcours.objects.get(numero__endswith="0001").diagnostics.exists()

    def test_une_equipe_de_mille_dossiers_n_en_lit_que_deux_cents(self, awa):
        axe = Axe.objects.get(code="LOG").pk
        from django.db import connection

        with CaptureQueriesContext(connection) as lues:
            nomenclature.plus_employes(axe, awa.equipe_id)
        assert "LIMIT 200" in lues.captured_queries[1]["sql"]


class TestPageDUnAxe:
    def test_propose_le_plus_employe_en_tete_et_le_dit(self, awa, client, parcours_admis):
        dossiers(awa, "LOG-09")
        logement = recits.axe(recits.ouvrir(parcours_admis, awa), "LOG")
        proposes = saisie.formulaire(logement).proposes
        assert [facteur.code for facteur in proposes[:2]] == ["LOG-09", "LOG-01"]
        assert [facteur.est_courant for facteur in proposes[:2]] == [True, False]
        client.force_login(awa)
        texte = client.get(recits.page("axe", logement)).content.decode()
        assert texte.count("Souvent employé") == 1
        assert "les plus employés de l’équipe d’abord" in texte

    def test_sans_emploi_l_ordre_du_referentiel(self, awa, parcours_admis):
        logement = recits.axe(recits.ouvrir(parcours_admis, awa), "LOG")
        codes = [facteur.code for facteur in saisie.formulaire(logement).proposes]
        assert codes == sorted(codes)


class TestCocher:
    """Cocher n'est pas encore enregistrer : il reste à dire comment on le sait."""

    def test_plusieurs_facteurs_s_ajoutent_d_un_coup(self, awa, client, parcours_admis):
        logement = recits.axe(recits.ouvrir(parcours_admis, awa), "LOG")
        client.force_login(awa)
        envoi = recits.saisie(logement, action="ajouter", ajout=["LOG-01", "LOG-09"])
        assert client.post(recits.page("axe", logement), envoi)["Location"].endswith("#f-LOG-01")
        texte = client.get(recits.page("axe", logement)).content.decode()
        assert 'id="f-LOG-01"' in texte
        assert 'id="f-LOG-09"' in texte

    @pytest.mark.parametrize("action", ["suite", "liste"])
    def test_enregistrer_ne_perd_pas_ce_qui_est_coche(self, action, awa, client, parcours_admis):
        logement = recits.axe(recits.ouvrir(parcours_admis, awa), "LOG")
        client.force_login(awa)
        envoi = recits.saisie(logement, action=action, ajout="LOG-09")
        reponse = client.post(recits.page("axe", logement), envoi, follow=True)
        texte = reponse.content.decode()
        assert "Les facteurs cochés sont ajoutés" in texte
        assert 'id="f-LOG-09"' in texte
        logement.refresh_from_db()
        assert logement.est_vierge

    def test_le_brouillon_garde_les_cases(self, awa, client, parcours_admis):
        logement = recits.axe(recits.ouvrir(parcours_admis, awa), "LOG")
        client.force_login(awa)
        client.post(recits.page("brouillon", logement), recits.saisie(logement, ajout="LOG-09"))
        assert 'id="f-LOG-09"' in client.get(recits.page("axe", logement)).content.decode()

    def test_un_code_inconnu_ou_d_un_autre_axe_ne_s_affiche_pas(self, awa, client, parcours_admis):
        logement = recits.axe(recits.ouvrir(parcours_admis, awa), "LOG")
        client.force_login(awa)
        envoi = recits.saisie(logement, action="ajouter", ajout=["BUD-01", "<b>", "x" * 6000])
        client.post(recits.page("axe", logement), envoi)
        texte = client.get(recits.page("axe", logement)).content.decode()
        assert 'id="f-' not in texte
