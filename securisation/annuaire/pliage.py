"""Plier un texte : une forme sans accents ni casse qui se souvient de l'endroit d'où vient chaque lettre."""

import re
import unicodedata
from dataclasses import dataclass

LIGATURES = {"œ": "oe", "æ": "ae", "Œ": "oe", "Æ": "ae", "ß": "ss", "’": "'", "‘": "'", "ʼ": "'", "º": "°"}
SONS = (("sch", "s"), ("ph", "f"), ("y", "i"), ("w", "v"))
DOUBLES = re.compile(r"([a-z])\1+")
# Un accent ou un liant ne coupe pas un mot ; les alphabets de la seconde liste (grec, copte, cyrillique, arménien, cherokee, lisu) ont des
# lettres qui se dessinent comme des latines.
MOT_ENTIER = re.compile(r"[\w\u0300-\u036f\u200c\u200d]+")
LATINE = re.compile("[A-Za-zÀ-ÖØ-öø-\u024f\u1e00-\u1eff]")
JUMELLE = re.compile(
    "[\u0370-\u03bb\u03bd-\u058f\u1d26-\u1d2b\u13a0-\u13fd\u1c80-\u1c8f\u1f00-\u1fff\u2c80-\u2cff\u2de0-\u2dff\ua4d0-\ua4fd\ua640-\ua69f\uab70-\uabbf]"
)
H_MUET = re.compile(r"(?<=[abd-z])h")  # ni l'initiale (« hépatique » n'est pas « épatant »), ni « ch »


@dataclass(frozen=True)
class Plie:
    """`texte` plié, `origine`, et `indices` : pour chaque caractère plié, sa place dans l'origine."""

    texte: str
    origine: str
    indices: tuple

    def debut(self, place):
        return self.indices[place]

    def fin(self, place):
        return self.indices[place - 1] + 1


def plier(texte):
    """Minuscules sans accents, ligatures ouvertes, chiffres de toute écriture ramenés à 0-9, signes invisibles ôtés."""
    plies, indices = [], []
    for place, caractere in enumerate(texte):
        for lettre in plier_caractere(caractere):
            plies.append(lettre)
            indices.append(place)
    return Plie("".join(plies), texte, tuple(indices))


def plier_caractere(caractere):
    """Un caractère sans accent ni casse ; "" s'il ne se lit pas."""
    if caractere.isascii():
        return caractere.lower() if caractere.isprintable() or caractere == "\n" else " "
    if caractere in LIGATURES:
        return LIGATURES[caractere]
    categorie = unicodedata.category(caractere)
    if categorie in ("Mn", "Cf"):
        return ""
    if categorie == "Nd":
        return str(unicodedata.digit(caractere))
    if categorie.startswith(("Z", "C")):
        return " "
    decompose = unicodedata.normalize("NFKD", caractere).lower()
    return "".join(lettre for lettre in decompose if unicodedata.category(lettre) != "Mn")


def mot_de_deux_alphabets(texte):
    """Le premier mot qui mêle des lettres latines à celles d'un alphabet qui leur ressemble ; "" sinon. La garde ne le lirait pas."""
    if texte.isascii() or not JUMELLE.search(unicodedata.normalize("NFKD", texte)):
        return ""
    return next((mot for mot in MOT_ENTIER.findall(texte) if _mele(mot)), "")


def _mele(mot):
    """Sous sa forme simple aussi : « 𝛐 » est un omicron qui se dessine comme un o."""
    return bool(LATINE.search(mot) and JUMELLE.search(unicodedata.normalize("NFKD", mot)))


def en_lettres_latines(mot):
    """Vrai si chaque lettre de ce mot est latine ; un signe, un chiffre, « º » et « µ » ne sont pas des lettres."""
    return all(LATINE.match(signe) or not signe.isalpha() or signe in "ªºµ" for signe in mot)


def cle(mot, *, entier=True):
    """Le mot comme il s'entend : « morfine » et « morphines » ont la même clé. `entier=False` garde la terminaison."""
    for ecrit, entendu in SONS:
        mot = mot.replace(ecrit, entendu)
    mot = DOUBLES.sub(r"\1", H_MUET.sub("", mot))
    if entier and len(mot) > 4:
        mot = mot.rstrip("sx").rstrip("e")
    return mot


def effacements(mot):
    """Le mot, et le mot privé d'une lettre, de toutes les façons."""
    return {mot, *(mot[:place] + mot[place + 1 :] for place in range(len(mot)))}


def a_une_faute(ecrit, connu):
    """Vrai si une seule faute sépare les deux : lettre oubliée, ajoutée, changée, ou deux voisines inversées."""
    if ecrit == connu:
        return True
    debut = 0
    while debut < min(len(ecrit), len(connu)) and ecrit[debut] == connu[debut]:
        debut += 1
    reste, attendu = ecrit[debut:], connu[debut:]
    inverses = len(reste) > 1 and len(attendu) > 1 and reste[0] == attendu[1] and reste[1] == attendu[0]
    return (
        reste[1:] == attendu[1:]
        or reste[1:] == attendu
        or reste == attendu[1:]
        or (inverses and reste[2:] == attendu[2:])
    )
