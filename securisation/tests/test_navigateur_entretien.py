"""Au navigateur : l'entretien sur un écran tourné vers la personne, et une page d'axe remplie au clavier seul."""

import re

import pytest
from playwright.sync_api import expect

from diagnostics.models import BrouillonAxe, FacteurRetenu
from diagnostics.tests import recits
from securisation.tests.clavier import Clavier

pytestmark = pytest.mark.django_db(transaction=True)
TABLETTE = {"width": 768, "height": 1024}


@pytest.fixture
def diagnostic(parcours_admis, awa):
    """Ouvert par awa, encore vide."""
    return recits.ouvrir(parcours_admis, awa)


def test_un_entretien_puis_la_page_d_axe(visite, awa, diagnostic):
    visite.entrer(awa, diagnostic.get_absolute_url()).titre("Diagnostic sur cinq axes")
    visite.suivre("Mode entretien").titre("Avec vos mots, où en êtes-vous ?")
    visite.ecrire(parole="Je n’ouvre plus le courrier.").presser(re.compile("^Suivant$"))
    visite.titre("Quel niveau pour votre situation ?")
    visite.page.set_viewport_size(TABLETTE)
    assert visite.page.evaluate("document.documentElement.scrollWidth") <= TABLETTE["width"]
    visite._photographier("entretien-niveau", TABLETTE["width"])
    visite.page.get_by_label(re.compile(r"^3\s· Critique")).check()
    expect(visite.page.locator("#brouillon")).to_contain_text("Brouillon enregistré")
    visite.presser("Suivant").titre("Sur quoi pouvez-vous compter ?")
    visite.presser("Précédent").titre("Quel niveau pour votre situation ?")
    expect(visite.page.get_by_label(re.compile(r"^3\s· Critique"))).to_be_checked()
    visite.presser("Suivant").ecrire(points_d_appui="Ma sœur")
    visite.page.keyboard.press("Escape")
    visite.titre("Administratif et juridique")
    expect(visite.page.locator("[name=parole]")).to_have_value("Je n’ouvre plus le courrier.")
    expect(visite.page.locator("[name=points_d_appui]")).to_have_value("Ma sœur")
    expect(visite.page.locator("[name=criticite_de_la_personne][value='3']")).to_be_checked()
    garde = BrouillonAxe.objects.get()
    assert garde.auteur_id == awa.pk
    assert not garde.evaluation.parole


def test_sans_reseau_la_question_reste_et_le_dit(visite, awa, diagnostic):
    visite.entrer(awa, diagnostic.get_absolute_url()).suivre("Mode entretien").titre("Avec vos mots, où en êtes-vous ?")
    visite.ecrire(parole="Je n’ouvre plus le courrier.")
    visite.page.context.set_offline(True)
    visite.presser(re.compile("^Suivant$"))
    expect(visite.page.locator("#hors-ligne-envoi")).to_be_visible()
    expect(visite.page.locator("[name=parole]")).to_have_value("Je n’ouvre plus le courrier.")
    visite.page.context.set_offline(False)
    visite.presser(re.compile("^Suivant$")).titre("Quel niveau pour votre situation ?")


def test_un_axe_au_clavier_seul(visite, awa, diagnostic):
    page = visite.entrer(awa, recits.axe(diagnostic, "LOG").get_absolute_url()).page
    clavier = Clavier(page)
    expect(page.locator("h1")).to_have_text("Logement et conditions matérielles")
    clavier.atteindre("[name=criticite]")
    for _ in range(3):
        page.keyboard.press("ArrowDown")
    expect(page.locator("#id_criticite_3")).to_be_checked()
    clavier.atteindre("[name=criticite_de_la_personne]")
    page.keyboard.press("ArrowDown")
    clavier.atteindre("[name=parole]")
    page.keyboard.type("Le bailleur écrit.")
    clavier.atteindre("#facteurs-filtre")
    page.keyboard.type("énergie")
    expect(page.locator("[data-compte]")).to_have_text("1 sur 12 facteur répond")
    page.keyboard.press("Escape")
    expect(page.locator("[data-compte]")).to_contain_text("12 facteurs")
    page.keyboard.type("DETTE")
    page.keyboard.press("Enter")
    page.keyboard.press("Space")
    expect(page.get_by_label("Dette locative")).to_be_checked()
    clavier.atteindre("[value=ajouter]")
    page.keyboard.press("Enter")
    expect(page.locator("#f-LOG-01")).to_be_visible()
    clavier.atteindre("[name='constate_LOG-01']")
    page.keyboard.press("Space")
    clavier.atteindre(".ends [value=liste]")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("Diagnostic sur cinq axes")
    expect(page.get_by_text("3 · Critique")).to_be_visible()
    assert FacteurRetenu.objects.get().constate == "dit par la personne"


def test_la_comparaison_de_deux_versions(visite, awa, diagnostic):
    recits.remplir(diagnostic, awa).valider(par=awa)
    second = recits.ouvrir(diagnostic.parcours, awa)
    recits.axe(second, "LOG").coter(par=awa, criticite=1, criticite_de_la_personne=2, parole="Je respire.")
    recits.axe(second, "LOG").facteurs.get().retirer(par=awa)
    recits.retenir(second, "LOG-09", awa)
    visite.entrer(awa, second.get_absolute_url()).suivre(re.compile("Ce qui a changé")).titre("Ce qui a changé")
    visite.lit("Deux niveaux de mieux").lit("Dette locative")
