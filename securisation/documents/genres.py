"""Le registre des genres de document : un étage déclare le sien dans son `pdf.py`, la machine ne connaît que ce registre."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.utils.module_loading import autodiscover_modules

from . import machine, sceau, verification

ODT = "application/vnd.oasis.opendocument.text"  # le type de ce que rend `Genre.modifiable`

_GENRES: dict[str, "Genre"] = {}


@dataclass(frozen=True)
class Genre:
    """Un genre de document : lettre du numéro, libellé, gabarit, et la fonction pure instantané → contexte.

    `finalites` : accords sans lesquels il ne se produit pas. `refaire` : parcours → instantané de la pièce valable, ou None.
    `joindre` : l'instantané voyage dans le fichier. `modifiable` : instantané → octets d'un fichier ODT que l'on peut encore corriger.

    La page « Documents » montre ceux qui ont un `ordre` et dit leur `role`. `empechement` : (parcours, pour) → pourquoi il ne se
    demande pas encore, "" s'il se demande ; absent, il ne se produit que par son acte. `destinataires` : parcours → couples
    (pour, nom), un document pour chacun ; `refaire` reçoit alors aussi `pour`.
    `identifie` : il dit d'où il vient (sceau, clé de contrôle, page de vérification).
    """

    code: str
    lettre: str
    libelle: str
    gabarit: str
    contexte: Callable[[dict], dict]
    finalites: tuple = ()
    refaire: Callable[..., dict | None] | None = None
    joindre: bool = True
    identifie: bool = True
    modifiable: Callable[[dict], bytes] | None = None
    role: str = ""
    ordre: int = 0
    empechement: Callable[[object, str], str] | None = None
    destinataires: Callable[[object], list] | None = None


def enregistrer_genre(code: str, **champs) -> None:
    """Déclare un genre (les champs de `Genre`) ; le redéclarer remplace l'ancien (rechargement)."""
    _GENRES[code] = Genre(code, **champs)


def _decouvrir():
    """Chaque étage déclare ses genres dans son `pdf.py`, ses versions faciles à lire dans son `facile.py`."""
    autodiscover_modules("pdf", "facile")


def genre(code: str) -> Genre:
    """Le genre déclaré sous ce code ; KeyError s'il n'existe pas."""
    if code not in _GENRES:
        _decouvrir()
    return _GENRES[code]


def tous() -> list[Genre]:
    """Tous les genres déclarés, par libellé."""
    _decouvrir()
    return sorted(_GENRES.values(), key=lambda choisi: choisi.libelle)


def montres() -> list[Genre]:
    """Les genres de la page « Documents », dans leur ordre."""
    _decouvrir()
    return sorted((g for g in _GENRES.values() if g.ordre), key=lambda g: g.ordre)


def produire(code: str, instantane: dict, *, cle: str = "", tenue=None) -> machine.Pdf:
    """Produit, sans le sceller, le PDF d'un instantané complet (bloc `document` compris).

    `cle` : sa clé de contrôle. `tenue` : le certificat qui le scellera (`sceau.tenir()`). Les mêmes entrées redonnent les mêmes octets.
    """
    choisi = genre(code)
    le = datetime.fromisoformat(instantane["document"]["demande_le"])
    contexte = choisi.contexte(instantane)
    if choisi.identifie and tenue is not None:
        contexte["doc"] |= verification.au_document(instantane["document"]["numero"], cle, tenue)
    donnees = instantane if choisi.joindre else None
    return machine.produire(choisi.gabarit, contexte, donnees=donnees, le=le)


def produire_scelle(code: str, instantane: dict, *, cle: str = "") -> machine.Pdf:
    """Le même PDF, scellé par le certificat qui vaut aujourd'hui ; un genre qui ne s'identifie pas n'en reçoit aucun."""
    tenue = sceau.tenir()
    pdf = produire(code, instantane, cle=cle, tenue=tenue)
    return tenue.sceller(pdf) if genre(code).identifie else pdf
