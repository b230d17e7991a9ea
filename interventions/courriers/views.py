"""Pages des courriers d'une démarche : choisir un modèle, puis relire, corriger et produire."""

from django.shortcuts import redirect, render

from interventions.courriers import redaction
from interventions.courriers.forms import FormulaireCourrier
from interventions.models import Action
from securisation.socle.acces import acces
from securisation.socle.formulaires import agir, page_de_formulaire
from securisation.socle.refus import Introuvable


def _vers_l_action(action):
    parcours = action.intervention.parcours
    return {"retour_url": action.get_absolute_url(), "retour": "Action", "parcours": parcours, "a": action}


@acces(Action, lire="conduire_action")
def choisir(request, action):
    """Quel courrier ? Les modèles de l'association, dans son ordre."""
    action.exiger_l_accord()
    contexte = {"modeles": redaction.modeles_pour(action), "silence": action.silence}
    return render(request, "interventions/courriers.html", contexte | _vers_l_action(action))


def _structure_choisie(structures, voulue):
    """Celle que l'adresse demande, sinon la première."""
    return next((structure for structure in structures if str(structure.pk) == voulue), next(iter(structures), None))


@acces(Action, lire="conduire_action")
def ecrire(request, action, code):
    """Relire le courrier prérempli, le corriger, le produire : le document est au parcours, en PDF et en ODT."""
    action.exiger_l_accord()
    modele, structures = redaction.modele_de(code), redaction.structures_de(action)
    if modele is None:
        raise Introuvable()
    structure = _structure_choisie(structures, request.GET.get("structure"))
    form = FormulaireCourrier(request.POST or None, initial=redaction.brouillon(action, modele, structure))
    if request.method == "POST" and agir(form, action.ecrire_courrier, par=request.user):
        return redirect("documents:suivi", action.courrier.uuid)
    contexte = {"modele": modele, "structures": structures if len(structures) > 1 else [], "structure": structure}
    return page_de_formulaire(
        request, "interventions/courrier_formulaire.html", form, **contexte, **_vers_l_action(action)
    )
