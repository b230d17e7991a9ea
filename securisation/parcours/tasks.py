"""Importer un fichier déposé, lot après lot (l'état fait foi, un second passage ne fait rien) ; effacer les imports anciens."""

from celery import current_app, shared_task

from securisation.parcours import conservation, retraits
from securisation.parcours.effacement import etapes
from securisation.parcours.models import Accord, Importation
from securisation.socle.outbox import travail


def abandonner(*, importation, rang, erreur=None):
    """Après le dernier essai d'un lot : l'arrêt est dit sur la page, avec quoi faire."""
    depot = Importation.objects.filter(pk=importation).first()
    if depot is not None and not depot.est_finie:
        depot.echouer()


@travail("importer", a_l_echec=abandonner)
def importer(importation, rang):
    """Importe le lot de ce rang, s'il attend encore, et demande le suivant."""
    depot = Importation.objects.select_related("par").select_for_update(of=("self",)).filter(pk=importation).first()
    if depot is not None:
        depot.avancer(rang)


@travail("effacer_sensible")
def effacer_sensible(accord, objets):
    """Efface l'historique de ce que l'accord retiré couvrait (clé de l'accord, clés par modèle)."""
    retire = Accord.objects.filter(pk=accord).first()
    if retire is not None:
        retraits.effacer_l_historique(retire, objets)


@shared_task(name="parcours.annoncer_les_fins")
def annoncer_les_fins():
    """Met dans « À faire » les accords qui finissent sous quinze jours, annule les fiches de ceux qui ont fini ; rejouable."""
    retraits.annoncer_les_fins()
    retraits.annuler_les_fiches_echues()


def interrompre_l_effacement(*, effacement, rang, erreur=None):
    """Après le dernier essai d'une étape : la page le dit, et l'étape se relance."""
    etapes.interrompre(effacement)


@travail("effacer", a_l_echec=interrompre_l_effacement)
def effacer(effacement, rang):
    """Franchit l'étape de ce rang, si c'est la suivante, et demande celle d'après."""
    etapes.franchir(effacement, rang)


@shared_task(name="parcours.tenir_la_conservation")
def tenir_la_conservation():
    """Annonce les fins de conservation, lève celles qui n'ont plus lieu, ferme et efface au terme ; rejouable le même jour."""
    conservation.tenir_le_jour()


@shared_task(name="parcours.purger_les_imports")
def purger_les_imports():
    """Efface les imports de plus de trente jours, même si personne n'en dépose plus."""
    Importation.purger()


current_app.add_periodic_task(3600.0, current_app.signature("parcours.purger_les_imports"), name="purger-les-imports")
current_app.add_periodic_task(3600.0, current_app.signature("parcours.annoncer_les_fins"), name="annoncer-les-fins")
current_app.add_periodic_task(
    3600.0, current_app.signature("parcours.tenir_la_conservation"), name="tenir-la-conservation"
)
