"""Au navigateur : ce qu'une autre équipe ne trouve pas, le formulaire devenu ancien, l'import, les pages autour du parcours."""

from pathlib import Path

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from securisation.parcours import tests as essais_du_parcours
from securisation.parcours.models import Accord, Parcours
from securisation.socle.routes import routes_d_un_dossier
from securisation.tests import dossiers

pytestmark = pytest.mark.django_db(transaction=True)
ORIENTATIONS = Path(essais_du_parcours.__file__).parent / "orientations.csv"


def test_une_autre_equipe_ne_trouve_aucune_page_du_dossier(visite, distribution, awa, bruno, elsa):
    objets = dossiers.construire("clos", distribution)
    visite.entrer(elsa).lit("Vos parcours apparaîtront ici")
    lues = {}
    for route in routes_d_un_dossier():
        objet = objets.get(route.modele)
        if objet is not None:
            adresse = reverse(route.nom, kwargs=route.valeurs(uuid=objet.uuid, professionnel=bruno.uuid))
            lues[route.nom] = visite.page.request.get(visite.racine + adresse).status
    assert len(lues) > 30
    assert set(lues.values()) == {404}
    visite.page.goto(visite.racine + objets[Parcours].get_absolute_url())
    visite.titre("Cette page n’existe pas ou ne vous est pas ouverte")
    visite.page.goto(f"{visite.racine}/?q=Canarizette")
    visite.lit("Aucun parcours ne correspond").constater("Recherche, rien ne correspond")


def test_un_formulaire_ancien_montre_les_deux_textes(visite, parcours, awa):
    visite.entrer(awa, parcours.get_absolute_url()).menu("Fiche de la personne").titre("Fiche de la personne")
    parcours.personne.modifier(par=awa, foyer="Un enfant, chez sa mère.")
    visite.ecrire(foyer="Deux enfants, avec elle.").presser("Enregistrer la fiche")
    visite.titre("Quelqu’un a enregistré avant vous").lit("Un enfant, chez sa mère.").lit("Deux enfants, avec elle.")
    visite.page.get_by_label("Deux enfants, avec elle.").check()
    visite.presser("Enregistrer ce choix").lit("Fiche enregistrée.")
    parcours.personne.refresh_from_db()
    assert parcours.personne.foyer == "Deux enfants, avec elle."


def test_les_orientations_s_importent_a_l_ecran(visite, awa, travailler):
    visite.entrer(awa).suivre("Importer").titre("Importer des orientations")
    visite.page.locator("input[type=file]").set_input_files(ORIENTATIONS)
    visite.presser("Déposer le tableau").titre("orientations.csv")
    travailler()
    visite.lit("24 créées, 7 refusées").constater("Import terminé")
    with visite.page.expect_download() as telechargement:
        visite.suivre("Fichier des rejets")
    assert "sécurité sociale" in telechargement.value.path().read_text(encoding="utf-8-sig")
    assert Parcours.objects.count() == 24
    visite.suivre("Mes parcours").lit("24").constater("Mes parcours, vingt-quatre")


def _chercher(visite, texte):
    """Du champ de l'en-tête, au téléphone comme au bureau, par la touche Entrée."""
    champ = visite.page.get_by_label("Chercher un parcours")
    champ.fill(texte)
    champ.press("Enter")
    return visite


def test_chercher_un_parcours_par_son_nom_et_par_son_numero(visite, parcours, awa):
    visite.entrer(awa)
    _chercher(visite, "personne ainsi nommée").lit("Aucun parcours ne correspond")
    _chercher(visite, "DIALLO  fàtou").titre("Recherche")
    expect(visite.page.get_by_role("link", name="Fatou Diallo")).to_be_visible()
    _chercher(visite, "+33 6 39 98 20 06").lit("1 parcours répond à")
    _chercher(visite, parcours.numero).suivre("Fatou Diallo").titre("Fatou Diallo")
    visite.suivre("Mes parcours").titre("Mes parcours")
    visite.suivre("Sortie").lit("Aucun parcours dans cette phase")


def test_un_accord_se_retire_et_l_historique_le_dit(visite, parcours_admis, awa):
    visite.entrer(awa, parcours_admis.get_absolute_url())
    visite.presser("Afficher").lit("06 39 98 20 06")
    visite.menu("Rôles sur le parcours").titre("Rôles sur ce parcours").suivre("Fatou Diallo")
    visite.menu("Ajouter à l’entourage").titre("Ajouter quelqu’un de l’entourage").suivre("Fatou Diallo")
    visite.menu("Restreindre").titre("Restreindre ce parcours").suivre("Fatou Diallo")
    visite.menu("Interrompre le parcours").titre("Interrompre ce parcours").suivre("Fatou Diallo")
    # L'adhésion retirée interrompt le parcours : le reste du menu se voit avant.
    visite.suivre("Retirer").constater("Retirer un accord").presser("Retirer l’accord").lit("Accord retiré.")
    visite.suivre("Historique").titre("Historique")
    visite.page.locator("details summary").first.click()
    visite.constater("Historique, un avant et après").lit("Awa Diarra")
    assert Accord.objects.filter(retire_le__isnull=False).count() == 1
