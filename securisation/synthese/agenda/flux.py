"""Le flux d'un agenda (iCalendar) : le numéro du parcours et le lieu, rien d'autre ; les heures en temps universel."""

import datetime
from types import SimpleNamespace

from icalendar import Calendar, Event

from securisation.parcours.models.rendez_vous import nomme, situe
from securisation.socle import horloge
from securisation.socle.cloison import en_lisant_comme
from securisation.synthese.agenda.lecture import lire_le_flux

AVANT, APRES = datetime.timedelta(days=31), datetime.timedelta(days=366)
LIMITE = 2000
UN_JOUR = datetime.timedelta(days=1)
DE_LA_PERSONNE = (
    "prenom",
    "nom",
    "pseudonyme",
    "adresse",
    "commune",
)  # lus pour taire un lieu qui la nomme ou la situe


def calendrier(compte):
    """Les octets du calendrier de ce compte, et le nombre de ce qu'il porte."""
    jour = horloge.aujourd_hui()
    with en_lisant_comme(compte):
        lignes = lire_le_flux(compte, du=jour - AVANT, avant=jour + APRES, limite=LIMITE)
    agenda = Calendar()
    agenda.add("prodid", "-//Jalon//Agenda//FR")
    agenda.add("version", "2.0")
    agenda.add("method", "PUBLISH")
    for ligne in lignes:
        agenda.add_component(_evenement(*ligne))
    return agenda.to_ical(), len(lignes)


def _evenement(moment, jour, journee, cle, duree, lieu, version, modifie, numero, *d_elle):
    """Un événement : d'une heure à une autre, ou d'un jour entier pour une échéance."""
    evenement = Event()
    evenement.add("uid", f"{cle}@jalon")
    evenement.add("dtstamp", modifie.astimezone(datetime.UTC))
    evenement.add("sequence", version)
    evenement.add("summary", numero)
    evenement.add("class", "PRIVATE")
    if journee:
        evenement.add("dtstart", jour)
        evenement.add("dtend", jour + UN_JOUR)
        evenement.add("transp", "TRANSPARENT")
        return evenement
    debut = moment.astimezone(datetime.UTC)
    evenement.add("dtstart", debut)
    evenement.add("dtend", debut + datetime.timedelta(minutes=duree))
    personne = SimpleNamespace(**dict(zip(DE_LA_PERSONNE, d_elle, strict=True)))
    if lieu and not nomme(lieu, personne) and not situe(lieu, personne):
        evenement.add("location", lieu)
    return evenement
