"""Au navigateur : une intervention de son démarrage à sa prolongation, le contact au téléphone, le double clic."""

import re

import pytest
from playwright.sync_api import expect

from interventions.models import Contact, Intervention
from interventions.tests.conftest import demarrer, diagnostiquer, jour
from securisation.tests.conftest import TELEPHONE

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def diagnostique(parcours_admis, awa):
    """Le parcours de Mme Diallo, diagnostic validé : LOG-01 et BUD-05 retenus."""
    diagnostiquer(parcours_admis, awa)
    return parcours_admis


@pytest.fixture
def en_intervention(diagnostique, awa):
    """Le même, intervention démarrée aujourd'hui pour 90 jours."""
    demarrer(diagnostique, awa)
    return diagnostique


def test_de_la_demarche_a_la_reponse(visite, diagnostique, awa):
    visite.entrer(awa, diagnostique.get_absolute_url())
    visite.suivre("Démarrer l’intervention").titre("Démarrer l’intervention")
    visite.ecrire(objectif="Garder le logement et remettre le budget d'aplomb.")
    visite.page.get_by_label(re.compile("Je déclare n.avoir aucun conflit")).check()
    visite.presser("Démarrer l’intervention").titre("Intervention").lit("90 jours")
    inscrire_une_action(visite)
    visite.suivre("Dossier FSL maintien").titre("Dossier FSL maintien")
    visite.suivre("Noter la réponse").titre("Noter la réponse")
    visite.page.get_by_label("aboutie").first.check()
    visite.ecrire(issue_le=f"{jour():%d/%m/%Y}", issue_note="Dix mensualités de 62 euros.")
    visite.presser("Enregistrer la réponse").lit("Issue notée.").constater("Intervention, une réponse")
    visite.suivre("Fatou Diallo").lit("Dossier FSL maintien").constater("Fatou Diallo, en intervention")


def inscrire_une_action(visite):
    """Choisit le facteur, décrit l'action, répond aux cinq questions de non-substitution."""
    visite.suivre("Ajouter").constater("Choisir un facteur").suivre("Dette locative")
    visite.titre("Quel levier de droit commun ?").suivre("Fonds de solidarité pour le logement")
    visite.titre("Décrire l’action").ecrire(intitule="Dossier FSL maintien")
    visite.choisir(ns2="Oui")
    visite.ecrire(reponse_attendue_le=f"{jour(40):%d/%m/%Y}")
    visite.presser("Inscrire l’action").titre("Intervention").lit("Dossier FSL maintien")


def test_suspendre_reprendre_puis_prolonger(visite, en_intervention, awa, gaelle):
    visite.entrer(awa, en_intervention.intervention.get_absolute_url())
    visite.menu("Suspendre l’intervention").titre("Suspendre l’intervention")
    visite.ecrire(motif="Absence annoncée.").presser("Suspendre").lit("Intervention suspendue.")
    visite.suivre("Reprendre").titre("Reprendre l’intervention").presser("Reprendre").lit("Intervention reprise.")
    visite.menu("Demander une prolongation").titre("Demander une prolongation")
    visite.ecrire(motif="Commission reportée d'un mois.").presser("Envoyer la demande").lit("Prolongation demandée.")
    visite.entrer(gaelle).titre("Mes parcours").ouvrir("Fatou Diallo").titre("Fatou Diallo")
    visite.suivre("Intervention").titre("Intervention").suivre("Mes parcours").titre("Mes parcours")
    visite.suivre("Prolongation de 30").titre("Décider d’une prolongation")
    visite.choisir(decision="Approuver").presser("Enregistrer la décision").lit("Prolongation approuvée.")
    assert Intervention.objects.get().terme == jour(120)


def test_un_contact_se_note_en_trois_gestes_au_telephone(visite, en_intervention, bruno):
    visite.page.set_viewport_size(TELEPHONE)
    visite.entrer(bruno, en_intervention.get_absolute_url()).suivre("Noter un contact")
    expect(visite.page.locator("h1")).to_have_text("Noter un contact")
    visite.choisir(canal="Téléphone", de_la_personne="La personne").presser("Noter ce contact")
    visite.lit("Contact noté.")
    assert visite.page.evaluate("document.documentElement.scrollWidth") <= TELEPHONE["width"]
    assert Contact.objects.get().de_la_personne


def test_un_double_clic_n_a_qu_un_effet(visite, en_intervention, bruno):
    visite.entrer(bruno, en_intervention.get_absolute_url()).suivre("Noter un contact")
    visite.choisir(canal="SMS", de_la_personne="Nous")
    visite.page.get_by_role("button", name="Noter ce contact").dblclick()
    visite.lit("Contact noté.")
    assert Contact.objects.count() == 1


def test_sans_javascript_un_double_envoi_n_a_qu_un_effet(new_context, live_server, connecter, en_intervention, bruno):
    page = new_context(java_script_enabled=False).new_page()
    connecter(page, bruno)
    page.goto(live_server.url + en_intervention.get_absolute_url())
    page.get_by_role("link", name="Noter un contact").first.click()
    page.get_by_label("SMS").check()
    page.get_by_label("Nous").check()
    page.get_by_role("button", name="Noter ce contact").dblclick()
    expect(page.get_by_text("Contact noté.")).to_be_visible()
    assert Contact.objects.count() == 1
