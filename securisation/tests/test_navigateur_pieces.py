"""Au navigateur, sur un téléphone : la photo d'un courrier jointe au parcours ; un contact noté de partout, gestes comptés."""

import io

import pytest
from PIL import Image
from playwright.sync_api import expect

from interventions.models import Contact, Piece
from interventions.tests.conftest import demarrer, diagnostiquer
from securisation.tests.conftest import TELEPHONE

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def browser_context_args(browser_context_args):
    """Un téléphone : on le touche, la prise de vue s'y offre."""
    return {**browser_context_args, "viewport": TELEPHONE, "has_touch": True, "is_mobile": True}


@pytest.fixture
def en_intervention(parcours_admis, awa):
    """Le parcours de Mme Diallo, intervention démarrée aujourd'hui."""
    diagnostiquer(parcours_admis, awa)
    demarrer(parcours_admis, awa)
    return parcours_admis


def photo():
    """Une photo de douze millions de points, comme un téléphone en prend."""
    rendu = io.BytesIO()
    Image.effect_noise((400, 300), 80).resize((4000, 3000)).convert("RGB").save(rendu, "JPEG", quality=60)
    return {"name": "IMG_2041.jpg", "mimeType": "image/jpeg", "buffer": rendu.getvalue()}


def test_la_photo_d_un_courrier_se_joint_depuis_le_telephone(visite, en_intervention, awa):
    visite.entrer(awa, en_intervention.get_absolute_url())
    visite.suivre("Joindre", dans=visite.page.locator("[aria-labelledby=t-pieces]")).titre("Joindre une pièce")
    visite.page.set_viewport_size(TELEPHONE)
    champ = visite.page.get_by_label("Prendre une photo")
    expect(champ).to_be_visible()
    assert champ.get_attribute("capture") == "environment"
    champ.set_input_files(photo())
    expect(visite.page.locator("output").first).to_contain_text("IMG_2041.jpg")
    visite.presser("Joindre la pièce")  # sans intitulé : la page revient, et dit de reprendre la photo
    expect(visite.page.locator(".errsum")).to_be_visible()
    visite.lit("Choisissez de nouveau le fichier").constater("Joindre une pièce, refusée")
    visite.page.set_viewport_size(TELEPHONE)
    visite.ecrire(intitule="Courrier de la CAF")
    champ.set_input_files(photo())
    visite.presser("Joindre la pièce").lit("Pièce jointe au parcours.").constater("Fatou Diallo, une pièce")
    piece = Piece.objects.get()
    image = Image.open(io.BytesIO(bytes(piece.fichier.contenu)))
    assert (image.size, piece.octets < 2_000_000) == ((2400, 1800), True)
    visite.suivre("Courrier de la CAF").titre("Courrier de la CAF")
    with visite.page.expect_download() as recu:
        visite.suivre("Télécharger")
    assert recu.value.suggested_filename == f"piece-{piece.pk}.jpg"
    visite.suivre("Jointe par erreur").titre("Retirer cette pièce")
    visite.ecrire(motif="Jointe au mauvais dossier.").presser("Retirer la pièce").lit("son fichier est effacé")


def test_un_contact_se_note_de_partout_en_trois_gestes(visite, en_intervention, bruno):
    """Le bouton est à portée de pouce sur chaque page ; de là : qui, à l'initiative de qui, noter. Le canal préféré est coché."""
    visite.entrer(bruno, "/referentiel/")
    visite.page.set_viewport_size(TELEPHONE)
    barre = visite.page.get_by_role("navigation", name="Accès rapide")
    expect(barre.get_by_role("link", name="Contact")).to_be_in_viewport()
    en_intervention.personne.modifier(par=bruno, canal_prefere="téléphone")
    visite.suivre("Contact", dans=barre).titre("Avec qui ?")
    visite.page.set_viewport_size(TELEPHONE)
    gestes = [
        lambda: visite.suivre("Fatou Diallo"),
        lambda: visite.choisir(de_la_personne="La personne"),
        lambda: visite.presser("Noter ce contact"),
    ]
    for geste in gestes:
        geste()
    visite.lit("Contact noté.")
    contact = Contact.objects.get()
    assert (contact.canal, contact.de_la_personne, contact.par) == ("téléphone", True, bruno)
    assert len(gestes) == 3


@pytest.mark.parametrize("prefere", ["", "courrier"])
def test_l_initiative_choisie_avant_se_voit_cochee_sans_defiler(visite, en_intervention, bruno, prefere):
    """Elle décide de la conservation : le choix fait à la page d'avant est à l'écran du téléphone, hors de la barre fixe."""
    en_intervention.personne.modifier(par=bruno, canal_prefere=prefere)
    visite.entrer(bruno, "/contacts/noter/?q=diallo").page.set_viewport_size(TELEPHONE)
    visite.suivre("De notre part : contact avec Fatou Diallo").titre("Noter un contact")
    visite.page.set_viewport_size(TELEPHONE)
    visite.page.evaluate("scrollTo(0, 0)")
    coche = visite.page.locator("[name=de_la_personne]:checked")
    expect(coche).to_have_value("non")
    boite = visite.page.locator("label", has=coche).bounding_box()
    milieu = [boite["x"] + boite["width"] / 2, boite["y"] + boite["height"] - 2]
    assert visite.page.evaluate(
        "([x, y]) => !!document.elementFromPoint(x, y)?.closest('label')?.querySelector(':checked')", milieu
    )


def test_un_contact_mene_a_ce_qui_suit_et_un_double_appui_n_en_fait_qu_un(visite, en_intervention, bruno):
    visite.entrer(bruno, "/contacts/noter/?q=diallo").suivre("Fatou Diallo").titre("Noter un contact")
    visite.page.set_viewport_size(TELEPHONE)
    visite.choisir(canal="SMS", de_la_personne="Nous")
    visite.page.locator("summary").filter(has_text="quelques mots").tap()
    visite.ecrire(note="Elle apportera l’avis d’échéance.").choisir(ensuite="Une pièce à joindre")
    visite.constater("Noter un contact, et ensuite")
    visite.page.set_viewport_size(TELEPHONE)
    visite.page.get_by_role("button", name="Noter ce contact").dblclick()
    expect(visite.page.locator("h1")).to_have_text("Joindre une pièce")
    visite.lit("Contact noté.")
    assert Contact.objects.count() == 1
