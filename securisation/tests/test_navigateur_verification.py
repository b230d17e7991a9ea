"""Au navigateur : qui a reçu un document le vérifie sans compte, par son code QR, son numéro ou son fichier, avec et sans JavaScript."""

import pytest
from django.core.cache import cache
from playwright.sync_api import expect

from interventions.tests.conftest import diagnostiquer
from securisation.documents.models import Document

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def document(parcours_admis, awa, travailler):
    """Le diagnostic de Mme Diallo, produit et scellé."""
    cache.clear()
    diagnostiquer(parcours_admis, awa)
    travailler()
    return Document.objects.select_related("fichier").get(genre="diagnostic")


@pytest.fixture
def sans_script(browser, live_server):
    """Une page d'un navigateur dont JavaScript est éteint, sans compte."""
    contexte = browser.new_context(java_script_enabled=False, base_url=live_server.url, locale="fr-FR")
    yield contexte.new_page()
    contexte.close()


def fichier(octets):
    return {"name": "document.pdf", "mimeType": "application/pdf", "buffer": octets}


def test_avec_javascript_le_fichier_ne_quitte_pas_l_appareil(visite, document):
    page, envois = visite.page, []
    page.on("request", lambda envoi: envois.append(envoi.post_data_buffer or b""))
    page.goto(f"{visite.racine}/verifier/{document.reference}")
    visite.titre("Vérifier un document").lit("Valable")
    assert "Diallo" not in page.content()
    octets = bytes(document.fichier.contenu)
    page.get_by_label("Le fichier", exact=True).set_input_files(fichier(octets))
    visite.presser("Vérifier ce fichier").lit("C’est bien ce fichier").constater("Vérifier, bon")
    page.get_by_label("Le fichier", exact=True).set_input_files(fichier(octets[:-1]))
    visite.presser("Vérifier ce fichier").lit("Ce n’est pas le fichier de ce document").constater("Vérifier, modifié")
    assert sum(len(envoi) > 64 for envoi in envois) == 2
    assert max(len(envoi) for envoi in envois) < 2_000
    assert not any(b"%PDF" in envoi for envoi in envois)


def test_le_numero_et_la_cle_se_tapent(visite, document):
    page = visite.page
    page.goto(f"{visite.racine}/verifier/")
    visite.titre("Vérifier un document").ecrire(numero="B-2026", cle="non")
    visite.presser("Vérifier ce numéro").lit("tels qu’ils sont imprimés").constater("Vérifier, refusé")
    visite.ecrire(numero=document.numero, cle=f"{document.cle[:4]} {document.cle[4:]}")
    visite.presser("Vérifier ce numéro").lit("Valable")
    page.goto(f"{visite.racine}/verifier/{document.numero}-ABCDEFGH")
    visite.lit("Aucun document ne répond").constater("Vérifier, sans suite")


def test_sans_javascript_le_fichier_est_lu_et_pas_garde(sans_script, document):
    sans_script.goto("/verifier/")
    sans_script.get_by_label("Le fichier", exact=True).set_input_files(fichier(bytes(document.fichier.contenu)))
    sans_script.get_by_role("button", name="Vérifier ce fichier").click()
    expect(sans_script.get_by_text("C’est bien ce fichier")).to_be_visible()
    sans_script.get_by_label("Le fichier", exact=True).set_input_files(fichier(b"%PDF-1.7 autre chose"))
    sans_script.get_by_role("button", name="Vérifier ce fichier").click()
    expect(sans_script.get_by_text("Ce fichier n’est pas reconnu")).to_be_visible()
