"""Au navigateur : l'équipe note une action collective et propose une phrase ; la direction relit et lit ses chiffres."""

import re

import pytest
from playwright.sync_api import expect

from interventions.models import Contact
from securisation.annuaire.models import ActionCollective, Finalite
from securisation.parcours.models import Accord
from securisation.pilotage.models import Collective
from securisation.pilotage.tests.collectives import une_collective
from securisation.socle import horloge
from securisation.socle.confirmation import CONFIRME_LE
from securisation.tests.distribution import admettre, construire_parcours

pytestmark = pytest.mark.django_db(transaction=True)
PHRASE = "On m’a rappelée, et j’ai gardé mon bail."


def test_une_action_collective_se_note_se_corrige_et_se_retire(visite, awa, distribution):
    visite.entrer(awa, "/pilotage/actions-collectives/").titre("Actions collectives").suivre("Noter une action")
    visite.titre("Noter une action collective").ecrire(commune="Laval", heures="zéro").presser("Enregistrer l’action")
    visite.lit("Écrivez un nombre d’heures").constater("Noter une action collective, refusée")
    visite.page.select_option("[name=nature]", label="Atelier d’accès aux droits")
    visite.ecrire(heures="1,5", participants="12", partenaires="CCAS").presser("Enregistrer l’action")
    visite.lit("Action collective notée.").constater("Actions collectives, une")
    visite.suivre("Atelier d’accès aux droits").lit("1 h 30").constater("Une action collective")
    visite.suivre("Corriger").titre("Corriger l’action collective").ecrire(participants="13").presser(
        "Enregistrer l’action"
    )
    visite.lit("13 participants")
    visite.entrer(distribution["jean"], Collective.objects.get().get_absolute_url()).lit("13 participants")
    visite.entrer(awa, Collective.objects.get().get_absolute_url()).suivre("Retirer cette action")
    visite.titre("Retirer l’action collective").ecrire(raison="Notée deux fois.").presser("Retirer l’action")
    visite.lit("elle ne compte plus").suivre("Retirées").suivre("Atelier d’accès aux droits").lit("Notée deux fois.")


def test_une_phrase_se_propose_et_se_relit_sans_le_dossier(visite, awa, distribution, parcours_admis):
    adresse = f"/pilotage/parcours/{parcours_admis.uuid}/mots/"
    visite.entrer(awa, adresse).titre("Ses mots pour un rapport").lit("n’est pas recueilli")
    accord = Accord(parcours=parcours_admis, finalite=Finalite.objects.get(code="PAROLE"))
    accord.recueillir(par=awa, le=horloge.aujourd_hui(), mode="oral")
    visite.entrer(awa, adresse).ecrire(texte="Fatou a été aidée.").presser("Proposer cette phrase")
    visite.lit("nomme ou situe quelqu’un").constater("Ses mots, refusés")
    visite.ecrire(texte=PHRASE).presser("Proposer cette phrase").lit("Phrase proposée").constater("Ses mots, proposés")
    visite.entrer(distribution["jean"], "/pilotage/mots/").titre("Mots des personnes").suivre("Écarter").titre(
        "Écarter cette phrase"
    )
    visite.suivre("Mots des personnes").presser("Retenir").lit("Phrase retenue").constater("Mots des personnes, relus")


def telecharger_le_rapport(visite, client):
    """D'abord l'identité se confirme ; ensuite le fichier se fait attendre, le dit, arrive ; une panne se dit aussi."""
    rapport = visite.page.url
    confirmer_a(client, 0)
    visite.suivre("Télécharger le PDF")
    expect(visite.page).to_have_url(re.compile("/compte/confirmer/"))
    confirmer_a(client, horloge.montre())
    visite.page.goto(rapport)
    retenues = []

    def retenir(demande):
        retenues.append(demande)

    visite.page.route("**/rapport-d-activite/pdf/**", retenir)
    visite.suivre("Télécharger le PDF").lit("Le PDF se prépare")
    assert visite.page.get_by_role("link", name="Télécharger le PDF").get_attribute("aria-disabled") == "true"
    visite.constater("Rapport d’activité, le PDF se prépare")
    with visite.page.expect_download(timeout=60_000) as telechargement:
        retenues[0].continue_()
    assert telechargement.value.path().read_bytes().startswith(b"%PDF-")
    assert telechargement.value.suggested_filename.startswith("activite-")
    visite.lit("Le PDF est prêt")
    visite.page.unroute_all()
    dire_ce_qui_manque(visite)


def dire_ce_qui_manque(visite):
    """Deux fichiers attendus à la fois ont chacun leur ligne ; un refus se lit dans sa page ; seule la connexion perdue se dit ici."""
    rapport, page = visite.page.url, visite.page
    page.evaluate("() => { vraie = fetch; fetch = () => new Promise((_, non) => { couper = non; }); }")
    visite.suivre("Tableaux XLSX").lit("Le classeur XLSX se prépare").lit("Le PDF est prêt")
    page.evaluate("() => { couper(); }")
    visite.lit("Le classeur XLSX n’a pas pu être préparé").lit("Vérifiez votre connexion").lit("Le PDF est prêt")
    visite.constater("Rapport d’activité, deux fichiers demandés")
    page.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', {persisted: true}))")
    expect(page.locator("[data-attente]")).to_be_empty()
    page.evaluate("() => { fetch = vraie; }")
    refus = "<!doctype html><meta charset=utf-8><title>Refus</title><p>Ce rapport ne peut pas sortir aujourd’hui.</p>"
    page.route("**/classeur/**", lambda demande: demande.fulfill(status=409, body=refus, content_type="text/html"))
    visite.suivre("Tableaux ODS").lit("Ce rapport ne peut pas sortir aujourd’hui.")
    page.unroute_all()
    page.goto(rapport)


def confirmer_a(client, heure):
    """Fait comme si l'identité avait été confirmée à cette heure (secondes)."""
    session = client.session
    session[CONFIRME_LE] = heure
    session.save()


def test_la_direction_lit_ses_chiffres_et_son_rapport(visite, awa, bruno, distribution, gaelle, client):
    distribution["jean"].set_password("clairière tuba girafe")
    distribution["jean"].save()
    visite.entrer(distribution["jean"], "/pilotage/chiffres/").titre("Chiffres en direct").lit("De zéro à dix partout")
    for rang in range(26):
        parcours = construire_parcours(awa, intervenant=bruno, nom=f"Roux{rang}")
        Contact(parcours=parcours).noter(par=awa, canal="téléphone", de_la_personne=bool(rang % 2))
        if rang % 2:
            admettre(parcours, awa)
    for rang, nature in enumerate(ActionCollective.objects.order_by("ordre")):
        for _ in range(9 + rang):
            une_collective(awa, nature=nature.code, aller_vers=nature.code == "AC-3", preparation=1)
    visite.entrer(distribution["jean"], "/pilotage/chiffres/").lit("L’essentiel").constater("Chiffres en direct, plein")
    visite.suivre("Rapport d’activité", dans=visite.page.locator("main")).titre("Rapport d’activité").lit(
        "Contacts, par moyen"
    )
    telecharger_le_rapport(visite, client)
    visite.entrer(gaelle, "/pilotage/chiffres/").lit("Équipe de Laval").lit("L’essentiel")
