"""Le contrôle de divulgation : ce qui fait d'un vrai tableau un tableau que l'on peut publier.

Seuil de onze ; chaque nombre, total compris, arrondi à part à un multiple de cinq ; les mêmes parcours donnent toujours le même nombre
(le tirage de l'arrondi vient de la somme de leurs clés) ; un zéro s'écrit comme un petit nombre. Puis l'attaquant essaie ; ce qu'il
serre de trop près se masque, se regroupe ou se refuse, jusqu'à ce qu'il n'apprenne plus rien.
"""

import hashlib
import math
from dataclasses import dataclass, field

from securisation.pilotage.attaque import DIFFERENCE, JEU, PAS, SEUIL, UNITE, Publication, intervalle, systemes
from securisation.pilotage.programme import Contradiction, resoudre
from securisation.pilotage.tableaux import (
    CROISE,
    FLUX,
    LISTE,
    MULTIPLE,
    PETIT,
    PROTEGE,
    Compte,
    Ligne,
    en_json,
    poser,
    valeurs,
)

# Ce qu'un lecteur lit d'un tableau refusé : la même phrase dans tous les cas, « moins de onze » serait un nombre.
REFUSE = "Trop peu de parcours, ou un nombre qui en trahirait un autre : ce tableau ne se publie pas."
TROP_PEU = "Moins de onze parcours : aucun nombre de ce tableau ne peut être publié."
PLUS_LARGE = "Prenez une période plus longue, ou un territoire plus large."
TROP_PRECIS = (
    "Même regroupé, ce tableau permettrait de retrouver un petit nombre, seul ou avec une édition déjà publiée."
)
RENONCER = "Publiez sans lui, ou gardez le périmètre d’une édition déjà publiée : les mêmes parcours y donnent les mêmes nombres."
TOURS = 4  # attaques de l'édition entière, au plus
PASSES = 60  # masques essayés sur un tableau avant de le regrouper, puis de le refuser


def publier(compte):
    """Le nombre publié d'un compte : « petit » sous onze (zéro compris), sinon un multiple de cinq à quatre près du vrai.

    L'arrondi est tiré au sort sans biais, par la clé de ceux que l'on compte : il ne change pas d'une édition à l'autre.
    """
    if compte.n < SEUIL:
        return PETIT
    reste = compte.n % PAS
    monte = _tirage(compte) < reste
    return max(compte.n - reste + (PAS if monte else 0), SEUIL + PAS - 1)


def _tirage(compte):
    """Un entier de 0 à 4, toujours le même pour le même groupe."""
    graine = hashlib.blake2b(f"{compte.n}/{compte.cle}".encode(), digest_size=8).digest()
    return int.from_bytes(graine, "big") % PAS


@dataclass
class Bilan:
    """Ce que le contrôle a fait : cases attaquées, petites, retrouvées, serrées de trop près ; masques, regroupements, refus.

    `trahies` : celles, d'éditions déjà publiées, que les seuls refus de celle-ci serreraient ; `contredites` : les tableaux refusés dont on
    ne peut le dire, l'attaquant n'y comprenant plus rien.
    """

    cellules: int = 0
    petites: int = 0
    exactes: int = 0
    serrees: int = 0
    trahies: int = 0
    contredites: int = 0
    programmes: int = 0
    masquees: int = 0
    regroupes: list = field(default_factory=list)
    refuses: list = field(default_factory=list)


def sans_attaque(tableaux):
    """La forme publiable de tableaux qui ne se publient pas (chiffres en direct) : seuil et arrondi, sans l'attaquant."""
    return [_mettre_en_forme(tableau) for tableau in tableaux]


def _mettre_en_forme(tableau):
    publie = en_json(tableau, publier)
    if publie["total"] == PETIT:
        _refuser(publie, TROP_PEU)
    return publie


def _refuser(publie, pourquoi):
    """Il n'en reste que le titre et la raison : pas même le total."""
    publie |= {"refus": pourquoi, "total": PROTEGE, "regroupe": False}
    for nom in ("lignes", "colonnes", "totaux"):
        publie.pop(nom, None)


def proteger(tableaux, rang, publications, atomes, seules=None):
    """Les tableaux publiables d'une édition neuve de ce rang, et le bilan du contrôle.

    `publications` : les éditions déjà publiées (attaque.Publication) ; `atomes` : {univers: [ensembles de rangs]} ;
    `seules` : ce à quoi son périmètre se restreint (attaque.Publication).
    """
    controle = _Controle(rang, publications, atomes, seules)
    rendus = [controle.proteger(tableau) for tableau in tableaux]
    # Un tableau serre le total que les autres partagent : on recommence tant que l'attaquant y gagne.
    fini = any(not controle.resserrer(tableaux, rendus) for _ in range(TOURS))
    bilan = controle.bilan(rendus)
    bilan.serrees += not fini  # il apprenait encore : rien ne se publie
    bilan.trahies, bilan.contredites = controle.trahies(rendus)
    for publie in rendus:
        publie["refus"] = publie["refus"] and REFUSE
    return rendus, bilan


class _Controle:
    """Le contrôle d'une édition : l'attaquant, ce qu'il a appris des totaux, et ce que l'on a dû masquer, réunir ou refuser."""

    def __init__(self, rang, publications, atomes, seules=None):
        self.rang, self.publications, self.atomes, self.seules = rang, publications, atomes, seules or {}
        self.connus = {univers: {} for univers in atomes}
        self.programmes, self.refus, self.gros, self.dernieres, self.sus = 0, {}, {}, {}, {}

    def proteger(self, tableau):
        """Le tableau publiable : tel quel, masqué par endroits, plus gros, ou refusé."""
        for essai in (tableau, regrouper(tableau)):
            if essai is None:
                continue
            publie = _mettre_en_forme(essai)
            if publie["refus"]:
                self.refus[tableau.code] = (TROP_PEU, PLUS_LARGE)
                return publie
            if self.masquer(publie, essai):
                self.gros[tableau.code] = essai
                return publie
        _refuser(publie, TROP_PRECIS)
        self.refus[tableau.code] = (TROP_PRECIS, RENONCER)
        return publie

    def masquer(self, publie, tableau):
        """Masque jusqu'à ce que l'attaquant n'apprenne plus rien ; faux s'il ne reste rien à masquer, ou rien à comprendre."""
        try:
            for _ in range(PASSES):
                fautes = self.attaquer(publie, tableau)
                if not fautes:
                    return True
                if not _masquer(publie, fautes):
                    return False
        except Contradiction:
            pass
        return False

    def attaquer(self, publie, tableau):
        """Les cases trop serrées : dans sa seule édition, une petite case doit rester libre ; à travers toutes, large de cinq."""
        neuve = Publication(self.rang, {tableau.code: publie}, self.seules)
        seules = list(systemes(tableau.code, [neuve], [frozenset([self.rang])]))
        for systeme in seules:
            self.programmes += resoudre(systeme, libres=True)
        fautes = [case for systeme in seules for case in systeme.cases if not case.libre]
        return fautes or self.attaquer_toutes(neuve, tableau)

    def attaquer_toutes(self, neuve, tableau):
        """Les cases trop serrées de ce tableau dans toutes les éditions ; retient ce que l'attaquant sait des totaux."""
        connus, cases = self.connus[tableau.univers] if tableau.unite == UNITE else {}, []
        self.sus[tableau.code] = dict(connus)
        toutes = [*self.publications, neuve]
        for systeme in systemes(tableau.code, toutes, self.atomes[tableau.univers], connus):
            partage = tableau.forme in (LISTE, FLUX)
            self.programmes += resoudre(systeme, serrer_les_totaux=partage)
            cases += systeme.cases
            if partage:
                self.apprendre(tableau, systeme)
        self.dernieres[tableau.code] = cases
        return [case for case in cases if not case.tient]

    def apprendre(self, tableau, systeme):
        """Garde, du total de chaque édition, le plus serré de ce que les tableaux en disent."""
        connus = self.connus[tableau.univers]
        for case in systeme.totaux:
            bas, haut = connus.get(case.edition, intervalle(case.valeur))
            # Un total est un entier : en entiers, rien ne se resserre d'un millionième à chaque tour.
            serre = max(bas, math.ceil(case.bas - JEU)), min(haut, math.floor(case.haut + JEU))
            if serre != (bas, haut) and serre[0] <= serre[1]:  # des éditions qui se contredisent n'apprennent rien
                connus[case.edition] = serre

    def resserrer(self, tableaux, rendus):
        """Attaque de nouveau les tableaux qui ne l'ont pas été avec tout ce qui est su des totaux ; vrai s'il reste à faire."""
        avant = {univers: dict(connus) for univers, connus in self.connus.items()}
        change = self.reporter_les_masques(rendus)
        masques = {t["univers"] for t in rendus if t["total"] == PROTEGE and t["unite"] == UNITE and not t["refus"]}
        for rang, (tableau, publie) in enumerate(zip(tableaux, rendus, strict=True)):
            if publie["refus"]:
                continue
            if publie["univers"] in masques and publie["unite"] == UNITE:
                publie["total"] = PROTEGE
            if self.sus[tableau.code] != self.connus[tableau.univers] and self.fautif(publie, self.gros[tableau.code]):
                rendus[rang], change = self.proteger(tableau), True
        return change or avant != self.connus

    def reporter_les_masques(self, rendus):
        """Masque partout dans son univers un groupe masqué dans un tableau (« sans intervention » est de deux) ; vrai s'il en restait."""
        memes = {}
        for publie in (t for t in rendus if not t["refus"]):
            comptes = self.gros[publie["code"]].nombres()
            for (ligne, colonne, compte), (_, _, valeur) in zip(comptes, valeurs(publie), strict=True):
                if (ligne or colonne) and compte.n >= SEUIL:
                    memes.setdefault((publie["univers"], compte), []).append((publie, ligne, colonne, valeur))
        leves = [place for places in memes.values() if any(v == PROTEGE for *_, v in places) for place in places]
        leves = [place for place in leves if isinstance(place[-1], int)]
        for publie, ligne, colonne, _ in leves:
            poser(publie, ligne, colonne, PROTEGE)
        return bool(leves)

    def trahies(self, rendus):
        """(cases que les refus de cette édition serreraient, tableaux refusés où cela ne se sait pas).

        Tout un univers refusé se lit « dix au plus ».
        """
        neuve, fautes, contredites = Publication(self.rang, {t["code"]: t for t in rendus}, self.seules), 0, 0
        for publie in (t for t in rendus if neuve.tait(t["code"])):
            try:
                for systeme in systemes(publie["code"], [*self.publications, neuve], self.atomes[publie["univers"]]):
                    self.programmes += resoudre(systeme)
                    fautes += sum(not case.tient for case in systeme.cases)
            except Contradiction:
                contredites += 1
        return fautes, contredites

    def fautif(self, publie, tableau):
        """Vrai si l'attaquant en sait trop de ce tableau, ou n'y comprend plus rien."""
        try:
            return bool(self.attaquer(publie, tableau))
        except Contradiction:
            return True

    def bilan(self, rendus):
        """Ce que le contrôle a fait de l'édition neuve ; le total d'un tableau multiple, visé par chaque ligne, compte une fois."""
        bilan = Bilan(
            programmes=self.programmes, regroupes=[t["code"] for t in rendus if t["regroupe"] and not t["refus"]]
        )
        bilan.refuses = [{"code": c, "pourquoi": p, "proposition": q} for c, (p, q) in self.refus.items()]
        for publie in (t for t in rendus if not t["refus"]):
            cases = [c for c in self.dernieres[publie["code"]] if c.edition == self.rang and c.valeur != DIFFERENCE]
            siennes = {(case.ligne, case.colonne): case for case in cases}.values()
            bilan.cellules += len(siennes)
            bilan.petites += sum(case.valeur == PETIT for case in siennes)
            bilan.masquees += sum(valeur == PROTEGE for _, _, valeur in valeurs(publie))
            bilan.exactes += sum(case.largeur == 0 for case in siennes)
            bilan.serrees += sum(not case.tient for case in self.dernieres[publie["code"]])
        return bilan


def _masquer(publie, fautes):
    """Masque, près de la première case trop serrée, le dernier nombre écrit dans l'ordre du tableau ; faux s'il n'y en a plus.

    L'ordre, et non le plus petit : qui connaîtrait la règle saurait sinon que le nombre masqué est sous tous ceux qui restent.
    """
    ecrits = [(x, c) for x, c, valeur in valeurs(publie) if isinstance(valeur, int)]
    for faute in fautes:
        places = _voisines(publie["forme"], faute, ecrits)
        if places:
            poser(publie, *places[-1], PROTEGE)
            return True
    return False


def _voisines(forme, faute, ecrits):
    """Les nombres écrits qui serrent une case : elle-même, puis sa ligne ou sa colonne, puis les totaux."""
    if (faute.ligne, faute.colonne) in ecrits and faute.valeur != PETIT:
        return [(faute.ligne, faute.colonne)]
    if forme == FLUX:
        proches = [(x, c) for x, c in ecrits if x and c and (x == faute.ligne or c == faute.colonne)]
        return proches or [(x, c) for x, c in ecrits if x or c]
    if forme == LISTE:
        return [(x, c) for x, c in ecrits if x]
    return [(x, c) for x, c in ecrits if x == faute.ligne]


# -- plus gros


def regrouper(tableau):
    """Le même tableau plus gros : trois niveaux deviennent deux, les petites lignes d'une liste une seule ; None si c'est déjà fait."""
    if tableau.regroupe or tableau.forme in (MULTIPLE, CROISE):
        return None
    if tableau.forme == FLUX and len(tableau.colonnes) > 2:
        return _deux_niveaux(tableau)
    petites = [ligne for ligne in tableau.lignes if ligne.compte.n < 3 * SEUIL]
    if tableau.forme != LISTE or len(petites) < 2:
        return None
    reunie = _reunir(petites, "autres", "Autres réponses, réunies")
    grandes = [ligne for ligne in tableau.lignes if ligne not in petites]
    return _copie(tableau, [*grandes, reunie], [])


def _deux_niveaux(tableau):
    """Les deux derniers niveaux (2 et 0–1) réunis, en lignes et en colonnes."""
    (premier, *autres), colonnes = tableau.lignes, tableau.colonnes
    code, libelle = "+".join(c for c, _ in colonnes[1:]), "0–2"
    reunie = _reunir(autres, code, libelle)
    lignes = [
        Ligne(x.code, x.libelle, x.compte, [x.cellules[0], sum(x.cellules[1:], Compte())], x.codes)
        for x in (premier, reunie)
    ]
    return _copie(tableau, lignes, [colonnes[0], (code, libelle)])


def _reunir(lignes, code, libelle):
    codes = tuple(c for ligne in lignes for c in ligne.codes)
    cellules = [sum(colonne, Compte()) for colonne in zip(*(ligne.cellules for ligne in lignes), strict=True)]
    return Ligne(code, libelle, sum((ligne.compte for ligne in lignes), Compte()), cellules, codes)


def _copie(tableau, lignes, colonnes):
    communs = {
        nom: getattr(tableau, nom) for nom in ("code", "chapitre", "titre", "univers", "forme", "total", "unite")
    }
    return type(tableau)(**communs, lignes=lignes, colonnes=colonnes, regroupe=True)
