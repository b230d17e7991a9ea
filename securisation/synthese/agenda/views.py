"""Pages de l'agenda : la semaine et la liste, le lien secret, le flux qu'il ouvre."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from securisation.comptes import liens_agenda
from securisation.parcours.models import Parcours
from securisation.socle import confirmation
from securisation.socle.acces import acces_connecte, acces_liste, acces_public
from securisation.socle.journal import inscrire
from securisation.synthese.agenda import flux, presentation
from securisation.synthese.agenda.filtres import lire_filtres, lire_un_jour
from securisation.synthese.contact.presentation import RENDEZ_VOUS
from securisation.synthese.contact.views import choisir


@acces_liste(Parcours)
def agenda(request, visibles):
    """Rendez-vous et échéances d'une semaine, ou des trente jours qui viennent : les miens, ou ceux que je vois de l'équipe."""
    return render(request, "synthese/agenda.html", presentation.contexte(request.user, lire_filtres(request.GET)))


@acces_liste(Parcours)
def prevoir(request, visibles):
    """Avec qui prévoir un rendez-vous, ce jour-là si l'adresse en dit un."""
    jour = lire_un_jour(request.GET.get("jour", ""))
    return choisir(request, RENDEZ_VOUS, jour, de="agenda", **({"jour": f"{jour:%d/%m/%Y}"} if jour else {}))


@acces_connecte
def lien(request):
    """Le lien d'abonnement : le créer, le remplacer, le révoquer ; il ne se montre qu'une fois."""
    cle, geste = "", request.POST.get("geste", "")
    if request.method == "POST":
        confirmation.exiger(request)
    if geste == "creer" and request.user.equipe_id is not None:
        cle = liens_agenda.tirer(request.user)
    elif geste == "revoquer":
        liens_agenda.revoquer(request.user)
        messages.success(request, "Lien révoqué : il ne répond plus.")
        return redirect("synthese:lien_agenda")
    adresse = request.build_absolute_uri(reverse("synthese:flux_agenda", args=[cle])) if cle else ""
    actuel = liens_agenda.actuel(request.user)
    return render(request, "synthese/lien_agenda.html", {"adresse": adresse, "lien": actuel})


@require_safe
@acces_public
def flux_agenda(request, cle):
    """Le calendrier que ce lien ouvre : numéros et lieux. Un lien faux, révoqué ou d'un compte fermé est introuvable."""
    compte = liens_agenda.compte_du_lien(cle)
    octets, nombre = flux.calendrier(compte)
    inscrire("agenda lu par son lien", par=compte, page="synthese:flux_agenda", nombre=nombre)
    reponse = HttpResponse(octets, content_type="text/calendar; charset=utf-8")
    reponse["Content-Disposition"] = 'inline; filename="agenda.ics"'
    return reponse
