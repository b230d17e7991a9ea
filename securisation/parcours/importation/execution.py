"""Orienter un lot de lignes : une transaction par lot, un résultat par ligne, aucune ligne importée deux fois."""

from dataclasses import dataclass
from itertools import islice

from django.core.exceptions import ValidationError
from django.db import DataError, IntegrityError, transaction

from securisation.parcours.importation.controle import LigneRefusee, cle_de
from securisation.parcours.models import Parcours
from securisation.socle.refus import Refus

CREEE, DOUBLON, REFUSEE = "creee", "doublon", "refusee"
DEJA = "parcours_importe_une_fois"


@dataclass(frozen=True)
class Resultat:
    """Le sort d'une ligne : créée (avec son parcours), doublon ou refusée (avec sa raison)."""

    ligne: object
    sort: str
    raison: str = ""
    parcours: object = None
    cle: str = ""


class _Annulee(Exception):
    """Fin d'un essai : ce lot n'est pas gardé."""


def importer_lot(lignes, *, par, controle, vues, essai=False):
    """Importe ces lignes dans une transaction et rend leurs résultats. `vues` : {empreinte: numéro de ligne} de ce fichier, complété ici.

    `essai` : les mêmes actes, annulés à la fin du lot ; rien n'est écrit.
    """
    resultats = []
    try:
        with transaction.atomic():
            resultats = [
                _importer(ligne, par, controle, vues, deja) for ligne, deja in _preparer(lignes, par, controle)
            ]
            if essai:
                raise _Annulee
    except _Annulee:
        pass
    return resultats


def _preparer(lignes, par, controle):
    """Chaque ligne contrôlée, avec le numéro du parcours qu'elle a déjà ouvert : une requête pour tout le lot."""
    lues = [(ligne, *_controler(ligne, controle)) for ligne in lignes]
    cles = [cle for _ligne, _donnees, cle in lues if cle]
    deja = dict(Parcours.objects.filter(equipe=par.equipe_id, cle_import__in=cles).values_list("cle_import", "numero"))
    return [((ligne, donnees, cle), deja.get(cle)) for ligne, donnees, cle in lues]


def _controler(ligne, controle):
    try:
        donnees = controle.lire(ligne)
    except LigneRefusee as refus:
        return refus, ""
    return donnees, cle_de(*donnees)


def _importer(lue, par, controle, vues, deja):
    ligne, donnees, cle = lue
    if isinstance(donnees, LigneRefusee):
        return Resultat(ligne, REFUSEE, str(donnees))
    if cle in vues and vues[cle] != ligne.numero:
        return Resultat(ligne, DOUBLON, f"Doublon : identique à la ligne {vues[cle]} de ce fichier.", cle=cle)
    vues[cle] = ligne.numero
    if deja:
        return Resultat(ligne, DOUBLON, f"Doublon : déjà importée, parcours {deja}.", cle=cle)
    return _orienter(ligne, donnees, cle, par)


def _orienter(ligne, donnees, cle, par):
    personne, orientation = donnees
    try:
        with transaction.atomic():
            parcours = Parcours.orienter(par=par, personne=personne, orientation=orientation, cle_import=cle)
    except ValidationError as erreur:
        if DEJA in _codes(erreur):
            return Resultat(ligne, DOUBLON, "Doublon : déjà importée.", cle=cle)
        return Resultat(ligne, REFUSEE, " ".join(erreur.messages))
    except Refus as refus:
        return Resultat(ligne, REFUSEE, f"{refus.message}.")
    except (DataError, IntegrityError):  # le message de la base citerait la ligne
        return Resultat(ligne, REFUSEE, "La base a refusé une valeur de cette ligne.")
    return Resultat(ligne, CREEE, parcours=parcours, cle=cle)


def _codes(erreur):
    return {e.code for e in getattr(erreur, "error_list", [])}


def par_lots(lignes, taille):
    """Découpe un flux de lignes en listes de `taille` au plus."""
    flux = iter(lignes)
    while lot := list(islice(flux, taille)):
        yield lot
