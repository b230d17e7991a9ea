"""Le second attaquant voit ce qu'il doit voir : une publication sans contrôle le laisse retrouver des nombres, le contrôle non."""

import datetime
import random

import pytest

from outils.livrables import attaque, second
from outils.livrables.verite import Verite, individus
from securisation.pilotage import calcul, divulgation
from securisation.pilotage.chiffres import Perimetre
from securisation.pilotage.models import Fait, Passage
from securisation.pilotage.tests.population import peupler

ANNEE = (datetime.date(2025, 1, 1), datetime.date(2025, 12, 31))
PERIODES = (ANNEE, (ANNEE[0], datetime.date(2025, 6, 30)), (datetime.date(2025, 7, 1), ANNEE[1]))
PERIMETRES = [Perimetre(*periode, equipes=equipes) for periode in PERIODES for equipes in ((), (1,), (2,), (3,))]


@pytest.fixture
def tous(db):
    """Les individus d'une petite population ; leurs faits se retirent à la fin : ils n'ont pas de parcours."""
    Passage.objects.update_or_create(id=1, defaults={"jusqu_a": datetime.datetime.now(datetime.UTC)})
    peupler(500)
    yield individus()
    Fait.objects.all().delete()


def sans_controle(tous):
    """Les éditions telles que le seuil et l'arrondi les laissent."""
    for perimetre in PERIMETRES:
        contenu = {"tableaux": divulgation.sans_attaque(calcul.compter(perimetre))}
        yield perimetre, contenu, Verite(perimetre, tous)


def avec_controle(tous):
    """Les éditions telles que le contrôle les laisse."""
    publiees = []
    for perimetre in PERIMETRES:
        parus = [(p, c) for p, c, _ in publiees]
        registre = calcul.Registre(parus, atomes(tous, [*(p for p, _ in parus), perimetre]))
        contenu, rapport = calcul.preparer(perimetre, registre)
        if rapport["publiable"]:
            publiees.append((perimetre, contenu, Verite(perimetre, tous)))
    return publiees


def atomes(tous, perimetres):
    """{univers: [ensembles de rangs]}, lus de la vérité."""
    verites, rendus = [Verite(perimetre, tous) for perimetre in perimetres], {}
    for univers in verites[0].membres:
        dans = {}
        for rang, verite in enumerate(verites):
            for individu in verite.membres[univers]:
                dans.setdefault(individu, set()).add(rang)
        rendus[univers] = [frozenset(rangs) for rangs in {frozenset(rangs) for rangs in dans.values()}]
    return rendus


class TestVerite:
    def test_compte_comme_le_calcul(self, tous):
        for perimetre in (*PERIMETRES, Perimetre(*ANNEE, departements=("53",))):
            verite = Verite(perimetre, tous)
            for tableau, publie in zip(
                calcul.compter(perimetre), divulgation.sans_attaque(calcul.compter(perimetre)), strict=True
            ):
                for ligne, colonne, compte in [] if publie["refus"] else tableau.nombres():
                    assert verite.compte(publie, ligne, colonne) == compte.n, (tableau.code, ligne, colonne)


class TestSecondAttaquant:
    def test_retrouve_des_nombres_que_rien_ne_controle(self, tous):
        releve = second.attaquer(list(sans_controle(tous)))
        assert releve.faux == 0 and releve.fautes(croisees=False)
        assert second.lignes(releve)[2][-1] is False

    def test_ne_retrouve_rien_apres_le_controle(self, tous):
        publiees = avec_controle(tous)
        releve = second.attaquer(publiees)
        assert len(publiees) >= len(PERIMETRES) - 2
        assert releve.faux == 0 and len(releve.cibles) > 500
        assert not releve.fautes(croisees=False) and not releve.fautes(croisees=True)

    def test_dit_ce_qu_il_croit_et_qui_est_faux(self, tous):
        publiees = list(sans_controle(tous))
        origines = next(t for t in publiees[0][1]["tableaux"] if t["code"] == "origines")
        ecrite = next(ligne for ligne in origines["lignes"] if isinstance(ligne["valeur"], int))
        ecrite["valeur"] += 500
        assert second._Univers("recues", publiees, random.Random(1)).partage()[0].faux() > 0

    def test_serre_un_petit_nombre_par_soustraction(self):
        programme = second.Programme()
        grand, petit = programme.inconnues([18, 1])
        programme.savoir([grand], *second.intervalle(20))
        programme.savoir([grand, petit], *second.intervalle(15))
        programme.viser(("petit",), [petit])
        programme.resoudre()
        (cible,) = programme.cibles
        assert (cible.largeur, cible.due) == (3, 5)


class TestPremierAttaquant:
    def test_compte_les_erreurs_et_les_cases_trop_serrees(self, tous):
        lignes = {
            nom.split(" (")[0]: tenue
            for nom, _, _, tenue in attaque.lignes(
                attaque.attaquer([(0, *publiee) for publiee in sans_controle(tous)], atomes(tous, PERIMETRES))
            )
        }
        assert lignes["cases de 1 à 10 serrées à moins de cinq"] is False
        assert lignes["éditions attaquées ensemble"] is False, "douze éditions ne font pas quinze cents tableaux"
        assert lignes["nombres hors de leur intervalle"] is True and lignes["erreur moyenne d’un nombre publié"] is True
