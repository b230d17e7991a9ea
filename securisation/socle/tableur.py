"""Écrire un tableau en CSV, XLSX ou ODS : aucune formule n'y vit, un nombre et une date le restent.

La mémoire : à dix mille lignes de neuf colonnes, 0,7 Mo en XLSX, écrit ligne à ligne (4 Mo à cent mille, le fichier seul) ; 5 Mo en CSV et
34 Mo en ODS, tenus entiers avant d'être rendus : là, elle suit les lignes.

Un texte qu'un tableur prendrait pour une formule est précédé d'une apostrophe, la même dans les trois formats : un classeur
rouvert puis enregistré en CSV ne réveille rien.
"""

import datetime
import io
import math
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import chain, islice
from xml.sax.saxutils import escape

from django.utils import timezone
from odf import dc, namespaces
from odf.opendocument import OpenDocumentSpreadsheet
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font, PatternFill
from openpyxl.utils import get_column_letter

from .entetes import fichier_joint
from .refus import SaisieRefusee
from .typographie import HORS_XML

GENRES_MIME = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "ods": "application/vnd.oasis.opendocument.spreadsheet",
}
FORMATS = tuple(GENRES_MIME)
CELLULE_MAX = 32_767  # signes, dans un classeur
TITRE_MAX = 31  # signes d'un titre de feuille
CHIFFRES_SURS = 15  # au-delà, un tableur arrondit : le nombre s'écrit en texte
MESUREES = 200  # lignes regardées pour la largeur des colonnes
LARGEUR_MIN, LARGEUR_MAX = 8, 60  # signes
_DANGEREUX = set("=+-@\u2212")
_BLANCS = set("\t\r\n\v\f\x85\u2028\u2029")
_ECHAPPE_XLSX = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")
_HORS_TITRE = re.compile(r"[\[\]:*?/\\\x00-\x1f]")
_HORS_NOM = re.compile(r"[^A-Za-z0-9._-]+")


@dataclass(frozen=True)
class Feuille:
    """Un tableau : son titre, ses entêtes, ses lignes (textes, nombres, dates, None) et, dessous, des notes."""

    titre: str
    entetes: list[str]
    lignes: Iterable[list]
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Fichier:
    """Un fichier écrit : ses octets, son type et son extension (« xlsx »)."""

    octets: bytes
    genre_mime: str
    extension: str


def ecrire(format, feuilles):
    """Le fichier de ces feuilles, en « csv », « xlsx » ou « ods » ; un autre format est une saisie refusée."""
    if format not in GENRES_MIME:
        raise SaisieRefusee("Ce format n'est pas proposé : choisissez CSV, XLSX ou ODS.")
    return Fichier({"csv": _csv, "xlsx": _xlsx, "ods": _ods}[format](list(feuilles)), GENRES_MIME[format], format)


def telecharger(format, feuilles, *, nom):
    """La réponse qui remet ce fichier en pièce jointe, sous ce nom sans extension."""
    fichier = ecrire(format, feuilles)
    return fichier_joint(fichier.octets, genre=fichier.genre_mime, nom=f"{nom_sur(nom)}.{fichier.extension}")


def neutraliser(texte):
    """Le texte, précédé d'une apostrophe si un tableur le prendrait pour une formule (signes pleine chasse et invisibles compris)."""
    texte = str(texte)
    return f"'{texte}" if _est_une_formule(texte) else texte


def _est_une_formule(texte):
    for signe in texte:
        if signe in _BLANCS:
            return True
        if signe.isspace() or unicodedata.category(signe)[0] in "CM":
            continue  # un espace, une marque de sens ou un signe sans largeur cacherait celui qui suit
        return not _DANGEREUX.isdisjoint(unicodedata.normalize("NFKC", signe)[:1])
    return False


def nom_sur(nom):
    """Un nom de fichier sans accent, ni chemin, ni signe qui commanderait quoi que ce soit."""
    simple = unicodedata.normalize("NFKD", str(nom)).encode("ascii", "ignore").decode()
    return _HORS_NOM.sub("-", simple).strip("-._")[:80] or "tableau"


def titre_sur(titre, pris=()):
    """Un titre de feuille admis par les tableurs, différent de ceux déjà pris, qui n'ouvre aucune formule."""
    propre = _HORS_TITRE.sub(" ", HORS_XML.sub("", str(titre))).strip(" '")
    while _est_une_formule(propre):
        propre = propre[1:].strip(" '")
    propre = propre[:TITRE_MAX].strip(" '") or "Feuille"
    base, rang = propre, 2
    while propre.lower() in {"history", *(autre.lower() for autre in pris)}:
        propre = f"{base[: TITRE_MAX - 4]} {rang}"
        rang += 1
    return propre


def _valeur(brute):
    """La valeur à écrire : None, un nombre fini, un jour, un moment (heure de Paris, sans fuseau) ou un texte neutralisé."""
    if brute is None or brute == "":
        return None
    if isinstance(brute, bool):
        return "oui" if brute else "non"
    if isinstance(brute, int | float | Decimal) and _se_compte(brute):
        return brute
    if isinstance(brute, datetime.datetime):
        return timezone.make_naive(brute) if timezone.is_aware(brute) else brute
    if isinstance(brute, datetime.date):
        return brute
    # Ce que XML n'écrit pas part d'abord : retiré ensuite, il découvrirait ce qu'il cachait.
    return neutraliser(HORS_XML.sub("", str(brute))).replace("\r\n", "\n").replace("\r", "\n")


def _se_compte(nombre):
    return math.isfinite(nombre) and abs(nombre) < 10**CHIFFRES_SURS


def _rangees(feuille):
    """(genre, valeurs) de chaque rangée : « entete », puis « ligne », puis « note »."""
    yield "entete", [_valeur(entete) for entete in feuille.entetes]
    for ligne in feuille.lignes:
        yield "ligne", [_valeur(cellule) for cellule in ligne]
    if feuille.notes:
        yield "note", []
    for note in feuille.notes:
        yield "note", [_valeur(note)]


def _avec_largeurs(feuille):
    """(largeurs en signes, rangées) : les colonnes se mesurent sur les premières lignes, sans lire toutes les autres."""
    rangees = _rangees(feuille)
    debut = list(islice(rangees, MESUREES))
    largeurs = [LARGEUR_MIN] * max((len(valeurs) for _, valeurs in debut), default=1)
    for genre, valeurs in debut:
        for rang, valeur in enumerate(valeurs if genre != "note" else ()):
            largeurs[rang] = max(largeurs[rang], min(len(_en_texte(valeur)) + 2, LARGEUR_MAX))
    return largeurs, chain(debut, rangees)


def _en_texte(valeur):
    if isinstance(valeur, datetime.datetime):
        return f"{valeur:%Y-%m-%d %H:%M:%S}"
    return "" if valeur is None else str(valeur)


# -- CSV


def _csv(feuilles):
    """Séparateur « ; », marque UTF-8 que les tableurs attendent ; plusieurs feuilles se suivent, chacune sous son titre."""
    flux = io.StringIO()
    flux.write("\ufeff")
    for rang, feuille in enumerate(feuilles):
        if rang:
            flux.write("\r\n")
        if len(feuilles) > 1:
            flux.write(_cellule_csv(_valeur(feuille.titre)) + "\r\n")
        for _, valeurs in _rangees(feuille):
            flux.write(";".join(_cellule_csv(valeur) for valeur in valeurs) + "\r\n")
    return flux.getvalue().encode()


def _cellule_csv(valeur):
    """Un texte est toujours entre guillemets : ouvert avec un autre séparateur, il ne se coupe pas."""
    if isinstance(valeur, int | float | Decimal):
        return str(valeur).replace(".", ",") if "e" not in str(valeur).lower() else f"{valeur:f}".replace(".", ",")
    texte = _en_texte(valeur)
    return '"' + texte.replace('"', '""') + '"' if texte else ""


# -- XLSX

GRAS, FOND = Font(bold=True), PatternFill("solid", fgColor="E8E2D6")


def _xlsx(feuilles):
    classeur = Workbook(write_only=True)
    classeur.properties.creator = "Jalon"
    for feuille in feuilles:
        onglet = classeur.create_sheet(titre_sur(feuille.titre, classeur.sheetnames))
        onglet.freeze_panes = "A2"
        largeurs, rangees = _avec_largeurs(feuille)
        for rang, largeur in enumerate(largeurs, start=1):
            onglet.column_dimensions[get_column_letter(rang)].width = largeur
        for genre, valeurs in rangees:
            onglet.append([_cellule_xlsx(onglet, valeur, entete=genre == "entete") for valeur in valeurs])
    octets = io.BytesIO()
    classeur.save(octets)
    return octets.getvalue()


def _cellule_xlsx(onglet, valeur, *, entete):
    """Un texte est écrit comme texte, jamais deviné ; une date porte son format."""
    if not isinstance(valeur, str | datetime.date):
        return valeur
    cellule = WriteOnlyCell(onglet, value=None)
    if isinstance(valeur, str):
        # « _x003D_ » est un « = » pour un XLSX : le trait bas s'échappe.
        cellule.value = _couper(_ECHAPPE_XLSX.sub("_x005F_", valeur))
        cellule.data_type = "s"
    else:
        cellule.value = valeur
        cellule.number_format = "dd/mm/yyyy hh:mm" if isinstance(valeur, datetime.datetime) else "dd/mm/yyyy"
    if entete:
        cellule.font, cellule.fill = GRAS, FOND
    return cellule


def _couper(texte):
    return texte if len(texte) <= CELLULE_MAX else texte[: CELLULE_MAX - 1] + "…"


# -- ODS

_ESPACES = "".join(
    f' xmlns:{prefixe}="{adresse}"'
    for adresse, prefixe in namespaces.nsdict.items()
    if prefixe in ("table", "text", "style", "fo")
)


def _ods(feuilles):
    """odfpy fait le classeur et ses styles ; les lignes s'écrivent une à une, un objet par cellule prendrait des centaines de Mo."""
    classeur = OpenDocumentSpreadsheet()
    for element in list(classeur.meta.childNodes):
        classeur.meta.removeChild(element)
    classeur.meta.addElement(dc.Language(text="fr-FR"))
    contenu = classeur.contentxml().decode()
    for balise, dedans in (("office:automatic-styles", _styles_ods()), ("office:spreadsheet", _tables_ods(feuilles))):
        vide = re.search(rf"<{balise}\s*/>|<{balise}>\s*</{balise}>", contenu)
        contenu = f"{contenu[: vide.start()]}<{balise}{_ESPACES}>{dedans}</{balise}>{contenu[vide.end() :]}"
    octets_du_contenu = contenu.encode()
    classeur.contentxml = lambda: octets_du_contenu
    octets = io.BytesIO()
    classeur.write(octets)
    return octets.getvalue()


def _styles_ods():
    """L'entête en gras et une largeur de colonne par nombre de signes."""
    entete = (
        '<style:style style:name="entete" style:family="table-cell"><style:table-cell-properties fo:background-color="#e8e2d6"/>'
        '<style:text-properties fo:font-weight="bold"/></style:style>'
    )
    return entete + "".join(
        f'<style:style style:name="c{signes}" style:family="table-column">'
        f'<style:table-column-properties style:column-width="{signes * 0.2:.1f}cm"/></style:style>'
        for signes in range(LARGEUR_MIN, LARGEUR_MAX + 1)
    )


def _tables_ods(feuilles):
    flux, pris = io.StringIO(), []
    for feuille in feuilles:
        pris.append(titre_sur(feuille.titre, pris))
        flux.write(f'<table:table table:name="{escape(pris[-1], {chr(34): "&quot;"})}">')
        largeurs, rangees = _avec_largeurs(feuille)
        flux.writelines(f'<table:table-column table:style-name="c{largeur}"/>' for largeur in largeurs)
        for genre, valeurs in rangees:
            cellules = (_cellule_ods(valeur, entete=genre == "entete") for valeur in valeurs)
            flux.write(f"<table:table-row>{''.join(cellules) or '<table:table-cell/>'}</table:table-row>")
        flux.write("</table:table>")
    return flux.getvalue()


def _cellule_ods(valeur, *, entete):
    style = ' table:style-name="entete"' if entete else ""
    if valeur is None:
        return f"<table:table-cell{style}/>"
    if isinstance(valeur, datetime.date):
        dite = valeur.isoformat(timespec="seconds") if isinstance(valeur, datetime.datetime) else valeur.isoformat()
        attributs = f'office:value-type="date" office:date-value="{dite}"'
    elif isinstance(valeur, str):
        attributs = 'office:value-type="string"'
    else:
        attributs = f'office:value-type="float" office:value="{valeur}"'
    lignes = escape(_en_texte(valeur)).split("\n")
    paragraphes = "".join(f"<text:p>{ligne}</text:p>" for ligne in lignes)
    return f"<table:table-cell{style} {attributs}>{paragraphes}</table:table-cell>"
