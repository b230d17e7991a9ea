"""Ce que montrent les pages des pièces jointes."""

from django.urls import reverse

from interventions import reserve
from interventions.models import Piece
from interventions.models.piece import PIECE_RESERVEE

PAR_PAGE = 50


def _vers_le_parcours(parcours):
    return {"retour_url": parcours.get_absolute_url(), "retour": parcours.personne.appellation, "parcours": parcours}


def taire_la_piece(piece):
    """Ôte, en mémoire seulement, ce que l'accord sur les données sensibles couvre ; vrai (et `est_tue`) s'il le fallait."""
    piece.est_tue = piece.revele_la_sante
    if piece.est_tue:
        piece.intitule, piece.motif_du_retrait = PIECE_RESERVEE, ""
        reserve.taire(piece.action)
    return piece.est_tue


def lisibles(pieces, parcours, *, sensible=None):
    """Ces pièces, telles qu'elles se montrent aujourd'hui."""
    return reserve.lisibles(pieces, parcours, sensible=sensible, taire=taire_la_piece)


def liste(parcours, par, demande):
    """Le contexte de la liste : cinquante pièces par page, la suite désignée par le rang de la première à montrer."""
    depuis = demande.get("depuis", "")
    rang = int(depuis) if depuis.isdecimal() and len(depuis) < 6 else 0
    lues = list(parcours.pieces.pour_page()[rang : rang + PAR_PAGE + 1])
    return _vers_le_parcours(parcours) | {
        "pieces": lisibles(lues[:PAR_PAGE], parcours),
        "suivant": f"?depuis={rang + PAR_PAGE}" if len(lues) > PAR_PAGE else "",
        "depuis": rang,
        "peut_verser": not parcours.est_fige and parcours.permet(par, "verser_piece"),
    }


def de_l_action(action, par):
    """Les pièces d'une démarche et l'adresse où en joindre une, pour sa page."""
    parcours = action.intervention.parcours
    verse = not parcours.est_fige and parcours.permet(par, "verser_piece")
    joindre = f"{reverse('interventions:verser_piece', args=[parcours.uuid])}?demarche={action.uuid}"
    pieces = lisibles(action.pieces.pour_page()[:PAR_PAGE], parcours, sensible=not action.est_tue)
    return {"pieces": pieces, "joindre_url": joindre if verse else ""}


def retour(parcours, demarche):
    """D'où l'on vient : la page de la démarche nommée par l'adresse si elle est de ce parcours, sinon celle du parcours."""
    intervention = getattr(parcours, "intervention", None)
    action = next((a for a in intervention.actions.all() if str(a.uuid) == demarche), None) if intervention else None
    contexte = _vers_le_parcours(parcours)
    return contexte | {"retour_url": action.get_absolute_url(), "retour": "Action"} if action else contexte


def detail(piece, par):
    """Le contexte de la page d'une pièce."""
    parcours = piece.parcours
    lisibles([piece], parcours)
    gardee = piece.etat == Piece.Etat.GARDEE
    return _vers_le_parcours(parcours) | {
        "p": piece,
        "garde": reserve.GARDE,
        "telecharger": gardee and not piece.est_tue and parcours.permet(par, "telecharger_document"),
        "peut_retirer": gardee and parcours.permet(par, "retirer_piece"),
    }


def retrait(piece):
    """Le contexte de la confirmation d'un retrait."""
    parcours = piece.parcours
    lisibles([piece], parcours)
    return {
        "parcours": parcours,
        "retour_url": piece.get_absolute_url(),
        "retour": "Pièce",
        "titre": "Retirer cette pièce",
        "intro": f"{piece.intitule}, {piece.poids}.",
        "consequences": [
            {"texte": "Son fichier est effacé aussitôt, il ne se retrouve pas."},
            {"texte": "Son intitulé, ses dates et votre motif restent au dossier."},
        ],
        "bouton": "Retirer la pièce",
        "danger": True,
    }
