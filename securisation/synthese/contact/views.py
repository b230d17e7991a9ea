"""Un contact à noter, de partout : choisir d'abord avec qui."""

from django.shortcuts import redirect, render

from securisation.parcours.models import Parcours
from securisation.socle.acces import acces_liste, montrer
from securisation.synthese.contact.presentation import CONTACT, contexte
from securisation.synthese.presentation import accueil_ailleurs


@acces_liste(Parcours)
def avec_qui(request, visibles):
    """Ses derniers parcours lus, ou ceux qui répondent à un nom, un numéro ou un téléphone."""
    return choisir(request, CONTACT, de="partout")


def choisir(request, acte, le=None, **suite):
    """La page « Avec qui ? » de cet acte, ce jour-là au besoin ; une recherche s'y inscrit avec ce qu'elle montre."""
    if ailleurs := accueil_ailleurs(request.user):
        return redirect(ailleurs)
    page = contexte(request.user, request.GET, acte, **suite) | {"le": le}
    if page["question"].texte:
        montrer(request, "recherche", termes=page["question"].termes, numeros=page["numeros"])
    return render(request, "synthese/contact.html", page)
