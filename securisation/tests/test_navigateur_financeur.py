"""Au navigateur : la direction prépare et publie ; le financeur lit, télécharge et vérifie."""

import re
from datetime import date

import pytest
from playwright.sync_api import expect

from securisation.comptes.models import Equipe
from securisation.pilotage import conventions
from securisation.pilotage.edition import fictif, preparation
from securisation.pilotage.models import Convention, Edition
from securisation.tests.conftest import BUREAU, TELEPHONE

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def calcul(monkeypatch):
    """Un calcul d'essai : des nombres inventés, assez grands pour paraître."""
    monkeypatch.setattr(preparation, "calculer", lambda definition, publiees: (fictif.contenu(), fictif.rapport()))


@pytest.fixture
def convention(distribution):
    """La convention que lit farid."""
    return conventions.creer(
        par=distribution["jean"],
        numero="2025-118",
        financeur="Département d’essai",
        du=date(2025, 1, 1),
        au=date(2027, 12, 31),
        objet_paye="Le diagnostic, l’intervention et la sortie.",
        equipes=Equipe.objects.filter(nom="Équipe de Laval"),
        lecteurs=[distribution["farid"]],
    )


def publier(visite, jean, convention, travailler):
    """De la convention à l'édition publiée, fichiers produits."""
    visite.entrer(jean, convention.get_absolute_url()).titre("Convention 2025-118")
    visite.suivre("Préparer une édition").titre("Préparer une édition")
    visite.ecrire(du="01/01/2025", au="31/12/2025").presser("Calculer et contrôler").lit("Calcul et contrôle en cours")
    visite.constater("Contrôle, en cours")
    travailler()
    visite.lit("Le contrôle permet de publier.").constater("Contrôle, publiable")
    visite.suivre("Publier…").lit("compte de financeur pourra la lire").constater("Publier une édition")
    visite.presser("Publier cette édition").lit("Cette page se met à jour seule")
    travailler()
    visite.lit("Télécharger le PDF")  # sans recharger


def test_la_direction_enregistre_une_convention(visite, distribution):
    visite.entrer(distribution["jean"], "/pilotage/conventions/").titre("Conventions")
    visite.suivre("Nouvelle convention").titre("Nouvelle convention")
    visite.presser("Enregistrer la convention").lit("Choisissez au moins une équipe ou un département.")
    visite.constater("Nouvelle convention, à corriger")
    visite.ecrire(
        numero="2026-1", financeur="Région d’essai", du="01/01/2026", au="31/12/2028", objet_paye="La sortie."
    )
    visite.choisir(equipes="Équipe de Laval", lecteurs="Farid Amrani")
    choisir_un_departement(visite)
    visite.presser("Enregistrer la convention").lit("Convention enregistrée.").lit("Région d’essai, convention 2026-1")
    assert [d.libelle for d in Convention.objects.get().departements.all()] == ["Mayenne"]


def choisir_un_departement(visite):
    """Déplie la longue liste, la réduit à la frappe, coche : le pli dit ce qui est choisi."""
    groupe = visite.page.get_by_role("group", name="Départements")
    groupe.locator("summary").click()
    groupe.get_by_role("searchbox").fill("mayen")
    expect(groupe.get_by_role("status")).to_contain_text("1 sur")
    visite.constater("Nouvelle convention, départements")
    groupe.get_by_role("checkbox", name="Mayenne").check()
    groupe.locator("summary").click()
    expect(groupe.locator("summary")).to_contain_text("1 choix : Mayenne")


def test_au_telephone_le_controle_fini_arrive_replie(visite, distribution, convention, calcul, travailler):
    """Les nombres prennent la place du suivi : ce qui les replie les trouve dans l'élément neuf, pas dans celui qui s'en va."""
    visite.page.set_viewport_size(TELEPHONE)
    visite.entrer(distribution["jean"], convention.get_absolute_url()).suivre("Préparer une édition")
    visite.ecrire(du="01/01/2025", au="31/12/2025").presser("Calculer et contrôler").lit("Calcul et contrôle en cours")
    travailler()
    visite.lit("Le contrôle permet de publier.")  # sans recharger
    chapitres, deplies = (visite.page.locator(f"details[data-chapitre]{etat}") for etat in ("", "[open]"))
    expect(deplies).to_have_count(0)
    visite.presser("Tout déplier")
    expect(deplies).to_have_count(chapitres.count())
    visite.page.goto(visite.page.url + "#%")
    visite.page.reload()  # une ancre qui ne se lit pas n'arrête rien : la page échouerait sur l'erreur
    expect(deplies).to_have_count(0)


def test_sans_leurs_scripts_ni_filtre_ni_bouton(visite, distribution, convention, calcul, travailler):
    """Les scripts sont permis, ceux-là manquent : ce qu'ils animent ne se montre pas, le reste sert."""
    publier(visite, distribution["jean"], convention, travailler)
    visite.page.route(re.compile("/static/(chapitres|choisir)"), lambda demande: demande.fulfill(body=""))
    visite.page.goto(visite.page.url)
    visite.lit("Édition valide")
    expect(visite.page.locator(".sommaire summary")).to_be_visible()
    expect(visite.page.locator("[data-tout]")).to_be_hidden()
    visite.entrer(distribution["jean"], "/pilotage/conventions/").suivre("Nouvelle convention")
    departements = visite.page.get_by_role("group", name="Départements")
    departements.locator("summary").click()
    expect(departements.get_by_role("checkbox", name="Mayenne")).to_be_visible()
    expect(departements.locator("[type=search]")).to_be_hidden()
    visite.page.unroute_all()


def lire_au_telephone(visite):
    """Les chapitres s'y replient, le sommaire y mène ; sur le papier et au bureau, tout est déplié."""
    chapitres, deplies = (visite.page.locator(f"details[data-chapitre]{etat}") for etat in ("", "[open]"))
    nombre = chapitres.count()
    expect(deplies).to_have_count(nombre)
    visite.page.set_viewport_size(TELEPHONE)
    visite.page.reload()
    expect(deplies).to_have_count(0)
    visite.constater("Une édition, chapitres repliés")
    visite.page.set_viewport_size(TELEPHONE)
    visite.page.locator(".sommaire summary").click()
    visite.constater("Une édition, sommaire ouvert")
    visite.page.set_viewport_size(TELEPHONE)
    visite.suivre("Leviers mobilisés", dans=visite.page.locator(".sommaire"))
    expect(deplies).to_have_count(1)
    expect(deplies.locator("h2")).to_be_in_viewport()
    expect(visite.page.locator(".sommaire details[open]")).to_have_count(0)
    visite.page.evaluate("dispatchEvent(new Event('beforeprint'))")
    expect(deplies).to_have_count(nombre)
    visite.page.evaluate("dispatchEvent(new Event('afterprint'))")
    expect(deplies).to_have_count(1)
    visite.presser("Tout déplier")
    expect(deplies).to_have_count(nombre)
    visite.presser("Tout replier")
    expect(deplies).to_have_count(0)
    visite.page.set_viewport_size(BUREAU)
    visite.page.reload()
    expect(deplies).to_have_count(nombre)


def test_le_financeur_lit_telecharge_et_verifie(visite, distribution, convention, calcul, travailler):
    publier(visite, distribution["jean"], convention, travailler)
    edition = Edition.objects.get()
    visite.entrer(distribution["farid"]).titre("Éditions publiées").suivre(edition.numero)
    visite.titre("Sécurisation des parcours post-santé, année 2025").lit("Édition valide")
    visite.lit("Sur environ 85 parcours entrés au niveau critique ou de rupture, environ 70 sont sortis")
    lire_au_telephone(visite)
    telecharges = {}
    debuts = {
        "Télécharger le PDF": b"%PDF-",
        "Tableaux CSV": b"\xef\xbb\xbf",
        "Tableaux XLSX": b"PK",
        "Tableaux ODS": b"PK",
    }
    for nom, debut in debuts.items():
        with visite.page.expect_download() as telechargement:
            visite.suivre(nom)
        assert telechargement.value.path().read_bytes().startswith(debut)
        telecharges[nom] = telechargement.value.path()
    visite.suivre("Vérifier cette édition").titre("Vérifier un document").lit(edition.numero).lit(
        "Édition de financeur"
    )
    visite.page.locator("input[type=file]").set_input_files(str(telecharges["Télécharger le PDF"]))
    visite.presser("Vérifier ce fichier").lit("C’est bien")
    visite.entrer(distribution["farid"])
    visite.suivre("Mes conventions").titre("Mes conventions").suivre("Département d’essai").titre("Convention 2025-118")
    assert visite.page.get_by_role("link", name="Mes parcours").count() == 0
    assert visite.page.get_by_role("link", name="Préparer une édition").count() == 0


def test_une_correction_remplace_et_dit_ce_qui_change(
    visite, distribution, convention, calcul, travailler, monkeypatch
):
    publier(visite, distribution["jean"], convention, travailler)
    neuf = fictif.contenu(moins=20)
    monkeypatch.setattr(preparation, "calculer", lambda definition, publiees: (neuf, fictif.rapport()))
    visite.suivre("Corriger cette édition").lit("recalculés et attaqués").constater("Corriger une édition")
    visite.ecrire(mot="Des demandes comptées deux fois.").presser("Préparer la correction")
    travailler()
    visite.lit("Ce qui change depuis").suivre("Publier…").presser("Publier cette édition").lit(
        "Ses fichiers se préparent."
    )
    visite.constater("Une correction publiée").suivre("Lire l’édition remplacée").lit("Cette édition est remplacée")
    visite.constater("Une édition remplacée")
