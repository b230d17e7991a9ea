"""Au navigateur : prévoir un rendez-vous, le lire à l'agenda au bureau et au téléphone, poser une absence, s'abonner."""

import datetime
from urllib.parse import urlsplit
from urllib.request import urlopen

import pytest
from playwright.sync_api import expect

from securisation.comptes import absences
from securisation.parcours.models import Parcours, RendezVous
from securisation.socle import horloge
from securisation.synthese.agenda.filtres import lire_filtres
from securisation.tests import dossiers

pytestmark = pytest.mark.django_db(transaction=True)
JOUR = datetime.timedelta(days=1)


def remplir_la_semaine(lundi, parcours, awa, bruno):
    """Une semaine de travail : rendez-vous, visites, concertation."""
    semaine = [
        (0, 9, "rendez_vous", "Permanence de Saint-Nicolas", ""),
        (1, 10, "visite", "À domicile", ""),
        (1, 14, "concertation", "Mairie, salle 2", "CCAS, conseillère logement"),
        (3, 16, "rendez_vous", "Visioconférence", ""),
        (4, 11, "visite", "À domicile", "Bailleur"),
    ]
    for rang, heure, genre, lieu, avec in semaine:
        debut = horloge.debut_du_jour(lundi + rang * JOUR) + datetime.timedelta(hours=heure)
        champs = {"debut": debut, "genre": genre, "lieu": lieu, "avec": avec, "professionnels": [awa, bruno]}
        RendezVous(parcours=parcours).prevoir(par=awa, **champs)


def test_une_semaine_d_agenda(visite, distribution, awa, bruno):
    parcours = dossiers.en_intervention(awa, bruno)[Parcours]
    visite.entrer(awa, parcours.get_absolute_url()).menu("Rendez-vous").titre("Rendez-vous")
    visite.suivre("Prévoir un rendez-vous").titre("Prévoir un rendez-vous")
    demain = f"{horloge.aujourd_hui() + JOUR:%d/%m/%Y}"
    visite.choisir(genre="Visite à domicile").ecrire(jour=demain, heure="25h", lieu="Chez Canarizette", avec="CCAS")
    visite.presser("Prévoir").lit("Écrivez l’heure comme 14:30.").constater("Prévoir, heure à corriger")
    visite.ecrire(heure="14h30").presser("Prévoir").lit("Écrivez le lieu sans nommer la personne")
    visite.ecrire(lieu="À domicile").presser("Prévoir").titre("Rendez-vous").lit("Prévu : ").lit("Visite à domicile")
    visite.constater("Rendez-vous, un à venir")
    remplir_la_semaine(lire_filtres({}).du, parcours, awa, bruno)

    visite.suivre("Agenda").titre("Agenda").lit("Mairie, salle 2").lit("Permanence de Saint-Nicolas")
    visite.suivre("Concertations").lit("Mairie, salle 2")
    expect(visite.page.get_by_text("Permanence de Saint-Nicolas")).to_have_count(0)
    visite.suivre("Tout").suivre("Liste").constater("Agenda en liste").suivre("Semaine")
    visite.suivre("Semaine suivante").constater("Agenda, semaine suivante").suivre("Aujourd’hui")
    visite.suivre("Absences").titre("Absences").lit("Aucune absence posée")
    visite.ecrire(du=f"{horloge.aujourd_hui():%d/%m/%Y}", au=demain)
    visite.page.locator("select[name=remplacant]").select_option(label="Bruno Kellermann")
    visite.presser("Poser l’absence").lit("Absence posée").constater("Absences, une posée")
    visite.suivre("Agenda").lit("En absence du").constater("Agenda, en absence")

    visite.suivre("Mon calendrier").titre("Mon calendrier").presser("Créer le lien")
    adresse = visite.page.locator("#adresse").input_value()
    visite.constater("Mon calendrier, lien montré")
    with urlopen(f"{visite.racine}{urlsplit(adresse).path}") as reponse:
        calendrier = reponse.read().decode()
    assert parcours.numero in calendrier
    assert "Canarizette" not in calendrier


def test_un_rendez_vous_se_fixe_depuis_un_jour_de_l_agenda(visite, distribution, awa, bruno):
    parcours = dossiers.en_intervention(awa, bruno)[Parcours]
    vendredi = lire_filtres({}).du + 4 * JOUR
    visite.entrer(awa).suivre("Voir l’agenda").titre("Agenda")
    case = visite.page.locator(".agenda__jour", has=visite.page.locator(f"a[href$='{vendredi.isoformat()}']"))
    visite.suivre("Prévoir un rendez-vous le", dans=case).titre("Avec qui ?").lit("Prévoir un rendez-vous le")
    visite.constater("Avec qui, un rendez-vous").suivre(parcours.personne.appellation, dans=visite.page.locator("main"))
    visite.titre("Prévoir un rendez-vous")
    assert visite.page.locator("[name=jour]").input_value() == f"{vendredi:%d/%m/%Y}"
    visite.choisir(genre="Rendez-vous").ecrire(heure="10h", lieu="Permanence").presser("Prévoir")
    visite.titre("Agenda").lit("Prévu : ").lit("10 h à 11 h").constater("Agenda, un rendez-vous fixé")
    for largeur in (1280, 390):  # le numéro reste entier, même dans une colonne étroite
        visite.page.set_viewport_size({"width": largeur, "height": 900})
        for numero in visite.page.locator(".rdv__numero").all():
            assert numero.bounding_box()["height"] < 30


def test_ce_que_je_remplace_se_lit_en_tete(visite, distribution, awa, bruno):
    dossiers.en_intervention(awa, bruno)
    absences.poser(par=awa, du=horloge.aujourd_hui(), au=horloge.aujourd_hui() + 10 * JOUR, remplacant=bruno)
    visite.entrer(bruno).titre("Mes parcours").lit("Vous remplacez Awa Diarra").constater("Mes parcours, je remplace")
    visite.suivre("Les voir").lit("Pour Awa Diarra, en absence jusqu’au").constater("Ce que je remplace")


def test_le_resume_du_jour_s_eteint(visite, awa):
    visite.entrer(awa).suivre("Ma connexion").suivre("Voir mes réglages").titre("Mes réglages")
    visite.presser("Ne plus le recevoir").lit("Vous ne recevrez plus le résumé du jour").constater(
        "Mes réglages, éteint"
    )
