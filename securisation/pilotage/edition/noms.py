"""Ce qui a la forme d'un nom de personne dans un texte qu'un financeur lira.

La règle ne lit que la forme du texte et des mots publics : un dictionnaire, le territoire, les financeurs, le référentiel. Jamais un
dossier : qu'un nom soit refusé ne dit pas que cette personne est accompagnée ; celui d'une inconnue l'est de même.
"""

import re
from itertools import pairwise

from securisation.annuaire.models import Departement, Epci, Levier, Origine, Public
from securisation.comptes.models import Equipe, Reglages
from securisation.pilotage.models import Convention
from securisation.pilotage.reperes import (
    AU_MILIEU,
    GENRES,
    OUTILS,
    PARTOUT,
    SIGLES,
    de_lieu,
    de_service,
    francais,
    lire,
)


def _mots(liste):
    return frozenset(liste.split())


# Ce qui garde sa majuscule au milieu d'une phrase sans nommer personne, en plus des sortes de services (`reperes.GENRES`).
_INSTITUTIONS = _mots(
    "action allocations assurance banque caisse chambre convention edition etat europe fonds insertion internet jalon jeunesse justice "
    "ministere nation pays plan programme region republique securite solidarite travail union "
    "cnil cpom csv drees dreets etp excel fse insee ods pdf praps rgpd xlsx"
)
# Des mots du dispositif que le dictionnaire n'a pas ; « recontrôlée » s'y retrouve par « contrôlée ».
_DU_DISPOSITIF = _mots(
    "addendum dedoublonnage export exports fiabilisation fiabilise fiabilisee financeur financeurs import imports "
    "intercommunalite intercommunalites ressaisi ressaisie ressaisies"
)
# Ce qui peut porter une majuscule après une parenthèse ou un point-virgule.
_ARTICLES = _mots(
    "un une le la les des du ce cet cette ces son sa ses leur leurs nos notre vos votre il elle ils elles on nous dont"
)
_CIVILITES = _mots("m mm mme mmes mlle mlles mr monsieur madame mademoiselle messieurs mesdames dr docteur me maitre")
_PREFIXES, _RADICAL = ("re", "de", "pre", "inter", "sous", "sur"), 5
_VOISINS = re.compile(r"[\s'’-]+")
# « Selon P. Petit » : le point de l'initiale ferait d'un nom, mot français, une tête de phrase.
_INITIALE = re.compile(r"\b[A-ZÀ-Ý]\.(?:[\s-]*[A-ZÀ-Ý]\.)*[\s-]*([A-ZÀ-Ý][\w’'-]+)")
_RANG = re.compile(r"[IVX]+|.*\d.*")  # « trimestre II », « T3 »


def vocabulaire():
    """Les mots, ou suites de mots, publics : ce que nomment les conventions, les équipes, leur territoire et le référentiel."""
    dits = [Reglages.actuels().nom, *Convention.objects.values_list("financeur", flat=True)]
    for equipe in Equipe.objects.values_list("nom", "association", "territoire"):
        dits += equipe
    departements = Convention.departements.through.objects.values("departement")
    dits += Epci.objects.filter(departement__in=departements).values_list("libelle", flat=True)
    lieux = {nom for paire in Departement.objects.values_list("libelle", "region") for nom in paire}
    return {nom.mots for nom in set().union(*map(de_service, dits), *map(de_lieu, lieux))} | _du_referentiel()


def _du_referentiel():
    """Les mots à majuscule des leviers, publics et origines, hors celle qui ouvre un libellé : « Pôle », « RQTH »."""
    libelles = [dit for modele in (Levier, Public, Origine) for dit in modele.objects.values_list("libelle", flat=True)]
    lus = [lu for dit in libelles for lu in lire(dit)]
    sigles = {lu.ecrit for lu in lus if lu.ecrit.isupper() and len(lu.ecrit) > 1}
    # Un sigle ne vaut qu'en capitales : « LAM » est un lieu de soins, « Lam » un nom.
    return {(sigle,) for sigle in sigles} | {
        (lu.cle,) for lu in lus if lu.place == AU_MILIEU and lu.ecrit not in sigles
    }


def nom_ecrit(texte, connus):
    """Ce qui, de ce texte, a la forme d'un nom de personne, ou "". `connus` : le vocabulaire.

    Un mot à majuscule au milieu d'une phrase, à moins qu'il soit connu ; en tête de phrase, s'il n'est pas non plus un mot français ;
    sans majuscule, deux mots de suite que ni le vocabulaire ni le dictionnaire n'ont, civilité comprise.
    """
    for initiale in _INITIALE.finditer(texte):
        if initiale[1].casefold() not in _ARTICLES | OUTILS:  # « l'annexe A. Une équipe » finit une phrase
            return initiale[0]
    mots = [lu for lu in lire(texte) if (len(lu.ecrit) > 1 or lu.cle == "m") and not _RANG.fullmatch(lu.ecrit)]
    for rang, lu in enumerate(mots):
        if lu.cle in _CIVILITES or _est_connu(mots, rang, connus):
            continue
        precede = rang and _VOISINS.fullmatch(lu.avant) and _est_etranger(mots, rang - 1, connus)
        if lu.place == AU_MILIEU or (lu.place != PARTOUT and not _est_francais(lu.cle)):
            return lu.ecrit
        if precede and _est_etranger(mots, rang, connus):
            return f"{mots[rang - 1].ecrit} {lu.ecrit}"
    return ""


def _est_connu(mots, rang, connus):
    """Vrai si ce mot, seul ou avec un voisin (« Saint-Denis »), est du vocabulaire public."""
    lu, cles = mots[rang], [mot.cle for mot in mots[max(rang - 1, 0) : rang + 2]]
    suites = {(lu.cle,), (lu.ecrit,), *pairwise(cles)}
    communs = GENRES | _INSTITUTIONS | _DU_DISPOSITIF | _ARTICLES
    return (
        not connus.isdisjoint(suites)
        or any(lu.cle.removesuffix(fin) in communs for fin in ("", "s", "e", "es"))
        or (lu.ecrit.isupper() and lu.ecrit in SIGLES)
    )


def _est_etranger(mots, rang, connus):
    """Vrai d'un mot que rien n'explique, ou d'une civilité : deux de suite sont un nom écrit sans majuscule."""
    cle = mots[rang].cle
    return cle in _CIVILITES or not (_est_francais(cle) or _est_connu(mots, rang, connus))


def _est_francais(cle):
    """Vrai si le dictionnaire a ce mot, ou celui dont il dérive."""
    if cle in francais()[0] or cle in _DU_DISPOSITIF:
        return True
    racines = [cle.removeprefix(prefixe) for prefixe in _PREFIXES if cle.startswith(prefixe)]
    return any(len(racine) >= _RADICAL and racine in francais()[0] for racine in racines)
