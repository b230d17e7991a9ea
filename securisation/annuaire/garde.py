"""Garde non médicale : relire un texte libre, sur place, avant de l'enregistrer.

Le dispositif reste hors du soin. La garde avertit quand un texte nomme une maladie, un traitement ou un service de
soins, et propose d'écrire l'état du droit ou la conséquence. Elle ne refuse que les numéros de sécurité sociale et les
codes.
Rien ne sort de la machine ; les lexiques sont des CSV que l'association peut relire (`lexique/`).
"""

import csv
import re
from bisect import bisect_left
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache, lru_cache
from pathlib import Path

from securisation.annuaire.pliage import Plie, a_une_faute, cle, effacements, plier

LEXIQUE = Path(__file__).resolve().parent / "lexique"
LONGUEUR_TOLEREE = 7  # en deçà, une lettre de trop ou de moins change de mot
MOT = re.compile(r"(?<![a-z])[a-z]{3,32}(?![a-z])")  # plus long, ce n'est plus un mot
SIGLE = re.compile(r"(?<![\w-])[a-z]{3,7}(?!\w)")
NUMERO_MASQUE = "[numéro masqué]"
RETIRE = "[retiré]"
FORMULATION = re.compile(r"« ?(.+?) ?»")


class Genre(StrEnum):
    """Ce qu'un passage révèle."""

    PATHOLOGIE = "pathologie"
    MEDICAMENT = "médicament"
    SERVICE = "service de soins"
    CODE = "code médical"
    NIR = "numéro de sécurité sociale"
    ASSOCIATION = "mot à éviter ici"


REFUSES = frozenset({Genre.NIR, Genre.CODE})
FICHIERS = {"pathologies": Genre.PATHOLOGIE, "medicaments": Genre.MEDICAMENT, "services": Genre.SERVICE}


@dataclass(frozen=True, order=True)
class Alerte:
    """Un passage à reprendre : où il commence et finit, ce qu'il est, comment l'écrire autrement."""

    position: int
    fin: int
    genre: Genre
    extrait: str
    suggestion: str

    @property
    def est_refusee(self):
        return self.genre in REFUSES

    @property
    def formulations(self):
        """Ce qui peut s'écrire à la place, tel quel : ce que la suggestion met entre guillemets, ou la suggestion entière."""
        return FORMULATION.findall(self.suggestion) or [self.suggestion]


@dataclass(frozen=True)
class Terme:
    """Un terme du lexique : ce qu'il révèle et la famille de sa suggestion."""

    genre: Genre
    famille: str


@dataclass(frozen=True)
class Propres:
    """Les mots de l'association : ceux à signaler, avec leur suggestion, et ceux à laisser passer. Vide par défaut."""

    a_signaler: re.Pattern | None = None
    a_laisser: re.Pattern | None = None
    suggestions: dict = field(default_factory=dict)

    @classmethod
    def de(cls, *, a_signaler, a_laisser):
        """Prépare {forme: suggestion} et les formes à laisser passer ; une forme vient de `en_forme`."""
        return cls(motif_des_formes(a_signaler), motif_des_formes(a_laisser), dict(a_signaler))


def en_forme(terme):
    """Le terme tel qu'il se compare : plié, les blancs réduits à un."""
    return " ".join(plier(terme).texte.split())


def motif_des_formes(formes):
    """L'expression qui trouve ces formes, entières, au singulier comme au pluriel ; None s'il n'y en a pas."""
    if not formes:
        return None
    ecrites = [re.escape(forme) for forme in sorted(formes, key=len, reverse=True)]
    return re.compile(rf"(?<!\w)({'|'.join(ecrites)})[sx]?(?!\w)".replace("\\ ", r"\s+"))


AUCUN_PROPRE = Propres()


def examiner(texte, propres=AUCUN_PROPRE):
    """Les passages à reprendre, dans l'ordre du texte, sans recouvrement. Un texte vide n'en a pas.

    `propres` : la liste de l'association. Ni elle ni le sens social n'effacent rien de ce que lisent `numeros` et `codes`.
    """
    if not texte or not texte.strip():
        return []
    plie = plier(texte)
    laisse = blanchir(plie.texte, [propres.a_laisser] if propres.a_laisser else [])
    lisible = blanchir(laisse, sens_social())
    alertes = [*numeros(plie), *codes(texte), *de_l_association(plie, laisse, propres)]
    alertes += [*sigles(plie, lisible), *expressions(plie, lisible), *mots(plie, lisible)]
    return sans_recouvrement(alertes)


def refuses(texte):
    """Les seuls passages qui empêchent d'enregistrer : numéros de sécurité sociale et codes médicaux."""
    return [alerte for alerte in examiner(texte) if alerte.est_refusee]


def masquer(texte, *, tout=False, propres=AUCUN_PROPRE):
    """Le texte sans ses passages refusés (`tout` : sans aucun passage signalé), pour un rejet ou un journal."""
    for alerte in reversed(examiner(texte, propres)):
        if tout or alerte.est_refusee:
            texte = texte[: alerte.position] + RETIRE + texte[alerte.fin :]
    return texte


def sans_recouvrement(alertes):
    """Garde la plus grave, puis la plus longue, de celles qui se recouvrent."""
    gardees = []  # dans l'ordre du texte : seules les deux voisines peuvent recouvrir
    for alerte in sorted(alertes, key=lambda a: (not a.est_refusee, a.position - a.fin, a.position)):
        rang = bisect_left(gardees, alerte.position, key=lambda autre: autre.position)
        apres_la_precedente = rang == 0 or gardees[rang - 1].fin <= alerte.position
        if apres_la_precedente and (rang == len(gardees) or alerte.fin <= gardees[rang].position):
            gardees.insert(rang, alerte)
    return gardees


# --- Numéros de sécurité sociale -------------------------------------------------------------------------------------

# Sexe, année, mois (ou mois de remplacement de l'Insee), département de naissance, commune, ordre, clé.

S, SEPARES = r"[ ._/·-]{0,3}", r"[ ._/·-]{1,3}"
ENTRE = r"[\s._/·,:;|*()—–-]{1,4}"  # tout signe, entre des groupes complets : rien d'autre n'a cette forme
MOIS = r"(?:0[1-9]|1[0-2]|20|3\d|4[0-2]|50|99)"
LIEU = r"(?:\d\d|2[ab])"
SUITE_DE_GROUPES = rf"{SEPARES}\d\d{SEPARES}(?:0[1-9]|1[0-2]|20){SEPARES}{LIEU}{SEPARES}\d{{3}}"
GROUPES = rf"[12]{SUITE_DE_GROUPES}"
NIR_SERRE = re.compile(rf"(?<!\d)[12]\d\d{MOIS}{LIEU}\d{{6}}(?:\d\d)?(?!\d)")
NIR_PROVISOIRE = re.compile(rf"(?<!\d)[3478]\d\d{MOIS}{LIEU}\d{{8}}(?!\d)")  # en attente d'immatriculation
NIR_GROUPE = re.compile(rf"(?<!\d)[1-478]{SUITE_DE_GROUPES}{SEPARES}\d{{3}}(?:{SEPARES}\d\d)?(?!\d)")
NIR_DISPERSE = re.compile(
    rf"(?<!\d)[12]{ENTRE}\d\d{ENTRE}{MOIS}{ENTRE}{LIEU}{ENTRE}\d{{3}}{ENTRE}\d{{3}}(?:{ENTRE}\d\d)?(?!\d)"
)
SUITE_LARGE = re.compile(r"(?<!\d)\d(?:[\s._/·,:;|*()—–-]{0,3}[\dab](?![a-z])){14}(?!\d)")
O_POUR_ZERO = re.compile(r"(?<![a-z0-9])(?=o*\d)[o\d]+(?![a-z])")
NIR_TRONQUE = re.compile(rf"(?<!\d)(?<!\d[ .-]){GROUPES}(?:{SEPARES}\d{{1,2}})?(?!\d)(?! ?(?:euros?|€))")
SUITE_DE_CHIFFRES = re.compile(rf"(?<![\d,])\d(?:{S}[\dab](?![a-z]))+(?!\d)")
NIR_NOMME = re.compile(
    r"\b(?:nir|(?:numeros?|n°|no|matricule) (?:de |d')?(?:la )?"
    r"(?:securite sociale|secu|ss|insee|assuree?)(?: sociale?)?)\b"
    rf"[^\d\n]{{0,25}}(\d(?:{S}[\dab]){{4,14}})(?!\d)"
)
DATE = re.compile(r"[0-3]?\d[/. -][01]?\d[/. -](?:19|20)\d\d")


def numeros(plie):
    """Numéros complets (13 ou 15 chiffres), groupés même tronqués, ou annoncés par leur nom."""
    texte = O_POUR_ZERO.sub(lambda trouve: trouve[0].replace("o", "0"), plie.texte)
    for suite in SUITE_DE_CHIFFRES.finditer(texte):
        if NIR_SERRE.fullmatch(chiffres(suite[0])):
            yield numero_a(plie, *suite.span())
    for suite in SUITE_LARGE.finditer(texte):
        numero = chiffres(suite[0])
        if (NIR_SERRE.fullmatch(numero) or NIR_PROVISOIRE.fullmatch(numero)) and a_sa_cle(numero):
            yield numero_a(plie, *suite.span())
    for motif in (NIR_SERRE, NIR_GROUPE, NIR_DISPERSE, NIR_TRONQUE):
        for trouve in motif.finditer(texte):
            yield numero_a(plie, *trouve.span())
    for trouve in NIR_NOMME.finditer(texte):
        if not DATE.fullmatch(trouve[1]):
            yield numero_a(plie, *trouve.span(1))


def chiffres(suite):
    """Les chiffres d'une suite (et la lettre de la Corse), sans ce qui les sépare."""
    return re.sub(r"[^\dab]", "", suite)


def a_sa_cle(numero):
    """Vrai si les deux derniers chiffres sont la clé des treize premiers (2A vaut 19, 2B vaut 18)."""
    corps = numero[:13].replace("2a", "19").replace("2b", "18")
    return corps.isdecimal() and numero[13:].isdecimal() and 97 - int(corps) % 97 == int(numero[13:])


def numero_a(plie, debut, fin):
    """L'alerte d'un numéro de sécurité sociale, masqué."""
    return alerte_de(plie.debut(debut), plie.fin(fin), Genre.NIR, NUMERO_MASQUE, "nir")


# --- Codes, sigles, expressions, mots --------------------------------------------------------------------------------


def codes(texte):
    """Codes d'acte, de diagnostic ou de médicament ; l'extrait n'en montre que le début."""
    for motif in motifs_de_codes():
        for trouve in motif.finditer(texte):
            yield alerte_de(*trouve.span(), Genre.CODE, f"{trouve[0][:2]}…", "code")


def de_l_association(plie, laisse, propres):
    """Les mots que l'association a demandé de signaler, avec la formulation qu'elle propose."""
    if propres.a_signaler:
        for trouve in propres.a_signaler.finditer(laisse):
            debut, fin = plie.debut(trouve.start()), plie.fin(trouve.end())
            yield Alerte(
                debut, fin, Genre.ASSOCIATION, plie.origine[debut:fin], propres.suggestions[" ".join(trouve[1].split())]
            )


def sigles(plie, lisible):
    """Sigles écrits en capitales (« AVC ») : « sep » dans une phrase ne compte pas."""
    for trouve in SIGLE.finditer(lisible):
        ecrit = plie.origine[plie.debut(trouve.start()) : plie.fin(trouve.end())]
        if ecrit.isupper() and (terme := lexique()["sigle"].get(trouve[0].upper())):
            yield du_pli(plie, *trouve.span(), terme)


def expressions(plie, lisible):
    """Tournures de plusieurs mots, cherchées sur le texte plié."""
    for motif, terme in lexique()["motif"].items():
        for trouve in motif.finditer(lisible):
            yield du_pli(plie, *trouve.span(), terme)


def mots(plie, lisible):
    """Mots du lexique, accents, casse, pluriels et fautes simples tolérés."""
    for trouve in MOT.finditer(lisible):
        if terme := reconnaitre(trouve[0]):
            yield du_pli(plie, *trouve.span(), terme)


def du_pli(plie: Plie, debut, fin, terme):
    """L'alerte d'un terme, replacée dans le texte d'origine."""
    debut, fin = plie.debut(debut), plie.fin(fin)
    return alerte_de(debut, fin, terme.genre, plie.origine[debut:fin], terme.famille)


def alerte_de(debut, fin, genre, extrait, famille):
    """Une alerte avec la suggestion de sa famille."""
    return Alerte(debut, fin, genre, extrait, suggestions()[famille])


def blanchir(texte, motifs):
    """Le texte où ce que trouvent ces expressions devient des blancs, à longueur égale."""
    for motif in motifs:
        texte = motif.sub(lambda trouve: " " * len(trouve[0]), texte)
    return texte


@lru_cache(maxsize=20_000)
def reconnaitre(mot):
    """Le terme du lexique que ce mot plié désigne, ou None."""
    lettres = cle(mot)
    connus = lexique()
    if terme := connus["mot"].get(lettres):
        return terme
    for longueur in range(4, len(lettres) + 1):
        if terme := connus["debut"].get(lettres[:longueur]):
            return terme
    for suffixe, terme in connus["fin"].items():
        if len(mot) > len(suffixe) + 1 and mot.removesuffix("s").endswith(suffixe):
            return terme
    return None if mots_courants().match(mot) else reconnaitre_avec_une_faute(lettres)


def reconnaitre_avec_une_faute(lettres):
    """Une lettre oubliée, ajoutée, changée ou deux inversées, dans un mot long dont l'initiale est juste."""
    if len(lettres) < LONGUEUR_TOLEREE - 1:
        return None
    fautes = lexique()["fautes"]
    for debut in {lettres, *(lettres[:longueur] for longueur in range(LONGUEUR_TOLEREE, len(lettres)))}:
        for efface in effacements(debut):
            for connu, genre, terme in fautes.get(efface, ()):
                if (genre == "debut" or debut == lettres) and connu[0] == debut[0] and a_une_faute(debut, connu):
                    return terme
    return None


# --- Lexiques --------------------------------------------------------------------------------------------------------


def lignes(nom):
    """Les lignes d'un lexique (dictionnaires)."""
    with (LEXIQUE / f"{nom}.csv").open(encoding="utf-8", newline="") as flux:
        return list(csv.DictReader(flux))


@cache
def lexique():
    """Les termes par façon de les reconnaître ; `fautes` renvoie d'un mot amputé d'une lettre aux termes voisins."""
    connus = {"mot": {}, "debut": {}, "fin": {}, "sigle": {}, "motif": {}, "fautes": {}}
    for nom, genre in FICHIERS.items():
        for ligne in lignes(nom):
            terme, ecrit, mode = Terme(genre, ligne["famille"]), ligne["terme"], ligne["mode"]
            entree = CLES[mode](ecrit)
            connus[mode].setdefault(entree, terme)
            if mode in ("mot", "debut") and len(entree) >= LONGUEUR_TOLEREE:
                for efface in effacements(entree):
                    connus["fautes"].setdefault(efface, []).append((entree, mode, terme))
    return connus


CLES = {
    "mot": lambda ecrit: cle(plier(ecrit).texte),
    "debut": lambda ecrit: cle(plier(ecrit).texte, entier=False),
    "fin": lambda ecrit: plier(ecrit).texte,
    "sigle": str,
    "motif": lambda ecrit: re.compile(rf"\b(?:{ecrit})\b"),
}


@cache
def motifs_de_codes():
    """Expressions des codes médicaux, sigles sociaux exceptés."""
    sigles_sociaux = "|".join(ligne["sigle"] for ligne in lignes("sigles_sociaux"))
    return [re.compile(ligne["motif"].replace("{sigles}", sigles_sociaux)) for ligne in lignes("codes_acte")]


@cache
def sens_social():
    """Expressions des tournures où un mot du lexique ne parle pas de santé."""
    return [re.compile(rf"\b(?:{ligne['motif']})\b") for ligne in lignes("sens_social")]


@cache
def mots_courants():
    """Mots ordinaires voisins d'un terme du lexique : « cotisons » n'est pas « cortisone »."""
    return re.compile("|".join(ligne["mot"].replace("*", r"\w*") + r"\b" for ligne in lignes("mots_courants")))


@cache
def suggestions():
    """La suggestion de chaque famille de termes."""
    return {ligne["famille"]: ligne["suggestion"] for ligne in lignes("suggestions")}
