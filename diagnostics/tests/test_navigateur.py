"""Le diagnostic dans un vrai navigateur : brouillon automatique, erreurs, du premier axe au document, accessibilité, téléphone."""

import re

import pytest
from playwright.sync_api import expect

from diagnostics.models import BrouillonAxe, Diagnostic
from diagnostics.tests import recits

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def visiter(live_server, page, connecter, awa):
    """`visiter(objet)` ou `visiter("/adresse/")` : la page, connectée au nom d'awa."""
    connecter(page, awa)

    def aller(cible):
        page.goto(live_server.url + (cible if isinstance(cible, str) else cible.get_absolute_url()))
        return page

    return aller


def test_le_brouillon_se_garde_seul_puis_se_retrouve(visiter, diagnostic, axe):
    logement = recits.axe(diagnostic, "LOG")
    page = visiter(logement)
    page.get_by_label("Ses mots").fill("Je n’ose plus ouvrir.")
    expect(page.locator("#brouillon")).to_contain_text(re.compile(r"Brouillon enregistré à \d"))
    assert BrouillonAxe.objects.get().saisie["parole"] == ["Je n’ose plus ouvrir."]
    visiter(logement)
    expect(page.get_by_label("Ses mots")).to_have_value("Je n’ose plus ouvrir.")
    axe(page)


def test_les_erreurs_prennent_le_focus_et_menent_au_champ(visiter, diagnostic, axe):
    page = visiter(recits.axe(diagnostic, "LOG"))
    page.get_by_role("button", name="Enregistrer et continuer").click()
    expect(page).to_have_title(re.compile("^Erreur : Logement"))
    expect(page.locator(".errsum")).to_be_focused()
    page.get_by_role("link", name=re.compile("Choisissez un niveau")).click()
    expect(page.locator("#id_criticite_0")).to_be_focused()
    axe(page)


def test_du_premier_axe_au_document(visiter, parcours_admis, axe):
    page = visiter(f"/parcours/{parcours_admis.uuid}/diagnostic/ouvrir/")
    page.get_by_role("button", name="Ouvrir le diagnostic").click()
    axe(page)
    page.get_by_role("link", name=re.compile("Commencer")).click()
    for code in ("ADM", "BUD", "LOG", "ORG", "PRO"):
        _remplir_l_axe(page, critique=code == "LOG")
    expect(page.get_by_role("heading", name="Diagnostic sur cinq axes")).to_be_visible()
    page.get_by_role("link", name="Noter sa priorité").click()
    page.get_by_label("Ce qui compte d’abord").fill("Garder le logement.")
    page.get_by_role("button", name="Enregistrer").click()
    page.get_by_role("link", name="Effets domino").click()
    page.get_by_role("button", name=re.compile("^Retenir cette suite")).click()
    expect(page.locator(".chart-domino")).to_be_visible()
    axe(page)
    page.get_by_role("link", name="Relire et valider").click()
    axe(page)
    page.get_by_role("link", name="Valider ce diagnostic").click()
    axe(page)
    page.get_by_role("button", name="Valider et produire le document").click()
    expect(page).to_have_url(re.compile("/documents/"))
    assert Diagnostic.objects.get().etat == "valide"


def _remplir_l_axe(page, *, critique):
    page.locator("#id_criticite_3" if critique else "#id_criticite_1").check()
    page.locator("#id_criticite_de_la_personne_1").check()
    if critique:
        page.get_by_label("Ajouter un facteur").select_option("LOG-01")
        page.get_by_role("button", name="Ajouter").click()
        page.get_by_label("Document vu").check()
        expect(page.locator("#id_criticite_3")).to_be_checked()
    page.get_by_role("button", name="Enregistrer et continuer").click()


def test_tient_sur_un_telephone(visiter, telephone, rempli, awa, axe):
    recits.retenir(rempli, "BUD-05", awa)
    recits.retenir(rempli, "LOG-04", awa)
    adresses = [
        rempli,
        recits.axe(rempli, "LOG"),
        rempli.get_absolute_url() + "relire/",
        rempli.get_absolute_url() + "suites/",
    ]
    for cible in adresses:
        visiter(cible)
        assert telephone.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        axe(telephone)
