"""Au navigateur : un mot signalé se remplace d'un geste dans son champ, au clavier, et se remet."""

import pytest
from playwright.sync_api import expect

from interventions.models import Contact
from interventions.tests.conftest import demarrer, diagnostiquer

pytestmark = pytest.mark.django_db(transaction=True)
NOTE = "Appel bref. Absente pour un cancer, rappelle lundi."
FORMULATION = "arrêt de travail jusqu’au (date), droits à revoir avant (date)"


@pytest.fixture
def signale(visite, parcours_admis, awa):
    """La page d'un contact dont la note vient d'être signalée."""
    diagnostiquer(parcours_admis, awa)
    demarrer(parcours_admis, awa)
    visite.entrer(awa, f"/parcours/{parcours_admis.uuid}/contacts/noter/").titre("Noter un contact")
    visite.page.locator("summary", has_text="quelques mots").click()
    visite.ecrire(note=NOTE).choisir(canal="Téléphone", de_la_personne="La personne").presser("Noter ce contact")
    visite.lit("Ce texte semble nommer une cause médicale").constater("Une formulation proposée")
    return visite


def test_le_mot_se_remplace_au_clavier_puis_se_remet(signale):
    page, note = signale.page, signale.page.locator("[name=note]")
    page.get_by_role("button", name=FORMULATION).focus()
    page.keyboard.press("Enter")
    expect(note).to_have_value(NOTE.replace("cancer", FORMULATION))
    expect(note).to_be_focused()
    assert page.evaluate("getSelection().toString()") == "(date)"
    page.keyboard.type("12 mars")
    signale.lit("Remplacé.")
    page.keyboard.press("Control+z")
    page.keyboard.press("Control+z")
    expect(note).to_have_value(NOTE)


def test_le_bouton_remet_le_mot(signale):
    note = signale.page.locator("[name=note]")
    signale.presser(FORMULATION)
    expect(signale.page.get_by_role("button", name=FORMULATION)).to_be_hidden()
    signale.presser("Remettre « cancer »")
    expect(note).to_have_value(NOTE)
    expect(signale.page.get_by_role("button", name=FORMULATION)).to_be_visible()


def test_un_mot_plus_long_qui_le_contient_reste_entier(signale):
    note = signale.page.locator("[name=note]")
    note.fill("État précancereux dit par elle, puis cancer.")
    signale.presser(FORMULATION)
    expect(note).to_have_value(f"État précancereux dit par elle, puis {FORMULATION}.")


def test_le_texte_repris_s_enregistre_sans_confirmer(signale):
    signale.presser(FORMULATION)
    signale.page.locator("[name=note]").fill("Appel bref. Arrêt de travail jusqu’au 12 mars, rappelle lundi.")
    signale.presser("Remettre « cancer »").lit("Le texte a changé depuis")
    signale.presser("Noter ce contact")
    expect(signale.page.locator("h1")).not_to_have_text("Noter un contact")
    assert Contact.objects.get().note.endswith("rappelle lundi.")
