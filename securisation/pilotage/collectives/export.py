"""L'export des actions collectives : des nombres et des lieux, aucun nom, inscrit au journal."""

from securisation.pilotage.collectives.lecture import MAXIMUM
from securisation.socle import horloge
from securisation.socle.acces import montrer
from securisation.socle.tableur import Feuille, telecharger

TITRES = [
    "jour", "équipe", "nature", "commune", "code postal", "durée (heures)", "préparation et coordination (heures)", "participants",
    "professionnels", "partenaires", "objectifs du PRAPS", "aller-vers", "précisions",
]  # fmt: skip


def tableau(request, visibles, filtres):
    """Le fichier de la liste filtrée, dans le format que dit l'adresse ; au plus dix mille lignes, dit quand il se coupe."""
    lignes = list(filtres.appliquer(visibles).select_related("nature", "equipe")[: MAXIMUM + 1])
    coupe, lignes = len(lignes) > MAXIMUM, lignes[:MAXIMUM]
    montrer(request, "export", lignes=len(lignes), coupe=coupe)
    notes = [f"Coupé à {MAXIMUM} lignes : resserrez la période pour la suite."] if coupe else []
    feuille = Feuille("Actions collectives", TITRES, [_cellules(ligne) for ligne in lignes], notes)
    nom = f"actions-collectives-{horloge.aujourd_hui():%Y-%m-%d}"
    return telecharger(request.GET.get("format", "csv"), [feuille], nom=nom)


def _cellules(c):
    return [
        c.le, c.equipe.nom, c.nature.libelle, c.commune, c.code_postal, c.heures, c.preparation, c.participants, c.professionnels,
        c.partenaires, ", ".join(c.objectifs), "oui" if c.aller_vers else "non", c.precisions,
    ]  # fmt: skip
