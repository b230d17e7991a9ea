"""Confirmer que c'est bien la même personne : moins de quinze minutes avant un acte qui expose ou efface.

    @acces(Parcours, lire="exporter")
    @confirmation_recente
    def exporter(request, parcours): …

La page de confirmation s'ouvre avant le formulaire (au GET) puis ramène. Si le délai passe pendant la saisie, l'envoi n'est pas
perdu : une page le garde, la confirmation se fait dans un autre onglet, puis l'envoi repart.
"""

from functools import wraps
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import resolve_url
from django.utils.http import url_has_allowed_host_and_scheme, urlencode

from .horloge import montre
from .refus import Refus

CONFIRME_LE = "confirme_le"
DELAI = 15 * 60  # secondes
A_NE_PAS_RENVOYER = {"csrfmiddlewaretoken"}


class ConfirmationRequise(Refus):
    """La dernière confirmation est trop ancienne : une page vue ou un fragment mènent à la confirmation, un envoi est gardé (403)."""

    statut = 403
    titre = "Confirmez que c'est bien vous"
    que_faire = "Rien n'est encore enregistré. Confirmez dans un autre onglet, puis renvoyez depuis cette page."
    gabarit = "confirmation.html"

    def menee(self, request):
        """La redirection vers la page de confirmation, ou None pour un envoi dont la saisie doit rester."""
        if getattr(request, "htmx", False):
            return HttpResponse(status=204, headers={"HX-Redirect": adresse(_page_ouverte(request))})
        if request.method == "POST":
            return None
        return HttpResponseRedirect(adresse(request.get_full_path()))

    def contexte(self, request):
        """La saisie à renvoyer, champ par champ, dans l'ordre."""
        envoi = [
            (nom, valeur) for nom, suite in request.POST.lists() for valeur in suite if nom not in A_NE_PAS_RENVOYER
        ]
        return {
            "refus": self,
            "envoi": envoi,
            "fichiers": bool(request.FILES),
            "chemin": request.get_full_path(),
            "confirmer": adresse(),
        }


def adresse(suite=""):
    """La page de confirmation, qui ramène à `suite` (chemin de ce site)."""
    page = resolve_url(settings.PAGE_DE_CONFIRMATION)
    return f"{page}?{urlencode({REDIRECT_FIELD_NAME: suite})}" if suite else page


def _page_ouverte(request):
    """Chemin de la page où se trouve le fragment, si elle est de ce site."""
    ouverte = request.headers.get("HX-Current-URL", "")
    if not url_has_allowed_host_and_scheme(ouverte, {request.get_host()}, require_https=request.is_secure()):
        return "/"
    return urlsplit(ouverte)._replace(scheme="", netloc="", fragment="").geturl() or "/"


def noter(request):
    """Note que la personne vient de prouver qui elle est ; posé par les comptes seulement."""
    request.session[CONFIRME_LE] = montre()


def est_recente(request):
    """Vrai si la personne a prouvé qui elle est il y a moins de quinze minutes."""
    note = request.session.get(CONFIRME_LE)
    return isinstance(note, int) and 0 <= montre() - note < DELAI


def exiger(request):
    """Lève `ConfirmationRequise` si la dernière confirmation date de quinze minutes ou plus."""
    if not est_recente(request):
        raise ConfirmationRequise()


def confirmation_recente(vue):
    """À mettre sous `@acces…` : la vue ne s'exécute qu'avec une confirmation récente."""

    @wraps(vue)
    def gardee(request, *args, **kwargs):
        exiger(request)
        return vue(request, *args, **kwargs)

    gardee.confirmee = True
    return gardee
