"""Au navigateur : une invitation part, un partenaire arrive et lit, la personne retire son accord pendant que l'onglet est ouvert."""

import re

import pytest
from django.core import mail
from playwright.sync_api import expect

from securisation.coordination.models import Invitation
from securisation.coordination.tests.conftest import ADRESSE, PARTENAIRE, partager
from securisation.parcours.models import Parcours
from securisation.tests import dossiers
from securisation.tests.conftest import Visite

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def partenaire(browser, browser_context_args, visite, axe, connecter):
    """Le navigateur du partenaire, à part de celui de l'équipe ; une erreur de page y est une faute."""
    fautes = []
    contexte = browser.new_context(**browser_context_args)
    page = contexte.new_page()
    page.on("pageerror", lambda erreur: fautes.append(str(erreur)))
    yield Visite(page, visite.racine, axe, connecter)
    contexte.close()
    assert fautes == []


@pytest.fixture
def accord(distribution, awa):
    """Un dossier en intervention, dont le logement et le diagnostic imprimé sont partagés avec un bailleur."""
    objets = dossiers.construire("suspendue", distribution)
    return partager(objets[Parcours], awa, documents=[objets[dossiers.Document].numero])


def test_d_une_invitation_au_retrait_de_l_accord(visite, partenaire, accord, awa, travailler, settings):
    settings.ADRESSE_PUBLIQUE = visite.racine
    visite.entrer(awa, accord.parcours.get_absolute_url()).menu("Partenaires").titre("Partenaires")
    visite.suivre(f"Inviter {PARTENAIRE}").titre(f"Inviter {PARTENAIRE}")
    visite.ecrire(courriel="pas une adresse").presser("Préparer l’invitation").constater("Inviter, adresse illisible")
    visite.ecrire(courriel=ADRESSE).presser("Préparer l’invitation").titre(f"Invitation de {PARTENAIRE}")
    visite.presser("Envoyer par courriel").lit("Le lien part vers")
    travailler()
    visite.presser("Afficher le code").constater("Invitation, le code montré")
    code = visite.page.locator("#t-code + p").text_content()
    lien = re.search(r"http\S+#\S+", mail.outbox[-1].body).group(0)
    assert "Canarizette" not in mail.outbox[-1].subject + mail.outbox[-1].body

    _arriver(partenaire, lien, code)
    partenaire.lit("Lecture seule").constater("Un partage, page du partenaire")
    with partenaire.page.expect_download() as fichier:
        partenaire.page.get_by_role("link", name="Diagnostic").first.click()
    assert fichier.value.suggested_filename.endswith(".pdf")
    partenaire.suivre("Partagé avec vous").titre("Partagé avec vous")
    partenaire.page.go_back()

    visite.page.goto(visite.racine + accord.parcours.get_absolute_url())
    accord.retirer(par=awa, motif="Elle préfère s'en occuper.")
    partenaire.page.reload()
    partenaire.titre("Ce partage n’est pas ouvert").suivre("Ce qui vous est partagé")
    partenaire.lit("Ce qui vous est partagé apparaîtra ici").constater("Partagé avec vous, vide")
    partenaire.page.goto(visite.racine + "/")
    partenaire.lit("Cette page n’existe pas ou ne vous est pas ouverte")
    visite.menu("Partenaires").lit("Invitations finies").constater("Partenaires, plus rien ne court")
    visite.suivre(PARTENAIRE).lit("Cette invitation n’ouvre plus rien").constater("Une invitation finie")


def _arriver(partenaire, lien, code):
    """Ouvre le lien, se trompe une fois de code, entre ; le lien quitte l'adresse aussitôt."""
    partenaire.page.goto(lien)
    partenaire.titre("Ouvrir un partage").lit("Le lien est dans la page")
    assert "#" not in partenaire.page.url
    partenaire.ecrire(code="0000 0000").presser("Ouvrir").lit("n’ouvrent rien")
    partenaire.constater("Ouvrir un partage, refusé")
    assert Invitation.objects.get(courriel=ADRESSE).essais == 1
    partenaire.ecrire(code=code).presser("Ouvrir").titre("F.C.")


def test_sans_script_le_lien_se_colle(browser, browser_context_args, visite, accord, awa):
    invitation = Invitation(accord=accord).inviter(par=awa, courriel=ADRESSE, jusqu_au=Invitation.dernier_jour(accord))
    visite.entrer(awa, invitation.get_absolute_url()).presser("Montrer un lien à copier")
    visite.constater("Invitation, le lien montré")
    lien = visite.page.locator("code").text_content()
    visite.presser("Afficher le code")
    code = visite.page.locator("#t-code + p").text_content()
    contexte = browser.new_context(**browser_context_args | {"java_script_enabled": False})
    page = contexte.new_page()
    page.goto(f"{visite.racine}/invitation/")
    page.get_by_label("Lien reçu").fill(lien)
    page.get_by_label("Code à huit chiffres").fill(code)
    page.get_by_role("button", name="Ouvrir").click()
    expect(page.locator("h1")).to_have_text("F.C.")
    contexte.close()
