"""Au navigateur : une démarche en trois clics, son silence qui vaut rejet, le plan rangé par axe, le recours écrit et produit."""

import pytest
from playwright.sync_api import expect

from interventions.models import Action
from interventions.tests.conftest import demarrer, diagnostiquer, jour
from securisation.annuaire.models import Axe, Facteur, Levier, ModeAction
from securisation.documents.models import Document

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def en_intervention(parcours_admis, awa):
    """Mme Diallo en intervention ; une demande de titre restée sans réponse depuis plus de quatre mois, et une autre démarche."""
    diagnostiquer(parcours_admis, awa)
    intervention = demarrer(parcours_admis, awa)
    commun = {"mode": ModeAction.objects.get(code="MA-2"), "ns1": "oui", "ns3": "la personne avec le dispositif"}
    for code, axe, facteur, intitule in (
        ("L-PREF", "LOG", "LOG-01", "Titre de séjour"),
        ("L-BDF", "BUD", "BUD-05", "Dossier de surendettement"),
    ):
        champs = {"levier": Levier.objects.get(code=code), "axe": Axe.objects.get(code=axe), "intitule": intitule}
        champs |= {"facteur": Facteur.objects.get(code=facteur), "ns4_relais": "CCAS", "reponse_attendue_le": jour(10)}
        Action(intervention=intervention).inscrire(par=awa, ns2_sollicite_le=jour(-130), **(commun | champs))
    return intervention


def test_du_silence_au_recours(visite, en_intervention, awa, travailler):
    visite.entrer(awa, en_intervention.get_absolute_url()).titre("Intervention").lit("Silence : vaut rejet depuis le")
    visite.suivre("Par axe")
    expect(visite.page.locator(".day").first).to_contain_text("Budget")
    visite.constater("Le plan par axe")
    visite.suivre("Titre de séjour").titre("Titre de séjour").lit("L’horloge du silence")
    visite.lit("la loi dit que c’est refusé")
    visite.suivre("Écrire un courrier").titre("Quel courrier écrire ?").suivre("Recours après un silence")
    visite.titre("Relire le courrier")
    assert "vaut rejet depuis le" in visite.page.locator("[name=texte]").input_value()
    visite.ecrire(lieu="Laval").presser("Produire le courrier").titre("Courrier")
    travailler()
    visite.page.reload()
    visite.lit("Document prêt").constater("Un courrier produit")
    with visite.page.expect_download() as recu:
        visite.suivre("En ODT")
    assert recu.value.suggested_filename.endswith(".odt")
    assert Document.objects.filter(genre="courrier").count() == 1


def test_une_demarche_en_trois_clics(visite, en_intervention, awa):
    visite.entrer(awa, en_intervention.get_absolute_url()).suivre("Ajouter").suivre("Dette locative")
    visite.suivre("Recours DALO").titre("Décrire l’action").lit("Prérempli d’après")
    visite.choisir(ns2="Oui").constater("Une action préremplie")
    visite.presser("Inscrire l’action").titre("Intervention").lit("Recours DALO")
    assert Action.objects.latest("pk").ns5 is False


def test_sans_javascript_le_plan_se_range(new_context, live_server, connecter, en_intervention, awa):
    page = new_context(java_script_enabled=False).new_page()
    connecter(page, awa)
    page.goto(live_server.url + en_intervention.get_absolute_url())
    page.get_by_role("link", name="Par axe").click()
    expect(page.locator(".day").first).to_contain_text("Budget")
    assert page.url.endswith("?plan=axe#t-actions")
