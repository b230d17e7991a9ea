"""Pages du référentiel : lire les nomenclatures, dire une ligne relue ; la liste de l'association pour la garde."""

from django.http import QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from securisation.annuaire import catalogue
from securisation.annuaire.forms import FiltreReferentiel, FormulaireTerme
from securisation.annuaire.models import TermeDeGarde
from securisation.annuaire.presentation import PAGE_D_UN_TERME, contexte_de_la_garde, contexte_du_referentiel
from securisation.annuaire.termes import terme_a_retirer
from securisation.socle.acces import acces_connecte, acces_fonction
from securisation.socle.formulaires import agir, page_de_formulaire


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


@acces_connecte
@require_safe
def garde(request):
    """Les mots de l'association que la garde signale ou laisse passer, et ceux qu'elle ne lit plus."""
    return render(request, "annuaire/garde.html", contexte_de_la_garde(request.GET, request.user))


@acces_fonction("ADMINISTRATEUR")
@require_http_methods(["GET", "HEAD", "POST"])
def ecrire_terme(request):
    """Ajoute un mot : la garde en tient compte dès la page suivante."""
    form = FormulaireTerme(request.POST or None)
    if request.method == "POST" and agir(form, TermeDeGarde().ecrire, par=request.user):
        return redirect("annuaire:garde")
    return page_de_formulaire(request, "composants/formulaire.html", form, **PAGE_D_UN_TERME)


@acces_fonction("ADMINISTRATEUR")
@require_POST
def retirer_terme(request, cle):
    """Retire un mot et ramène à la liste ; retirer deux fois ne change rien."""
    terme_a_retirer(cle).retirer(par=request.user)
    return redirect("annuaire:garde")
