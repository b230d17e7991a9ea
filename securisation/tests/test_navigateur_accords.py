"""Au navigateur : recueillir un accord avec son papier, lire la page des accords, retirer l'adhésion pendant qu'un onglet est ouvert."""

import datetime

import pytest

from securisation.documents.models import Document, Etat
from securisation.parcours.models import Accord, Parcours
from securisation.socle import horloge
from securisation.tests import dossiers

pytestmark = pytest.mark.django_db(transaction=True)
PAPIER = {
    "name": "signe.pdf",
    "mimeType": "application/pdf",
    "buffer": b"%PDF-1.7\n1 0 obj<</Type/Page>>endobj\n%%EOF\n",
}


def jour(ecart):
    return f"{horloge.aujourd_hui() + datetime.timedelta(days=ecart):%d/%m/%Y}"


def test_recueillir_puis_retirer_un_accord(visite, distribution, awa, bruno, travailler):
    objets = dossiers.diagnostic_ouvert(awa, bruno)
    parcours = objets[Parcours]
    objets[dossiers.Diagnostic].valider(par=awa)
    visite.entrer(awa, parcours.get_absolute_url()).menu("Accords").titre("Accords").lit("Jamais demandé")
    visite.suivre("Recueillir : Partage").titre("Recueillir un accord").lit("montrés au destinataire nommé ici")
    visite.ecrire(partenaire="Bailleur du Maine", jusqu_au=jour(12), interprete="arabe")
    visite.choisir(axes="Logement", reponse="La personne accepte")
    visite.page.locator("select[name=mode]").select_option("numérisé")
    visite.page.locator("input[type=file]").set_input_files(PAPIER)
    visite.presser("Enregistrer sa réponse").titre("Accords").lit("Accord enregistré.").lit("Finit aujourd’hui")
    visite.lit("Papier signé, numérisé, avec un interprète en arabe")
    visite.constater("Accords, un partage qui finit")
    with visite.page.expect_download() as telechargement:
        visite.suivre("Papier signé : partage avec Bailleur du Maine")
    assert telechargement.value.path().read_bytes() == PAPIER["buffer"]

    onglet = visite.page.context.new_page()
    onglet.goto(f"{visite.racine}/parcours/{parcours.uuid}/personne/")
    visite.suivre("Retirer : adhésion au dispositif").titre("Retirer l’accord : adhésion au dispositif")
    visite.lit("invitation se ferme").lit("document en cours est annulé").presser("Retirer l’accord")
    visite.lit("Accord retiré.").lit("Adhésion retirée").constater("Parcours interrompu, adhésion retirée")
    onglet.get_by_role("button", name="Enregistrer la fiche").click()
    onglet.get_by_text("Ce parcours est clos").first.wait_for()
    onglet.close()
    travailler()
    assert Document.objects.get(parcours=parcours).etat == Etat.ANNULE
    assert not Accord.objects.en_cours().filter(finalite__code="PARTAGE").exists()
