"""La copie d'un document remise à un partenaire : le même instantané, sans les lignes réservées. Fonctions pures, sauf `produire`."""

from . import genres
from .machine import Pdf
from .pannes import ou_indisponible

POUR_UN_PARTENAIRE = "partenaire"


def produire(code: str, instantane: dict, *, cle: str = "") -> Pdf:
    """Le PDF scellé d'un instantané de ce genre tel qu'un partenaire le reçoit ; DocumentIndisponible sans la machine."""
    with ou_indisponible():
        return genres.produire_scelle(code, copie_pour_un_partenaire(instantane), cle=cle)


def copie_pour_un_partenaire(instantane: dict) -> dict:
    """Le même instantané, marqué `copie`, sans ligne réservée ni ligne qui nomme un constat réservé (suite, démarche, risque)."""
    return sans_reserve(instantane) | {"copie": POUR_UN_PARTENAIRE}


def sans_reserve(instantane: dict) -> dict:
    """Le même instantané, sans aucune ligne réservée ni ligne qui nomme un constat réservé."""
    constats = [f for axe in instantane.get("axes", []) for f in axe.get("facteurs", [])]
    return _sans(instantane, {f["code"] for f in constats if f.get("reserve")})


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
