"""L'attaquant : ce que l'on peut déduire, par programmation linéaire, de toutes les éditions jamais publiées.

Il sait tout ce qu'un lecteur patient peut savoir : la règle d'arrondi, chaque nombre publié, qui se partage quoi, et de quelles éditions
chaque parcours est (les *atomes* : ensembles d'éditions qui se recoupent). Il cherche, pour chaque case, le plus petit et le plus grand
nombre possibles. Les inconnues sont le nombre de parcours de chaque atome dans chaque case fine ; elles sont réelles, jamais négatives.
"""

import math
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import combinations

from securisation.pilotage.tableaux import FLUX, LISTE, NOMBRE, PETIT, PROTEGE, valeurs

SEUIL, PAS = 11, 5
ECART_MAX = PAS - 1  # un nombre publié est à quatre du vrai, au plus
INFINI = math.inf
UNITE = "parcours"  # ce que comptent les tableaux qui partagent le total de leur univers
JEU = 1e-6
AILLEURS = "ailleurs"  # la ligne qui réunit les lieux de moins de onze parcours
# La valeur d'une case qui se déduit : des éditions emboîtées, ou ceux qui ne sont pas d'une ligne multiple.
DIFFERENCE = "difference"


def intervalle(valeur):
    """Ce qu'une valeur publiée dit du vrai nombre : (plus petit, plus grand).

    On ne masque jamais qu'un nombre d'au moins onze : « protégé » le dit.
    """
    if valeur == PETIT:
        return 0, SEUIL - 1
    if valeur == PROTEGE:
        return SEUIL, INFINI
    return max(SEUIL, valeur - ECART_MAX), valeur + ECART_MAX


@dataclass(frozen=True)
class Publication:
    """Une édition vue par l'attaquant : son rang (celui des atomes) et ses tableaux, par code.

    `seules` : {tableau: lignes}, quand son périmètre ne prend que celles-là (un département, des origines).
    """

    rang: int
    tableaux: dict
    seules: dict = field(default_factory=dict)

    @property
    def muets(self):
        """Les univers dont aucun tableau de parcours ne se publie : un lecteur devine qu'ils comptent moins de onze parcours."""
        siens = [t for t in self.tableaux.values() if t.get("unite", UNITE) == UNITE]
        return {t["univers"] for t in siens} - {t["univers"] for t in siens if not t["refus"]}

    def tait(self, code):
        """Vrai si ce tableau est refusé et que tout son univers l'est : son total est deviné de zéro à dix."""
        tableau = self.tableaux.get(code)
        return (
            bool(tableau and tableau["refus"])
            and tableau.get("unite", UNITE) == UNITE
            and tableau["univers"] in self.muets
        )


@dataclass
class Case:
    """Une case visée : où elle est, ce qu'elle publie, les inconnues qui la font, et ce que l'attaquant en sait à la fin."""

    edition: int
    tableau: str
    ligne: str
    colonne: str
    valeur: object
    inconnues: list
    bas: float = INFINI
    haut: float = -INFINI
    signes: list | None = None  # −1 pour ce que l'on retranche

    @property
    def largeur_due(self):
        """Cinq pour une case de 0 à 10, ou une différence qui pourrait l'être ; un pour les autres : jamais retrouvées exactement."""
        if self.valeur == DIFFERENCE:
            return PAS if self.bas < SEUIL else 1
        return PAS if self.valeur == PETIT else 1

    @property
    def libre(self):
        """Vrai quand rien ne la serre : une petite case va de 0 à 10. C'est ce que le contrôle exige avant de publier.

        Ne masquer que sous cinq dirait, à qui connaît la règle, que la case masquée était sous cinq.
        """
        pleine = self.valeur == PETIT or (self.valeur == DIFFERENCE and self.bas < SEUIL)
        return self.largeur >= (SEUIL - 1 if pleine else self.largeur_due)

    def due(self, *, libre):
        """La largeur dont deux témoins suffisent à dire qu'elle tient, ou qu'elle est libre : inutile de chercher ses extrêmes.

        Une différence dont les témoins sont au-dessus de dix pourrait descendre plus bas : elle doit autant qu'une petite case.
        """
        petite = self.valeur in (PETIT, DIFFERENCE)
        return (SEUIL - 1 if libre else PAS) if petite else 1

    @property
    def largeur(self):
        """L'écart entre les deux entiers extrêmes possibles."""
        return math.floor(self.haut + JEU) - math.ceil(self.bas - JEU)

    @property
    def tient(self):
        """Vrai quand l'attaquant n'en sait pas trop."""
        return self.largeur >= self.largeur_due


@dataclass
class Systeme:
    """Les inconnues d'un tableau (ou d'une ligne d'un tableau multiple), ce que l'on sait d'elles, et les cases visées."""

    nombre: int = 0
    contraintes: list = field(default_factory=list)  # (inconnues, coefficients, plus petit, plus grand)
    cases: list = field(default_factory=list)

    @property
    def totaux(self):
        """Les cases des totaux, un par édition."""
        return [case for case in self.cases if not case.ligne and not case.colonne and case.valeur != DIFFERENCE]

    def inconnues(self, combien):
        """`combien` inconnues neuves (leurs rangs)."""
        self.nombre += combien
        return range(self.nombre - combien, self.nombre)

    def savoir(self, inconnues, bas, haut):
        """Note qu'une somme d'inconnues est entre deux bornes."""
        if inconnues and (bas > 0 or haut < INFINI):
            self.contraintes.append((list(inconnues), [1.0] * len(inconnues), bas, haut))

    def savoir_nul(self, inconnues):
        """Note que ces inconnues sont nulles."""
        self.savoir(inconnues, 0, 0)

    def contenir(self, tout, partie):
        """Note qu'une inconnue est au plus une autre."""
        self.contraintes.append(([tout, partie], [1.0, -1.0], 0, INFINI))

    def viser(self, publication, tableau, ligne, colonne, valeur, inconnues):
        """Note ce qu'une case publie, et la vise."""
        self.savoir(inconnues, *intervalle(valeur))
        self.cases.append(Case(publication.rang, tableau, ligne, colonne, valeur, list(inconnues)))


def systemes(code, publications, atomes, connus=None):
    """Les systèmes d'un tableau dans toutes les éditions où il paraît ; un par ligne quand les lignes ne se partagent rien.

    `atomes` : ensembles de rangs d'éditions (frozenset), ceux de l'univers de ce tableau. `connus` : {rang: (bas, haut)}, ce que d'autres
    tableaux disent du total. Les éditions emboîtées sont aussi visées par leur différence : qui est de l'une sans être de l'autre.
    """
    for systeme in _systemes(code, publications, atomes):
        for case in systeme.totaux:
            systeme.savoir(case.inconnues, *(connus or {}).get(case.edition, (0, INFINI)))
        systeme.cases += _differences(systeme.cases, atomes, publications[-1].rang)
        yield systeme


def _differences(cases, atomes, neuve):
    """Les cases « l'une moins l'autre » de deux éditions emboîtées, « l'une moins deux autres » qu'elle contient, toutes en nombres.

    À trois, la dernière parue (`neuve`) en est : les autres trios ont été visés quand ils se sont formés.
    """
    places, rendues = {}, []
    for case in cases:
        if isinstance(case.valeur, int):
            places.setdefault((case.ligne, case.colonne), {})[case.edition] = case
    emboitees = _emboitees(frozenset(case.edition for case in cases), tuple(atomes), neuve)
    for memes in places.values():
        for grande, *petites in emboitees:
            if grande in memes and all(petite in memes for petite in petites):
                rendues.append(_difference(memes[grande], *(memes[petite] for petite in petites)))
    return rendues


@lru_cache(maxsize=64)
def _emboitees(rangs, atomes, neuve):
    """[(grande, petite)] et [(grande, petite, petite)] : des éditions qui en contiennent une, ou deux sans parcours communs, et plus."""
    dedans, trouvees = {rang: frozenset(_dedans(atomes, rang)) for rang in rangs}, []
    for grande in sorted(rangs):
        petites = [rang for rang in sorted(rangs) if dedans[rang] < dedans[grande]]
        trouvees += ((grande, petite) for petite in petites)
        for une, autre in combinations(petites, 2):
            if (
                neuve in (grande, une, autre)
                and not dedans[une] & dedans[autre]
                and dedans[une] | dedans[autre] < dedans[grande]
            ):
                trouvees.append((grande, une, autre))
    return trouvees


def _difference(grande, *petites):
    inconnues, signes = list(grande.inconnues), [1.0] * len(grande.inconnues)
    for petite in petites:
        inconnues += petite.inconnues
        signes += [-1.0] * len(petite.inconnues)
    return Case(grande.edition, grande.tableau, grande.ligne, grande.colonne, DIFFERENCE, inconnues, signes=signes)


def _systemes(code, publications, atomes):
    parues = [(p, p.tableaux[code]) for p in publications if code in p.tableaux and not p.tableaux[code]["refus"]]
    if not parues:
        return
    forme = parues[0][1]["forme"]
    tues = [p for p in publications if p.tait(code)]
    restreintes = [(p.rang, p.seules[code]) for p in publications if code in p.seules]
    if forme in (NOMBRE, LISTE, FLUX):
        yield _partage(code, forme, (parues, tues, restreintes), atomes)
        return
    for ligne in _lignes_ecrites(parues):
        yield from _multiple(code, ligne, (parues, tues, restreintes), atomes)


def _lignes_ecrites(parues):
    """Les lignes d'un tableau multiple dont une édition au moins écrit un nombre.

    Les autres ne demandent aucun programme : partout « ≤ 10 », rien ne les relie qu'un total d'au moins onze, elles vont de 0 à 10.
    """
    lignes = [x for _, t in parues for x in t["lignes"]]
    ecrites = [x["code"] for x in lignes if any(isinstance(v, int) for v in (x["valeur"], *x.get("valeurs", [])))]
    return list(dict.fromkeys(ecrites))


def _dedans(atomes, rang):
    return [u for u, atome in enumerate(atomes) if rang in atome]


def _partage(code, forme, editions, atomes):
    """Lignes (et colonnes d'un flux) se partagent le total. Ce qu'aucune édition n'écrit à part ne fait qu'une ligne fine, « reste »."""
    systeme, cle, (parues, tues, restreintes) = Systeme(), {}, editions
    seules = {ligne["code"] for _, t in parues for ligne in t.get("lignes", []) if [ligne["code"]] == ligne["codes"]}

    def fines(codes):
        return list(dict.fromkeys(x if x in seules else "reste" for x in codes))

    for _, tableau in parues:
        colonnes = [x for c in tableau.get("colonnes", []) for x in c["code"].split("+")] if forme == FLUX else [""]
        lignes = fines([x for ligne in tableau.get("lignes", []) for x in ligne["codes"]]) if forme != NOMBRE else [""]
        for place in ((x, c) for x in lignes for c in colonnes):
            cle[place] = cle.get(place) or systeme.inconnues(len(atomes))

    def somme(dedans, lignes, colonnes):
        return [cle[x, c][u] for x in lignes for c in colonnes if (x, c) in cle for u in dedans]

    for publication, tableau in parues:
        dedans = _dedans(atomes, publication.rang)
        toutes = sorted({x for x, _ in cle}), sorted({c for _, c in cle})
        reunis = {ligne["code"]: fines(ligne["codes"]) for ligne in tableau.get("lignes", [])}
        for ligne, colonne, valeur in valeurs(tableau):
            de_la_ligne = reunis[ligne] if ligne else toutes[0]
            de_la_colonne = colonne.split("+") if colonne else toutes[1]
            systeme.viser(publication, code, ligne, colonne, valeur, somme(dedans, de_la_ligne, de_la_colonne))
        for absente in _absentes(tableau, seules):
            systeme.viser(publication, code, absente, "", PETIT, somme(dedans, [absente], toutes[1]))
    _viser_les_tus(systeme, tues, code, cle.values(), atomes)
    for rang, gardees in restreintes:
        hors = [inconnues for (x, _), inconnues in cle.items() if x not in fines(gardees)]
        systeme.savoir_nul([inconnues[u] for inconnues in hors for u in _dedans(atomes, rang)])
    return systeme


def _viser_les_tus(systeme, tues, code, parts, atomes):
    """Vise le total, deviné de zéro à dix, des éditions qui taisent tout cet univers ; `parts` : les inconnues, par atome, qui le font."""
    for publication in tues:
        dedans = _dedans(atomes, publication.rang)
        systeme.viser(publication, code, "", "", PETIT, [inconnues[u] for inconnues in parts for u in dedans])


def _absentes(tableau, seules):
    """Les lieux réunis sous « ailleurs » et écrits à part par une autre édition : un lecteur sait qu'ils ont moins de onze parcours."""
    reunies = [ligne for ligne in tableau.get("lignes", []) if ligne["code"] == AILLEURS]
    return [lieu for ligne in reunies for lieu in ligne["codes"] if lieu in seules]


def _multiple(code, voulue, editions, atomes):
    """Une ligne d'un tableau multiple : au plus le total, et son complément est visé aussi ; puis chacune de ses colonnes."""
    systeme, (parues, tues, restreintes) = Systeme(), editions
    total, ligne = systeme.inconnues(len(atomes)), systeme.inconnues(len(atomes))
    for u in range(len(atomes)):
        systeme.contenir(total[u], ligne[u])
    for publication, tableau in parues:
        dedans = _dedans(atomes, publication.rang)
        systeme.viser(publication, code, "", "", tableau["total"], [total[u] for u in dedans])
        for publiee in _la_ligne(tableau, voulue):
            _viser_avec_son_reste(systeme, publication, (code, voulue, ""), publiee["valeur"], (ligne, total), dedans)
    _viser_les_tus(systeme, tues, code, [total], atomes)
    for rang in (rang for rang, gardees in restreintes if list(gardees) == [voulue]):
        for u in _dedans(atomes, rang):
            systeme.contenir(ligne[u], total[u])
    yield systeme
    for colonne in dict.fromkeys(c["code"] for _, t in parues for c in t.get("colonnes", [])):
        yield _colonne(code, voulue, colonne, parues, atomes)


def _la_ligne(tableau, voulue):
    return [ligne for ligne in tableau["lignes"] if ligne["code"] == voulue]


def _viser_avec_son_reste(systeme, publication, ou, valeur, parts, dedans):
    """Vise une partie, et, si elle est écrite, ceux du tout qui n'en sont pas ; `parts` : (inconnues de la partie, du tout)."""
    partie, tout = ([inconnues[u] for u in dedans] for inconnues in parts)
    systeme.viser(publication, *ou, valeur, partie)
    if isinstance(valeur, int):
        systeme.cases.append(_difference(Case(publication.rang, *ou, DIFFERENCE, tout), systeme.cases[-1]))


def _colonne(code, voulue, colonne, parues, atomes):
    """Une colonne d'une ligne croisée : au plus la ligne ; avec les autres colonnes réunies, au moins la ligne.

    Un levier sollicité a toujours une réponse, fût-elle « en cours ».
    """
    systeme = Systeme()
    ligne, siennes, autres = (systeme.inconnues(len(atomes)) for _ in range(3))
    for u in range(len(atomes)):
        systeme.contenir(ligne[u], siennes[u])
        systeme.contraintes.append(([siennes[u], autres[u], ligne[u]], [1.0, 1.0, -1.0], 0, INFINI))
    for publication, tableau in parues:
        dedans, codes = _dedans(atomes, publication.rang), [c["code"] for c in tableau["colonnes"]]
        for publiee in _la_ligne(tableau, voulue):
            dits = dict(zip(codes, publiee["valeurs"], strict=True))
            systeme.savoir([ligne[u] for u in dedans], *intervalle(publiee["valeur"]))
            bornes = [intervalle(valeur) for autre, valeur in dits.items() if autre != colonne]
            systeme.savoir([autres[u] for u in dedans], sum(b for b, _ in bornes), sum(h for _, h in bornes))
            ou = (code, voulue, colonne)
            _viser_avec_son_reste(systeme, publication, ou, dits[colonne], (siennes, ligne), dedans)
    return systeme
