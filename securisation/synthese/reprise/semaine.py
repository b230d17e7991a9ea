"""Une semaine d'agenda pour la démonstration : des rendez-vous sur les jours ouvrés qui viennent, par les mêmes actes que l'écran."""

import itertools
from datetime import time, timedelta

from django.db import transaction

from securisation.comptes.demonstration import creer_distribution
from securisation.parcours.models import Parcours, RendezVous
from securisation.parcours.models.rendez_vous import a_l_heure
from securisation.socle import horloge

# Heure, minutes, durée, genre, lieu, avec qui d'autre, et qui y va.
SEMAINE = (
    (10, 30, 60, "visite", "À domicile", "", ("awa", "bruno")),
    (14, 0, 45, "rendez_vous", "Permanence", "", ("awa",)),
    (11, 0, 90, "concertation", "Mairie, salle 2", "CCAS, conseillère logement", ("awa", "bruno")),
    (9, 0, 30, "rendez_vous", "Visioconférence", "Bailleur", ("bruno",)),
    (16, 15, 45, "rendez_vous", "Permanence", "", ("awa",)),
)


def prevoir_une_semaine():
    """Prévoit ces rendez-vous sur les parcours en intervention qui n'en ont pas ; rend leur nombre (0 au second passage)."""
    distribution = creer_distribution()
    parcours = Parcours.objects.filter(etat=Parcours.Etat.INTERVENTION, equipe=distribution["awa"].equipe_id)
    sans = list(parcours.filter(rendez_vous=None).order_by("pk"))
    with transaction.atomic():
        return sum(_remplir(objet, distribution) for objet in sans[:1])


def _remplir(parcours, distribution):
    for jour, (heure, minutes, duree, genre, lieu, avec, noms) in zip(_jours_ouvres(), SEMAINE, strict=False):
        champs = {"debut": a_l_heure(jour, time(heure, minutes)), "duree": duree, "genre": genre}
        champs |= {"lieu": lieu, "avec": avec, "professionnels": [distribution[nom] for nom in noms]}
        RendezVous(parcours=parcours).prevoir(par=distribution["awa"], **champs)
    return len(SEMAINE)


def _jours_ouvres():
    """Les jours ouvrés, à partir d'aujourd'hui."""
    jours = (horloge.aujourd_hui() + timedelta(days=rang) for rang in itertools.count())
    return (jour for jour in jours if jour.weekday() < 5)
