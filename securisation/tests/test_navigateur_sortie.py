"""Au navigateur : une sortie refusée avec ce qui lui manque, complétée, validée ; le parcours se fige, un additif s'y ajoute."""

import pytest
from playwright.sync_api import expect

from interventions.tests.conftest import demarrer, diagnostiquer, jour
from securisation.parcours.models import Parcours
from sorties.tests.conftest import inscrire_action

RISQUE = "Maintien dans le logement conditionné au respect d’un plan"
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def en_intervention(parcours_admis, awa):
    """Le parcours de Mme Diallo en intervention : une dette locative, une démarche qui attend sa réponse."""
    diagnostiquer(parcours_admis, awa)
    demarrer(parcours_admis, awa)
    inscrire_action(parcours_admis, awa)
    return parcours_admis


def test_une_sortie_refusee_puis_validee(visite, en_intervention, awa):
    visite.entrer(awa, en_intervention.get_absolute_url()).menu("Ouvrir la sortie").titre("Ouvrir la sortie")
    visite.presser("Ouvrir la sortie").titre("Sortie du parcours")
    visite.suivre("Relire et valider").titre("Relire le bilan").lit("points manquent")
    expect(visite.page.get_by_role("link", name="Valider le bilan")).to_have_count(0)
    visite.suivre("Sortie de Fatou Diallo")
    recoter_les_axes(visite)
    relayer_le_risque(visite)
    noter_le_reste(visite)
    visite.suivre("Relire et valider").constater("Relire le bilan, complet").suivre("Valider le bilan et clore")
    visite.titre("Valider le bilan et clore le parcours").presser("Valider et clore le parcours")
    visite.titre("Bilan de sécurisation du parcours").lit("Document en préparation")
    visite.page.goto(visite.racine + en_intervention.get_absolute_url())
    visite.lit("Clos").constater("Fatou Diallo, clos")
    expect(visite.page.get_by_role("link", name="Recueillir un accord")).to_have_count(0)
    visite.menu("Écrire un additif").titre("Écrire un additif")
    visite.ecrire(motif="Adresse du relais.", texte="Le service social a déménagé rue des Halles.")
    visite.presser("Ajouter l’additif").lit("Additif enregistré.").titre("Bilan de sécurisation")
    assert Parcours.objects.get().etat == "clos"


def recoter_les_axes(visite):
    """Cote les cinq axes de nouveau ; le logement reste fragile."""
    visite.suivre("Commencer par les axes")
    for axe, niveau in [("Administratif", 0), ("Budget", 1), ("Logement", 2), ("Organisation", 0), ("Trajectoire", 1)]:
        expect(visite.page.locator("h1")).to_contain_text(axe)
        visite.constater("Coter un axe à la sortie")
        visite.page.locator(f"[name=criticite][value='{niveau}']").check()
        visite.page.locator(f"[name=criticite_de_la_personne][value='{niveau}']").check()
        visite.presser("Enregistrer et")
    visite.titre("Sortie du parcours")


def relayer_le_risque(visite):
    """Le risque dû par la démarche restée ouverte part avec un relais confirmé et son signe d'alerte."""
    visite.suivre("Risques résiduels et relais").titre("Risques résiduels et relais")
    for attendu in range(visite.page.get_by_text("Risque à inscrire").count(), 0, -1):
        expect(visite.page.get_by_text("Risque à inscrire")).to_have_count(attendu)
        visite.page.locator("li").filter(has_text="Risque à inscrire").first.get_by_role("link").click()
        visite.titre("Inscrire un risque résiduel")
        visite.page.get_by_label("Le risque", exact=True).select_option(label=RISQUE)
        visite.choisir(suite="Un relais est nommé")
        visite.ecrire(relais="Service social départemental", relais_confirme_le=f"{jour():%d/%m/%Y}")
        visite.ecrire(signal_d_alerte="Une mensualité non payée.").presser("Enregistrer le risque")
        visite.titre("Risques résiduels et relais")
    visite.constater("Risques, tous relayés").suivre("Revenir à la sortie").titre("Sortie du parcours")


def noter_le_reste(visite):
    """Le motif et l'évaluateur, la parole de la personne, les copies remises."""
    visite.suivre("Motif et évaluateur").titre("Motif et évaluateur")
    visite.page.locator("[name=motif]").first.check()
    visite.choisir(evaluateur_identique="Oui").presser("Enregistrer").titre("Sortie du parcours")
    visite.suivre("Parole de la personne").titre("Parole de la personne")
    visite.ecrire(parole_de_la_personne="Je sais qui appeler.").presser("Enregistrer").titre("Sortie du parcours")
    visite.suivre("Remis à la personne").titre("Remis à la personne")
    visite.page.locator("[name=remis_a_la_personne]").first.check()
    visite.presser("Enregistrer").titre("Sortie du parcours")
