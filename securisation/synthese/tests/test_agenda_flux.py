"""Le flux d'un agenda : le numéro et le lieu, rien d'autre ; qui le lit, quand il se tait."""

import datetime

import pytest
from django.urls import reverse
from icalendar import Calendar

from securisation.comptes import liens_agenda
from securisation.parcours.roles import retirer_role
from securisation.socle import horloge
from securisation.socle.models import Evenement
from securisation.synthese.agenda import flux
from securisation.synthese.tests.test_agenda import prevoir

pytestmark = pytest.mark.django_db


def ouvrir_le_flux(client, cle):
    """La réponse du flux, sans session."""
    client.logout()
    return client.get(reverse("synthese:flux_agenda", args=[cle]))


class TestFlux:
    def test_ne_porte_que_le_numero_et_le_lieu(self, parcours_admis, awa, bruno, client):
        prevoir(
            parcours_admis,
            awa,
            genre="concertation",
            lieu="Mairie, salle 2",
            avec="CCAS de Mme Petit",
            professionnels=[awa, bruno],
        )
        reponse = ouvrir_le_flux(client, liens_agenda.tirer(awa))
        assert reponse["Content-Type"] == "text/calendar; charset=utf-8"
        assert "no-store" in reponse["Cache-Control"]
        texte = reponse.content.decode()
        for mot in (
            "Fatou",
            "Diallo",
            "Petit",
            "CCAS",
            "Awa",
            "Bruno",
            "Concertation",
            "diagnostic",
            "Loyers",
            str(parcours_admis.uuid),
        ):
            assert mot not in texte
        evenements = Calendar.from_ical(reponse.content).walk("VEVENT")
        assert {str(e["summary"]) for e in evenements} == {parcours_admis.numero}
        assert {str(e["location"]) for e in evenements if "location" in e} == {"Mairie, salle 2"}
        permis = {"UID", "DTSTAMP", "SEQUENCE", "SUMMARY", "CLASS", "DTSTART", "DTEND", "LOCATION", "TRANSP"}
        assert {nom for e in evenements for nom in e} <= permis

    def test_les_heures_sont_justes_de_part_et_d_autre_du_changement(self, parcours, awa):
        for jour in (datetime.date(2026, 3, 28), datetime.date(2026, 3, 29), datetime.date(2026, 10, 25)):
            with horloge.reprise_au(horloge.debut_du_jour(jour)):
                prevoir(parcours, awa, jour=jour, heure=9)
                octets, _ = flux.calendrier(awa)
                debuts = [e["dtstart"].dt for e in Calendar.from_ical(octets).walk("VEVENT")]
            attendu = datetime.datetime(
                jour.year, jour.month, jour.day, 7 if jour.day == 29 else 8, tzinfo=datetime.UTC
            )
            assert attendu in debuts

    def test_un_nom_venu_apres_coup_quitte_le_lieu(self, parcours, awa):
        prevoir(parcours, awa, lieu="Rue Martin")
        parcours.personne.modifier(par=awa, nom="Martin")
        octets, nombre = flux.calendrier(awa)
        assert nombre
        assert b"Martin" not in octets

    def test_une_adresse_venue_apres_coup_quitte_le_lieu(self, parcours, awa):
        prevoir(parcours, awa, lieu="12 rue de Bretagne")
        assert b"Bretagne" in flux.calendrier(awa)[0]
        parcours.personne.modifier(par=awa, adresse="12, rue de Bretagne, 53000 Laval", commune="Laval")
        octets, nombre = flux.calendrier(awa)
        assert nombre
        assert b"Bretagne" not in octets

    def test_ni_parcours_restreint_ni_rendez_vous_d_un_autre(self, parcours, awa, bruno, ouvrir_un_parcours):
        ouvert = ouvrir_un_parcours(awa, nom="Roche", intervenant=bruno)
        prevoir(parcours, awa)
        prevoir(ouvert, awa, professionnels=[bruno])
        parcours.restreindre(par=awa, restreint=True, motif="Un proche.", raison="proche")
        octets, _ = flux.calendrier(awa)
        assert parcours.numero.encode() not in octets
        assert octets.count(b"LOCATION") == 0

    def test_un_texte_hostile_ne_casse_pas_le_calendrier(self, parcours, awa):
        prevoir(parcours, awa, lieu='Salle\\n;,": BEGIN:VEVENT é😀')
        octets, nombre = flux.calendrier(awa)
        evenements = Calendar.from_ical(octets).walk("VEVENT")
        assert len(evenements) == nombre
        assert [str(e["location"]) for e in evenements if "location" in e] == ['Salle\\n;,": BEGIN:VEVENT é😀']

    def test_une_lecture_s_inscrit_sans_la_cle(self, parcours, awa, client):
        prevoir(parcours, awa)
        cle = liens_agenda.tirer(awa)
        assert ouvrir_le_flux(client, cle).status_code == 200
        dernier = Evenement.objects.filter(action="agenda lu par son lien", acteur=awa.pk).get()
        assert cle not in str(dernier.charge)

    def test_se_tait_quand_le_compte_change_ou_que_le_lien_tombe(self, awa, client):
        cle = liens_agenda.tirer(awa)
        assert ouvrir_le_flux(client, cle).status_code == 200
        assert ouvrir_le_flux(client, f"{cle[:-1]}{'a' if cle[-1] != 'a' else 'b'}").status_code == 404
        liens_agenda.revoquer(awa)
        assert ouvrir_le_flux(client, cle).status_code == 404
        cle = liens_agenda.tirer(awa)
        awa.set_password("une-autre-phrase-de-passe")
        awa.save()
        assert ouvrir_le_flux(client, cle).status_code == 404
        cle = liens_agenda.tirer(awa)
        awa.is_active = False
        awa.save()
        assert ouvrir_le_flux(client, cle).status_code == 404

    @pytest.mark.parametrize("methode", ["POST", "PUT", "DELETE", "OPTIONS"])
    def test_ne_se_lit_que_par_get(self, awa, client, methode):
        adresse = reverse("synthese:flux_agenda", args=[liens_agenda.tirer(awa)])
        assert client.generic(methode, adresse).status_code == 405

    def test_un_role_perdu_quitte_le_flux_aussitot(self, parcours, awa, bruno):
        prevoir(parcours, awa, professionnels=[bruno])
        assert parcours.numero.encode() in flux.calendrier(bruno)[0]
        retirer_role(parcours, bruno, par=awa)
        assert parcours.numero.encode() not in flux.calendrier(bruno)[0]


class TestLien:
    def test_ne_se_montre_qu_une_fois(self, awa, client):
        client.force_login(awa)
        adresse = reverse("synthese:lien_agenda")
        reponse = client.post(adresse, {"geste": "creer"})
        lien = reponse.context["adresse"]
        assert lien.endswith(".ics")
        assert lien in reponse.content.decode()
        assert ".ics" not in client.get(adresse).content.decode()
        assert client.post(adresse, {"geste": "revoquer"}).status_code == 302
        assert ouvrir_le_flux(client, lien.rsplit("/", 1)[1].removesuffix(".ics")).status_code == 404

    def test_qui_n_a_pas_d_equipe_n_en_recoit_pas(self, chloe, client):
        client.force_login(chloe)
        assert client.post(reverse("synthese:lien_agenda"), {"geste": "creer"}).status_code in (200, 302)
        assert liens_agenda.actuel(chloe) is None
