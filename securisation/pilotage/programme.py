"""Résoudre : jusqu'où l'attaquant va sur chaque case, par programmation linéaire."""

import math

from securisation.pilotage.attaque import JEU, Case, Systeme, intervalle
from securisation.pilotage.tableaux import PROTEGE

PLAFOND = 1e7  # plus que de parcours : borne une inconnue que rien d’autre ne borne


class Contradiction(Exception):
    """Les nombres publiés ne peuvent pas tous être vrais ensemble : un dossier a changé entre deux éditions."""


def resoudre(systeme, *, libres=False, serrer_les_totaux=False):
    """Cherche, pour chaque case, jusqu'où l'attaquant va ; s'arrête sur une case dès que deux solutions montrent qu'elle tient.

    `libres` : dès qu'elles la montrent libre, ce qui est plus (une édition seule).
    `serrer_les_totaux` : pousse ceux-là jusqu'à leurs extrêmes, qui serviront à attaquer les autres tableaux (`connus`).

    Les bornes d'une case qui tient sont donc des témoins, pas ses extrêmes. Les éditions contradictoires (un dossier corrigé entre deux)
    se relâchent d'abord du moins possible, comme le ferait un lecteur. Rend le nombre de programmes résolus.
    """
    if not systeme.cases:
        return 0
    moteur = _Moteur(systeme, libres=libres)
    manquent, reste = moteur.insuffisantes(), len(systeme.cases) + 1
    while 0 < len(manquent) < reste:
        # Toutes celles qui manquent à la fois : la plupart y trouvent leurs deux témoins.
        reste = len(manquent)
        moteur.pousser(manquent, 1.0)
        moteur.pousser(manquent, -1.0)
        manquent = moteur.insuffisantes()
    for rang in manquent:
        for sens in (1.0, -1.0):
            if not moteur.suffit(rang):
                moteur.pousser([rang], sens)
    for rang in _rangs_des_totaux(systeme) if serrer_les_totaux else ():
        bas, haut = intervalle(systeme.cases[rang].valeur)
        if moteur.bas[rang] > bas + JEU:
            moteur.pousser([rang], -1.0)
        if moteur.haut[rang] < haut - JEU:
            moteur.pousser([rang], 1.0)
    moteur.rendre()
    return moteur.resolus


def _rangs_des_totaux(systeme):
    totaux = {id(case) for case in systeme.totaux}
    return [rang for rang, case in enumerate(systeme.cases) if id(case) in totaux]


class _Moteur:
    """Un programme linéaire gardé chaud : on n'en change que l'objectif. Ce qu'il voit des cases tient en tableaux, par rang."""

    def __init__(self, systeme, *, libres=False, relacher=True):
        import highspy
        import numpy

        self.np, self.highspy, self.systeme, self.resolus = numpy, highspy, systeme, 0
        self.moteur = highspy.Highs()
        self.moteur.setOptionValue("output_flag", False)
        self.moteur.setOptionValue("threads", 1)
        # Seul l'objectif change : chaque programme repart de la base du précédent, par le simplexe primal.
        self.moteur.setOptionValue("presolve", "off")
        self.moteur.setOptionValue("simplex_strategy", 4)
        self._preparer_les_cases(libres)
        self._charger(systeme.contraintes)
        if not self._resoudre(numpy.zeros(systeme.nombre)):
            if not relacher:
                raise Contradiction
            self._charger(_relachees(systeme))
            if not self._resoudre(numpy.zeros(systeme.nombre)):
                raise Contradiction

    def _preparer_les_cases(self, libres):
        np, cases = self.np, self.systeme.cases
        self.rangs = np.concatenate([np.asarray(c.inconnues, dtype=np.int64) for c in cases] or [np.zeros(0, np.int64)])
        self.signes = np.concatenate([np.asarray(c.signes or [1.0] * len(c.inconnues)) for c in cases])
        self.de = np.repeat(np.arange(len(cases)), [len(c.inconnues) for c in cases])
        self.bas, self.haut = np.array([c.bas for c in cases]), np.array([c.haut for c in cases])
        self.dues = np.array([c.due(libre=libres) for c in cases])

    def insuffisantes(self):
        """Les rangs des cases dont les témoins ne suffisent pas."""
        np = self.np
        with np.errstate(invalid="ignore"):
            return np.flatnonzero(~(np.floor(self.haut + JEU) - np.ceil(self.bas - JEU) >= self.dues))

    def suffit(self, rang):
        """Vrai quand les témoins de cette case suffisent."""
        return math.floor(self.haut[rang] + JEU) - math.ceil(self.bas[rang] - JEU) >= self.dues[rang]

    def rendre(self):
        """Écrit dans les cases ce que l'on en a vu."""
        for case, bas, haut in zip(self.systeme.cases, self.bas.tolist(), self.haut.tolist(), strict=True):
            case.bas, case.haut = bas, haut

    def _charger(self, contraintes):
        np, lp = self.np, self.highspy.HighsLp()
        lp.num_col_, lp.num_row_ = self.systeme.nombre, len(contraintes)
        lp.col_cost_ = np.zeros(lp.num_col_)
        lp.col_lower_, lp.col_upper_ = np.zeros(lp.num_col_), np.full(lp.num_col_, self.highspy.kHighsInf)
        lp.row_lower_ = np.array([c[2] for c in contraintes], dtype=float)
        lp.row_upper_ = np.array([min(c[3], self.highspy.kHighsInf) for c in contraintes], dtype=float)
        lp.a_matrix_.format_ = self.highspy.MatrixFormat.kRowwise
        lp.a_matrix_.start_ = np.concatenate([[0], np.cumsum([len(c[0]) for c in contraintes])]).astype(np.int32)
        lp.a_matrix_.index_ = np.array([x for c in contraintes for x in c[0]], dtype=np.int32)
        lp.a_matrix_.value_ = np.array([x for c in contraintes for x in c[1]], dtype=float)
        self.moteur.passModel(lp)

    def _resoudre(self, couts):
        """Maximise ; note le témoin dans chaque case. Faux si rien n'est possible."""
        self.moteur.changeColsCost(len(couts), self.np.arange(len(couts), dtype=self.np.int32), couts)
        self.moteur.changeObjectiveSense(self.highspy.ObjSense.kMaximize)
        self.moteur.run()
        self.resolus += 1
        statut, possibles = self.moteur.getModelStatus(), self.highspy.HighsModelStatus
        if statut in (possibles.kUnbounded, possibles.kUnboundedOrInfeasible):
            return self._sans_borne(couts)
        if statut != possibles.kOptimal:
            return False
        self._temoigner(self.np.asarray(self.moteur.getSolution().col_value))
        return True

    def _sans_borne(self, couts):
        """Un objectif sans borne (une case « protégée ») : on borne chaque inconnue, ce qui suffit à témoigner."""
        if not couts.any():
            return False
        colonnes = self.np.arange(len(couts), dtype=self.np.int32)
        hauts = self.np.full(len(couts), PLAFOND)
        self.moteur.changeColsBounds(len(couts), colonnes, self.np.zeros(len(couts)), hauts)
        return self._resoudre(couts)

    def _temoigner(self, solution):
        np = self.np
        vus = np.bincount(self.de, self.signes * solution[self.rangs], minlength=len(self.systeme.cases))
        np.minimum(self.bas, vus, out=self.bas)
        np.maximum(self.haut, vus, out=self.haut)

    def pousser(self, rangs, sens):
        """La somme de ces cases, vers le haut (1) ou le bas (-1) : un témoin pour chacune ; d'une seule, son extrême."""
        poids = self.np.zeros(len(self.systeme.cases))
        poids[rangs] = sens
        self._resoudre(self.np.bincount(self.rangs, self.signes * poids[self.de], minlength=self.systeme.nombre))


def _relachees(systeme):
    """Les contraintes, chacune élargie du plus petit total d'écarts qui les rend possibles ensemble."""
    souple, ecarts = Systeme(systeme.nombre), []
    for rangs, coefficients, bas, haut in systeme.contraintes:
        plus, moins = souple.inconnues(2)
        ecarts.append((plus, moins))
        souple.contraintes.append(([*rangs, plus, moins], [*coefficients, 1.0, -1.0], bas, haut))
    souple.cases = [Case(0, "", "", "", PROTEGE, [x for paire in ecarts for x in paire])]
    moteur = _Moteur(souple, relacher=False)
    moteur.pousser([0], -1.0)
    solution = moteur.moteur.getSolution().col_value
    return [
        (rangs, coefficients, bas - solution[plus] - JEU, haut + solution[moins] + JEU)
        for (rangs, coefficients, bas, haut), (plus, moins) in zip(systeme.contraintes, ecarts, strict=True)
    ]
