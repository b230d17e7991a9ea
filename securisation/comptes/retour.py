"""Où mener la personne après une étape de connexion : une page de ce site, jamais une autre."""

from django.contrib.auth import REDIRECT_FIELD_NAME
from django.utils.http import url_has_allowed_host_and_scheme


def page_voulue(request):
    """La page demandée par `next` si elle est de ce site, sinon l'accueil."""
    voulue = request.POST.get(REDIRECT_FIELD_NAME) or request.GET.get(REDIRECT_FIELD_NAME, "")
    sure = voulue.startswith("/") and url_has_allowed_host_and_scheme(voulue, None)
    return voulue if sure else "/"
