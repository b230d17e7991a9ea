"""Au navigateur : un parcours se restreint, le délégué l'ouvre par un motif écrit, la superviseure le lit, il se referme."""

import pytest
from playwright.sync_api import expect

from securisation.parcours.models import Parcours
from securisation.tests import dossiers

pytestmark = pytest.mark.django_db(transaction=True)
MOTIF = "La personne conteste une lecture de son dossier."


def test_un_parcours_restreint_s_ouvre_par_un_motif_que_la_superviseure_lit(visite, distribution, awa, gaelle, hugo):
    parcours = dossiers.construire("suspendue", distribution)[Parcours]
    adresse = parcours.get_absolute_url()
    visite.entrer(gaelle, "/ouvertures/").titre("Ouvertures motivées").lit("Lecture contestée")
    visite.entrer(awa, adresse).menu("Restreindre").titre("Restreindre ce parcours").lit("Gaëlle Le Goff")
    visite.choisir(raison="La personne est un proche").ecrire(motif="Sœur d'une collègue.").presser("Restreindre")
    visite.lit("Parcours restreint.").constater("Parcours restreint, sa référente")

    visite.entrer(gaelle, adresse).titre("Cette page n’existe pas ou ne vous est pas ouverte")
    visite.entrer(hugo, adresse).titre("Cette page n’existe pas ou ne vous est pas ouverte")

    visite.entrer(hugo, "/ouvertures/").lit("Aucun dossier ouvert").constater("Ouvertures motivées, vides, délégué")
    visite.suivre("Ouvrir un dossier").titre("Ouvrir un dossier par un motif écrit")
    visite.ecrire(numero=parcours.numero, motif="Court").presser("Ouvrir en lecture")
    visite.lit("trop court").constater("Ouvrir un dossier, refusé")
    visite.ecrire(motif=MOTIF).presser("Ouvrir en lecture").lit("Demande inscrite au journal.")
    visite.constater("Ouvertures motivées, une en cours, délégué")
    visite.suivre(f"Parcours {parcours.numero}")
    expect(visite.page.locator("h1")).to_contain_text(dossiers.CANARI)
    visite.constater("Parcours lu par le délégué")
    expect(visite.page.get_by_role("link", name="Noter un contact")).to_have_count(0)

    visite.entrer(gaelle, "/ouvertures/").lit(MOTIF).constater("Ouvertures motivées, superviseure")
    expect(visite.page.locator("main")).not_to_contain_text(dossiers.CANARI)

    visite.entrer(hugo, "/ouvertures/").suivre("Refermer").titre(f"Refermer le parcours {parcours.numero}")
    visite.presser("Refermer").lit("refermé")
    visite.page.goto(visite.racine + adresse)
    visite.titre("Cette page n’existe pas ou ne vous est pas ouverte")


def test_un_parcours_sans_referent_en_retrouve_un(visite, distribution, awa, bruno, elsa, hugo):
    parcours = dossiers.construire("oriente", distribution)[Parcours]
    parcours.restreindre(par=awa, restreint=True, raison="conflit", motif="Essai.")
    type(awa).objects.filter(pk=awa.pk).update(equipe=elsa.equipe)
    visite.entrer(hugo, "/ouvertures/ouvrir/").ecrire(numero=parcours.numero, motif=MOTIF).presser("Ouvrir en lecture")
    visite.suivre(f"Parcours {parcours.numero}").menu("Nommer un référent").titre("Nommer un référent")
    visite.page.get_by_label("Professionnel").select_option(label=str(bruno))
    visite.choisir(conflit="Non").presser("Nommer").lit("Référent nommé.")
    visite.entrer(bruno, parcours.get_absolute_url()).lit(parcours.numero)
