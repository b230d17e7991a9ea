"""Lire les classeurs XLSX et ODS rangée par rangée, mémoire bornée, bombes refusées."""

import datetime
import re
import zipfile
from xml.parsers import expat

import openpyxl

DECOMPRESSE_MAX = 200 * 1024 * 1024
TEXTES_MAX = 40 * 1024 * 1024  # les textes partagés d'un XLSX sont gardés en mémoire
FICHIERS_MAX = 2000
COLONNES_MAX = 200
MORCEAU = 65536
TYPE_ODS = b"application/vnd.oasis.opendocument.spreadsheet"


class TableurIllisible(Exception):
    """Ce n'est pas un classeur, ou il est abîmé, ou démesuré."""


def lire(fichier):
    """Rend les rangées (numéro à partir de 1, cellules en texte) de la première feuille d'un XLSX ou d'un ODS."""
    try:
        with zipfile.ZipFile(fichier) as archive:
            noms = _controler(archive)
            if "content.xml" in noms and archive.read("mimetype").strip() == TYPE_ODS:
                yield from _ods(archive)
                return
            if "xl/workbook.xml" not in noms:
                raise TableurIllisible("Ce fichier n'est pas un classeur.")
        yield from _xlsx(fichier)
    except TableurIllisible:
        raise
    except MemoryError:
        raise TableurIllisible("Ce classeur est démesuré.") from None
    except Exception:  # un classeur abîmé fait lever à ces bibliothèques toutes sortes d'erreurs
        raise TableurIllisible("Ce classeur est abîmé.") from None


def _controler(archive):
    """Refuse une bombe : taille annoncée une fois ouverte, nombre de pièces, entités XML."""
    pieces = archive.infolist()
    total = sum(piece.file_size for piece in pieces)
    textes = sum(piece.file_size for piece in pieces if piece.filename.endswith("sharedStrings.xml"))
    if len(pieces) > FICHIERS_MAX or total > DECOMPRESSE_MAX or textes > TEXTES_MAX:
        raise TableurIllisible("Ce classeur est démesuré une fois décompressé.")
    if any(piece.flag_bits & 1 for piece in pieces):
        raise TableurIllisible("Ce classeur est protégé par un mot de passe.")
    for piece in pieces:
        if piece.filename.endswith((".xml", ".rels")):
            with archive.open(piece) as flux:
                if re.search(rb"<!(DOCTYPE|ENTITY)", flux.read(MORCEAU)):
                    raise TableurIllisible("Ce classeur contient des entités interdites.")
    return {piece.filename for piece in pieces}


# -- XLSX


def _xlsx(fichier):
    fichier.seek(0)
    classeur = openpyxl.load_workbook(fichier, read_only=True, data_only=False, keep_links=False)
    try:
        feuille = classeur.worksheets[0]
        feuille.reset_dimensions()
        for numero, cellules in enumerate(feuille.iter_rows(values_only=True), start=1):
            if len(cellules) > COLONNES_MAX:
                raise TableurIllisible(f"Ce classeur a plus de {COLONNES_MAX} colonnes.")
            yield numero, [en_texte(cellule) for cellule in cellules]
    finally:
        classeur.close()


def en_texte(valeur):
    """Une cellule comme on l'écrirait : « 2026-10-05 », « 1991 » plutôt que « 1991.0 »."""
    if valeur is None:
        return ""
    if isinstance(valeur, bool):
        return "oui" if valeur else "non"
    if isinstance(valeur, datetime.datetime):
        return valeur.date().isoformat()
    if isinstance(valeur, float) and valeur.is_integer():
        return str(int(valeur))
    return str(valeur)


# -- ODS


def _ods(archive):
    lecteur = _LecteurODS()
    with archive.open("content.xml") as flux:
        while morceau := flux.read(MORCEAU):
            lecteur.xml.Parse(morceau, False)
            yield from lecteur.prendre()
        lecteur.xml.Parse(b"", True)
    yield from lecteur.prendre()


class _LecteurODS:
    """Suit la première feuille de content.xml ; les répétitions de cellules et de rangées y sont dépliées, dans des bornes."""

    def __init__(self):
        self.xml = expat.ParserCreate()
        self.xml.buffer_text = True
        self.xml.StartElementHandler = self._ouvrir
        self.xml.EndElementHandler = self._fermer
        self.xml.CharacterDataHandler = self._texte
        self.xml.StartDoctypeDeclHandler = self._refuser
        self.feuilles, self.numero, self.pretes = 0, 0, []
        self.rangee, self.cellule, self.hors_texte = None, None, 0

    def prendre(self):
        """Les rangées lues depuis la dernière fois."""
        pretes, self.pretes = self.pretes, []
        return pretes

    def _refuser(self, *_declaration):
        raise TableurIllisible("Ce classeur contient des entités interdites.")

    def _ouvrir(self, balise, attributs):
        if balise == "table:table":
            self.feuilles += 1
        if self.feuilles != 1:
            return
        if balise == "table:table-row":
            self.rangee, self.fois = [], int(attributs.get("table:number-rows-repeated", 1))
        elif balise in ("table:table-cell", "table:covered-table-cell"):
            self.cellule, self.attributs = [], attributs
        elif balise in ("office:annotation", "text:note"):
            self.hors_texte += 1
        elif balise == "text:p" and self.cellule:
            self.cellule.append("\n")
        elif balise in ("text:s", "text:tab", "text:line-break") and self.cellule is not None:
            self.cellule.append(" ")

    def _texte(self, texte):
        if self.cellule is not None and not self.hors_texte:
            self.cellule.append(texte)

    def _fermer(self, balise):
        if balise in ("office:annotation", "text:note"):
            self.hors_texte -= 1
        elif balise in ("table:table-cell", "table:covered-table-cell") and self.cellule is not None:
            self._ajouter(self._valeur(), int(self.attributs.get("table:number-columns-repeated", 1)))
            self.cellule = None
        elif balise == "table:table-row" and self.rangee is not None:
            self._finir_la_rangee()

    def _valeur(self):
        """Le texte d'une cellule ; une formule se montre comme formule, une date comme date."""
        if formule := self.attributs.get("table:formula"):
            return "=" + formule.partition("=")[2]
        if self.attributs.get("office:value-type") == "date":
            return self.attributs.get("office:date-value", "")[:10]
        if self.attributs.get("office:value-type") == "float" and "office:value" in self.attributs:
            return en_texte(float(self.attributs["office:value"]))
        return "".join(self.cellule)

    def _ajouter(self, valeur, fois):
        if len(self.rangee) + fois > COLONNES_MAX:
            if valeur.strip():
                raise TableurIllisible(f"Ce classeur a plus de {COLONNES_MAX} colonnes.")
            fois = max(0, COLONNES_MAX - len(self.rangee))
        self.rangee += [valeur] * fois

    def _finir_la_rangee(self):
        vide = not any(valeur.strip() for valeur in self.rangee)
        if not vide and self.fois > 1000:
            raise TableurIllisible("Ce classeur répète une même ligne un nombre de fois démesuré.")
        if not vide:
            self.pretes += [(self.numero + rang, self.rangee) for rang in range(1, self.fois + 1)]
        self.numero += self.fois
        self.rangee = None
