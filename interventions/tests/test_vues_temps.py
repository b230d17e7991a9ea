"""Les pages de ce qui déplace le terme, et qui n'a accès à aucune."""

import uuid

import pytest
from django.urls import reverse

from interventions.models import Prolongation, Suspension
from interventions.tests.conftest import adresse, au_jour, jour

pytestmark = pytest.mark.django_db


class TestTemps:
    def test_suspend_puis_reprend(self, connecte, intervention, awa):
        client = connecte(awa)
        assert "45" in client.get(adresse("suspendre", intervention)).text
        donnees = {"du": f"{jour():%d/%m/%Y}", "motif": "Absence annoncée."}
        assert client.post(adresse("suspendre", intervention), donnees).status_code == 302
        suspension = Suspension.objects.get()
        assert client.get(adresse("suspendre", intervention)).status_code == 409
        with au_jour(14):
            assert "le terme passe du" in client.get(adresse("reprendre", suspension)).text
            donnees = {"au": f"{jour(14):%d/%m/%Y}", "version": suspension.version}
            assert client.post(adresse("reprendre", suspension), donnees).status_code == 302
        intervention.refresh_from_db()
        assert intervention.terme == jour(104)
        assert client.get(adresse("reprendre", suspension)).status_code == 409

    def test_une_reprise_du_jour_meme_ne_deplace_pas_le_terme(self, connecte, intervention, awa):
        suspension = Suspension(intervention=intervention).suspendre(par=awa, motif="Absence.")
        client = connecte(awa)
        assert "le terme ne change pas" in client.get(adresse("reprendre", suspension)).text
        donnees = {"au": f"{jour():%d/%m/%Y}", "version": suspension.version}
        page = client.post(adresse("reprendre", suspension), donnees, follow=True).text
        assert "Intervention reprise. Le terme ne change pas" in page

    def test_suspendue_le_refus_mene_a_la_reprise(self, connecte, intervention, awa):
        Suspension(intervention=intervention).suspendre(par=awa, motif="Absence.")
        reponse = connecte(awa).get(adresse("choisir_facteur", intervention))
        assert reponse.status_code == 409
        assert "Reprendre" in reponse.text
        assert f'href="{intervention.get_absolute_url()}"' in reponse.text

    def test_un_seul_jour_reste_au_singulier(self, connecte, intervention, awa, gaelle):
        demande = Prolongation(intervention=intervention).demander(par=awa, jours=1, motif="Report.")
        assert "jour demandé par" in connecte(gaelle).get(adresse("decider", demande)).text
        assert "facultatif" not in connecte(gaelle).get(adresse("decider", demande)).text

    @pytest.mark.parametrize("champs", [{"du": f"{jour(-1):%d/%m/%Y}"}, {"du": "31/12/9999"}, {"motif": " "}])
    def test_refuse_une_suspension(self, connecte, intervention, awa, champs):
        donnees = {"du": f"{jour():%d/%m/%Y}", "motif": "Absence."} | champs
        assert connecte(awa).post(adresse("suspendre", intervention), donnees).status_code == 422

    def test_refuse_une_reprise_avant_la_suspension(self, connecte, intervention, awa):
        suspension = Suspension(intervention=intervention).suspendre(par=awa, motif="Absence.")
        donnees = {"au": f"{jour(-1):%d/%m/%Y}", "version": suspension.version}
        assert connecte(awa).post(adresse("reprendre", suspension), donnees).status_code == 422

    def test_demande_une_prolongation(self, connecte, intervention, awa):
        client = connecte(awa)
        assert "30\xa0jours au plus" in client.get(adresse("prolonger", intervention)).text
        assert client.post(adresse("prolonger", intervention), {"jours": 31, "motif": "Report."}).status_code == 422
        assert client.post(adresse("prolonger", intervention), {"jours": 30, "motif": "Report."}).status_code == 302
        assert client.get(adresse("prolonger", intervention)).status_code == 409

    @pytest.mark.parametrize("decision, terme", [("approuver", 120), ("refuser", 90)])
    def test_le_superviseur_decide(self, connecte, intervention, awa, gaelle, decision, terme):
        demande = Prolongation(intervention=intervention).demander(par=awa, jours=30, motif="Commission reportée.")
        client = connecte(gaelle)
        page = client.get(adresse("decider", demande)).text
        assert "Commission reportée." in page
        assert "le terme passe du" in page
        donnees = {"version": demande.version, "decision": decision, "motif_decision": "Vu ensemble."}
        assert client.post(adresse("decider", demande), donnees).status_code == 302
        intervention.refresh_from_db()
        assert intervention.terme == jour(terme)
        assert client.post(adresse("decider", demande), donnees).status_code == 409

    @pytest.mark.parametrize("champs", [{"decision": ""}, {"decision": "supprimer"}, {"decision": "refuser"}])
    def test_refuse_une_decision(self, connecte, intervention, awa, gaelle, champs):
        demande = Prolongation(intervention=intervention).demander(par=awa, jours=30, motif="Report.")
        donnees = {"version": demande.version, "motif_decision": ""} | champs
        assert connecte(gaelle).post(adresse("decider", demande), donnees).status_code == 422

    def test_le_demandeur_ne_decide_pas(self, connecte, intervention, awa):
        demande = Prolongation(intervention=intervention).demander(par=awa, jours=30, motif="Report.")
        assert connecte(awa).get(adresse("decider", demande)).status_code == 403

    def test_deroge(self, connecte, intervention, gaelle):
        client = connecte(gaelle)
        assert client.get(adresse("deroger", intervention)).status_code == 409
        with au_jour(91):
            assert "échue depuis" in client.get(adresse("deroger", intervention)).text
            trop = {"jusqu_au": f"{jour(107):%d/%m/%Y}", "motif": "Rendez-vous."}
            assert client.post(adresse("deroger", intervention), trop).status_code == 422
            juste = {"jusqu_au": f"{jour(106):%d/%m/%Y}", "motif": "Rendez-vous."}
            assert client.post(adresse("deroger", intervention), juste).status_code == 302


class TestAcces:
    PAGES = ("detail", "choisir_facteur", "suspendre", "prolonger", "deroger")

    @pytest.mark.parametrize("qui", ["elsa", "chloe", "farid", "hugo"])
    def test_un_parcours_invisible_est_introuvable(self, connecte, action, distribution, awa, qui):
        intervention = action.intervention
        suspension = Suspension(intervention=intervention).suspendre(par=awa, motif="Absence.")
        demande = Prolongation(intervention=intervention).demander(par=awa, jours=30, motif="Report.")
        client = connecte(distribution[qui])
        adresses = [adresse(page, intervention) for page in self.PAGES]
        adresses += [adresse(page, action) for page in ("action", "modifier_action", "noter_issue")]
        adresses += [adresse(page, intervention.parcours) for page in ("demarrer", "noter_contact")]
        adresses += [adresse("reprendre", suspension), adresse("decider", demande)]
        adresses += [adresse("inscrire_action", intervention, "LOG-01")]
        for chemin in adresses:
            assert client.get(chemin).status_code == 404, chemin
            assert client.post(chemin).status_code == 404, chemin

    def test_une_adresse_inconnue_est_introuvable(self, connecte, awa, db):
        assert connecte(awa).get(reverse("interventions:detail", args=[uuid.uuid4()])).status_code == 404

    @pytest.mark.parametrize("route", ["choisir_facteur", "suspendre", "prolonger"])
    def test_le_superviseur_lit_sans_conduire(self, connecte, intervention, gaelle, route):
        assert connecte(gaelle).get(intervention.get_absolute_url()).status_code == 200
        assert connecte(gaelle).get(adresse(route, intervention)).status_code == 403


REQUETES = {
    "choisir_facteur": 12,
    "suspendre": 13,
    "prolonger": 14,
    "demarrer": 14,
    "reprendre": 15,
    "decider": 13,
    "deroger": 11,
}


class TestRequetes:
    """Le nombre de requêtes de chaque page qui change le temps, fixé ; il ne dépend d'aucun nombre de lignes."""

    def test_demarrer(self, connecte, diagnostique, awa, django_assert_num_queries):
        client = connecte(awa)
        with django_assert_num_queries(REQUETES["demarrer"]):
            client.get(adresse("demarrer", diagnostique))

    @pytest.mark.parametrize("route", ["choisir_facteur", "suspendre", "prolonger"])
    def test_avant_le_terme(self, connecte, intervention, awa, django_assert_num_queries, route):
        client = connecte(awa)
        with django_assert_num_queries(REQUETES[route]):
            assert client.get(adresse(route, intervention)).status_code == 200

    def test_reprendre(self, connecte, intervention, awa, django_assert_num_queries):
        suspension = Suspension(intervention=intervention).suspendre(par=awa, motif="Absence.")
        client = connecte(awa)
        with django_assert_num_queries(REQUETES["reprendre"]):
            client.get(adresse("reprendre", suspension))

    def test_decider(self, connecte, intervention, awa, gaelle, django_assert_num_queries):
        demande = Prolongation(intervention=intervention).demander(par=awa, jours=30, motif="Report.")
        client = connecte(gaelle)
        with django_assert_num_queries(REQUETES["decider"]):
            client.get(adresse("decider", demande))

    def test_deroger(self, connecte, intervention, gaelle, django_assert_num_queries):
        client = connecte(gaelle)
        with au_jour(91), django_assert_num_queries(REQUETES["deroger"]):
            client.get(adresse("deroger", intervention))
