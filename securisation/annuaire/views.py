"""Page du référentiel : lire les nomenclatures, dire une ligne relue."""

from django.http import QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from securisation.annuaire import catalogue
from securisation.annuaire.forms import FiltreReferentiel
from securisation.annuaire.presentation import contexte_du_referentiel
from securisation.socle.acces import acces_connecte, acces_fonction


@acces_connecte
@require_safe
def referentiel(request):
    """Une nomenclature à la fois, avec ce qui reste à relire ; filtres dans l'adresse."""
    filtre = FiltreReferentiel(request.GET)
    contexte = contexte_du_referentiel(filtre, request.GET, request.user)
    return render(request, "annuaire/referentiel.html", contexte)


@acces_fonction("ADMINISTRATEUR")
@require_POST
def marquer_relu(request, nomenclature, code):
    """Dit la ligne relue et ramène à la liste, filtres gardés ; relire deux fois ne change rien."""
    catalogue.ligne_a_relire(nomenclature, code).marquer_relu(par=request.user)
    filtres = QueryDict(request.POST.get("filtres", "")).urlencode()
    return redirect(f"{reverse('annuaire:referentiel')}?{filtres}#lignes")


@acces_fonction("ADMINISTRATEUR")
@require_POST
def verifier_delai(request, code):
    """Dit le délai d'un levier vérifié aujourd'hui, et ramène à la liste, filtres gardés."""
    catalogue.ligne_a_relire("leviers", code).verifier_le_delai(par=request.user)
    filtres = QueryDict(request.POST.get("filtres", "")).urlencode()
    return redirect(f"{reverse('annuaire:referentiel')}?{filtres}#lignes")
