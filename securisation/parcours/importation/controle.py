"""Contrôler une ligne : les mêmes règles que l'écran, plus celles d'un tableau venu d'ailleurs."""

import hashlib
import json
import re

from django.core.exceptions import ValidationError

from securisation.annuaire import garde
from securisation.annuaire.models import Origine
from securisation.annuaire.pliage import mot_de_deux_alphabets
from securisation.annuaire.termes import termes_propres
from securisation.parcours.importation.colonnes import CONNUES, LIBELLES, PERSONNE
from securisation.parcours.models import Personne
from securisation.socle import horloge
from securisation.socle.formulaires import nettoyer

FORMULE = re.compile(r"^\s*(=|@|[+-](?!\s))")
TELEPHONE = re.compile(r"^\+?[\d .()-]{6,30}$")
REPONSES = {
    "oui": True,
    "o": True,
    "vrai": True,
    "1": True,
    "non": False,
    "n": False,
    "faux": False,
    "0": False,
    "": False,
}
GARDES = ("demande", "foyer")
PHRASES = {
    "annee_naissance": "Année de naissance impossible : quatre chiffres, de 1900 à cette année.",
    "code_postal": "Code postal illisible : cinq chiffres.",
    "courriel": "Courriel illisible.",
    "recue_le": "Date de réception impossible : écrivez un jour passé, comme 05/10/2026 ou 2026-10-05.",
    "canal_prefere": "Canal préféré inconnu : téléphone, SMS, courriel, courrier ou visite.",
    "intervention_collective_prealable": "Intervention collective préalable : répondez oui ou non.",
}


class LigneRefusee(Exception):
    """Cette ligne ne peut pas être importée ; `raisons` le dit, en phrases qui ne citent jamais la cellule."""

    def __init__(self, raisons):
        super().__init__(" ".join(raisons))
        self.raisons = raisons


class Controle:
    """Les règles d'une ligne, préparées une fois pour tout le fichier."""

    def __init__(self):
        from securisation.parcours.forms import FormulaireIdentite, FormulaireOrientation

        self.champs = FormulaireIdentite().fields | FormulaireOrientation().fields
        self.origines = {origine.code: origine for origine in Origine.objects.ouverts()}
        self.canaux = {canal.casefold(): canal for canal in Personne.Canal.values}
        self.aujourd_hui = horloge.aujourd_hui()
        self.propres = termes_propres()
        self.lecteurs = {
            "annee_naissance": self._annee,
            "code_postal": self._code_postal,
            "canal_prefere": self._canal,
            "origine": self._origine,
            "recue_le": self._recue_le,
            "intervention_collective_prealable": self._collective,
        }

    def lire(self, ligne):
        """Rend (personne, orientation) prêtes pour `Parcours.orienter` ; lève LigneRefusee avec toutes ses raisons."""
        raisons = list(self._forme(ligne))
        if not ligne.bonne_largeur:
            raise LigneRefusee(raisons)
        donnees = {}
        for colonne, valeur in ligne.valeurs.items():
            try:
                donnees[colonne] = self._lire(colonne, valeur)
            except ValidationError as erreur:
                raisons.append(self._phrase(colonne, erreur))
        raisons += self._ensemble(ligne, donnees)
        if raisons:
            raise LigneRefusee(raisons)
        personne = {nom: donnees.pop(nom) for nom in PERSONNE if nom in donnees}
        return personne, donnees

    def _forme(self, ligne):
        if not ligne.bonne_largeur:
            yield f"{ligne.largeur} colonnes au lieu de {ligne.attendue} : une cellule manque, ou un séparateur est de trop."
        if ligne.numeros_masques:
            yield (
                "Un numéro de sécurité sociale est écrit dans cette ligne : il n'est ni importé ni gardé. "
                "Retirez-le de votre fichier ; le numéro du parcours suffit."
            )
        for colonne, valeur in ligne.valeurs.items():
            if FORMULE.match(valeur) and not (colonne == "telephone" and TELEPHONE.match(valeur.strip())):
                yield f"{LIBELLES[colonne]} : commence comme une formule de tableur (=, +, - ou @). Écrivez du texte simple."
            if mot_de_deux_alphabets(nettoyer(valeur)):
                yield f"{LIBELLES[colonne]} : un mot mêle deux alphabets. Retapez-le au clavier."

    def _lire(self, colonne, valeur):
        lecteur = self.lecteurs.get(colonne, self.champs[colonne].clean)
        return lecteur(nettoyer(valeur, lignes=colonne == "demande"))

    def _phrase(self, colonne, erreur):
        if erreur.messages and colonne not in PHRASES:
            return f"{LIBELLES[colonne]} : {' '.join(erreur.messages)}"
        return PHRASES[colonne]

    def _ensemble(self, ligne, donnees):
        """Ce qui se juge sur la ligne entière : quelqu'un de nommé, et une demande qui reste hors du soin."""
        if not (donnees.get("prenom") or donnees.get("pseudonyme")) and not _illisible(ligne, donnees, "prenom"):
            yield "Prénom manquant : indiquez-le, ou un pseudonyme dans une colonne « pseudonyme »."
        for colonne in GARDES:
            yield from _relire(colonne, donnees.get(colonne) or "", self.propres)

    # -- lecteurs d'une cellule

    def _annee(self, valeur):
        annee = self.champs["annee_naissance"].clean(valeur)
        if annee and annee > self.aujourd_hui.year:
            raise ValidationError("dans l'avenir")
        return annee

    def _code_postal(self, valeur):
        # Un tableur prend « 01000 » pour un nombre et lui ôte son zéro.
        return self.champs["code_postal"].clean(valeur.zfill(5) if re.fullmatch(r"\d{4}", valeur) else valeur)

    def _canal(self, valeur):
        canal = self.canaux.get(valeur.casefold()) if valeur else ""
        if canal is None:
            raise ValidationError("inconnu")
        return canal

    def _origine(self, valeur):
        origine = self.origines.get(valeur.upper())
        if origine is None:
            bornes = sorted(self.origines)
            raise ValidationError(f"code inconnu ; attendu : {bornes[0]} à {bornes[-1]}, du référentiel.")
        return origine

    def _recue_le(self, valeur):
        jour = self.champs["recue_le"].clean(valeur)
        if jour > self.aujourd_hui:
            raise ValidationError("dans l'avenir")
        return jour

    def _collective(self, valeur):
        if valeur.casefold() not in REPONSES:
            raise ValidationError("inconnue")
        return REPONSES[valeur.casefold()]


def _illisible(ligne, donnees, colonne):
    """Vrai si la cellule a déjà sa raison d'être refusée."""
    return bool(ligne.valeurs.get(colonne, "").strip()) and colonne not in donnees


def _relire(colonne, texte, propres):
    """Une phrase par sorte de passage médical, avec la formulation proposée ; le passage lui-même n'est pas recopié."""
    dites = {}
    for alerte in garde.examiner(texte, propres):
        if alerte.genre is not garde.Genre.NIR:
            dites.setdefault(alerte.suggestion, alerte.genre)
    for suggestion, genre in dites.items():
        yield f"{LIBELLES[colonne]} : contenu médical ({genre.value}). Formulation proposée : {suggestion}"


def cle_de(personne, orientation):
    """Empreinte de la ligne normalisée (sha256, 64 signes) : la même orientation écrite autrement a la même."""
    tout = personne | orientation
    valeurs = [str(getattr(valeur := tout.get(nom, ""), "code", valeur) or "").casefold() for nom in CONNUES]
    return hashlib.sha256(json.dumps(valeurs, ensure_ascii=False).encode()).hexdigest()
