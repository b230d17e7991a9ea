"""La copie remise à la personne : chaque app déclare dans son `copie.py` la part qu'elle tient, et ce qu'elle tait avec la raison.

Une part rend des fiches ; une fiche, dans les mots des écrans, chaque champ rempli de son objet. Rien n'est choisi champ par champ :
un champ nouveau entre dans la copie sans qu'on y pense, et un modèle oublié fait échouer un essai.
"""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass

from django.contrib.auth import get_user_model
from django.utils.module_loading import autodiscover_modules

from .templatetags.jalon import date_moyenne, moment

# Ce qui fait tenir la base et ne dit rien de la personne.
TECHNIQUES = {"id", "uuid", "version", "cree_le", "modifie_le"}


@dataclass(frozen=True)
class Part:
    """Une rubrique de la copie : ses modèles (« app.Modele »), et la fonction (parcours, fiche) → suite de fiches."""

    code: str
    titre: str
    ordre: int
    modeles: tuple
    corps: Callable


PARTS: dict[str, Part] = {}
EXCLUS: dict[str, str] = {}  # « app.Modele » ou « app.Modele.champ » → la raison
RAISONS_DITES: list[str] = []


def part(code, *, titre, ordre, modeles):
    """Déclare une part ; la redéclarer remplace l'ancienne (rechargement)."""

    def decorer(corps):
        PARTS[code] = Part(code, titre, ordre, tuple(modeles), corps)
        return corps

    return decorer


def exclure(raison, *noms, dire=True):
    """Tait ces modèles ou ces champs, pour cette raison. `dire` : la personne la lira dans sa copie (la plomberie ne lui apprend rien)."""
    EXCLUS.update(dict.fromkeys(noms, raison))
    if dire and raison not in RAISONS_DITES:
        RAISONS_DITES.append(raison)


def parts():
    """Les parts déclarées, dans l'ordre de la copie."""
    autodiscover_modules("copie")
    return sorted(PARTS.values(), key=lambda p: (p.ordre, p.code))


@dataclass(frozen=True)
class Redaction:
    """Comment écrire une fiche. `designer` : un professionnel → les mots qui le désignent (sa fonction)."""

    designer: Callable

    def __call__(self, objet, titre="", *, fiches=(), note="", plus=()):
        """La fiche d'un objet : {titre, note, champs, fiches}. `plus` : couples (libellé, valeur) que l'objet ne porte pas lui-même."""
        champs = [self._champ(objet, champ) for champ in champs_dits(type(objet))] if objet is not None else []
        champs += [
            {"nom": "", "libelle": libelle, "valeur": valeur, "lu": "" if valeur is None else str(valeur)}
            for libelle, valeur in plus
        ]
        return {"titre": titre, "note": note, "champs": champs, "fiches": list(fiches)}

    def _champ(self, objet, champ):
        valeur = getattr(objet, champ.name)
        if champ.is_relation:
            brut, lu = self._lien(valeur)
        else:
            brut, lu = _en_json(valeur), _lu(champ, valeur)
        libelle = _libelle(champ)
        return {"nom": champ.name, "libelle": libelle[:1].upper() + libelle[1:], "valeur": brut, "lu": lu}

    def _lien(self, valeur):
        if valeur is None:
            return None, ""
        if isinstance(valeur, get_user_model()):
            dit = self.designer(valeur)
            return dit, dit
        dit = str(getattr(valeur, getattr(valeur, "champ_libelle", "libelle"), "") or getattr(valeur, "nom", ""))
        return {"code": getattr(valeur, "code", ""), "libelle": dit}, dit


def champs_dits(modele):
    """Les champs que la copie écrit : tous, sauf la plomberie, les liens d'un objet du dossier à l'autre et ce qui est tu."""
    return [
        champ
        for champ in modele._meta.concrete_fields
        if champ.name not in TECHNIQUES
        and f"{modele._meta.label}.{champ.name}" not in EXCLUS
        and not (champ.is_relation and hasattr(champ.related_model, "vers_parcours"))
    ]


def _libelle(champ):
    """Le nom du champ ; un lien sans nom à lui prend ses accents (« validee par » → « validée par », « equipe » → « équipe »)."""
    nom = str(champ.verbose_name)
    if not champ.is_relation or nom != champ.name.replace("_", " "):
        return nom
    lie = str(champ.related_model._meta.verbose_name)
    if unicodedata.normalize("NFKD", lie).encode("ascii", "ignore").decode() == nom:
        return lie
    accorde = re.sub(r"(?<=[a-tv-z])e( par)$", r"é\1", re.sub(r"ee( par)$", r"ée\1", nom))
    return re.sub(r"^(d|r)e(cid|pond)", r"\1é\2", accorde)


def _en_json(valeur):
    if hasattr(valeur, "isoformat"):
        return valeur.isoformat()
    return [_en_json(v) for v in valeur] if isinstance(valeur, list | tuple) else valeur


def _lu(champ, valeur):
    """La valeur dans les mots de l'écran ; "" quand rien n'est écrit."""
    if valeur is None or valeur == "" or valeur == [] or (valeur is False and champ.default is False):
        return ""  # une case que rien n'a fait cocher ne dit rien
    if isinstance(valeur, list | tuple):
        return ", ".join(_lu(getattr(champ, "base_field", champ), v) for v in valeur)
    if champ.flatchoices:
        return str(dict(champ.flatchoices).get(valeur, valeur))
    if isinstance(valeur, bool):
        return "oui" if valeur else "non"
    genre = champ.get_internal_type()
    return {"DateField": date_moyenne, "DateTimeField": moment}.get(genre, str)(valeur)
