"""Un second attaquant, écrit à part du premier : il ne reprend ni sa lecture des tableaux, ni ses atomes, ni ses programmes.

Plus fort que lui, et plus lent. Tous les tableaux qui se partagent un total tiennent dans un même programme, et chaque ligne d'un tableau
multiple s'y ajoute ; un dossier corrigé entre deux éditions y est deux individus. Il vise aussi ce que le premier ne vise pas :
l'intersection de deux éditions, une édition moins deux autres.
"""

import math
import random
from dataclasses import dataclass, field

import highspy
import numpy

from outils.livrables.verite import places, places_publiees

PARTAGES, JEU, LARGE = ("liste", "flux"), 1e-6, 5
LIGNES, CROISEMENTS = 60, 40  # lignes de tableaux multiples tirées au sort, et croisements visés par programme
INFINI = math.inf


def intervalle(valeur):
    """Ce que le lecteur sait d'une valeur publiée (docs/divulgation.md, la règle)."""
    if valeur == "petit":
        return 0, 10
    return (11, INFINI) if valeur == "protege" else (max(11, valeur - 4), valeur + 4)


@dataclass
class Cible:
    """Une case, publiée ou croisée : ses inconnues, sa vraie valeur, ce que l'attaquant en a vu."""

    nom: tuple
    inconnues: list
    vrai: int
    croisee: bool
    bas: float = INFINI
    haut: float = -INFINI

    @property
    def due(self):
        """La largeur qu'elle doit garder : cinq jusqu'à dix (zéro aussi, quand elle est publiée), un pour tout autre nombre."""
        return LARGE if self.vrai <= 10 and (self.vrai or not self.croisee) else 1

    @property
    def largeur(self):
        """L'écart des deux entiers extrêmes."""
        return math.floor(self.haut + JEU) - math.ceil(self.bas - JEU) if self.haut >= self.bas else -1


@dataclass
class Programme:
    """Des inconnues, dont on connaît la vraie valeur, et ce que le lecteur sait de leurs sommes."""

    vrais: list = field(default_factory=list)
    savoirs: list = field(default_factory=list)  # (inconnues, coefficients, bas, haut)
    cibles: list = field(default_factory=list)

    def inconnues(self, vrais):
        """Une inconnue par vraie valeur ; leurs rangs."""
        self.vrais += vrais
        return list(range(len(self.vrais) - len(vrais), len(self.vrais)))

    def savoir(self, plus, bas, haut, moins=()):
        """La somme de `plus`, `moins` retranchés, est entre ces bornes."""
        self.savoirs.append(([*plus, *moins], [1.0] * len(plus) + [-1.0] * len(moins), bas, haut))

    def viser(self, nom, inconnues, *, croisee=False):
        """Vise une somme d'inconnues, si elle n'est pas vide."""
        if inconnues:
            self.cibles.append(Cible(nom, inconnues, sum(self.vrais[x] for x in inconnues), croisee))

    def faux(self):
        """Ce que le lecteur croit savoir et qui n'est pas vrai : rien, sinon ses trouvailles n'en sont pas."""
        sommes = ((sum(c * self.vrais[x] for x, c in zip(*paire, strict=True)), b, h) for *paire, b, h in self.savoirs)
        return sum(not b - JEU <= somme <= h + JEU for somme, b, h in sommes)

    def resoudre(self):
        """Pousse chaque cible vers le bas puis vers le haut, tant que ses témoins ne suffisent pas ; rend le nombre de programmes."""
        moteur, resolus = self._moteur(), 0
        self.rangs = numpy.concatenate([cible.inconnues for cible in self.cibles])
        self.de = numpy.repeat(numpy.arange(len(self.cibles)), [len(cible.inconnues) for cible in self.cibles])
        for cible in self.cibles:
            for sens in (-1.0, 1.0):
                if cible.largeur < cible.due:
                    couts = numpy.zeros(len(self.vrais))
                    couts[cible.inconnues] = sens
                    self._temoigner(moteur, couts)
                    resolus += 1
        return resolus

    def _moteur(self):
        lp, n = highspy.HighsLp(), len(self.vrais)
        lp.num_col_, lp.num_row_ = n, len(self.savoirs)
        lp.col_cost_, lp.col_lower_, lp.col_upper_ = numpy.zeros(n), numpy.zeros(n), numpy.full(n, 1e6)
        lp.row_lower_ = numpy.array([max(bas, -highspy.kHighsInf) for *_, bas, _ in self.savoirs])
        lp.row_upper_ = numpy.array([min(haut, highspy.kHighsInf) for *_, haut in self.savoirs])
        lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        lp.a_matrix_.start_ = numpy.cumsum([0, *(len(rangs) for rangs, *_ in self.savoirs)])
        lp.a_matrix_.index_ = numpy.concatenate([rangs for rangs, *_ in self.savoirs]).astype(numpy.int32)
        lp.a_matrix_.value_ = numpy.concatenate([coefs for _, coefs, *_ in self.savoirs])
        moteur = highspy.Highs()
        # Seul l'objectif change : chaque programme repart de la base du précédent, par le simplexe primal.
        for nom, valeur in {"output_flag": False, "threads": 1, "presolve": "off", "simplex_strategy": 4}.items():
            moteur.setOptionValue(nom, valeur)
        moteur.passModel(lp)
        return moteur

    def _temoigner(self, moteur, couts):
        """Résout pour ces coûts et montre la solution à toutes les cibles."""
        moteur.changeColsCost(len(couts), numpy.arange(len(couts), dtype=numpy.int32), couts)
        moteur.run()
        if moteur.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            raise RuntimeError(f"programme sans solution : {moteur.getModelStatus()}")
        solution = numpy.asarray(moteur.getSolution().col_value)
        for cible, vu in zip(self.cibles, numpy.bincount(self.de, solution[self.rangs]).tolist(), strict=True):
            cible.bas, cible.haut = min(cible.bas, vu), max(cible.haut, vu)


class _Univers:
    """Un univers : ses individus rangés en atomes (de quelles éditions ils sont), et les programmes que l'on en fait."""

    def __init__(self, nom, publiees, hasard):
        self.hasard, self.editions = hasard, {}
        dans = {}
        self.perimetres = [perimetre for perimetre, _, _ in publiees]
        self.muettes = []
        for rang, (_, contenu, verite) in enumerate(publiees):
            siens = [
                t for t in contenu["tableaux"] if t["univers"] == nom and t["unite"] == "parcours" and not t["refus"]
            ]
            self.editions[rang] = {t["code"]: t for t in siens}
            self.muettes += [] if siens or nom == "demarches" else [rang]
            for individu in verite.membres[nom]:
                dans.setdefault(individu, set()).add(rang)
        self.atomes = {}
        for individu, rangs in dans.items():
            self.atomes.setdefault(frozenset(rangs), []).append(individu)
        self.signatures = list(self.atomes)

    def des(self, inconnues, rang):
        """Les inconnues, une par atome, de ceux qui sont de cette édition."""
        return [x for x, signature in zip(inconnues, self.signatures, strict=True) if rang in signature]

    def compter(self, code, voulues):
        """Le vrai nombre d'individus de chaque atome qui ont une de ces places."""
        return [sum(bool(voulues & places(code, i)) for i in individus) for individus in self.atomes.values()]

    def parus(self, code):
        """(rang, tableau) de chaque édition où il paraît."""
        return [(rang, tableaux[code]) for rang, tableaux in self.editions.items() if code in tableaux]

    def codes(self, *formes):
        """Les tableaux de ces formes."""
        return sorted(
            {t["code"] for tableaux in self.editions.values() for t in tableaux.values() if t["forme"] in formes}
        )

    def partage(self):
        """(programme, inconnues du total) : tous les tableaux qui se partagent le total de cet univers."""
        programme = Programme()
        tous = programme.inconnues([len(individus) for individus in self.atomes.values()])
        for rang, tableaux in self.editions.items():
            for publie in tableaux.values():
                programme.savoir(self.des(tous, rang), *intervalle(publie["total"]))
        for rang in self.muettes:  # rien de cet univers n'y paraît : dix parcours au plus, se dit le lecteur
            if sum(len(individus) for signature, individus in self.atomes.items() if rang in signature) <= 10:
                programme.savoir(self.des(tous, rang), 0, 10)
                programme.viser(("refusé", rang), self.des(tous, rang))
        for code in self.codes(*PARTAGES):
            self._partager(programme, code, tous)
        return programme, tous

    def _partager(self, programme, code, tous):
        """Les places toujours réunies ne font qu'une classe ; les classes d'un atome font l'atome."""
        lues = [(rang, publie, *ou) for rang, publie in self.parus(code) for ou in _cases(publie)]
        voulues = [places_publiees(publie, ligne, colonne) for _, publie, ligne, colonne, _ in lues]
        classes = {}
        for place in frozenset().union(*voulues):
            classes.setdefault(frozenset(n for n, siennes in enumerate(voulues) if place in siennes), set()).add(place)
        parts = {ou: programme.inconnues(self.compter(code, siennes)) for ou, siennes in classes.items()}
        for total, *somme in zip(tous, *parts.values(), strict=True):
            programme.savoir(somme, 0, 0, moins=[total])
        for n, (rang, _, ligne, colonne, valeur) in enumerate(lues):
            siennes = [x for ou, inconnues in parts.items() if n in ou for x in self.des(inconnues, rang)]
            programme.savoir(siennes, *intervalle(valeur))
            programme.viser((code, rang, ligne, colonne), siennes)
        self._ailleurs(programme, code, classes, parts)
        self._restreindre(programme, code, parts, classes)
        self._croiser(programme, code, list(parts.values()))

    def _ailleurs(self, programme, code, classes, parts):
        """Un lieu réuni à d'autres sous « ailleurs » a moins de onze parcours ; ceux qu'on ne sait pas placer n'en sont pas un."""
        for rang, publie in self.parus(code):
            reunis = {
                (c, "") for x in publie["lignes"] if x["code"] == "ailleurs" for c in x["codes"] if c != "inconnu"
            }
            for ou, siennes in classes.items():
                if siennes <= reunis and len(siennes) == 1:
                    inconnues = self.des(parts[ou], rang)
                    programme.savoir(inconnues, 0, 10)
                    programme.viser((code, rang, *min(siennes)), inconnues)

    def _restreindre(self, programme, code, parts, classes):
        """L'édition d'un département ne compte que lui."""
        for rang, perimetre in enumerate(self.perimetres if code == "departements" else ()):
            siens = {(departement, "") for departement in perimetre.departements}
            hors = [parts[ou] for ou, siennes in classes.items() if siens and not siennes & siens]
            for inconnues in hors:
                programme.savoir(self.des(inconnues, rang), 0, 0)

    def _croiser(self, programme, code, lignes):
        """Vise, dans des lignes tirées au sort, des intersections de deux éditions et des différences de trois."""
        for _ in range(CROISEMENTS if lignes and len(self.editions) > 2 else 0):
            inconnues, (a, b, c) = self.hasard.choice(lignes), self.hasard.sample(list(self.editions), 3)
            for nom, garde in (("et", lambda s, a=a, b=b: a in s and b in s),
                               ("sans", lambda s, a=a, b=b, c=c: a in s and b not in s and c not in s)):  # fmt: skip
                siennes = [x for x, s in zip(inconnues, self.signatures, strict=True) if garde(s)]
                programme.viser((code, nom, a, b, c), siennes, croisee=True)

    def lignes_multiples(self):
        """(tableau, ligne) de chaque ligne multiple ou croisée qu'une édition au moins écrit."""
        return [
            (code, ligne)
            for code in self.codes("multiple", "croise")
            for ligne in sorted(
                {x["code"] for _, t in self.parus(code) for x in t["lignes"] if isinstance(x["valeur"], int)}
            )
        ]

    def multiple(self, code, voulue):
        """Le programme d'une ligne : dans chaque atome, au plus l'atome ; ses colonnes, au plus la ligne, et ensemble au moins elle."""
        programme, tous = self.partage()
        programme.cibles = []
        siennes = programme.inconnues(self.compter(code, {(voulue, "")}))
        _contenir(programme, tous, siennes)
        dits = [c["code"] for c in self.parus(code)[0][1]["colonnes"]]
        colonnes = {c: programme.inconnues(self.compter(code, {(voulue, c)})) for c in dits}
        for inconnues in colonnes.values():
            _contenir(programme, siennes, inconnues)
        for ligne, *somme in zip(siennes, *colonnes.values(), strict=True) if colonnes else ():
            programme.savoir(somme, 0, INFINI, moins=[ligne])
        for rang, publie in self.parus(code):
            for ligne, colonne, valeur in _cases(publie):
                if ligne == voulue:
                    visees = self.des(colonnes[colonne] if colonne else siennes, rang)
                    programme.savoir(visees, *intervalle(valeur))
                    programme.viser((code, rang, ligne, colonne), visees)
        self._croiser(programme, code, [siennes, *colonnes.values()])
        return programme


def _contenir(programme, tout, partie):
    for x, y in zip(tout, partie, strict=True):
        programme.savoir([x], 0, INFINI, moins=[y])


def _cases(publie):
    """(ligne, colonne, valeur) de chaque nombre publié, totaux de colonne compris, total général non compris."""
    colonnes = [c["code"] for c in publie["colonnes"]]
    for ligne in publie["lignes"]:
        yield ligne["code"], "", ligne["valeur"]
        yield from ((ligne["code"], c, v) for c, v in zip(colonnes, ligne.get("valeurs", []), strict=False))
    yield from (("", c, v) for c, v in zip(colonnes, publie.get("totaux", []), strict=False))


@dataclass
class Releve:
    """Ce que le second attaquant a obtenu."""

    programmes: int = 0
    faux: int = 0
    cibles: list = field(default_factory=list)

    def fautes(self, *, croisees):
        """Les cibles retrouvées exactement, ou serrées à moins de cinq quand elles valent de 1 à 10."""
        return [cible for cible in self.cibles if cible.croisee == croisees and cible.largeur < cible.due]


def attaquer(publiees, graine=11):
    """Attaque toutes les éditions ensemble : chaque case des tableaux partagés, et des lignes multiples tirées au sort."""
    releve, hasard = Releve(), random.Random(graine)  # noqa: S311 (un tirage d'essai, rejouable)
    univers = [_Univers(nom, publiees, hasard) for nom in publiees[0][2].membres]
    programmes = [monde.partage()[0] for monde in univers]
    multiples = [(monde, *ou) for monde in univers for ou in monde.lignes_multiples()]
    tirees = hasard.sample(multiples, min(LIGNES, len(multiples)))
    for programme in [*programmes, *(monde.multiple(*ou) for monde, *ou in tirees)]:
        releve.faux += programme.faux()
        if programme.cibles:
            releve.programmes += programme.resoudre()
            releve.cibles += programme.cibles
    return releve


def lignes(releve):
    """Les lignes du tableau des livrables : (nom, figure, cible, tenue)."""
    publiees, croisees = releve.fautes(croisees=False), releve.fautes(croisees=True)
    petites = sum(0 < cible.vrai <= 10 for cible in releve.cibles)
    combien = sum(cible.croisee for cible in releve.cibles)
    return [
        ("second attaquant, écrit à part", f"{len(releve.cibles)} cibles ({petites} de 1 à 10), {releve.programmes} programmes",
         "≥ 5 000 cibles", len(releve.cibles) >= 5000),
        ("ce qu’il croit et qui est faux", f"{releve.faux}", "0", not releve.faux),
        ("cases publiées retrouvées ou serrées", f"{len(publiees)}", "0", petites > 0 and not publiees),
        ("croisements de deux ou trois éditions retrouvés ou serrés", f"{len(croisees)} sur {combien}", "0 sur 1 000 au moins",
         combien >= 1000 and not croisees),
    ]  # fmt: skip
