"""Pages des actions collectives."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse

from securisation.pilotage.collectives import export, lecture
from securisation.pilotage.collectives.forms import FormulaireCollective, FormulaireRetrait
from securisation.pilotage.models import Collective
from securisation.socle.acces import acces, acces_connecte, acces_liste
from securisation.socle.confirmation import confirmation_recente
from securisation.socle.formulaires import agir, page_de_formulaire
from securisation.socle.refus import DroitRefuse

SAISIE = "pilotage/collectives/saisie.html"
SANS_EQUIPE = "Une action collective s'écrit par l'équipe qui l'a menée ; votre compte n'en a pas."


@acces_liste(Collective)
def liste(request, visibles):
    """Les actions collectives de mon équipe, de celles que je supervise ; toutes pour la direction."""
    filtres = lecture.lire_filtres(request.GET)
    contexte = lecture.page(visibles, filtres) | lecture.choix(filtres, request.user)
    return render(request, "pilotage/collectives/liste.html", contexte)


@acces_liste(Collective, action="export")
@confirmation_recente
def exporter(request, visibles):
    """La liste filtrée, sans nom ; `format` : CSV, XLSX ou ODS."""
    return export.tableau(request, visibles, lecture.lire_filtres(request.GET))


@acces_connecte
def noter(request):
    """Noter une action collective de mon équipe."""
    if request.user.equipe_id is None:
        raise DroitRefuse(SANS_EQUIPE)
    form = FormulaireCollective(request.POST or None)
    if request.method == "POST" and agir(form, Collective().noter, par=request.user):
        messages.success(request, "Action collective notée.")
        return redirect("pilotage:collectives")
    contexte = {"titre": "Noter une action collective", "retour_url": reverse("pilotage:collectives")}
    return page_de_formulaire(request, SAISIE, form, **contexte, retour="Actions collectives")


@acces(Collective)
def detail(request, collective):
    """Une action collective : ce qui en a été noté, par qui, et son retrait s'il y en a un."""
    contexte = {
        "c": collective,
        "objectifs": lecture.objectifs_dits(collective),
        "ecrit": collective.est_notee and collective.s_ecrit_par(request.user),
    }
    return render(request, "pilotage/collectives/detail.html", contexte)


@acces(Collective)
def corriger(request, collective):
    """Corriger une action collective de mon équipe."""
    _exiger_de_l_equipe(request, collective)
    form = FormulaireCollective(request.POST or None, objet=collective)
    if request.method == "POST" and agir(form, collective.corriger, par=request.user):
        messages.success(request, "Action collective corrigée.")
        return redirect(collective)
    contexte = {"titre": "Corriger l’action collective", "retour_url": collective.get_absolute_url()}
    return page_de_formulaire(request, SAISIE, form, **contexte, retour="Action collective")


@acces(Collective)
def retirer(request, collective):
    """Retirer une action notée par erreur, avec sa raison."""
    _exiger_de_l_equipe(request, collective)
    form = FormulaireRetrait(request.POST or None, objet=collective)
    if request.method == "POST" and agir(form, collective.retirer, par=request.user):
        messages.success(request, "Action collective retirée : elle ne compte plus.")
        return redirect("pilotage:collectives")
    contexte = {
        "titre": "Retirer l’action collective",
        "consequences": [{"texte": "Elle ne compte plus dans aucun chiffre. Elle reste lisible, avec votre raison."}],
        "bouton": "Retirer l’action",
        "retour_url": collective.get_absolute_url(),
    }
    return page_de_formulaire(request, "composants/confirmation.html", form, **contexte, danger=True)


def _exiger_de_l_equipe(request, collective):
    """403 pour qui la lit sans être de l'équipe qui l'a menée ; 409 si elle est déjà retirée."""
    if not collective.s_ecrit_par(request.user):
        raise DroitRefuse(SANS_EQUIPE)
    collective.exiger_notee()
