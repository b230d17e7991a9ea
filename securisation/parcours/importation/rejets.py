"""Le fichier des rejets : les lignes non importées et leur raison, sans numéro, sans formule, sans contenu médical."""

import csv

from securisation.annuaire import garde
from securisation.parcours.importation.colonnes import CONNUES
from securisation.parcours.importation.controle import GARDES
from securisation.socle.formulaires import nettoyer

PREMIERS_DANGEREUX = ("=", "+", "-", "@", "\t", "\r", "\n")


def neutraliser(texte):
    """Une apostrophe devant ce qu'un tableur prendrait pour une formule."""
    texte = str(texte)
    return f"'{texte}" if texte.lstrip(" \u00a0").startswith(PREMIERS_DANGEREUX) else texte


def a_garder(ligne, propres=garde.AUCUN_PROPRE):
    """Les valeurs d'une ligne rejetée qu'on peut garder le temps de la corriger (dict) ; `propres` : la liste de l'association."""
    gardees = {}
    for colonne, valeur in ligne.valeurs.items():
        propre = nettoyer(valeur.replace("\x00", ""))[:1000]
        gardees[colonne] = garde.masquer(propre, tout=colonne in GARDES, propres=propres)
    return gardees


def ecrire_rejets(flux, rejets):
    """Écrit en CSV (;) les rejets, suites de (numéro de ligne, valeurs, raison)."""
    ecrivain = csv.writer(flux, delimiter=";", lineterminator="\r\n")
    ecrivain.writerow([*CONNUES, "ligne", "raison"])
    for numero, valeurs, raison in rejets:
        cellules = [neutraliser(valeurs.get(nom, "")) for nom in CONNUES]
        ecrivain.writerow([*cellules, numero, neutraliser(raison)])
