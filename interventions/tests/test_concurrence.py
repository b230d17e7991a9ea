"""Deux actes à la fois : un seul gagne, l'autre est prévenu."""

from threading import Barrier, Thread

import pytest
from django.db import connections

from interventions.models import Intervention, Prolongation, Suspension
from interventions.tests.conftest import jour
from securisation.socle.refus import Refus

pytestmark = pytest.mark.django_db(transaction=True)


def a_la_fois(acte, nombre=3):
    """Lance `acte` dans autant de fils ; rend les issues, triées (« fait » ou le nom du refus)."""
    depart, issues = Barrier(nombre), []

    def essayer():
        try:
            depart.wait(10)
            acte()
            issues.append("fait")
        except Refus as refus:
            issues.append(type(refus).__name__)
        finally:
            connections.close_all()

    fils = [Thread(target=essayer) for _ in range(nombre)]
    for fil in fils:
        fil.start()
    for fil in fils:
        fil.join(30)
    return sorted(issues)


def test_une_seule_demande_de_prolongation(intervention, awa):
    def demander():
        relue = Intervention.objects.get(pk=intervention.pk)
        Prolongation(intervention=relue).demander(par=awa, jours=30, motif="Report.")

    assert a_la_fois(demander) == ["EtatRefuse", "EtatRefuse", "fait"]
    assert Prolongation.objects.count() == 1


def test_une_seule_decision(intervention, awa, gaelle):
    demande = Prolongation(intervention=intervention).demander(par=awa, jours=30, motif="Report.")
    assert a_la_fois(lambda: Prolongation.objects.get(pk=demande.pk).approuver(par=gaelle)) == [
        "EtatRefuse",
        "EtatRefuse",
        "fait",
    ]
    intervention.refresh_from_db()
    assert intervention.terme == jour(120)


def test_une_seule_suspension(intervention, awa):
    def suspendre():
        Suspension(intervention=Intervention.objects.get(pk=intervention.pk)).suspendre(par=awa, motif="Absence.")

    assert a_la_fois(suspendre) == ["EtatRefuse", "EtatRefuse", "fait"]
    assert Suspension.objects.count() == 1
