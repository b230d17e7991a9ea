"""La machine à PDF : un gabarit et son contexte donnent un PDF/A-3a et PDF/UA-1, dans un processus à part et borné.

Ce que le rendu peut lire, et comment, est dans `rendu.py` ; ses bornes, dans `atelier.py`.
"""

import hashlib
import json
import logging
from dataclasses import dataclass

from django.template.loader import render_to_string

from .atelier import SECONDES, Atelier, EchecDuMetier, TravailArrete
from .rendu import BibliothequeManquante, PanneDuRendu, RessourceRefusee
from .typographie import composer

# Un long document honnête (la copie d'un dossier entier) a droit à plus que dix secondes, en proportion de son texte :
# la machine compose quelque trente mille signes par seconde.
SIGNES_PAR_SECONDE, SECONDES_MAX = 15_000, 100

journaliste = logging.getLogger("jalon.documents")
_RENDU = Atelier("rendu")

REFUSEE = (
    "Ce document demande ce que la machine n’ouvre pas ({}) et s’est arrêté. Rien n’est perdu : prévenez l’administrateur avec le "
    "numéro du document."
)


class FauteDuRendu(RuntimeError):
    """Une faute de programme dans l'établi, du nom de son exception : un processus neuf reprendra."""


class ContenuDemesure(PanneDuRendu):
    """Ce contenu demande plus de temps ou de mémoire qu'un document n'en prend : le rendu s'est arrêté, et le dit en français."""

    DIT = (
        "Ce document demande plus de temps ou de mémoire que la machine n’en donne, et s’est arrêté. Rien n’est perdu : relancez la "
        "production ; si elle s’arrête encore, raccourcissez le texte le plus long ou prévenez l’administrateur."
    )


@dataclass(frozen=True)
class Pdf:
    """Un fichier produit : octets, nombre de pages, empreinte SHA-256 hexadécimale des octets, état du sceau (« » : pas encore)."""

    contenu: bytes
    pages: int
    sha256: str
    sceau: str = ""


def empreinte(donnees: dict) -> str:
    """SHA-256 hexadécimal de l'instantané, écrit en JSON canonique (clés triées, UTF-8, sans espace)."""
    return hashlib.sha256(en_json(donnees)).hexdigest()


def en_json(donnees: dict) -> bytes:
    """L'instantané en JSON canonique : c'est lui que le PDF porte en pièce jointe."""
    return json.dumps(donnees, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def produire(gabarit: str, contexte: dict, *, donnees: dict | None = None, le=None) -> Pdf:
    """Rend un gabarit en PDF ; `donnees` est joint au fichier en JSON, daté de l'instant `le` (conscient du fuseau).

    Lève une `PanneDuRendu` (bibliothèque manquante, ressource refusée, contenu démesuré) ou une `FauteDuRendu`.
    Les mêmes entrées redonnent les mêmes octets.
    """
    return depuis_html(render_to_string(gabarit, contexte), donnees=donnees, le=le)


def depuis_html(html: str, *, donnees: dict | None = None, le=None) -> Pdf:
    """Rend une page HTML déjà écrite (voir `produire`), en dix secondes et 512 Mo au plus pour un contenu ordinaire."""
    html = composer(html)
    joint = en_json(donnees).decode() if donnees is not None else None
    demande = {"html": html, "donnees": joint, "le": le.isoformat() if le else None}
    try:
        dit, contenu = _RENDU.faire(demande, secondes=secondes_pour(html))
    except TravailArrete as arret:
        raise ContenuDemesure(ContenuDemesure.DIT) from arret
    except EchecDuMetier as echec:
        raise _en_clair(echec) from None
    return Pdf(contenu, dit["pages"], hashlib.sha256(contenu).hexdigest())


def _en_clair(echec):
    """La même panne de ce côté du processus ; ce qui n'en est pas une est une faute."""
    if echec.nom == BibliothequeManquante.__name__:
        return BibliothequeManquante(str(echec))
    if echec.nom == RessourceRefusee.__name__:
        return RessourceRefusee(REFUSEE.format(echec))
    journaliste.error("Faute de programme au rendu : %s", echec.nom)
    return FauteDuRendu(echec.nom)


def secondes_pour(html: str) -> int:
    """Le temps de processeur permis à ce texte : dix secondes, davantage s'il est très long, cent au plus."""
    return min(max(SECONDES, len(html) // SIGNES_PAR_SECONDE), SECONDES_MAX)
