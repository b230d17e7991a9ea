"""Pages des mots des personnes : proposer sur un parcours ; relire, pour la direction."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from securisation.parcours.models import Parcours
from securisation.pilotage import mots
from securisation.pilotage.models import Parole
from securisation.pilotage.mots.forms import FormulaireEcart, FormulaireParole
from securisation.socle.acces import acces, acces_fonction
from securisation.socle.formulaires import FormulaireDeConfirmation, agir, page_de_formulaire

CE_QUE_RETIRER_FAIT = (
    "Elle ne paraît plus dans aucun rapport à venir, ni sur la page d’une édition déjà publiée. Les fichiers de cette édition, figés, "
    "la gardent."
)


@acces(Parcours, lire="proposer_parole")
def du_parcours(request, parcours):
    """Les phrases de la personne proposées pour un rapport, et en proposer une."""
    form = FormulaireParole(request.POST or None)
    if request.method == "POST" and agir(form, Parole(parcours=parcours).proposer, par=request.user):
        messages.success(request, "Phrase proposée : la direction la relit, sans voir le dossier.")
        return redirect("pilotage:mots_du_parcours", parcours.uuid)
    return page_de_formulaire(request, "pilotage/mots/parcours.html", form, **mots.du_parcours(parcours))


@acces(Parcours, lire="retirer_parole")
def retirer(request, parcours, phrase):
    """Retirer une phrase proposée ou retenue."""
    parole = mots.du_parcours_ou_rien(parcours, phrase)
    retour = reverse("pilotage:mots_du_parcours", args=[parcours.uuid])
    form = FormulaireDeConfirmation(request.POST or None, objet=parole)
    if request.method == "POST" and agir(form, parole.retirer, par=request.user):
        messages.success(request, "Phrase retirée.")
        return redirect(retour)
    contexte = {
        "titre": "Retirer cette phrase",
        "intro": f"« {parole.texte} »",
        "consequences": [{"texte": CE_QUE_RETIRER_FAIT}],
    }
    contexte |= {"bouton": "Retirer la phrase", "danger": True, "retour_url": retour}
    return page_de_formulaire(request, "composants/confirmation.html", form, **contexte)


@acces_fonction("DIRECTION", action="liste")
@require_http_methods(["GET", "HEAD"])
def a_relire(request):
    """Les phrases qui attendent la direction, et celles qu'elle a relues."""
    return render(request, "pilotage/mots/a_relire.html", mots.a_relire(request))


@acces_fonction("DIRECTION")
@require_POST
def retenir(request, phrase):
    """Retenir une phrase pour les rapports à venir."""
    mots.relire(phrase).retenir(par=request.user)
    messages.success(request, "Phrase retenue : les rapports à venir peuvent la citer, tant que l’accord court.")
    return redirect("pilotage:mots")


@acces_fonction("DIRECTION")
def ecarter(request, phrase):
    """Écarter une phrase, avec la raison que l'équipe lira."""
    parole = mots.relire(phrase)
    form = FormulaireEcart(request.POST or None, objet=parole)
    if request.method == "POST" and agir(form, parole.ecarter, par=request.user):
        messages.success(request, "Phrase écartée.")
        return redirect("pilotage:mots")
    suite = "Aucun rapport à venir ne la cite. L’équipe lit votre raison, et peut en proposer une autre."
    contexte = {"titre": "Écarter cette phrase", "intro": f"« {parole.texte} »", "consequences": [{"texte": suite}]}
    contexte |= {"bouton": "Écarter la phrase", "retour_url": reverse("pilotage:mots"), "retour": "Mots des personnes"}
    return page_de_formulaire(request, "composants/confirmation.html", form, **contexte)
