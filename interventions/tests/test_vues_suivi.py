"""Les pages où l'on note une réponse ou un contact."""

import pytest

from interventions.models import Action, Contact
from interventions.tests.conftest import adresse, au_jour, jour

pytestmark = pytest.mark.django_db


class TestIssue:
    def test_note_une_reponse(self, connecte, action, awa, issues):
        donnees = {
            "version": action.version,
            "issue": "DEM-OK",
            "issue_le": f"{jour():%d/%m/%Y}",
            "issue_note": "620 euros.",
        }
        assert connecte(awa).post(adresse("noter_issue", action), donnees).status_code == 302
        action.refresh_from_db()
        assert (action.etat, action.issue.code) == ("close", "DEM-OK")

    def test_la_date_exigee_n_est_pas_dite_facultative(self, connecte, action, awa):
        page = connecte(awa).get(adresse("noter_issue", action)).text
        assert "(facultatif)" not in page.split("Date de la réponse")[1].split("Nouvelle date attendue")[0]
        assert 'value="DEM-ATT"' in page

    def test_la_date_est_celle_du_jour_a_la_premiere_reponse_puis_celle_qui_est_notee(
        self, connecte, action, awa, issues
    ):
        with au_jour(9):
            form = connecte(awa).get(adresse("noter_issue", action)).context["form"]
            assert form["issue_le"].value() == jour(9)
            envoi = {"version": action.version, "issue_le": f"{jour(9):%d/%m/%Y}"}
            assert connecte(awa).post(adresse("noter_issue", action), envoi | {"issue": "DEM-SIL"}).status_code == 302
            action.refresh_from_db()
            assert action.issue_le is None
            action.noter_issue(par=awa, issue=issues["DEM-OK"], issue_le=jour(4))
            form = connecte(awa).get(adresse("noter_issue", action)).context["form"]
            assert form["issue_le"].value() == jour(4)

    def test_une_attente_oublie_la_date_laissee_dans_la_page(self, connecte, action, awa):
        donnees = {"version": action.version, "issue": "DEM-ATT", "issue_le": f"{jour():%d/%m/%Y}"}
        assert connecte(awa).post(adresse("noter_issue", action), donnees).status_code == 302
        action.refresh_from_db()
        assert (action.issue.code, action.issue_le) == ("DEM-ATT", None)

    def test_sans_demande_la_page_dit_quoi_faire(self, connecte, intervention, awa, reponses, motif_non_sollicite):
        reponses |= {"ns2_sollicite_le": None, "ns2_motif": motif_non_sollicite, "reponse_attendue_le": None}
        action = Action(intervention=intervention).inscrire(par=awa, **reponses)
        page = connecte(awa).get(adresse("noter_issue", action)).text
        assert "notez d’abord la date de la demande" in page
        assert adresse("modifier_action", action) in page
        assert 'value="DEM-OK"' not in page
        donnees = {"version": action.version, "issue": "DEM-OK", "issue_le": f"{jour():%d/%m/%Y}"}
        assert connecte(awa).post(adresse("noter_issue", action), donnees).status_code == 422

    def test_demande_la_date(self, connecte, action, awa, issues):
        reponse = connecte(awa).post(adresse("noter_issue", action), {"version": action.version, "issue": "DEM-OK"})
        assert reponse.status_code == 422
        assert "date de cette réponse" in reponse.text

    def test_ouvre_la_page(self, connecte, action, awa, django_assert_num_queries):
        client = connecte(awa)
        with django_assert_num_queries(REQUETES_ISSUE):
            assert "Silence" in client.get(adresse("noter_issue", action)).text


REQUETES_ISSUE = 13


class TestContact:
    def test_se_note_en_deux_reponses(self, connecte, intervention, bruno):
        donnees = {"canal": "téléphone", "de_la_personne": "oui", "le": f"{jour():%d/%m/%Y}"}
        assert connecte(bruno).post(adresse("noter_contact", intervention.parcours), donnees).status_code == 302
        contact = Contact.objects.get()
        assert (contact.de_la_personne, contact.le, contact.par) == (True, jour(), bruno)

    SAISIES_REFUSEES = [
        {"canal": ""},
        {"canal": "pigeon"},
        {"de_la_personne": ""},
        {"le": "01/01/1800"},
        {"le": "31/12/9999"},
        {"le": f"{jour(1):%d/%m/%Y}"},
        {"note": "x" * 2001},
    ]

    def test_refuse(self, connecte, intervention, awa):
        for champs in self.SAISIES_REFUSEES:
            donnees = {"canal": "SMS", "de_la_personne": "non", "le": f"{jour():%d/%m/%Y}"} | champs
            assert connecte(awa).post(adresse("noter_contact", intervention.parcours), donnees).status_code == 422, (
                champs
            )
            assert not Contact.objects.exists()

    def test_avertit_d_un_mot_de_soin_puis_accepte_la_confirmation(self, connecte, intervention, awa):
        donnees = {
            "canal": "SMS",
            "de_la_personne": "non",
            "le": f"{jour():%d/%m/%Y}",
            "note": "Parle de sa chimiothérapie.",
        }
        reponse = connecte(awa).post(adresse("noter_contact", intervention.parcours), donnees)
        assert reponse.status_code == 422
        donnees |= {"formulation_vue": reponse.context["form"].data["formulation_vue"], "formulation_confirmee": "on"}
        assert connecte(awa).post(adresse("noter_contact", intervention.parcours), donnees).status_code == 302

    def test_se_note_sans_reponse_ou_au_bureau(self, connecte, intervention, bruno):
        client, noter = connecte(bruno), adresse("noter_contact", intervention.parcours)
        donnees = {"canal": "téléphone", "de_la_personne": "sans_reponse", "le": f"{jour():%d/%m/%Y}"}
        assert client.post(noter, donnees).status_code == 302
        assert client.post(noter, donnees | {"canal": "rendez-vous", "de_la_personne": "oui"}).status_code == 302
        faits = Contact.objects.order_by("pk").values_list("canal", "de_la_personne", "abouti")
        assert list(faits) == [("téléphone", False, False), ("rendez-vous", True, True)]
        page = client.get(intervention.get_absolute_url()).text
        assert "À notre initiative, sans réponse" in page
        assert "Rendez-vous au bureau" in page

    def test_revient_d_ou_l_on_vient(self, connecte, intervention, bruno):
        client, noter = connecte(bruno), adresse("noter_contact", intervention.parcours)
        assert f"{noter}?de=intervention" in client.get(intervention.get_absolute_url()).text
        donnees = {"canal": "SMS", "de_la_personne": "non", "le": f"{jour():%d/%m/%Y}"}
        assert client.post(f"{noter}?de=intervention", donnees)["Location"] == intervention.get_absolute_url()
        assert client.post(noter, donnees)["Location"] == intervention.parcours.get_absolute_url()

    def test_ouvre_la_page(self, connecte, intervention, awa, django_assert_num_queries):
        client = connecte(awa)
        with django_assert_num_queries(REQUETES_CONTACT):
            assert "Noter ce contact" in client.get(adresse("noter_contact", intervention.parcours)).text


REQUETES_CONTACT = 13
