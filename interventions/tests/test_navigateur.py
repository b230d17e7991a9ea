"""L'intervention au navigateur : prolongation demandée puis approuvée, contact au téléphone, accessibilité de chaque page."""

import os
import re

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from interventions.models import Action, Contact, Prolongation, Suspension
from interventions.tests.conftest import jour
from securisation.parcours.models import Parcours

pytestmark = pytest.mark.django_db(transaction=True)
CLICHES = os.environ.get("JALON_CLICHES")


@pytest.fixture
def ouvrir(live_server, axe):
    """Ouvre une page, vérifie son accessibilité et son seul titre ; la photographie si `JALON_CLICHES` nomme un dossier."""

    def aller(page, route, objet, *autres):
        page.goto(live_server.url + reverse(f"interventions:{route}", args=[objet.uuid, *autres]))
        assert page.locator("h1").count() == 1
        largeur = page.viewport_size["width"]
        assert page.evaluate("document.documentElement.scrollWidth") <= largeur
        if CLICHES:
            page.screenshot(path=f"{CLICHES}/{route}-{largeur}.png", full_page=True)
        axe(page)
        return page

    return aller


@pytest.fixture
def garnie(intervention, awa, reponses, issues):
    """L'intervention, avec une action aboutie, une en cours sans relais, un contact."""
    aboutie = Action(intervention=intervention).inscrire(
        par=awa, **(reponses | {"intitule": "Plan d'apurement avec le bailleur"})
    )
    aboutie.noter_issue(par=awa, issue=issues["DEM-OK"], issue_le=jour(), issue_note="Dix mensualités de 62 euros.")
    Action(intervention=intervention).inscrire(par=awa, **(reponses | {"ns4_relais": ""}))
    Contact(parcours=intervention.parcours).noter(
        par=awa, canal="téléphone", de_la_personne=True, note="Rappelle jeudi."
    )
    return intervention


@pytest.mark.parametrize("largeur", [1280, 390, 320])
def test_chaque_page_est_accessible(page, connecter, ouvrir, garnie, awa, gaelle, largeur):
    page.set_viewport_size({"width": largeur, "height": 900})
    connecter(page, awa)
    action = garnie.actions.last()
    for route in ("detail", "choisir_facteur", "suspendre", "prolonger"):
        ouvrir(page, route, garnie)
    ouvrir(page, "inscrire_action", garnie, "LOG-01")
    for route in ("action", "modifier_action", "noter_issue"):
        ouvrir(page, route, action)
    ouvrir(page, "noter_contact", garnie.parcours)
    demande = Prolongation(intervention=garnie).demander(par=awa, jours=30, motif="Commission reportée.")
    suspension = Suspension(intervention=garnie).suspendre(par=awa, motif="Absence annoncée.")
    ouvrir(page, "reprendre", suspension)
    connecter(page, gaelle)
    ouvrir(page, "decider", demande)
    ouvrir(page, "detail", garnie)


def test_une_erreur_reste_accessible(page, connecter, ouvrir, garnie, awa, axe):
    connecter(page, awa)
    ouvrir(page, "inscrire_action", garnie, "LOG-01")
    page.get_by_label("Que fait-on ?").fill("Dossier FSL")
    page.get_by_role("button", name="Inscrire l’action").click()
    expect(page).to_have_title(re.compile("^Erreur"))
    assert page.get_by_label("Que fait-on ?").input_value() == "Dossier FSL"
    axe(page)
    if CLICHES:
        page.screenshot(path=f"{CLICHES}/erreur-1280.png", full_page=True)


def test_une_prolongation_se_demande_puis_s_approuve(page, connecter, ouvrir, intervention, awa, gaelle):
    connecter(page, awa)
    ouvrir(page, "prolonger", intervention)
    page.get_by_label("Motif de la demande").fill("Commission reportée d'un mois, date connue.")
    page.get_by_role("button", name="Envoyer la demande").click()
    page.get_by_text("Prolongation demandée. Un superviseur").wait_for()
    connecter(page, gaelle)
    ouvrir(page, "detail", intervention)
    page.get_by_role("link", name="Décider").click()
    page.get_by_label("Approuver").check()
    page.get_by_role("button", name="Enregistrer la décision").click()
    page.get_by_text("Prolongation approuvée.").wait_for()
    intervention.refresh_from_db()
    assert intervention.terme == jour(120)


def test_un_contact_se_note_en_trois_gestes_au_telephone(telephone, connecter, ouvrir, intervention, bruno):
    connecter(telephone, bruno)
    ouvrir(telephone, "noter_contact", intervention.parcours)
    telephone.get_by_role("radio", name="Téléphone").check()
    telephone.get_by_label("La personne").check()
    telephone.get_by_role("button", name="Noter ce contact").click()
    telephone.wait_for_url(f"**{Parcours.objects.get().get_absolute_url()}")
    assert Contact.objects.get().de_la_personne
