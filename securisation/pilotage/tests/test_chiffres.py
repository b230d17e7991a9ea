"""Les chiffres : du dossier au fait, du fait au cumul, du cumul au tableau."""

import datetime
import uuid

import pytest
from django.db import connection

from securisation.annuaire.models.territoire import code_de_departement
from securisation.pilotage import calcul, chiffres, faits
from securisation.pilotage.chiffres import Perimetre
from securisation.pilotage.models import Cumul, Fait, Passage
from securisation.pilotage.sommaire import SOMMAIRE
from securisation.pilotage.tests.population import peupler

ANNEE = Perimetre(datetime.date(2025, 1, 1), datetime.date(2025, 12, 31))
GROUPES = {nom for fiche in SOMMAIRE for nom in (fiche.groupe, fiche.univers)}


@pytest.fixture
def population(db):
    """Quatre cents faits, retirés à la fin : ils n'ont pas de parcours."""
    Passage.objects.update_or_create(id=1, defaults={"jusqu_a": datetime.datetime.now(datetime.UTC)})
    yield peupler(400)
    Fait.objects.all().delete()


def nets(groupes):
    """Les comptes qui ne sont pas nuls."""
    trouves = {nom: {code: compte for code, compte in g.items() if compte.n} for nom, g in groupes.items()}
    return {nom: g for nom, g in trouves.items() if g and nom != "demarches_engagees"}


class TestCumul:
    @pytest.mark.parametrize("equipes", [(), (1,), (2, 3)])
    @pytest.mark.parametrize(("du", "au"), [((2025, 1, 1), (2025, 12, 31)), ((2024, 2, 1), (2024, 2, 29))])
    def test_dit_la_meme_chose_que_les_faits(self, population, equipes, du, au):
        perimetre = Perimetre(datetime.date(*du), datetime.date(*au), equipes=equipes)
        cumules, relus = chiffres.lire(perimetre, GROUPES), chiffres.lire_les_faits(perimetre, GROUPES)
        assert perimetre.est_cumulable
        assert cumules.totaux == relus.totaux
        assert nets(cumules.groupes) == nets(relus.groupes)
        assert sum(compte.n for compte in relus.totaux.values()) > 0

    def test_suit_un_fait_qui_change_et_un_fait_qui_part(self, population):
        for fait in population[:50]:
            Fait.objects.filter(pk=fait.pk).update(compte=not fait.compte, equipe_id=2, facteurs=[1], fini_le=None)
        Fait.objects.filter(pk__in=[fait.pk for fait in population[50:90]]).delete()
        cumules, relus = chiffres.lire(ANNEE, GROUPES), chiffres.lire_les_faits(ANNEE, GROUPES)
        assert cumules.totaux == relus.totaux
        assert nets(cumules.groupes) == nets(relus.groupes)

    def test_revient_a_zero_quand_tout_est_parti(self, population):
        Fait.objects.all().delete()
        assert not Cumul.objects.exclude(n=0, cle=0).exists()

    @pytest.mark.parametrize(
        "perimetre",
        [
            Perimetre(datetime.date(2025, 1, 2), datetime.date(2025, 12, 31)),
            Perimetre(datetime.date(2025, 1, 1), datetime.date(2025, 12, 30)),
            Perimetre(datetime.date(2025, 1, 1), datetime.date(2025, 12, 31), departements=("53",)),
        ],
    )
    def test_ne_sert_pas_a_un_autre_perimetre(self, population, perimetre):
        assert not perimetre.est_cumulable
        assert chiffres.lire(perimetre, GROUPES).totaux["recues"].n > 0

    def test_une_seule_requete_lit_tout(self, population, django_assert_num_queries):
        with django_assert_num_queries(1):
            chiffres.lire(ANNEE, GROUPES)


class TestSommaire:
    def test_chaque_partage_fait_son_total(self, population):
        for tableau in calcul.compter(ANNEE):
            if tableau.forme in ("liste", "flux"):
                assert sum(ligne.compte.n for ligne in tableau.lignes) == tableau.total.n, tableau.code
            for ligne in tableau.lignes:
                assert ligne.compte.n <= tableau.total.n
                if tableau.forme == "flux":
                    assert sum(cellule.n for cellule in ligne.cellules) == ligne.compte.n

    def test_une_ligne_a_zero_parait_quand_meme(self, population):
        origines = next(t for t in calcul.compter(ANNEE) if t.code == "origines")
        assert len(origines.lignes) >= 21

    def test_ce_qui_revele_la_sante_ne_fait_qu_une_ligne(self, population):
        from securisation.annuaire.models import Facteur, Levier, Public

        codes = {
            m: set(m.objects.filter(revele_la_sante=True).values_list("code", flat=True))
            for m in (Facteur, Levier, Public)
        }
        rendus = {t.code: {ligne.code for ligne in t.lignes} for t in calcul.compter(ANNEE)}
        assert codes[Facteur] and not codes[Facteur] & rendus["facteurs"] and "reserve" in rendus["facteurs"]
        assert codes[Levier] and not codes[Levier] & (rendus["leviers"] | rendus["orientations"])
        assert codes[Public] and not codes[Public] & rendus["publics"]

    def test_un_chapitre_ne_lit_que_lui(self, population):
        assert {t.chapitre for t in calcul.compter(ANNEE, ("temps",))} == {"temps"}

    def test_les_chiffres_en_direct_sont_au_seuil_et_arrondis(self, population):
        contenu = calcul.en_direct(ANNEE)
        nombres = [t["total"] for t in contenu["tableaux"] if not t["refus"]]
        assert nombres and all(n % 5 == 0 and n >= 15 for n in nombres)


class TestPreparer:
    def test_une_edition_se_publie_et_se_repete_a_l_identique(self, population):
        contenu, rapport = calcul.preparer(ANNEE)
        assert rapport["publiable"], rapport
        memes = {univers: [frozenset([0, 1])] for univers in chiffres.UNIVERS}
        encore, _ = calcul.preparer(ANNEE, calcul.Registre([(ANNEE, contenu)], memes))
        publies = {t["code"]: t["total"] for t in contenu["tableaux"] if not t["refus"]}
        assert publies and publies == {t["code"]: t["total"] for t in encore["tableaux"] if not t["refus"]}

    def test_une_periode_vide_ne_se_publie_pas(self, population):
        vide = Perimetre(datetime.date(2019, 1, 1), datetime.date(2019, 12, 31))
        contenu, rapport = calcul.preparer(vide)
        assert not rapport["publiable"] and "trop peu" in rapport["pourquoi"]
        assert all(t["refus"] for t in contenu["tableaux"])


class TestTerritoire:
    @pytest.mark.django_db
    def test_le_departement_d_un_fait_suit_la_meme_regle(self, parcours):
        """La règle est écrite deux fois (Python, SQL) : elles disent la même chose, Saint-Martin et Saint-Barthélemy compris."""
        postaux = [
            "53200",
            "20090",
            "20137",
            "20200",
            "20600",
            "2A004",
            "97100",
            "97133",
            "97134",
            "97150",
            "97160",
            "97500",
            "98800",
        ]
        lus = {postal: _departement_du_fait(parcours, postal) for postal in (*postaux, "00100", "")}
        assert lus == {postal: code_de_departement(postal) for postal in lus}
        assert (lus["97133"], lus["97150"]) == ("977", "978")


def _departement_du_fait(parcours, postal):
    with connection.cursor() as curseur:
        curseur.execute("UPDATE parcours_personne SET code_postal = %s WHERE id = %s", [postal, parcours.personne_id])
    faits.refaire_tout()
    return Fait.objects.get(parcours=parcours).departement


class TestOpposition:
    def test_les_parcours_hors_des_chiffres_n_y_sont_pas(self, population):
        avant = chiffres.lire(ANNEE, {"accompagnes"}).totaux["accompagnes"].n
        Fait.objects.update(compte=False)
        assert avant > 0
        assert chiffres.lire(ANNEE, {"accompagnes"}).totaux["accompagnes"].n == 0
        assert chiffres.lire_les_faits(ANNEE, {"accompagnes"}).totaux["accompagnes"].n == 0


def test_le_sql_des_faits_connait_la_taille_des_axes(db):
    """Quatre bits par axe, cinq axes : le masque des cotes complètes en dépend."""
    with connection.cursor() as curseur:
        curseur.execute("SELECT count(*) FROM annuaire_axe")
        assert curseur.fetchone()[0] == 5 and faits.SQL.count("t.n <= 5") == 1


def test_la_cle_d_arrondi_se_garde_et_ne_se_rejoue_pas_du_seul_numero(parcours):
    """La même d'une réfection à l'autre ; une autre dès que le sel de l'installation est autre."""

    def cle():
        faits.refaire_tout()
        return Fait.objects.get(pk=parcours.pk).cle

    ici = cle()
    assert cle() == ici and 0 <= ici < 2**31
    Passage.objects.update(sel=uuid.uuid4())
    assert cle() != ici
