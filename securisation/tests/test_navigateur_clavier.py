"""Au navigateur, sans souris : de la connexion à un contact noté et à une action inscrite ; le focus se voit, suit la page et revient."""

import pytest
from playwright.sync_api import expect

from interventions.models import Action, Contact
from interventions.tests.conftest import demarrer, diagnostiquer
from securisation.socle.models import Evenement
from securisation.tests.clavier import Clavier, constater_le_focus, contraste

MOT_DE_PASSE = "clairière tuba girafe"


@pytest.fixture
def en_intervention(parcours_admis, awa):
    """Le parcours de Mme Diallo en intervention, et un mot de passe pour awa."""
    diagnostiquer(parcours_admis, awa)
    demarrer(parcours_admis, awa)
    awa.set_password(MOT_DE_PASSE)
    awa.save()
    return parcours_admis


@pytest.fixture
def clavier(visite):
    """La page de connexion, tenue au clavier seul."""
    visite.page.goto(f"{visite.racine}/")
    return Clavier(visite.page)


def titre(clavier, texte):
    """Attend la page de ce titre ; le focus y repart du début."""
    expect(clavier.page.locator("h1")).to_have_text(texte)


def est_au_focus(clavier, choix):
    """Attend que l'élément de ce choix tienne le focus."""
    expect(clavier.page.locator(choix).first).to_be_focused()


def test_de_la_connexion_a_l_action_sans_souris(clavier, en_intervention, awa):
    se_connecter(clavier)
    sauter_au_contenu(clavier)
    noter_un_contact(clavier)
    contact = Contact.objects.get()
    assert (contact.canal, contact.de_la_personne, contact.par) == ("SMS", True, awa)
    inscrire_une_action(clavier)
    action = Action.objects.get()
    assert (action.levier.code, action.facteur.code, action.ns5) == ("L-DALO", "LOG-01", False)
    for objet in (contact, action):
        maillons = Evenement.objects.filter(modele=objet._meta.label_lower, objet=objet.pk, action="creation")
        assert [maillon.acteur_id for maillon in maillons] == [awa.pk]
    assert clavier.arrets > 50


def se_connecter(clavier):
    """Un mot de passe faux : le résumé prend le focus, son lien ramène au champ ; puis le vrai."""
    titre(clavier, "Se connecter")
    clavier.ecrire("login", "awa@exemple.test").ecrire("password", "faux").presser("Enter")
    est_au_focus(clavier, ".errsum")
    clavier.ecrire("login", "awa@exemple.test").ecrire("password", MOT_DE_PASSE).presser("Enter")
    titre(clavier, "Mes parcours")


def sauter_au_contenu(clavier):
    """Le premier arrêt est le lien d'évitement ; il paraît, et mène au contenu sans repasser par le menu."""
    arret = clavier.tab()
    assert arret["nom"] == "Aller au contenu"
    clavier.presser("Enter")
    est_au_focus(clavier, "#contenu")
    suivant = clavier.tab()
    assert clavier.page.evaluate("document.getElementById('contenu').contains(document.activeElement)"), suivant["nom"]


def noter_un_contact(clavier):
    """De « Mes parcours » : qui, puis un envoi incomplet ; l'erreur ramène au canal, choisi aux flèches."""
    clavier.page.reload()
    clavier.lien("Nouveau contact")
    titre(clavier, "Avec qui ?")
    clavier.lien("De sa part : contact avec Fatou Diallo")
    titre(clavier, "Noter un contact")
    clavier.bouton("Noter ce contact")
    est_au_focus(clavier, ".errsum")
    clavier.tab()
    clavier.presser("Enter")
    est_au_focus(clavier, "[name=canal]")
    clavier.presser("ArrowDown")
    clavier.page.get_by_label("SMS").evaluate("voulu => { window.voulu = voulu; }")
    for _ in range(8):
        if clavier.page.evaluate("document.activeElement === window.voulu"):
            break
        clavier.presser("ArrowDown")
    expect(clavier.page.get_by_label("SMS")).to_be_checked()
    expect(clavier.page.get_by_label("La personne")).to_be_checked()
    clavier.bouton("Noter ce contact", "Space")
    titre(clavier, "Fatou Diallo")
    expect(clavier.page.get_by_text("Contact noté.")).to_be_visible()


def inscrire_une_action(clavier):
    """Le facteur, le levier, puis les cinq questions ; celle qui manque est montrée, et le focus y revient."""
    clavier.lien("Intervention")
    titre(clavier, "Intervention")
    clavier.lien("Ajouter une action")
    titre(clavier, "Quel facteur cette action traite-t-elle ?")
    clavier.lien("Dette locative")
    titre(clavier, "Quel levier de droit commun ?")
    clavier.lien("Recours DALO")
    titre(clavier, "Décrire l’action")
    clavier.bouton("Inscrire l’action")
    est_au_focus(clavier, ".errsum")
    clavier.tab()
    clavier.presser("Enter")
    est_au_focus(clavier, "[name=ns2]")
    clavier.presser("Space")
    expect(clavier.page.locator("[name=ns2][value=oui]")).to_be_checked()
    clavier.bouton("Inscrire l’action")
    titre(clavier, "Intervention")


def test_chaque_page_se_parcourt_d_un_bout_a_l_autre(clavier, visite, en_intervention, awa):
    """Ni piège ni retour en arrière : tout ce qui se touche s'atteint, dans l'ordre, et la touche inverse revient sur ses pas."""
    for adresse in ("/", en_intervention.get_absolute_url(), en_intervention.intervention.get_absolute_url()):
        visite.entrer(awa, adresse)
        arrets = clavier.faire_le_tour()
        assert arrets[0] == "Aller au contenu"
        assert len(arrets) == clavier.page.evaluate(
            """[...document.querySelectorAll('a[href], button, input, select, textarea, summary, [tabindex="0"]')]
            .filter((e) => e.checkVisibility({ visibilityProperty: true }) && e.tabIndex >= 0 && !e.disabled
                && e.type !== "hidden" && getComputedStyle(e).visibility !== "hidden").length"""
        ), adresse
        clavier.page.locator("a.skip").focus()
        premier, second = clavier.tab()["nom"], clavier.tab()["nom"]
        assert (premier, second) == tuple(arrets[1:3])
        assert clavier.tab("Shift+Tab")["nom"] == premier


def test_un_menu_s_ouvre_se_ferme_et_rend_le_focus(clavier, visite, en_intervention, awa):
    visite.entrer(awa, en_intervention.get_absolute_url())
    clavier.atteindre("details.menu > summary").presser("Enter")
    menu = clavier.page.locator("details.menu")
    expect(menu).to_have_attribute("open", "")
    clavier.tab()
    assert menu.evaluate("menu => menu.contains(document.activeElement)")
    clavier.presser("Escape")
    expect(menu).not_to_have_attribute("open", "")
    est_au_focus(clavier, "details.menu > summary")


@pytest.mark.parametrize(
    ("defaut", "dit"),
    [
        ({"contour": 0}, "sans contour"),
        ({"taille": [1, 1]}, "sans se voir"),
        ({"recouvert": True}, "hors de la vue"),
        ({"a_l_ecran": False}, "hors de la vue"),
        ({"trait": "rgb(240, 240, 240)"}, "se confond"),
    ],
)
def test_un_focus_qui_ne_se_voit_pas_est_dit(defaut, dit):
    arret = {"nom": "Enregistrer", "taille": [120, 44], "a_l_ecran": True, "recouvert": False, "contour": 3}
    arret |= {"trait": "rgb(26, 86, 219)", "fond": "rgb(255, 255, 255)", "suit": True}
    constater_le_focus(arret)
    with pytest.raises(AssertionError, match=dit):
        constater_le_focus(arret | defaut)


def test_le_contraste_se_calcule():
    assert contraste("rgb(0, 0, 0)", "rgb(255, 255, 255)") == pytest.approx(21)
    assert contraste("rgb(119, 119, 119)", "rgb(255, 255, 255)") == pytest.approx(4.48, abs=0.01)
