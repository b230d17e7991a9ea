"""Entre deux essais en vraies transactions, la base revient à ce qu'elle était : rien ne passe de l'un à l'autre."""

import pytest
from django.db import connection

from securisation.annuaire.models import Levier
from securisation.comptes.demonstration import creer_distribution
from securisation.comptes.models import Professionnel
from securisation.parcours.models import Parcours
from securisation.socle.models import Evenement
from securisation.tests.distribution import construire_parcours
from securisation.tests.remise_a_neuf import JOURNAL, TABLES, Neuve

pytestmark = pytest.mark.django_db(transaction=True)


def remplies():
    """Les tables qui ont au moins une ligne."""
    with connection.cursor() as curseur:
        curseur.execute(TABLES)
        tables = [table for table, _ in curseur.fetchall()]
        return {table for table in tables if Neuve._remplie(curseur, table)}


def executer(sql):
    with connection.cursor() as curseur:
        curseur.execute(sql)


def test_un_essai_trouve_le_referentiel_et_rien_d_autre():
    assert remplies() - {*JOURNAL} == Neuve().gardees
    assert {"annuaire_levier", "django_content_type"} <= remplies()


def test_ce_qui_a_servi_se_vide_et_le_referentiel_reste():
    neuve, leviers = Neuve(), set(Levier.objects.values_list("pk", "code"))
    creer_distribution()
    construire_parcours(Professionnel.objects.get(email="awa@exemple.test"))
    assert Parcours.objects.exists() and Evenement.objects.exists()
    assert neuve.y_revenir()
    assert remplies() == neuve.gardees
    assert set(Levier.objects.values_list("pk", "code")) == leviers


@pytest.mark.parametrize(
    ("toucher", "rendre"),
    [
        ("UPDATE annuaire_levier SET libelle = libelle || ' bis'", None),
        ("DELETE FROM annuaire_ancrage", None),
        (
            "ALTER TABLE parcours_parcours DISABLE TRIGGER tracer",
            "ALTER TABLE parcours_parcours ENABLE TRIGGER tracer",
        ),
        (
            "ALTER TABLE interventions_contact DISABLE ROW LEVEL SECURITY",
            "ALTER TABLE interventions_contact ENABLE ROW LEVEL SECURITY",
        ),
        (
            "CREATE FUNCTION de_trop() RETURNS int LANGUAGE sql AS 'SELECT 1'",
            "DROP FUNCTION de_trop()",
        ),
    ],
)
def test_ce_qui_a_bouge_d_avance_se_voit_et_rien_n_est_vide(toucher, rendre):
    neuve = Neuve()
    creer_distribution()
    executer(toucher)
    assert not neuve.y_revenir()
    assert Professionnel.objects.exists()
    if rendre:
        executer(rendre)
        assert neuve.y_revenir()
