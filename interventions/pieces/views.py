"""Pages des pièces jointes : la liste, joindre, lire, télécharger, retirer."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from interventions.models import Piece
from interventions.models.piece import exiger_de_pouvoir_verser
from interventions.pieces import presentation
from interventions.pieces.forms import FormulairePiece, FormulaireRetraitDePiece
from securisation.parcours.models import Parcours
from securisation.socle.acces import acces
from securisation.socle.entetes import fichier_joint
from securisation.socle.formulaires import agir, page_de_formulaire
from securisation.socle.refus import Introuvable


@acces(Parcours, lire="voir_parcours")
def pieces(request, parcours):
    """Toutes les pièces gardées du parcours, la dernière reçue d'abord."""
    return render(request, "interventions/pieces.html", presentation.liste(parcours, request.user, request.GET))


@acces(Parcours, lire="verser_piece")
def verser(request, parcours):
    """Joindre une pièce : photo ou fichier, intitulé, jour, démarche."""
    exiger_de_pouvoir_verser(parcours)
    retour = presentation.retour(parcours, request.GET.get("demarche", ""))
    depart = {"action": request.GET.get("demarche", "")}
    form = FormulairePiece(request.POST or None, request.FILES or None, parcours=parcours, initial=depart)
    if request.method == "POST" and agir(form, Piece(parcours=parcours).verser, par=request.user):
        messages.success(request, "Pièce jointe au parcours.")
        return redirect(retour["retour_url"])
    return page_de_formulaire(request, "interventions/piece_formulaire.html", form, **retour)


@acces(Piece, lire="voir_parcours")
def piece(request, piece):
    """Une pièce : ce qu'elle est, d'où elle vient, son fichier, son retrait."""
    return render(request, "interventions/piece.html", presentation.detail(piece, request.user))


@require_safe
@acces(Piece, lire="telecharger_document", action="telechargement")
def fichier(request, piece):
    """Le fichier, en pièce jointe, jamais gardé par un cache ; inscrit au journal avant de partir."""
    piece.exiger_d_etre_lisible()
    garde = getattr(piece, "fichier", None)
    if garde is None:
        raise Introuvable()
    return fichier_joint(bytes(garde.contenu), genre=piece.genre, nom=piece.nom_de_fichier)


@acces(Piece, lire="retirer_piece")
def retirer(request, piece):
    """Retirer une pièce jointe par erreur : le fichier est effacé, la ligne dit pourquoi."""
    if piece.etat == Piece.Etat.RETIREE:
        return redirect(piece.get_absolute_url())
    form = FormulaireRetraitDePiece(request.POST or None, objet=piece)
    if request.method == "POST" and agir(form, piece.retirer, par=request.user):
        messages.success(request, "Pièce retirée, son fichier est effacé.")
        return redirect(piece.parcours.get_absolute_url())
    return page_de_formulaire(request, "composants/confirmation.html", form, **presentation.retrait(piece))
