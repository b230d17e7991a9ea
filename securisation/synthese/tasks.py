"""Surveiller le journal : les façons de lire qui demandent un regard, toutes les cinq minutes ; ses chaînes, toutes les heures."""

from celery import current_app, shared_task

from securisation.synthese import surveillance


@shared_task(name="synthese.surveiller")
def surveiller():
    """Lève les alertes neuves depuis le dernier passage."""
    surveillance.surveiller()


@shared_task(name="synthese.controler")
def controler():
    """Vérifie les chaînes du journal et garde le résultat, que la piste d'audit affiche."""
    surveillance.controler()


current_app.add_periodic_task(
    300.0, current_app.signature("synthese.surveiller", expires=300), name="surveiller-le-journal"
)
current_app.add_periodic_task(
    3600.0, current_app.signature("synthese.controler", expires=3600), name="verifier-le-journal"
)
