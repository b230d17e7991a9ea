"""Le fichier des rejets : les lignes non importées et leur raison, sans numéro, sans formule, sans contenu médical."""

from securisation.annuaire import garde
from securisation.parcours.importation.colonnes import CONNUES
from securisation.parcours.importation.controle import GARDES
from securisation.socle.formulaires import nettoyer
from securisation.socle.tableur import Feuille, ecrire


def a_garder(ligne, propres=garde.AUCUN_PROPRE):
    """Les valeurs d'une ligne rejetée qu'on peut garder le temps de la corriger (dict) ; `propres` : la liste de l'association."""
    gardees = {}
    for colonne, valeur in ligne.valeurs.items():
        propre = nettoyer(valeur.replace("\x00", ""))[:1000]
        gardees[colonne] = garde.masquer(propre, tout=colonne in GARDES, propres=propres)
    return gardees


def feuille_des_rejets(rejets):
    """Le tableau des rejets, suites de (numéro de ligne, valeurs, raison)."""
    lignes = ([*(valeurs.get(nom, "") for nom in CONNUES), numero, raison] for numero, valeurs, raison in rejets)
    return Feuille("Rejets", [*CONNUES, "ligne", "raison"], lignes)


def ecrire_rejets(flux, rejets):
    """Écrit les rejets en CSV dans un flux de texte."""
    flux.write(ecrire("csv", [feuille_des_rejets(rejets)]).octets.decode("utf-8-sig"))
