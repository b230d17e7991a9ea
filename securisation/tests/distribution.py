"""La distribution constante des tests : les mêmes personnes dans tous les récits, construites par les transitions."""

import pytest

from securisation.socle import horloge


def _remettre_a_neuf(**_signal):
    from django.apps import apps
    from django.contrib.contenttypes.models import ContentType
    from django.core.management import call_command
    from django.db import connection

    with connection.cursor() as curseur:
        curseur.execute("TRUNCATE socle_journal, socle_tete")  # `flush` ne vide pas les tables que Django ne crée pas
    call_command("charger_referentiel", verbosity=0)
    # Lus d'avance, pour que le compte des requêtes d'une page ne dépende pas de l'essai joué avant.
    ContentType.objects.get_for_models(*apps.get_models())


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """Chaque essai trouve le référentiel livré et un journal vide, même après un essai en vraies transactions, qui vide la base."""
    from django.apps import apps
    from django.db.models.signals import post_migrate

    from securisation.tests import couches, remise_a_neuf

    with django_db_blocker.unblock():
        _remettre_a_neuf()
    # `flush` émet `post_migrate` pour chaque application, une fois toutes les tables vidées ; la dernière les suit toutes.
    *_, derniere = (application for application in apps.get_app_configs() if application.models_module)
    post_migrate.connect(_remettre_a_neuf, sender=derniere)
    with django_db_blocker.unblock():
        remise_a_neuf.installer()
    yield
    with django_db_blocker.unblock():
        couches.PILE.finir()


@pytest.fixture
def distribution(db):
    """Les comptes de la démonstration, par prénom : `distribution["awa"]`."""
    from securisation.comptes.demonstration import creer_distribution
    from securisation.comptes.models import Professionnel

    creer_distribution()
    return {compte.email.split("@")[0]: compte for compte in Professionnel.objects.all()}


@pytest.fixture
def awa(distribution):
    """Référente, équipe de Laval."""
    return distribution["awa"]


@pytest.fixture
def bruno(distribution):
    """Intervenant, équipe de Laval."""
    return distribution["bruno"]


@pytest.fixture
def chloe(distribution):
    """Partenaire, sans équipe."""
    return distribution["chloe"]


@pytest.fixture
def driss(distribution):
    """Partenaire, sans accord."""
    return distribution["driss"]


@pytest.fixture
def elsa(distribution):
    """Intervenante d'une autre équipe, sans lien."""
    return distribution["elsa"]


@pytest.fixture
def farid(distribution):
    """Financeur."""
    return distribution["farid"]


@pytest.fixture
def gaelle(distribution):
    """Superviseure de l'équipe de Laval."""
    return distribution["gaelle"]


@pytest.fixture
def hugo(distribution):
    """Délégué à la protection des données."""
    return distribution["hugo"]


@pytest.fixture
def parcours(awa, bruno):
    """Le parcours de Mme Diallo : orienté, awa référente, bruno intervenant."""
    return construire_parcours(awa, intervenant=bruno)


@pytest.fixture
def parcours_admis(parcours, awa):
    """Le même, admis, informations remises et adhésion recueillie."""
    return admettre(parcours, awa)


@pytest.fixture
def laisser_finir():
    """`laisser_finir(parcours, "ADHESION")` : l'accord de cette finalité a fini hier, sans que personne le retire."""
    return faire_finir


@pytest.fixture
def ouvrir_un_parcours():
    """`ouvrir_un_parcours(awa, nom="Roche")` : un parcours de plus, pour les étages qui n'importent pas ce module."""
    return construire_parcours


def faire_finir(parcours, code):
    """Fait comme si les accords de cette finalité avaient fini hier."""
    from datetime import timedelta

    from securisation.parcours.models import Accord
    from securisation.socle.trace import hors_porte

    hier = horloge.aujourd_hui() - timedelta(days=1)
    with hors_porte("un accord échu"):
        Accord.objects.en_masse().filter(parcours=parcours, finalite__code=code).update(le=hier, jusqu_au=hier)


def construire_parcours(awa, *, intervenant=None, **personne):
    """Ouvre un parcours par les mêmes transitions que l'écran."""
    from securisation.annuaire.models import Origine
    from securisation.parcours.models import Parcours, Personne
    from securisation.parcours.roles import attribuer_role

    champs = {
        "prenom": "Fatou",
        "nom": "Diallo",
        "telephone": "06 39 98 20 06",
        "commune": "Laval",
        "code_postal": "53000",
    }
    mme_diallo = Personne().enregistrer(par=awa, **(champs | personne))
    parcours = Parcours(personne=mme_diallo).ouvrir(
        par=awa,
        recue_le=horloge.aujourd_hui(),
        origine=Origine.objects.get(code="OR-01"),
        demande="Deux loyers de retard.",
    )
    if intervenant is not None:
        attribuer_role(parcours, intervenant, "intervenant", par=awa)
    return parcours


def admettre(parcours, awa, *, sensible=False):
    """Qualifie, informe, recueille l'adhésion."""
    from securisation.annuaire.models import Finalite
    from securisation.parcours.models import Accord, Qualification
    from securisation.parcours.models.qualification import CRITERES

    Qualification(parcours=parcours).prononcer(
        par=awa,
        decision="admise",
        motif="Impayé et perte de revenus liés.",
        releve_exclusivement_de_l_urgence=False,
        **dict.fromkeys(CRITERES, True),
    )
    for code in ("INFORMATION", "ADHESION", *(["SENSIBLE"] if sensible else [])):
        finalite = Finalite.objects.get(code=code)
        Accord(parcours=parcours, finalite=finalite).recueillir(par=awa, le=horloge.aujourd_hui(), mode="écrit signé")
    parcours.refresh_from_db()
    return parcours


@pytest.fixture
def lectrice(parcours, awa):
    """Une collègue qui lit le parcours et n'y fait rien."""
    return lecteur_de(parcours, awa)


def lecteur_de(parcours, awa):
    """Une collègue de l'équipe qui lit ce parcours et n'y fait rien."""
    from securisation.comptes.models import Professionnel
    from securisation.parcours.roles import attribuer_role

    compte = Professionnel.objects.create_user(
        "zoe@exemple.test", prenom="Zoé", nom="Lamy", equipe=parcours.equipe, metier="Stagiaire"
    )
    attribuer_role(parcours, compte, "lecteur", par=awa)
    return compte
