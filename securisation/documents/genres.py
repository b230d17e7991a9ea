"""Le registre des genres de document : un étage déclare le sien dans son `pdf.py`, la machine ne connaît que ce registre."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.utils.module_loading import autodiscover_modules

from . import machine

ODT = "application/vnd.oasis.opendocument.text"  # le type de ce que rend `Genre.modifiable`

_GENRES: dict[str, "Genre"] = {}


@dataclass(frozen=True)
class Genre:
    """Un genre de document : lettre du numéro, libellé, gabarit, et la fonction pure instantané → contexte.

    `finalites` : accords sans lesquels il ne se produit pas. `refaire` : parcours → instantané de la pièce valable, ou None.
    `joindre` : l'instantané voyage dans le fichier. `modifiable` : instantané → octets d'un fichier ODT que l'on peut encore corriger.
    """

    code: str
    lettre: str
    libelle: str
    gabarit: str
    contexte: Callable[[dict], dict]
    finalites: tuple = ()
    refaire: Callable[[object], dict | None] | None = None
    joindre: bool = True
    modifiable: Callable[[dict], bytes] | None = None


def enregistrer_genre(code: str, **champs) -> None:
    """Déclare un genre (les champs de `Genre`) ; le redéclarer remplace l'ancien (rechargement)."""
    _GENRES[code] = Genre(code, **champs)


def genre(code: str) -> Genre:
    """Le genre déclaré sous ce code ; KeyError s'il n'existe pas."""
    if code not in _GENRES:
        autodiscover_modules("pdf")
    return _GENRES[code]


def produire(code: str, instantane: dict) -> machine.Pdf:
    """Produit le PDF d'un instantané complet (bloc `document` compris)."""
    choisi = genre(code)
    le = datetime.fromisoformat(instantane["document"]["demande_le"])
    donnees = instantane if choisi.joindre else None
    return machine.produire(choisi.gabarit, choisi.contexte(instantane), donnees=donnees, le=le)
