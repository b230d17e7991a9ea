"""Ce qu'une page tait d'une démarche tant que l'accord sur les données sensibles ne court pas : en mémoire, jamais en base."""

from diagnostics import dominos

DEMARCHE = "Démarche réservée (accord à recueillir)"
LEVIER = "Levier réservé (accord à recueillir)"
GARDE = (
    "Cette démarche révèle indirectement la santé, et l’accord de la personne ne court pas : "
    "tout ce qui est noté est gardé, sans s’afficher. L’accord renouvelé, la page se relit et se complète."
)
_MOTS = ("ns1_precision", "ns3_justification", "ns5_precision", "issue_note")


def taire(action):
    """Ôte de la démarche, en mémoire seulement, ce qui révèle la santé ; vrai (et `est_tue`) s'il le fallait."""
    action.est_tue = action.revele_la_sante
    if action.est_tue:
        dominos.taire(action.facteur)
        action.intitule, action.levier.libelle = DEMARCHE, LEVIER
        for nom in _MOTS:
            setattr(action, nom, "")
    return action.est_tue


def taire_le_facteur(facteur):
    """De même pour un facteur (`est_tu`)."""
    facteur.est_tu = dominos.taire(facteur)
    return facteur.est_tu


def lisibles(objets, parcours, *, sensible=None, taire=taire):
    """Ces objets, tels qu'ils se montrent aujourd'hui. `sensible` : l'accord court, None s'il reste à lire (une requête au plus)."""
    objets = list(objets)
    if any(objet.revele_la_sante for objet in objets):
        court = parcours.a_accord("SENSIBLE") if sensible is None else sensible
        for objet in () if court else objets:
            taire(objet)
    return objets
