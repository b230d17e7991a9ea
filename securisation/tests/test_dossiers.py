"""Les dossiers d'essai tiennent debout : chaque modèle suivi y a un objet, et le journal de chacun est intact."""

import pytest

from securisation.parcours.models import Attribution
from securisation.socle.declencheurs import modeles_suivis
from securisation.socle.verification import verifier
from securisation.tests import dossiers

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("moment", dossiers.MOMENTS)
def test_le_journal_de_chaque_dossier_est_intact(moment, distribution):
    dossiers.construire(moment, distribution)
    assert verifier().rupture == ""


def test_chaque_modele_suivi_a_son_objet(distribution):
    objets = dossiers.construire("suspendue", distribution) | dossiers.construire("clos", distribution)
    assert set(modeles_suivis()) - set(objets) == {Attribution}
