"""Catalogue des nomenclatures : ce que la page « Référentiel » montre, compte et laisse relire."""

from dataclasses import dataclass

from django.core.paginator import Paginator
from django.db.models import Count, Q, Value

from securisation.annuaire import models as annuaire
from securisation.annuaire.querysets import A_RELIRE
from securisation.socle.refus import Introuvable

PAR_PAGE = 50
NOMENCLATURES = {
    "facteurs": annuaire.Facteur,
    "leviers": annuaire.Levier,
    "liens-domino": annuaire.LienDomino,
    "risques-residuels": annuaire.RisqueResiduel,
    "ancrages": annuaire.Ancrage,
    "axes": annuaire.Axe,
    "criticites": annuaire.Criticite,
    "origines": annuaire.Origine,
    "publics": annuaire.Public,
    "modes-d-action": annuaire.ModeAction,
    "issues-de-demarche": annuaire.IssueDemarche,
    "non-substitution": annuaire.QuestionNonSubstitution,
    "motifs-de-non-sollicitation": annuaire.MotifNonSollicitation,
    "motifs-de-sortie": annuaire.MotifSortie,
    "modeles-de-courrier": annuaire.ModeleCourrier,
    "finalites-d-accord": annuaire.Finalite,
    "roles": annuaire.RoleParcours,
    "objectifs-du-praps": annuaire.ObjectifPraps,
    "actions-collectives": annuaire.ActionCollective,
    "departements": annuaire.Departement,
    "intercommunalites": annuaire.Epci,
}
RELATIONS = {
    annuaire.Ancrage: ("axe",),
    annuaire.Facteur: ("axe",),
    annuaire.LienDomino: ("de", "vers"),
    annuaire.Epci: ("departement",),
    annuaire.Levier: ("delai_verifie_par",),
}
ETATS = {"a-relire": "À relire", "ouvertes": "Toutes", "corrigees": "Corrigées ici", "fermees": "Fermées"}


@dataclass(frozen=True)
class Compte:
    """Une nomenclature dans le sommaire : son adresse courte, son titre, ses nombres de lignes."""

    nom: str
    titre: str
    ouvertes: int
    a_relire: int


def sommaire():
    """Toutes les nomenclatures avec leurs nombres, en une requête."""
    requetes = [compter(nom, modele) for nom, modele in NOMENCLATURES.items()]
    nombres = {ligne["nom"]: ligne for ligne in requetes[0].union(*requetes[1:], all=True)}
    vide = {"ouvertes": 0, "a_relire": 0}
    return [
        Compte(nom, titre(modele), nombres.get(nom, vide)["ouvertes"], nombres.get(nom, vide)["a_relire"])
        for nom, modele in NOMENCLATURES.items()
    ]


def compter(nom, modele):
    """Lignes ouvertes et lignes à relire d'une nomenclature (queryset d'une ligne)."""
    ouvertes = Q(ferme_le__isnull=True)
    return (
        modele.objects.order_by()
        .annotate(nom=Value(nom))
        .values("nom")
        .annotate(
            ouvertes=Count("pk", filter=ouvertes),
            a_relire=Count("pk", filter=ouvertes & Q(relecture=A_RELIRE)),
        )
    )


def titre(modele):
    """Nom d'une nomenclature, en tête de page."""
    nom = str(modele._meta.verbose_name_plural)
    return nom[0].upper() + nom[1:]


def modele_de(nom):
    """Le modèle de cette nomenclature ; un nom inconnu est introuvable."""
    if nom not in NOMENCLATURES:
        raise Introuvable
    return NOMENCLATURES[nom]


def lignes(nom, *, etat, axe="", texte=""):
    """Les lignes d'une nomenclature selon le filtre ; l'axe est ignoré là où il n'a pas de sens."""
    modele = modele_de(nom)
    requete = ETATS_FILTRES[etat](modele.objects).select_related("relu_par", *RELATIONS.get(modele, ()))
    if axe and modele.chemin_axe:
        requete = requete.pour_axe(axe)
    return requete.contenant(texte)


ETATS_FILTRES = {
    "a-relire": lambda objets: objets.a_relire(),
    "ouvertes": lambda objets: objets.ouverts(),
    "corrigees": lambda objets: objets.corriges(),
    "fermees": lambda objets: objets.fermes(),
}


def page_de(requete, numero):
    """Une page de lignes ; un numéro hors bornes donne la plus proche."""
    return Paginator(requete, PAR_PAGE).get_page(numero)


def ligne_a_relire(nom, code):
    """La ligne de ce code, verrouillée pour la transaction ; inconnue : introuvable."""
    ligne = modele_de(nom).objects.select_for_update().filter(code=code).first()
    if ligne is None:
        raise Introuvable
    return ligne
