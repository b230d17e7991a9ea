"""Les figures d'un rapport, protégées : en direct pour la direction, ou prêtes à publier après l'attaque de toutes les éditions."""

from dataclasses import dataclass, field

from securisation.annuaire.models import Origine, Public
from securisation.comptes.models import Equipe
from securisation.pilotage import divulgation, faits
from securisation.pilotage.attaque import Publication
from securisation.pilotage.chiffres import UNIVERS, lire
from securisation.pilotage.sommaire import SOMMAIRE
from securisation.socle import horloge

RIEN = "Aucun tableau ne peut être publié sur ce périmètre : trop peu de parcours."
TRAHI = (
    "Ce que cette édition refuse, rapproché d'une édition déjà publiée, dirait un petit nombre : "
    "prenez une période plus longue, ou un territoire plus large."
)
CONTREDITES = (
    "Les éditions déjà publiées se contredisent : ce que celle-ci refuse pourrait en trahir une, le contrôle ne sait pas le dire. "
    "Recontrôlez-la ; si rien ne change, prenez une période plus longue, ou un territoire plus large."
)
TROUVE = "L’attaquant retrouve encore un nombre : cette édition ne peut pas être publiée."


def compter(perimetre, chapitres=()):
    """Les vrais tableaux de ce périmètre, dans l'ordre du sommaire ; `chapitres` : seulement ceux-là."""
    voulues = [fiche for fiche in SOMMAIRE if not chapitres or fiche.chapitre in chapitres]
    lus = lire(perimetre, {nom for fiche in voulues for nom in (fiche.groupe, fiche.univers)})
    return [fiche.composer(lus) for fiche in voulues]


def en_direct(perimetre, chapitres=()):
    """Les figures d'aujourd'hui, au seuil et arrondies ; faits rafraîchis d'abord, si personne ne le fait déjà."""
    faits.rafraichir(attendre=False)
    return _contenu(perimetre, divulgation.sans_attaque(compter(perimetre, chapitres)))


@dataclass(frozen=True)
class Registre:
    """Ce qui a déjà paru : (périmètre, contenu) de chaque édition, et les atomes, celle que l'on prépare comprise (la dernière).

    `atomes` : {univers: [ensembles de rangs]} ; None quand rien n'a paru.
    """

    publiees: list = field(default_factory=list)
    atomes: dict | None = None


def preparer(perimetre, registre=None):
    """Les figures d'une édition à publier et le rapport du contrôle, contre un `Registre` de tout ce qui a paru."""
    faits.rafraichir()
    registre = registre or Registre()
    publications = [
        Publication(rang, {t["code"]: t for t in contenu["tableaux"]}, restrictions(ancien))
        for rang, (ancien, contenu) in enumerate(registre.publiees)
    ]
    rang, seules = len(publications), restrictions(perimetre)
    atomes = registre.atomes or {univers: [frozenset([rang])] for univers in UNIVERS}
    tableaux, bilan = divulgation.proteger(compter(perimetre), rang, publications, atomes, seules)
    return _contenu(perimetre, tableaux), _rapport(tableaux, bilan)


def restrictions(perimetre):
    """{tableau: codes des seules lignes que ce périmètre prend} : l'édition d'un département dit le total d'une ligne des autres."""
    lus = {
        "departements": perimetre.departements,
        "publics": Public.objects.filter(pk__in=perimetre.publics).values_list("code", flat=True),
        "origines": Origine.objects.filter(pk__in=perimetre.origines).values_list("code", flat=True),
    }
    return {tableau: tuple(codes) for tableau, codes in lus.items() if codes}


def _rapport(tableaux, bilan):
    """Le bilan du contrôle, en dictionnaire ; `pourquoi` dit en clair ce qui empêche de publier."""
    rapport = {nom: getattr(bilan, nom) for nom in bilan.__dataclass_fields__}
    pourquoi = ""
    if all(t["refus"] for t in tableaux):
        pourquoi = RIEN
    elif bilan.exactes or bilan.serrees:
        pourquoi = TROUVE
    elif bilan.trahies:
        pourquoi = TRAHI
    elif bilan.contredites:
        pourquoi = CONTREDITES
    return rapport | {"publiable": not pourquoi, "pourquoi": pourquoi}


def _contenu(perimetre, tableaux):
    return {
        "schema": "figures/1",
        "perimetre": {
            "du": perimetre.du.isoformat(),
            "au": perimetre.au.isoformat(),
            "equipes": list(Equipe.objects.filter(pk__in=perimetre.equipes).values_list("nom", flat=True)),
            "departements": list(perimetre.departements),
            "publics": list(Public.objects.filter(pk__in=perimetre.publics).values_list("libelle", flat=True)),
        },
        "calcule_le": horloge.maintenant().isoformat(),
        "tableaux": tableaux,
    }
