"""L'attaquant du produit contre la longue suite d'éditions : il ne doit rien retrouver, et ce qui est publié doit rester près du vrai."""

import math
from dataclasses import dataclass, field

from outils.livrables import second, suite
from securisation.pilotage import calcul
from securisation.pilotage.attaque import DIFFERENCE, JEU, PAS, SEUIL, Publication, intervalle, systemes
from securisation.pilotage.edition import empreintes
from securisation.pilotage.programme import resoudre
from securisation.pilotage.tableaux import FLUX, LISTE, PROTEGE

TABLEAUX = 1500
ERREUR_MAX = 2.5


@dataclass
class Releve:
    """Ce que l'attaquant a obtenu de toutes les éditions ensemble, la vérité en main."""

    tableaux: int = 0
    cases: int = 0
    petites: int = 0
    exactes: list = field(default_factory=list)
    serrees: list = field(default_factory=list)
    fausses: list = field(default_factory=list)
    erreurs: list = field(default_factory=list)
    masquees: int = 0
    programmes: int = 0
    vues: set = field(default_factory=set)

    @property
    def erreur_moyenne(self):
        """L'écart moyen entre un nombre publié et le vrai."""
        return sum(self.erreurs) / max(1, len(self.erreurs))


def attaquer(publiees, atomes):
    """Attaque toutes les éditions à la fois, deux tours : le second sait des totaux ce que le premier en a appris.

    `publiees` : (clé, périmètre, contenu, vérité) de chacune (`suite.Suite`) ; `atomes` : ceux du registre.
    """
    publications = [
        Publication(rang, {t["code"]: t for t in contenu["tableaux"]}, calcul.restrictions(perimetre))
        for rang, (_, perimetre, contenu, _) in enumerate(publiees)
    ]
    codes = {t["code"]: t for _, _, contenu, _ in publiees for t in contenu["tableaux"] if not t["refus"]}
    connus, releve = {univers: {} for univers in atomes}, Releve()
    for tour in (1, 2):
        for code, modele in codes.items():
            commun = connus[modele["univers"]] if modele["unite"] == "parcours" else {}
            for systeme in systemes(code, publications, atomes[modele["univers"]], commun):
                partage = modele["forme"] in (LISTE, FLUX)
                releve.programmes += resoudre(systeme, serrer_les_totaux=partage)
                if partage:
                    _apprendre(commun, systeme)
                if tour == 2:
                    _relever(releve, systeme.cases, publiees)
    releve.tableaux = sum(not t["refus"] for _, _, contenu, _ in publiees for t in contenu["tableaux"])
    return releve


def _apprendre(connus, systeme):
    for case in systeme.totaux:
        bas, haut = connus.get(case.edition, intervalle(case.valeur))
        serre = max(bas, math.ceil(case.bas - JEU)), min(haut, math.floor(case.haut + JEU))
        if serre[0] <= serre[1]:  # des éditions qui se contredisent n'apprennent rien
            connus[case.edition] = serre


def _relever(releve, cases, publiees):
    for case in cases:
        ou = (case.edition, case.tableau, case.ligne, case.colonne)
        if case.valeur == DIFFERENCE or ou in releve.vues:  # le total d'un tableau multiple est visé par chaque ligne
            continue
        _, _, contenu, verite = publiees[case.edition]
        publie = next(t for t in contenu["tableaux"] if t["code"] == case.tableau)
        vrai, (bas, haut) = verite.compte(publie, case.ligne, case.colonne), intervalle(case.valeur)
        releve.vues.add(ou)
        releve.cases += 1
        releve.petites += 0 < vrai < SEUIL
        releve.masquees += case.valeur == PROTEGE
        releve.exactes += [ou] * (case.largeur == 0)
        releve.serrees += [ou] * (0 < vrai < SEUIL and case.largeur < PAS)
        releve.fausses += [ou] * (not bas <= vrai <= haut)
        if isinstance(case.valeur, int):
            releve.erreurs.append(abs(case.valeur - vrai))


def lignes(releve):
    """Les lignes du tableau des livrables : (nom, figure, cible, tenue)."""
    return [
        ("éditions attaquées ensemble", f"{releve.tableaux} tableaux, {releve.cases} cases, {releve.programmes} programmes",
         f"≥ {TABLEAUX} tableaux", releve.tableaux >= TABLEAUX),
        ("nombres retrouvés exactement", f"{len(releve.exactes)}", "0", not releve.exactes),
        (f"cases de 1 à 10 serrées à moins de cinq (sur {releve.petites})", f"{len(releve.serrees)}", "0",
         releve.petites > 0 and not releve.serrees),
        ("erreur moyenne d’un nombre publié", f"{releve.erreur_moyenne:.2f}".replace(".", ","), "≤ 2,5",
         len(releve.erreurs) > 0 and releve.erreur_moyenne <= ERREUR_MAX),
        ("nombres hors de leur intervalle", f"{len(releve.fausses)}", "0", not releve.fausses),
        ("nombres masqués", f"{releve.masquees} ({100 * releve.masquees / max(1, releve.cases):.1f} %)".replace(".", ","), "dit", True),
    ]  # fmt: skip


def etape(combien=None):
    """Publie et attaque sur la base de l'environnement : les lignes (nom, figure, cible, tenue) ; l'avancement sur l'erreur standard."""
    jouee = suite.publier(combien and int(combien))
    atomes = empreintes.atomes([cle for cle, *_ in jouee.publiees])
    premier, autre = attaquer(jouee.publiees, atomes), second.attaquer([publiee for _, *publiee in jouee.publiees])
    return [*suite.lignes(jouee), *lignes(premier), *second.lignes(autre)]
