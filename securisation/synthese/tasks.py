"""Surveiller le journal : les façons de lire qui demandent un regard, toutes les cinq minutes ; ses chaînes, toutes les heures.

Et le résumé du jour : à son heure, il est dû à chacun, puis envoyé."""

import datetime

from celery import current_app, shared_task

from securisation.comptes.tasks import renoncer
from securisation.socle import horloge
from securisation.socle.outbox import purge, travail
from securisation.synthese import resume, surveillance
from securisation.synthese.lots import production
from securisation.synthese.models import LotDeDocuments

JOURS_D_UN_LOT = 30


@shared_task(name="synthese.surveiller")
def surveiller():
    """Lève les alertes neuves depuis le dernier passage."""
    surveillance.surveiller()


@shared_task(name="synthese.controler")
def controler():
    """Vérifie les chaînes du journal et garde le résultat, que la piste d'audit affiche."""
    surveillance.controler()


@shared_task(name="synthese.resumer")
def resumer():
    """À l'heure du résumé, les jours ouvrés, le doit à chacun ; rejouable, nul ne l'a deux fois."""
    resume.preparer()


@travail(resume.GENRE, a_l_echec=renoncer)
def envoyer_le_resume(compte, jour, essai):
    """Envoie à ce compte (clé) le résumé de ce jour (texte ISO)."""
    resume.envoyer(compte, jour, essai)


def abandonner_la_ligne(*, ligne, erreur=None):
    """Après le dernier essai d'une ligne de lot : elle le dit, et le lot continue."""
    production.abandonner(ligne)


@travail(production.GENRE, a_l_echec=abandonner_la_ligne)
def demander_du_lot(ligne):
    """Demande le document de cette ligne de lot (clé), si elle attend encore, et doit la suivante."""
    production.avancer(ligne)


@purge
def lots_de_documents():
    """Un lot demandé il y a un mois ne se suit plus ; ses documents restent dans leurs dossiers."""
    limite = horloge.maintenant() - datetime.timedelta(days=JOURS_D_UN_LOT)
    return LotDeDocuments.objects.filter(demande_le__lt=limite).delete()[0]


current_app.add_periodic_task(
    300.0, current_app.signature("synthese.surveiller", expires=300), name="surveiller-le-journal"
)
current_app.add_periodic_task(
    3600.0, current_app.signature("synthese.controler", expires=3600), name="verifier-le-journal"
)
current_app.add_periodic_task(300.0, current_app.signature("synthese.resumer", expires=300), name="resumer-le-jour")
