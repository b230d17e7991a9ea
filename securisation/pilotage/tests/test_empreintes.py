"""Deux éditions que moins de onze parcours séparent : la seconde ne paraît pas, et aucune phrase ne désigne ceux qui les séparent."""

import datetime
import random

import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext

from securisation.comptes.models import Equipe
from securisation.pilotage import conventions
from securisation.pilotage.chiffres import MULTIPLES, PASSAGES, Perimetre
from securisation.pilotage.edition import actes, empreintes, fictif
from securisation.pilotage.models import Edition, EmpreinteDEdition, Fait, Passage
from securisation.pilotage.tests.population import fait, nomenclatures, peupler
from securisation.socle import outbox

from .conftest import AU, DU

pytestmark = pytest.mark.django_db
ANNEE = Perimetre(DU, AU)


@pytest.fixture
def population(db):
    """Quatre cents faits, retirés à la fin : ils n'ont pas de parcours."""
    Passage.objects.update_or_create(id=1, defaults={"jusqu_a": datetime.datetime.now(datetime.UTC)})
    yield peupler(400)
    Fait.objects.all().delete()
    EmpreinteDEdition.objects.update(parcours=None)


@pytest.fixture
def convention(jean, champs):
    """Toutes les équipes."""
    return conventions.creer(par=jean, **(champs | {"equipes": Equipe.objects.none()}))


@pytest.fixture
def sortie(population, convention, jean, calcul, solder):
    """L'année, publiée."""
    return actes.publier(controler(convention, jean, solder).uuid, par=jean)


def controler(convention, jean, solder, du=DU, au=AU):
    edition = actes.preparer(convention, par=jean, du=du, au=au)
    solder()
    edition.refresh_from_db()
    return edition


def corriger(sortie, jean, solder):
    edition = actes.corriger(sortie.uuid, par=jean, mot="Des demandes tardives.")
    solder()
    edition.refresh_from_db()
    return edition


def ajouter(n, **champs):
    """`n` parcours de plus, reçus et admis dans l'année."""
    des, cles = random.Random(5), nomenclatures()
    neufs = [fait(2_000_000 + rang, des, cles) for rang in range(n)]
    for neuf in neufs:
        neuf.compte, neuf.recue_le, neuf.admis_le, neuf.fini_le, neuf.bilan_le = True, DU, DU, None, None
        for nom, valeur in champs.items():
            setattr(neuf, nom, valeur)
    return Fait.objects.bulk_create(neufs)


def comptes():
    """Les faits que l'année compte."""
    return Fait.objects.filter(compte=True, recue_le__range=(DU, AU)).order_by("pk")


class TestEcrire:
    def test_une_ligne_par_parcours_compte_d_une_seule_instruction(self, population, controlee):
        ecrites = controlee.empreintes.count()
        assert 0 < ecrites < 400
        assert not controlee.empreintes.filter(parcours__in=Fait.objects.filter(compte=False).values("pk")).exists()
        with CaptureQueriesContext(
            connection,
        ) as faites:
            empreintes.ecrire(controlee.pk, ANNEE)
        assert len(faites) == 2 and controlee.empreintes.count() == ecrites
        assert empreintes.sont_exactes(controlee.pk, ANNEE)

    @pytest.mark.parametrize(
        "change",
        [{"facteurs": [999]}, {"origine": 999}, {"leviers": []}, {"compte": False}, {"demarches": 31}, {"cadre": 9}],
    )
    def test_suit_tout_ce_qu_un_tableau_lit(self, population, controlee, change):
        lu = comptes().filter(admis_le__isnull=False, demarches__gt=0).first()
        Fait.objects.filter(pk=lu.pk).update(**change)
        assert not empreintes.sont_exactes(controlee.pk, ANNEE)

    def test_ne_suit_pas_ce_qu_aucun_tableau_ne_lit(self, population, controlee):
        """Le même mois, la même décision : aucun nombre n'en change. Compté comme une différence, il en cacherait une vraie."""
        for lu in comptes():
            Fait.objects.filter(pk=lu.pk).update(recue_le=DU, cle=1)
        assert empreintes.sont_exactes(controlee.pk, ANNEE)

    def test_lit_les_colonnes_de_chaque_univers(self):
        lues = empreintes._colonnes()
        assert all(set(cles.values()) <= set(lues[univers]) for univers, cles in PASSAGES)
        assert all(nom in lues[univers] for nom, univers in MULTIPLES.items())
        assert "demarches" in lues["demarches"]


class TestAtomes:
    """De quelles éditions des parcours sont à la fois, tels qu'ils étaient comptés."""

    def test_un_parcours_corrige_en_est_deux_dans_l_univers_qui_le_lit(self, sortie, jean, solder):
        for lu in comptes()[:12]:
            Fait.objects.filter(pk=lu.pk).update(origine=999)
        atomes = empreintes.atomes([sortie.pk, corriger(sortie, jean, solder).pk])
        assert set(atomes["recues"]) == {frozenset([0, 1]), frozenset([0]), frozenset([1])}
        assert set(atomes["fins"]) == set(atomes["cotes"]) == {frozenset([0, 1])}

    def test_un_parcours_de_plus_n_est_que_de_la_seconde(self, sortie, jean, solder):
        ajouter(11)
        atomes = empreintes.atomes([sortie.pk, corriger(sortie, jean, solder).pk])
        assert set(atomes["accompagnes"]) == {frozenset([0, 1]), frozenset([1])}

    def test_un_parcours_efface_n_est_plus_que_de_la_sienne(self, sortie, jean, solder):
        seconde = corriger(sortie, jean, solder)
        EmpreinteDEdition.objects.filter(parcours=comptes()[0].pk).update(parcours=None)
        assert set(empreintes.atomes([sortie.pk, seconde.pk])["recues"]) == {
            frozenset([0, 1]),
            frozenset([0]),
            frozenset([1]),
        }

    def test_d_autres_periodes_se_recoupent_sans_y_etre_corrige(self, sortie, convention, jean, solder):
        """L'année et son premier semestre : l'empreinte d'un univers ne dépend pas de la période qui le lit."""
        semestre = controler(convention, jean, solder, au=datetime.date(2025, 6, 30))
        atomes = empreintes.atomes([sortie.pk, semestre.pk])
        assert set(atomes["recues"]) == {frozenset([0, 1]), frozenset([0])}


class TestComparer:
    @pytest.mark.parametrize("de_plus", [1, 10])
    def test_une_correction_de_moins_de_onze_parcours_ne_parait_pas(self, sortie, jean, solder, de_plus):
        ajouter(de_plus)
        edition = corriger(sortie, jean, solder)
        assert edition.rapport["publiable"] is False
        assert f"Moins de onze parcours la séparent de {sortie.numero}" in edition.rapport["pourquoi"]
        with pytest.raises(actes.PasPubliable, match="gardez l'édition déjà publiée"):
            actes.publier(edition.uuid, par=jean)

    @pytest.mark.parametrize("de_plus", [0, 11])
    def test_les_memes_ou_onze_de_plus_paraissent(self, sortie, jean, solder, de_plus):
        ajouter(de_plus)
        edition = corriger(sortie, jean, solder)
        assert actes.publier(edition.uuid, par=jean).etat == Edition.Etat.PUBLIEE

    def test_un_fait_corrige_compte_comme_un_parcours_de_plus(self, sortie, jean, solder):
        Fait.objects.filter(pk=comptes().first().pk).update(origine=999)
        assert corriger(sortie, jean, solder).rapport["publiable"] is False

    def test_un_jour_de_moins_est_compare(self, population, convention, jean, calcul, solder):
        """Celui reçu ce jour-là se lirait dans les nombres qui changent."""
        for nom in ("recue_le", "admis_le", "refuse_le", "fini_le", "bilan_le"):
            Fait.objects.filter(**{nom: AU}).delete()
        Fait.objects.filter(fini_le__gt=AU).update(fini_le=None)
        ajouter(1, recue_le=AU, admis_le=AU)
        annee = actes.publier(controler(convention, jean, solder).uuid, par=jean)
        presque = controler(convention, jean, solder, au=AU - datetime.timedelta(days=1))
        assert f"la séparent de {annee.numero}" in presque.rapport["pourquoi"]

    def test_une_retiree_compte_encore(self, sortie, convention, jean, solder):
        actes.retirer(sortie.uuid, par=jean, motif_retrait="Erreur.")
        ajouter(2)
        assert sortie.numero in controler(convention, jean, solder).rapport["pourquoi"]

    def test_deux_equipes_sans_parcours_commun_passent(self, population, jean, champs, calcul, solder):
        for rang in (1, 2):
            une = conventions.creer(par=jean, **(champs | {"numero": f"c{rang}", "equipes": Equipe.objects.none()}))
            edition = actes.preparer(une, par=jean, du=DU, au=AU)
            edition.definition["cles"]["equipes"] = [rang]
            edition.save()
            solder()
            assert actes.publier(edition.uuid, par=jean).etat == Edition.Etat.PUBLIEE
            assert edition.empreintes.count() > 10

    def test_un_parcours_efface_laisse_sa_ligne_et_compte(self, sortie, jean, solder):
        edition = corriger(sortie, jean, solder)
        assert edition.rapport["publiable"] is True
        assert sortie.empreintes.filter(pk=sortie.empreintes.first().pk).update(parcours=None) == 1
        with pytest.raises(actes.PasPubliable, match="Moins de onze"):
            actes.publier(edition.uuid, par=jean)


class TestEntreLeControleEtLaPublication:
    def test_une_opposition_oblige_a_recontroler(self, population, convention, jean, calcul, solder):
        edition = controler(convention, jean, solder)
        Fait.objects.filter(pk=comptes().first().pk).update(compte=False)
        with pytest.raises(actes.PasPubliable, match="recontrôler"):
            actes.publier(edition.uuid, par=jean)
        edition.refresh_from_db()
        assert edition.etat == Edition.Etat.CONTROLEE
        actes.recontroler(edition.uuid, par=jean)
        solder()
        assert actes.publier(edition.uuid, par=jean).etat == Edition.Etat.PUBLIEE

    def test_la_publication_refait_d_abord_les_faits(self, controlee, jean, monkeypatch):
        appels = []
        monkeypatch.setattr(actes.faits, "rafraichir", lambda: appels.append("faits"))
        monkeypatch.setattr(actes, "tenir_le_registre", lambda: appels.append("registre"))
        actes.publier(controlee.uuid, par=jean)
        assert appels == ["faits", "registre"]


class TestCalculer:
    """Le calcul ne retient personne : ce que l'édition est devenue pendant lui se relit avant de ranger."""

    def pendant(self, calcul, monkeypatch, faire):
        from securisation.pilotage.edition import preparation

        def calculer(definition, publiees):
            rendu = calcul(definition, publiees)
            faire()
            return rendu

        monkeypatch.setattr(preparation, "calculer", calculer)

    def test_ecartee_pendant_le_calcul_elle_le_reste(self, population, convention, jean, calcul, monkeypatch, solder):
        edition = actes.preparer(convention, par=jean, du=DU, au=AU)
        ecarter = Edition.objects.filter(pk=edition.pk).update  # un autre processus : il ne voit pas nos empreintes
        self.pendant(calcul, monkeypatch, lambda: ecarter(etat=Edition.Etat.ECARTEE))
        solder()
        edition.refresh_from_db()
        assert (edition.etat, edition.contenu, edition.empreintes.count()) == (Edition.Etat.ECARTEE, None, 0)

    @pytest.mark.parametrize("change", ["definition", "fait"])
    def test_ce_qui_change_pendant_le_calcul_le_fait_refaire(
        self, change, population, convention, jean, champs, calcul, monkeypatch
    ):
        edition = actes.preparer(convention, par=jean, du=DU, au=AU)
        perdu = comptes().first().pk

        def changer():
            if change == "fait":
                Fait.objects.filter(pk=perdu).delete()
            else:
                Edition.objects.filter(pk=edition.pk).update(definition=edition.definition | {"autre": 1})

        self.pendant(calcul, monkeypatch, changer)
        assert not any(outbox.solder(numero) for numero in outbox.a_solder())
        edition.refresh_from_db()
        assert (edition.etat, edition.empreintes.count()) == (Edition.Etat.PREPARATION, 0)

    def test_ne_verrouille_pas_la_ligne_avant_d_avoir_calcule(
        self, population, convention, jean, calcul, monkeypatch, solder
    ):
        actes.preparer(convention, par=jean, du=DU, au=AU)
        avant = []
        with CaptureQueriesContext(connection) as faites:
            self.pendant(calcul, monkeypatch, lambda: avant.append(len(faites)))
            solder()
        verrous = [n for n, q in enumerate(faites) if "pilotage_edition" in q["sql"] and "FOR UPDATE" in q["sql"]]
        assert len(verrous) == 1 and verrous[0] > avant[0]

    def test_preparer_verrouille_la_convention_avant_de_verifier(self, convention, jean):
        with CaptureQueriesContext(connection) as faites:
            actes.preparer(convention, par=jean, du=DU, au=AU)
        textes = [q["sql"] for q in faites]
        verrou = next(n for n, t in enumerate(textes) if "pilotage_convention" in t and "FOR UPDATE" in t)
        assert verrou < next(n for n, t in enumerate(textes) if 'FROM "pilotage_edition"' in t)


class TestLaBase:
    def test_les_empreintes_d_une_publiee_ne_changent_plus(self, sortie, population):
        une = sortie.empreintes.first()
        for change in (
            lambda: sortie.empreintes.all().delete(),
            lambda: sortie.empreintes.filter(pk=une.pk).update(empreintes=[0]),
            lambda: sortie.empreintes.filter(pk=une.pk).update(parcours=une.parcours_id),
            lambda: EmpreinteDEdition.objects.create(edition=sortie, empreintes=[1], accompagne=True),
        ):
            with pytest.raises(DatabaseError), transaction.atomic():
                change()
        assert sortie.empreintes.filter(pk=une.pk).update(parcours=None) == 1

    @pytest.mark.parametrize(
        "plus",
        [
            {"contenu": {"tableaux": []}},
            {"rapport": {"publiable": True}},
            {"definition": {}},
            {"au": DU},
            {"etat": "retiree"},
        ],
    )
    def test_ne_publie_que_ce_qui_est_controle(self, controlee, jean, plus):
        champs = {"etat": "publiee", "publiee_le": controlee.controlee_le, "publiee_par": jean} | plus
        with pytest.raises(DatabaseError), transaction.atomic():
            Edition.objects.filter(pk=controlee.pk).update(**champs)

    def test_un_rapport_recrit_en_publiant_ne_publie_pas(self, convention, jean, calcul, solder):
        calcul.rapport["publiable"] = False
        edition = controler(convention, jean, solder)
        champs = {"etat": "publiee", "publiee_le": edition.controlee_le, "publiee_par": jean}
        with pytest.raises(DatabaseError, match="si le contrôle le permet"), transaction.atomic():
            Edition.objects.filter(pk=edition.pk).update(**champs, rapport={"publiable": True})

    def test_ecarter_efface_tout_ce_qui_compte(self, sortie, jean, calcul, solder):
        calcul.contenu = fictif.contenu(moins=20)
        edition = corriger(sortie, jean, solder)
        assert edition.changements and edition.empreintes.exists()
        actes.ecarter(edition.uuid, par=jean)
        edition.refresh_from_db()
        assert (edition.contenu, edition.rapport, edition.changements) == (None, None, [])
        assert not edition.empreintes.exists()
