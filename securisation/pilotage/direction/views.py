"""Pages de la direction : chiffres en direct, rapport d'activité. Qui supervise n'y lit que les équipes qu'il supervise."""

from django.shortcuts import render
from django.views.decorators.http import require_safe

from securisation.documents.pannes import ou_indisponible
from securisation.pilotage.direction import choix, presentation
from securisation.socle.acces import acces_fonction, montrer
from securisation.socle.confirmation import confirmation_recente
from securisation.socle.entetes import fichier_joint
from securisation.socle.tableur import telecharger

LECTEURS = ("DIRECTION", "SUPERVISEUR")


@acces_fonction(*LECTEURS, action="liste")
@require_safe
def chiffres(request):
    """Les mêmes figures que celles d'une édition, recalculées maintenant."""
    choisi = choix.lire(request.GET, request.user)
    return render(request, "pilotage/direction/chiffres.html", presentation.chiffres(choisi, request.user))


@acces_fonction(*LECTEURS, action="liste")
@require_safe
def rapport(request):
    """Le rapport d'activité d'une année, dans les mots des équipes."""
    choisi = choix.lire(request.GET, request.user, annees_seules=True)
    return render(request, "pilotage/direction/rapport.html", presentation.rapport(choisi, request.user))


@acces_fonction(*LECTEURS, action="export")
@require_safe
@confirmation_recente
def rapport_pdf(request):
    """Le même rapport, en PDF."""
    choisi = choix.lire(request.GET, request.user, annees_seules=True)
    with ou_indisponible():
        produit = presentation.pdf(choisi)
    montrer(request, "export", periode=choisi.periode, equipes=list(choisi.equipes))
    return fichier_joint(produit.contenu, genre="application/pdf", nom=f"activite-{choisi.periode}.pdf")


@acces_fonction(*LECTEURS, action="export")
@require_safe
@confirmation_recente
def rapport_classeur(request):
    """Le même rapport, en classeur ; `format` : XLSX, ODS ou CSV."""
    choisi = choix.lire(request.GET, request.user, annees_seules=True)
    montrer(request, "export", periode=choisi.periode, equipes=list(choisi.equipes))
    feuilles = presentation.feuilles(choisi)
    return telecharger(request.GET.get("format", "xlsx"), feuilles, nom=f"activite-{choisi.periode}")
