"""Pages des ouvertures motivées : les lire, ouvrir un dossier par son numéro, le refermer, nommer un référent qui manque."""

from functools import partial

from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse

from securisation.parcours.models import Ouverture, Parcours
from securisation.parcours.ouvertures import forms, presentation
from securisation.parcours.roles import nommer_referent, refuser_si_tenu
from securisation.socle.acces import acces, acces_fonction, acces_liste
from securisation.socle.confirmation import confirmation_recente
from securisation.socle.formulaires import FormulaireDeConfirmation, agir, page_de_formulaire

PAGE, CONFIRMATION = "composants/formulaire.html", "composants/confirmation.html"


@acces_liste(Ouverture)
def ouvertures(request, visibles):
    """Qui a ouvert quel dossier : les siennes pour le délégué, celles de ses équipes pour la superviseure."""
    contexte = presentation.tableau(visibles, request.user, request.GET.get("apres", ""))
    return render(request, "parcours/ouvertures.html", contexte)


@acces_fonction("DPO")
@confirmation_recente
def ouvrir(request):
    """Ouvrir un dossier par son numéro ; un numéro que rien ne porte, ou qui ne s'ouvre pas, a la même réponse."""
    form = forms.FormulaireDOuverture(request.POST or None, initial=presentation.deja_tape(request))
    acte = partial(presentation.ouvrir_ou_garder, request.session)
    if request.method == "POST" and agir(form, acte, par=request.user):
        messages.info(request, presentation.OUVERT)
        return redirect("parcours:ouvertures")
    retour = reverse("parcours:ouvertures")
    return page_de_formulaire(request, PAGE, form, **presentation.PAGE_D_OUVERTURE, retour_url=retour)


@acces(Parcours, lire="refermer_ouverture")
def refermer(request, parcours):
    """Confirmer qu'un dossier ouvert par un motif se referme avant l'heure."""
    form = FormulaireDeConfirmation(request.POST or None)
    if request.method == "POST" and agir(form, partial(Ouverture.refermer_tout, parcours), par=request.user):
        messages.success(request, f"Parcours {parcours.numero} refermé.")
        return redirect("parcours:ouvertures")
    contexte = {
        "titre": f"Refermer le parcours {parcours.numero}",
        "consequences": [{"texte": "Vous ne le lisez plus dès la page suivante. L’ouverture reste au journal."}],
        "bouton": "Refermer",
        "retour_url": reverse("parcours:ouvertures"),
        "retour": "Ouvertures motivées",
    }
    return page_de_formulaire(request, CONFIRMATION, form, **contexte)


@acces(Parcours, lire="nommer_referent")
def referent(request, parcours):
    """Nommer un référent à un parcours que personne ne suit plus."""
    refuser_si_tenu(parcours)
    form = forms.FormulaireDeReferent(request.POST or None, parcours=parcours)
    if request.method == "POST" and agir(form, partial(nommer_referent, parcours), par=request.user):
        messages.success(request, "Référent nommé. Il voit ce parcours dès maintenant.")
        return redirect(parcours.get_absolute_url())
    contexte = {"titre": "Nommer un référent", "bouton": "Nommer", "retour_url": parcours.get_absolute_url()}
    return page_de_formulaire(request, PAGE, form, **contexte, retour=parcours.personne.appellation, parcours=parcours)
