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

    yield aller
    # La page qui se ferme n'envoie plus son brouillon : il arriverait pendant que la base se vide.
    page.evaluate("document.querySelectorAll('[data-brouillon]').forEach(f => f.removeAttribute('data-brouillon'))")


def test_le_brouillon_se_garde_seul_puis_se_retrouve(visiter, diagnostic, axe):
    logement = recits.axe(diagnostic, "LOG")
    page = visiter(logement)
    page.get_by_label("Ses mots").fill("Je n’ose plus ouvrir.")
    expect(page.locator("#brouillon")).to_contain_text(re.compile(r"Brouillon enregistré à \d"))
    assert BrouillonAxe.objects.get().saisie["parole"] == ["Je n’ose plus ouvrir."]
    visiter(logement)
    expect(page.get_by_label("Ses mots")).to_have_value("Je n’ose plus ouvrir.")
    axe(page)


def test_quitter_l_axe_avant_le_brouillon_ne_perd_rien(visiter, diagnostic):
    page = visiter(recits.axe(diagnostic, "BUD"))
    page.get_by_label("Ses mots").fill("Je compte tout.")
    page.get_by_role("link", name="Recueillir l’accord").click()
    expect(page.get_by_role("heading", name="Recueillir un accord")).to_be_visible()
    page.get_by_role("link", name="Revenir sans enregistrer").click()
    expect(page.get_by_label("Ses mots")).to_have_value("Je compte tout.")
    expect(page.get_by_role("radio").first).to_be_visible()


def test_abandonner_ne_laisse_pas_revenir_le_brouillon(visiter, diagnostic):
    page = visiter(recits.axe(diagnostic, "BUD"))
    page.get_by_label("Ses mots").fill("À jeter.")
    expect(page.locator("#brouillon")).to_contain_text("Brouillon enregistré")
    page.reload()
    page.get_by_label("Ses mots").fill("À jeter aussi.")
    page.get_by_role("button", name="Abandonner mon brouillon").click()
    expect(page.get_by_text("Votre brouillon est effacé")).to_be_visible()
    expect(page.get_by_label("Ses mots")).to_have_value("")
    assert not BrouillonAxe.objects.exists()


def test_une_longue_saisie_sans_brouillon_avertit_avant_de_quitter(visiter, diagnostic):
    page, questions = visiter(diagnostic.get_absolute_url() + "parole/"), []
    page.on("dialog", lambda dialogue: (questions.append(dialogue.type), dialogue.accept()))
    page.get_by_label("Ce qui compte d’abord").fill("Garder le logement.")
    page.get_by_role("link", name="Revenir sans enregistrer").click()
    expect(page.get_by_role("heading", name="Diagnostic sur cinq axes")).to_be_visible()
    assert questions == ["beforeunload"]
    visiter(diagnostic.get_absolute_url() + "parole/")
    page.get_by_label("Ce qui compte d’abord").fill("Garder le logement.")
    page.get_by_role("button", name="Enregistrer").click()
    expect(page.get_by_role("heading", name="Diagnostic sur cinq axes")).to_be_visible()
    assert questions == ["beforeunload"]


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
    _attendre_le_titre(page, "Diagnostic sur cinq axes")
    axe(page)
    page.get_by_role("link", name=re.compile("Commencer")).click()
    for code in ("ADM", "BUD", "LOG", "ORG", "PRO"):
        _remplir_l_axe(page, critique=code == "LOG")
    _attendre_le_titre(page, "Diagnostic sur cinq axes")
    page.get_by_role("link", name="Noter sa priorité").click()
    page.get_by_label("Ce qui compte d’abord").fill("Garder le logement.")
    page.get_by_role("button", name="Enregistrer").click()
    page.get_by_role("link", name="Effets domino").click()
    page.get_by_role("button", name=re.compile("^Retenir cette suite")).click()
    expect(page.locator(".chart-domino")).to_be_visible()
    axe(page)
    page.get_by_role("link", name="Relire et valider").first.click()
    expect(page.get_by_role("link", name="Valider ce diagnostic")).to_be_visible()
    axe(page)
    page.get_by_role("link", name="Valider ce diagnostic").click()
    expect(page.get_by_role("button", name="Valider et produire le document")).to_be_visible()
    axe(page)
    page.get_by_role("button", name="Valider et produire le document").click()
    expect(page).to_have_url(re.compile("/documents/"))
    assert Diagnostic.objects.get().etat == "valide"


def _attendre_le_titre(page, titre):
    """Le clic rend la main avant que la page suivante soit là."""
    expect(page.get_by_role("heading", name=titre)).to_be_visible()


def _remplir_l_axe(page, *, critique):
    page.locator("#id_criticite_3" if critique else "#id_criticite_1").check()
    page.locator("#id_criticite_de_la_personne_1").check()
    if critique:
        page.get_by_label("Dette locative").check()
        page.get_by_role("button", name="Ajouter").click()
        page.get_by_label("Document vu").check()
        expect(page.locator("#id_criticite_3")).to_be_checked()
    page.get_by_role("button", name="Enregistrer et continuer").click()


def test_ecarter_ouvre_le_motif_puis_ecarte(visiter, diagnostic, awa, axe):
    recits.retenir(diagnostic, "LOG-01", awa)
    page = visiter(recits.axe(diagnostic, "LOG"))
    page.get_by_role("link", name=re.compile("Écarter, avec un motif")).click()
    page.get_by_label("Motif").fill("Bailleur prévenu.")
    axe(page)
    page.get_by_role("button", name=re.compile("Écarter cette suite")).click()
    expect(page.get_by_text("Bailleur prévenu.")).to_be_visible()
    assert not diagnostic.dominos.get().retenu


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
