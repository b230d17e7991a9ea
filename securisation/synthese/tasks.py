"""Surveiller le journal : les façons de lire qui demandent un regard, toutes les cinq minutes ; ses chaînes, toutes les heures.

Et le résumé du jour : à son heure, il est dû à chacun, puis envoyé."""

from celery import current_app, shared_task

from securisation.comptes.tasks import renoncer
from securisation.socle.outbox import travail
from securisation.synthese import resume, surveillance


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


current_app.add_periodic_task(
    300.0, current_app.signature("synthese.surveiller", expires=300), name="surveiller-le-journal"
)
current_app.add_periodic_task(
    3600.0, current_app.signature("synthese.controler", expires=3600), name="verifier-le-journal"
)
current_app.add_periodic_task(300.0, current_app.signature("synthese.resumer", expires=300), name="resumer-le-jour")
