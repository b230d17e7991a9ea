"""Lire un tableau déposé (CSV, XLSX, ODS) en flux, sans jamais garder un numéro de sécurité sociale."""

import csv
import io
import re
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path

from django.core.exceptions import ValidationError

from securisation.annuaire import garde
from securisation.annuaire.pliage import plier
from securisation.parcours.importation import tableurs
from securisation.parcours.importation.colonnes import ATTENDUES, reconnaitre

TAILLE_MAX = 10 * 1024 * 1024
LIGNES_MAX = 50_000
CELLULE_MAX = 10_000  # au-delà, ce n'est plus une cellule mais un accident
ZIP, ANCIEN_EXCEL = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
CINQ_CHIFFRES = re.compile(r"(?:\d[^\d]{0,25}){5}")
A_ENREGISTRER = "Enregistrez-le en CSV, XLSX ou ODS, puis déposez-le de nouveau."


class FichierRefuse(ValidationError):
    """Le fichier entier ne peut pas être lu : une phrase dit pourquoi et quoi faire."""


@dataclass
class Ligne:
    """Une ligne du tableau : sa place dans le fichier, ses valeurs par colonne, ce qui cloche déjà."""

    numero: int
    valeurs: dict
    largeur: int
    attendue: int
    numeros_masques: list = field(default_factory=list)

    @property
    def bonne_largeur(self):
        return self.largeur == self.attendue


def lire(fichier, nom=""):
    """Rend les lignes du fichier (binaire, ouvert au début) une à une ; lève FichierRefuse. La première ligne est celle des titres."""
    _mesurer(fichier)
    debut = fichier.read(4096)
    fichier.seek(0)
    if debut.startswith(ANCIEN_EXCEL):
        raise FichierRefuse(f"Ce classeur est dans un ancien format, ou protégé par un mot de passe. {A_ENREGISTRER}")
    try:
        if debut.startswith(ZIP):
            yield from _lignes(tableurs.lire(fichier), souple=True)
        else:
            yield from _lignes(_csv(fichier, debut), souple=False)
    except (tableurs.TableurIllisible, csv.Error) as erreur:
        raise FichierRefuse(_phrase(erreur, nom)) from None


def _mesurer(fichier):
    taille = fichier.seek(0, io.SEEK_END)
    fichier.seek(0)
    if taille > TAILLE_MAX:
        raise FichierRefuse("Ce fichier dépasse 10 Mo : partagez-le en plusieurs fichiers, titres compris.")
    if not taille:
        raise FichierRefuse("Ce fichier est vide.")


def _phrase(erreur, nom):
    if isinstance(erreur, csv.Error):
        return "Ce fichier CSV a des guillemets mal fermés ou une cellule démesurée : ouvrez-le dans un tableur et corrigez-le."
    return f"{erreur} {A_ENREGISTRER}"


# -- CSV


def _csv(fichier, debut):
    if debut.count(b"\x00") > len(debut) // 10 or debut.startswith((b"%PDF", b"\x89PNG", b"\xff\xd8", b"\x7fELF")):
        raise tableurs.TableurIllisible("Ce fichier n'est pas un tableau.")
    texte = io.TextIOWrapper(fichier, encoding=_encodage(fichier), errors="replace", newline="")
    try:
        titres = texte.readline()
        texte.seek(0)
        lecteur = csv.reader(texte, delimiter=";" if titres.count(";") >= titres.count(",") else ",", strict=True)
        depuis = 1
        for valeurs in lecteur:
            yield depuis, valeurs
            depuis = lecteur.line_num + 1
    finally:
        with suppress(ValueError):  # le fichier peut être fermé avant la fin de la lecture
            texte.detach()


def _encodage(fichier):
    """UTF-8 (avec ou sans marque) si tout le fichier se lit ainsi, sinon celui des anciens Excel (cp1252)."""
    lecteur = io.TextIOWrapper(fichier, encoding="utf-8-sig")
    try:
        while lecteur.read(65536):
            pass
        return "utf-8-sig"
    except UnicodeDecodeError:
        return "cp1252"
    finally:
        lecteur.detach()
        fichier.seek(0)


# -- lignes


def _lignes(rangees, *, souple):
    """Lignes non vides sous leurs titres. `souple` : un tableur ne garde pas les cellules vides de fin de ligne."""
    pleines = ((numero, cellules) for numero, cellules in rangees if any(cellule.strip() for cellule in cellules))
    premiere = next(pleines, None)
    if premiere is None:
        raise FichierRefuse("Ce fichier est vide.")
    colonnes = _colonnes(premiere[1])
    compte = 0
    for compte, (numero, cellules) in enumerate(pleines, start=1):
        if compte > LIGNES_MAX:
            raise FichierRefuse(f"Ce fichier dépasse {LIGNES_MAX} lignes : partagez-le en plusieurs fichiers.")
        yield _ligne(numero, cellules, colonnes, souple)
    if not compte:
        raise FichierRefuse("Ce fichier n'a que sa ligne de titres : aucune orientation à lire.")


def _colonnes(titres):
    colonnes = reconnaitre(titres)
    if manquantes := [nom for nom in ATTENDUES if nom not in colonnes]:
        raise FichierRefuse(f"Il manque des colonnes en première ligne : {', '.join(manquantes)}.")
    if doubles := sorted({nom for nom in colonnes if nom and colonnes.count(nom) > 1}):
        raise FichierRefuse(f"Une colonne est en double : {', '.join(doubles)}.")
    return colonnes


def _ligne(numero, cellules, colonnes, souple):
    while souple and len(cellules) > len(colonnes) and not cellules[-1].strip():
        cellules = cellules[:-1]
    largeur = max(len(cellules), len(colonnes)) if souple else len(cellules)
    ligne = Ligne(numero, {}, largeur, len(colonnes))
    for colonne, cellule in zip(colonnes, chain(cellules, [""] * len(colonnes)), strict=False):
        propre, masque = sans_numero(cellule[: CELLULE_MAX + 1])
        if masque:
            ligne.numeros_masques.append(colonne)
        if colonne:
            ligne.valeurs[colonne] = propre
    return ligne


def sans_numero(texte):
    """Le texte sans numéro de sécurité sociale, et s'il y en avait un."""
    if not CINQ_CHIFFRES.search(texte):
        return texte, False
    alertes = garde.sans_recouvrement(list(garde.numeros(plier(texte))))
    for alerte in reversed(alertes):
        texte = texte[: alerte.position] + garde.NUMERO_MASQUE + texte[alerte.fin :]
    return texte, bool(alertes)


def nom_court(nom):
    """Nom d'un fichier, sans dossier ni numéro, pour l'écran."""
    return sans_numero(Path(nom.replace("\\", "/")).name)[0][:120]


__all__ = ["TAILLE_MAX", "FichierRefuse", "Ligne", "lire", "nom_court"]
