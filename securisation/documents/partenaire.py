"""La copie d'un document remise à un partenaire : le même instantané, sans les lignes réservées. Fonctions pures, sauf `produire`."""

from securisation.socle.refus import Refus

from . import genres
from .machine import BibliothequeManquante, Pdf

POUR_UN_PARTENAIRE = "partenaire"


class CopieIndisponible(Refus):
    """La machine PDF ne démarre pas : rien ne part, et surtout pas l'original (503)."""

    statut = 503
    titre = "Ce document ne peut pas être préparé pour l’instant"
    que_faire = "Rien n’est perdu. Réessayez plus tard ; si cela dure, prévenez la personne qui vous a invité."


def produire(code: str, instantane: dict) -> Pdf:
    """Le PDF d'un instantané de ce genre tel qu'un partenaire le reçoit, pièce jointe comprise ; CopieIndisponible sans la machine."""
    try:
        return genres.produire(code, copie_pour_un_partenaire(instantane))
    except BibliothequeManquante as manque:
        raise CopieIndisponible() from manque


def copie_pour_un_partenaire(instantane: dict) -> dict:
    """Le même instantané, marqué `copie`, sans ligne réservée ni ligne qui nomme un constat réservé (suite, démarche, risque)."""
    constats = [f for axe in instantane["axes"] for f in axe.get("facteurs", [])]
    reserves = {f["code"] for f in constats if f.get("reserve")}
    return _sans(instantane, reserves) | {"copie": POUR_UN_PARTENAIRE}


def est_pour_un_partenaire(instantane: dict) -> bool:
    """Vrai pour une telle copie."""
    return instantane.get("copie") == POUR_UN_PARTENAIRE


def _sans(valeur, reserves: set):
    """La valeur, où toute liste a perdu ses lignes réservées."""
    if isinstance(valeur, dict):
        return {cle: _sans(v, reserves) for cle, v in valeur.items()}
    if isinstance(valeur, list):
        return [_sans(v, reserves) for v in valeur if not _est_tue(v, reserves)]
    return valeur


def _est_tue(ligne, reserves: set) -> bool:
    if not isinstance(ligne, dict):
        return False
    bouts = [bout["code"] for bout in (ligne.get("de"), ligne.get("vers")) if isinstance(bout, dict)]
    return bool(ligne.get("reserve")) or not reserves.isdisjoint([ligne.get("code"), ligne.get("facteur"), *bouts])
