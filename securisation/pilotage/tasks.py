"""Travaux du pilotage : calculer une édition, produire ses fichiers ; et tenir les faits à jour."""

from celery import current_app, shared_task

from securisation.pilotage import faits
from securisation.pilotage.edition import fichiers, preparation
from securisation.socle.outbox import travail


def preparation_en_echec(*, edition, erreur):
    """Le calcul a échoué à chaque essai."""
    preparation.noter_l_echec(edition)


def production_en_echec(*, edition, erreur):
    """Les fichiers n'ont pas pu être produits."""
    fichiers.noter_l_echec(edition)


@travail("preparer_edition", a_l_echec=preparation_en_echec)
def preparer_edition(edition):
    """Les nombres d'une édition et le rapport de l'attaquant."""
    preparation.faire(edition)


@travail("produire_edition", a_l_echec=production_en_echec)
def produire_edition(edition):
    """Le PDF scellé et les tableaux d'une édition publiée."""
    fichiers.produire(edition)


@shared_task(name="pilotage.rafraichir")
def rafraichir():
    """Refait les faits des parcours qui ont changé : une page de chiffres n'aura que le reste à faire."""
    faits.rafraichir()


@shared_task(name="pilotage.refaire_tout")
def refaire_tout():
    """Refait tous les faits, chaque jour : un changement du référentiel ne laisse aucune trace au journal d'un parcours."""
    faits.refaire_tout()


current_app.add_periodic_task(
    600.0, current_app.signature("pilotage.rafraichir", expires=600), name="rafraichir-les-faits"
)
current_app.add_periodic_task(
    86400.0, current_app.signature("pilotage.refaire_tout", expires=3600), name="refaire-les-faits"
)
