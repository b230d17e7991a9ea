"""Les tableaux d'un rapport : leurs vrais nombres (jamais montrés), et leur forme publiée (un dictionnaire JSON)."""

from dataclasses import dataclass, field

PETIT, PROTEGE = "petit", "protege"
NOMBRE, LISTE, MULTIPLE, CROISE, FLUX = "nombre", "liste", "multiple", "croise", "flux"


@dataclass(frozen=True)
class Compte:
    """Combien (`n`), et la somme des clés d'arrondi de ceux que l'on compte (`cle`) : les mêmes donnent la même clé."""

    n: int = 0
    cle: int = 0

    def __add__(self, autre):
        return Compte(self.n + autre.n, self.cle + autre.cle)


@dataclass
class Ligne:
    """Une ligne : les codes qu'elle réunit (un seul, sauf après un regroupement), son compte, et celui de chaque colonne."""

    code: str
    libelle: str
    compte: Compte
    cellules: list[Compte] = field(default_factory=list)
    codes: tuple = ()

    def __post_init__(self):
        self.codes = self.codes or (self.code,)


@dataclass
class Tableau:
    """Un tableau et ses vrais comptes.

    `forme` : « nombre » (le total seul), « liste » (les lignes se partagent le total), « multiple » (on peut être de plusieurs lignes),
    « croise » (multiple, avec des colonnes elles aussi multiples), « flux » (lignes et colonnes se partagent le total).
    """

    code: str
    chapitre: str
    titre: str
    univers: str
    forme: str
    total: Compte
    lignes: list[Ligne] = field(default_factory=list)
    colonnes: list[tuple[str, str]] = field(default_factory=list)
    unite: str = "parcours"
    regroupe: bool = False

    @property
    def totaux(self):
        """Le compte de chaque colonne d'un flux."""
        return [sum((ligne.cellules[c] for ligne in self.lignes), Compte()) for c in range(len(self.colonnes))]

    def nombres(self):
        """Chaque vrai compte avec sa place (ligne, colonne) ; "" désigne un total."""
        yield "", "", self.total
        for ligne in self.lignes:
            yield ligne.code, "", ligne.compte
            for (colonne, _), compte in zip(self.colonnes, ligne.cellules, strict=False):
                yield ligne.code, colonne, compte
        if self.forme == FLUX:
            yield from (("", colonne, compte) for (colonne, _), compte in zip(self.colonnes, self.totaux, strict=True))


def en_json(tableau, publier):
    """La forme publiée d'un tableau ; `publier` : Compte → entier, « petit » ou « protege »."""
    rendu = {
        nom: getattr(tableau, nom) for nom in ("code", "chapitre", "titre", "univers", "forme", "unite", "regroupe")
    }
    rendu |= {"refus": "", "total": publier(tableau.total)}
    if tableau.forme == NOMBRE:
        return rendu
    rendu["colonnes"] = [{"code": code, "libelle": libelle} for code, libelle in tableau.colonnes]
    rendu["lignes"] = [_ligne(ligne, publier) for ligne in tableau.lignes]
    if tableau.forme == FLUX:
        rendu["totaux"] = [publier(compte) for compte in tableau.totaux]
    return rendu


def _ligne(ligne, publier):
    rendu = {"code": ligne.code, "libelle": ligne.libelle, "codes": list(ligne.codes), "valeur": publier(ligne.compte)}
    if ligne.cellules:
        rendu["valeurs"] = [publier(compte) for compte in ligne.cellules]
    return rendu


def valeurs(publie):
    """Chaque valeur publiée avec sa place (ligne, colonne), dans l'ordre de `Tableau.nombres`."""
    yield "", "", publie["total"]
    colonnes = [colonne["code"] for colonne in publie.get("colonnes", [])]
    for ligne in publie.get("lignes", []):
        yield ligne["code"], "", ligne["valeur"]
        yield from ((ligne["code"], c, v) for c, v in zip(colonnes, ligne.get("valeurs", []), strict=False))
    yield from (("", c, v) for c, v in zip(colonnes, publie.get("totaux", []), strict=False))


def poser(publie, ligne, colonne, valeur):
    """Remplace une valeur publiée, à sa place."""
    rang = [c["code"] for c in publie.get("colonnes", [])].index(colonne) if colonne else None
    if not ligne and not colonne:
        publie["total"] = valeur
    elif not ligne:
        publie["totaux"][rang] = valeur
    else:
        cible = next(x for x in publie["lignes"] if x["code"] == ligne)
        if colonne:
            cible["valeurs"][rang] = valeur
        else:
            cible["valeur"] = valeur
