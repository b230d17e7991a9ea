"""Lire un dossier écrit en YAML : chaque valeur garde sa ligne, chaque clé est connue, chaque date est un jour."""

import datetime
import re

import yaml

from securisation.socle import horloge

TAILLE_MAX = 1024 * 1024
JOUR_RELATIF = re.compile(r"^J(?:([+-])(\d{1,4}))?$")
OUI_NON = {"oui": True, "non": False, True: True, False: False}


class RepriseRefusee(Exception):
    """Le dossier ne se rejoue pas : la ligne du fichier, et pourquoi."""

    def __init__(self, ligne, message):
        super().__init__(f"ligne {ligne} : {message}" if ligne else message)
        self.ligne, self.message = ligne, message


class Champs(dict):
    """Une table YAML : sa `ligne`, les `lignes` de ses clés, son `jour_j` (celui de la lecture, d'où partent « J-12 »)."""

    ligne, lignes, jour_j = 0, {}, None

    def refuser(self, cle, message):
        """Lève le refus à la ligne de cette clé, ou de la table si la clé manque."""
        raise RepriseRefusee(self.lignes.get(cle, self.ligne), message)

    def connaitre(self, *cles):
        """Refuse une clé qui n'est pas dans cette liste : une faute de frappe ne se perd pas en silence."""
        for cle in self:
            if cle not in cles:
                self.refuser(cle, f"« {cle} » n'est pas attendu ici.")
        return self

    def exiger(self, cle):
        """La valeur de cette clé, qui doit être là."""
        if self.get(cle) is None:
            self.refuser(cle, f"« {cle} » manque.")
        return self[cle]

    def texte(self, cle, defaut=""):
        """Un texte ; vide s'il manque."""
        valeur = self.get(cle, defaut)
        if isinstance(valeur, (dict, list)):
            self.refuser(cle, f"« {cle} » est un texte.")
        return defaut if valeur is None else str(valeur)

    def jour(self, cle, *, exige=False):
        """Un jour : « J-12 », « J+3 », « J » ou 2026-11-22 ; None s'il manque."""
        return self.en_jour(cle, self.exiger(cle) if exige else self.get(cle))

    def en_jour(self, cle, valeur):
        """Cette valeur comme un jour, ou le refus à la ligne de la clé."""
        if valeur is None or (isinstance(valeur, datetime.date) and not isinstance(valeur, datetime.datetime)):
            return valeur
        trouve = JOUR_RELATIF.match(str(valeur))
        if not trouve:
            return self.refuser(cle, f"« {valeur} » n'est pas un jour (J-12, J+3 ou 2026-11-22).")
        ecart = int(trouve[2] or 0) * (-1 if trouve[1] == "-" else 1)
        return self.jour_j + datetime.timedelta(days=ecart)

    def oui(self, cle, *, exige=False):
        """Oui ou non ; non s'il manque."""
        valeur = self.exiger(cle) if exige else self.get(cle, False)
        if isinstance(valeur, (dict, list)) or valeur not in OUI_NON:
            self.refuser(cle, f"« {cle} » est oui ou non.")
        return OUI_NON[valeur]

    def niveau(self, cle):
        """Un niveau de 0 à 4, ou None."""
        valeur = self.get(cle)
        if valeur is not None and (isinstance(valeur, bool) or valeur not in range(5)):
            self.refuser(cle, f"« {cle} » est un niveau de 0 à 4.")
        return valeur

    def nombre(self, cle):
        """Un nombre entier positif."""
        valeur = self.exiger(cle)
        if not isinstance(valeur, int) or isinstance(valeur, bool) or not 0 < valeur < 10_000:
            self.refuser(cle, f"« {cle} » est un nombre entier.")
        return valeur

    def suite(self, cle):
        """Les éléments d'une liste ; vide si elle manque."""
        valeur = self.get(cle) or []
        if not isinstance(valeur, list):
            self.refuser(cle, f"« {cle} » est une liste.")
        return valeur

    def tables(self, cle):
        """Les tables d'une liste."""
        for element in self.suite(cle):
            if not isinstance(element, Champs):
                self.refuser(cle, f"« {cle} » est une liste de tables.")
            yield element

    def table(self, cle, *, exige=False):
        """Une table ; None si elle manque et n'est pas exigée."""
        valeur = self.exiger(cle) if exige else self.get(cle)
        if valeur is not None and not isinstance(valeur, Champs):
            self.refuser(cle, f"« {cle} » est une table.")
        return valeur


class _Lecteur(yaml.SafeLoader):
    """YAML sans alias (une bombe en serait faite) ni clé en double ; chaque table garde ses lignes."""

    def compose_node(self, parent, index):
        if self.check_event(yaml.AliasEvent):
            raise RepriseRefusee(self.peek_event().start_mark.line + 1, "les alias YAML ne sont pas permis.")
        return super().compose_node(parent, index)


def _table(lecteur, noeud):
    champs = Champs()
    champs.ligne, champs.lignes, champs.jour_j = noeud.start_mark.line + 1, {}, horloge.aujourd_hui()
    yield champs
    for cle, valeur in noeud.value:
        nom, ligne = lecteur.construct_object(cle, deep=True), cle.start_mark.line + 1
        if not isinstance(nom, str) or nom in champs:
            raise RepriseRefusee(ligne, f"« {nom} » est en double, ou n'est pas un nom.")
        champs[nom], champs.lignes[nom] = lecteur.construct_object(valeur, deep=True), ligne


_Lecteur.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _table)


def lire(chemin):
    """La table d'un fichier YAML ; lève RepriseRefusee (fichier illisible, ligne fautive)."""
    try:
        octets = chemin.read_bytes()
        if len(octets) > TAILLE_MAX:
            raise RepriseRefusee(0, "ce fichier est trop gros pour être un dossier.")
        lu = yaml.load(octets.decode("utf-8"), _Lecteur)  # noqa: S506 (dérivé de SafeLoader)
    except OSError:
        raise RepriseRefusee(0, "le fichier ne s'ouvre pas : est-il là, et lisible ?") from None
    except UnicodeDecodeError:
        raise RepriseRefusee(0, "le fichier n'est pas en UTF-8.") from None
    except yaml.MarkedYAMLError as erreur:
        marque = erreur.problem_mark or erreur.context_mark
        raise RepriseRefusee(marque.line + 1 if marque else 0, "le YAML ne se lit pas ici.") from None
    except (yaml.YAMLError, ValueError, RecursionError):
        raise RepriseRefusee(0, "le fichier n'est pas du YAML lisible.") from None
    if not isinstance(lu, Champs):
        raise RepriseRefusee(1, "un dossier est une table : code, personne, orientation…")
    return lu
