"""Les suites possibles d'un diagnostic : ce que le référentiel propose, ce qui a été examiné, et leur image."""

from diagnostics.models import DominoExamine, FacteurRetenu
from securisation.annuaire.models import LienDomino
from securisation.socle import graphiques

RESERVE = "Facteur réservé (accord à recueillir)"


def proposer(diagnostic):
    """Liens ouverts du référentiel qui partent d'un facteur retenu et ne sont pas examinés, les plus pressants d'abord.

    Une suite est proposée quand son arrivée est retenue aussi, ou seulement menacée par un lien au moins fréquent.
    """
    retenus = set(
        FacteurRetenu.objects.filter(evaluation__diagnostic=diagnostic.pk).values_list("facteur_id", flat=True)
    )
    examines = set(DominoExamine.objects.filter(diagnostic=diagnostic.pk).values_list("de_id", "vers_id"))
    liens = LienDomino.objects.ouverts().filter(de__in=retenus, vers__ferme_le=None).select_related("de", "vers")
    proposes = [
        lien
        for lien in liens
        if (lien.de_id, lien.vers_id) not in examines
        and (lien.vers_id in retenus or lien.force >= LienDomino.Force.FREQUENT)
    ]
    return sorted(proposes, key=lambda lien: (lien.vers_id not in retenus, -lien.force, lien.code))


def examines(diagnostic, *, sensible=True):
    """Suites examinées, avec leurs facteurs et leur lien : une requête. `en_bref` : « dette locative, puis expulsion ».

    `sensible` faux : les facteurs qui révèlent la santé n'y sont pas nommés.
    """
    trouves = list(diagnostic.dominos.select_related("de", "vers", "lien"))
    for domino in trouves:
        if not sensible and (taire(domino.de) + taire(domino.vers)):
            domino.note, domino.lien = "", None
        domino.en_bref = f"{_debut(court(domino.de.libelle))}, puis {_debut(court(domino.vers.libelle))}"
    return trouves


def image(dominos, retenus):
    """Géométrie et phrases de l'enchaînement retenu, ou None. `retenus` : {code: comment on le sait} des facteurs retenus."""
    gardes = [domino for domino in dominos if domino.retenu]
    if not gardes:
        return None
    facteurs = {facteur.code: facteur for domino in gardes for facteur in (domino.de, domino.vers)}
    noeuds = [
        {
            "cle": code,
            "titre": court(facteur.libelle),
            "ton": "alerte" if code in retenus else "vide",
            "sous": FacteurRetenu.Constate(retenus[code]).label if code in retenus else "À prévenir",
        }
        for code, facteur in facteurs.items()
    ]
    aretes = [(domino.de.code, domino.vers.code) for domino in gardes]
    phrases = [{"texte": phrase(domino), "ton": "run"} for domino in gardes]
    dit = "Enchaînement retenu. " + " ".join(p["texte"] for p in phrases)
    return {"g": graphiques.domino(noeuds, aretes, sens="auto"), "phrases": phrases, "dit": dit}


def phrase(domino):
    """« Dette locative peut mener à : procédure d'expulsion. »"""
    suite = f" {domino.note}" if domino.note else ""
    return f"{court(domino.de.libelle)} peut mener à\u00a0: {_debut(court(domino.vers.libelle))}.{suite}"


def court(libelle):
    """Le libellé d'un facteur sans sa parenthèse ni ses deux points : ce qu'une étiquette peut porter."""
    return RESERVE if libelle == RESERVE else libelle.partition(" (")[0].partition(" : ")[0]


def taire(facteur):
    """Ôte du facteur, en mémoire seulement, le libellé qui révèle la santé ; vrai s'il le fallait."""
    if facteur.revele_la_sante:
        facteur.libelle = RESERVE
    return facteur.revele_la_sante


def _debut(libelle):
    """Le libellé en cours de phrase : minuscule initiale, sauf sigle."""
    return libelle if libelle[:2].isupper() else libelle[:1].lower() + libelle[1:]
