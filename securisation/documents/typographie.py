"""Typographie des PDF : espaces insécables françaises et caractères que la police sait dessiner.

Figtree n'a ni U+202F, ni flèche horizontale, ni ≤ : on les remplace, sinon une autre police entre dans le fichier.
Les lettres d'autres écritures restent : elles prennent la police de secours de la machine.
"""

import re
import unicodedata
from datetime import date, datetime

from securisation.socle.templatetags.jalon import INSECABLE, MOIS, MOIS_COURTS
from securisation.socle.typographie import DROITE

_EQUIVALENTS = str.maketrans(
    {
        "\u202f": INSECABLE,
        "\u2009": INSECABLE,
        "\u2007": INSECABLE,
        "→": "›",
        "←": "‹",
        "≤": "jusqu’à",
        "≥": "à partir de",
        "\u2010": "-",
        "\u2011": "-",
        "\u2012": "–",
        "\u2015": "—",
        "ʼ": "’",
    }
)
_SYMBOLE = "[symbole]"
_JOURS = "|".join([*MOIS, *(m.replace(".", r"\.") for m in MOIS_COURTS if m.endswith("."))])
_REGLES = [
    (re.compile(r" (?=[:;?!»%€])"), INSECABLE),
    (re.compile(r"« "), "«" + INSECABLE),
    (re.compile(r"(?<=\d) (?=\d{3}\b(?! \d\d\b))"), INSECABLE),
    (re.compile(r"(?<=\d) (?=jours?\b|mois\b|sur \d|h\b)"), INSECABLE),
    (re.compile(rf"\b(\d{{1,2}}|1er) (?=(?:{_JOURS})(?![a-zé]))"), r"\1" + INSECABLE),
    (re.compile(rf"(?<=\d{INSECABLE})({_JOURS}) (?=\d{{4}}\b)"), r"\1" + INSECABLE),
    (re.compile(r"\b(Mme|M\.) (?=[A-ZÀ-Ý])"), r"\1" + INSECABLE),
]
_BALISE = re.compile(r"(<[^>]*>)")
_VALEUR = re.compile(r'"([^"]*)"')


def dessinable(texte: str) -> str:
    """Texte sans caractère de contrôle ni marque de sens, où chaque symbole inconnu devient « [symbole] »."""
    texte = unicodedata.normalize("NFC", texte).translate(_EQUIVALENTS)
    if texte.isascii() and texte.isprintable():
        return texte
    sortie = []
    for c in texte:
        genre = unicodedata.category(c)
        if c == "\n" or (c <= "\u024f" and genre != "Cc"):
            sortie.append(c)
        elif genre in {"So", "Sk", "Cn", "Co", "Cs", "Sm"} and c != "−":
            if not sortie or sortie[-1] != _SYMBOLE:
                sortie.append(_SYMBOLE)
        elif genre == "Cc":
            sortie.append(" ")
        elif genre != "Cf" and not "\ufe00" <= c <= "\ufe0f":
            sortie.append(c)
    return "".join(sortie)


def insecables(texte: str) -> str:
    """Pose les espaces insécables du français (U+00A0) : ponctuation haute, milliers, unités, dates, civilités."""
    for motif, par in _REGLES:
        texte = motif.sub(par, texte)
    return texte


def composer(html: str) -> str:
    """Rend dessinables les textes et les valeurs d'attributs ; pose insécables et apostrophes courbes dans les seuls textes.

    Les balises sont mises à part d'abord : normalisé avec elles, un signe diacritique en tête d'un texte avalerait leur « > ».
    """
    morceaux = _BALISE.split(html)
    morceaux[::2] = [insecables(DROITE.sub("’", dessinable(m))) if m and not m.isspace() else m for m in morceaux[::2]]
    morceaux[1::2] = [balise if balise.isascii() else _VALEUR.sub(_en_valeur, balise) for balise in morceaux[1::2]]
    return "".join(morceaux)


def _en_valeur(trouve) -> str:
    return f'"{dessinable(trouve[1])}"'


def en_date(valeur) -> date | None:
    """Date d'un texte ISO (« 2026-11-05 » ou un instant), None si vide."""
    if not valeur:
        return None
    if isinstance(valeur, datetime):
        return valeur.date()
    return valeur if isinstance(valeur, date) else datetime.fromisoformat(valeur).date()


def _quantieme(d: date) -> str:
    return "1er" if d.day == 1 else str(d.day)


def jour(valeur, *, annee: bool = True) -> str:
    """« 5 novembre 2026 », ou « 5 novembre » sans l'année ; chaîne vide sans date."""
    d = en_date(valeur)
    if d is None:
        return ""
    return f"{_quantieme(d)} {MOIS[d.month - 1]}" + (f" {d.year}" if annee else "")


def jour_abrege(valeur) -> str:
    """« 5 nov. » pour une colonne de tableau, chaîne vide sans date."""
    d = en_date(valeur)
    return f"{_quantieme(d)} {MOIS_COURTS[d.month - 1]}" if d else ""


def periode(debut, fin) -> str:
    """« 24 juillet au 5 novembre 2026 » ; l'année du début n'est dite que si elle diffère."""
    a, b = en_date(debut), en_date(fin)
    if a is None or b is None:
        return jour(debut or fin)
    return f"{jour(a, annee=a.year != b.year)} au {jour(b)}"


def compte(n: int, mot: str, pluriel: str = "") -> str:
    """« 1 jour », « 3 jours », « aucun jour » n'est pas son affaire."""
    return f"{n} {mot if n < 2 else pluriel or mot + 's'}"


def en_lettres(n: int, *, feminin: bool = False) -> str:
    """« deux », « trois »… jusqu'à neuf, puis des chiffres."""
    mots = ["zéro", "une" if feminin else "un", *["deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf"]]
    return mots[n] if 0 <= n < 10 else str(n)
