"""Les mots publiés ne désignent personne : de chaque atome d'où vient une phrase, onze parcours accompagnés au moins."""

import datetime
import itertools
import random

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from securisation.comptes.models import Equipe
from securisation.pilotage import conventions, faits, mots
from securisation.pilotage.chiffres import Perimetre
from securisation.pilotage.edition import empreintes, fictif
from securisation.pilotage.edition.perimetre import figer
from securisation.pilotage.models import Edition, EmpreinteDEdition, Fait, Parole, Passage
from securisation.pilotage.tests.population import fait, nomenclatures
from securisation.pilotage.tests.test_mots import accorder, proposer
from securisation.socle import horloge
from securisation.socle.cloison import lire_en_systeme

from .conftest import AU, DU

pytestmark = pytest.mark.django_db
TOUTES = ()
ORDRES = list(itertools.permutations([TOUTES, (1,), (2,)]))


class Scene:
    """Des équipes d'accompagnés sans parcours, quelques vrais dont une phrase est retenue, et des éditions qui paraissent."""

    def __init__(self, jean, awa, ouvrir, champs):
        self.jean, self.awa, self.ouvrir, self.champs = jean, awa, ouvrir, champs
        self.cites = {}

    def equipe(self, rang, n, *phrases):
        """`n` accompagnés, dont un parcours par phrase ; rend ceux-ci."""
        des, cles = random.Random(rang), nomenclatures()
        neufs = [fait(3_000_000 + rang * 1000 + numero, des, cles) for numero in range(n - len(phrases))]
        for neuf in neufs:
            neuf.compte, neuf.equipe_id, neuf.recue_le, neuf.admis_le, neuf.fini_le = True, rang, DU, DU, None
        Fait.objects.bulk_create(neufs)
        return [self.citer(rang, phrase) for phrase in phrases]

    def citer(self, rang, phrase):
        """Un vrai parcours accompagné de cette équipe, sa phrase retenue."""
        parcours = self.ouvrir(self.awa, nom=f"Roux{len(self.cites)}")
        accorder(parcours, self.awa)
        dite = proposer(parcours, self.awa, texte=phrase)
        with lire_en_systeme():
            dite.retenir(par=self.jean)
        self.cites[parcours.pk] = rang
        faits.rafraichir()  # refait aussi les précédents
        for cle, sienne in self.cites.items():
            Fait.objects.filter(pk=cle).update(compte=True, equipe_id=sienne, admis_le=DU, fini_le=None)
        return parcours

    def retenus(self, *equipes):
        """Les textes qu'une édition de ces équipes figerait."""
        return [mot["texte"] for mot in mots.retenus(annee(*equipes))]

    def paraitre(self, *equipes, textes=None):
        """Publie une édition de ces équipes (aucune : toutes), avec les mots qu'elle peut figer, ou ceux-ci."""
        lus = self.retenus(*equipes) if textes is None else textes
        numero = f"C-{Edition.objects.count()}"
        champs = self.champs | {"numero": numero, "equipes": Equipe.objects.none()}
        convention = conventions.creer(par=self.jean, **champs)
        edition = Edition.ouvrir(
            par=self.jean, convention=convention, du=DU, au=AU, definition=figer(convention, DU, AU)
        )
        empreintes.ecrire(edition.pk, annee(*equipes))
        contenu = fictif.contenu() | {"mots": [{"texte": texte, "axe": ""} for texte in lus]}
        edition.ranger(contenu=contenu, rapport=fictif.rapport(), registre_vu=0, changements=[])
        edition.paraitre(par=self.jean)
        return edition


def annee(*equipes):
    """L'année en cours, jusqu'à aujourd'hui."""
    jour = horloge.aujourd_hui()
    return Perimetre(datetime.date(jour.year, 1, 1), jour, equipes=equipes)


@pytest.fixture
def scene(jean, awa, ouvrir_un_parcours, champs):
    """Personne encore ; ceux qui n'ont pas de parcours se retirent à la fin."""
    Passage.objects.update_or_create(id=1, defaults={"jusqu_a": datetime.datetime.now(datetime.UTC)})
    faits.rafraichir()
    Fait.objects.all().delete()
    yield Scene(jean, awa, ouvrir_un_parcours, champs)
    Fait.objects.all().delete()
    EmpreinteDEdition.objects.update(parcours=None)


@pytest.fixture
def trois(scene):
    """`trois(n)` : deux équipes de trente et une troisième de `n`, une phrase de chacune."""

    def peupler(n):
        scene.equipe(1, 30, "Une.")
        scene.equipe(2, 30, "Deux.")
        return scene.equipe(3, n, "Seule.")[0]

    return peupler


class TestTrois:
    """« Toutes » moins les équipes une et deux : la troisième. L'ordre où elles paraissent n'y change rien."""

    @pytest.mark.parametrize("ordre", ORDRES)
    def test_la_derniere_paraitrait_trop(self, ordre, trois, scene):
        trois(1)
        *avant, derniere = ordre
        for equipes in avant:
            assert scene.paraitre(*equipes).contenu["mots"] != []
        assert scene.retenus(*derniere) == []

    @pytest.mark.parametrize("ordre", ORDRES)
    @pytest.mark.parametrize(("n", "parait"), [(11, True), (10, False)])
    def test_onze_suffisent(self, n, parait, ordre, trois, scene):
        trois(n)
        paraissent = [bool(scene.paraitre(*equipes).contenu["mots"]) for equipes in ordre]
        assert paraissent == [True, True, parait]

    def test_qui_n_est_pas_cite_ne_fait_rien_taire(self, scene):
        scene.equipe(1, 30, "Une.")
        scene.equipe(2, 30, "Deux.")
        scene.equipe(3, 1)
        for equipes in (TOUTES, (1,), (2,)):
            assert scene.paraitre(*equipes).contenu["mots"] != []

    def test_une_edition_sans_mot_ne_separe_personne(self, trois, scene):
        trois(1)
        scene.paraitre(1, textes=[])
        scene.paraitre()
        assert scene.retenus(2) == ["Deux."]

    def test_une_phrase_parue_compte_meme_retiree(self, trois, scene):
        seule = trois(1)
        scene.paraitre()
        scene.paraitre(1)
        seule.paroles.get().retirer(par=scene.awa)
        assert scene.retenus(2) == []

    def test_une_edition_retiree_compte_encore(self, trois, scene):
        trois(1)
        scene.paraitre().disparaitre(par=scene.jean, motif_retrait="Une erreur.")
        scene.paraitre(1)
        assert scene.retenus(2) == []


class TestDeux:
    @pytest.mark.parametrize(
        ("publiee", "lue", "n", "parait"),
        [
            ((1,), (1, 2), 5, False),  # de plus : l'équipe deux
            ((1, 2), (1,), 5, False),  # de moins : son silence la désigne
            ((1,), (1, 2), 11, True),
            ((1, 2), (1, 2), 5, True),  # les mêmes
            ((1,), (2,), 30, True),  # aucun en commun
        ],
    )
    def test_ce_qui_les_separe(self, publiee, lue, n, parait, scene):
        scene.equipe(1, 30, "Une.")
        scene.equipe(2, n, "Deux.")
        scene.paraitre(*publiee)
        assert bool(scene.retenus(*lue)) is parait

    @pytest.mark.parametrize(("n", "parait"), [(11, True), (10, False)])
    def test_ce_qui_leur_est_commun(self, n, parait, scene):
        scene.equipe(1, 30)
        scene.equipe(2, n, "Deux.")
        scene.equipe(3, 30, "Trois.")
        scene.paraitre(1, 2)
        assert bool(scene.retenus(2, 3)) is parait

    @pytest.mark.parametrize(("n", "parait"), [(12, True), (11, False)])
    def test_un_parcours_efface_laisse_sa_phrase(self, n, parait, scene):
        """De lui, seule l'édition qui l'a cité se sait : ceux qui ne sont que d'elle doivent rester onze."""
        scene.equipe(1, 30, "Une.")
        scene.equipe(2, n)
        sortie = scene.paraitre(textes=["Une.", "Effacée."])
        efface = sortie.empreintes.exclude(parcours__in=Fait.objects.filter(equipe_id=1).values("pk")).first()
        Fait.objects.filter(pk=efface.parcours_id).delete()
        EmpreinteDEdition.objects.filter(pk=efface.pk).update(parcours=None)
        assert bool(scene.retenus(1)) is parait


class TestAccompagnes:
    def test_seuls_les_accompagnes_se_citent(self, scene):
        cite = scene.equipe(1, 30, "Une.", "Deux.")[0]
        Fait.objects.filter(parcours=cite).update(fini_le=annee().du - datetime.timedelta(days=1))
        assert scene.retenus() == ["Deux."]

    def test_une_instruction(self, trois, scene):
        trois(1)
        scene.paraitre()
        with CaptureQueriesContext(connection) as faites:
            assert not empreintes.est_attribuable(annee(), ["Seule."])
        assert len(faites) == 1 and Parole.objects.count() == 3
