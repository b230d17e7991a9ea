"""Entrer : la page de démonstration, et le lien de réinitialisation reçu par courriel."""

from allauth.account.internal.flows.login import record_authentication
from allauth.account.views import PasswordResetFromKeyView
from django.contrib.auth import login
from django.http import Http404
from django.shortcuts import redirect, render, resolve_url
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from securisation.comptes.controles import demo_permise
from securisation.comptes.demonstration import VISITE, compte_de, roles_ouverts
from securisation.socle.acces import acces_public

CONNECTEUR = "securisation.comptes.backends.Connexion"


@acces_public
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def demo(request):
    """Propose les comptes de démonstration et y fait entrer ; introuvable hors du mode démonstration."""
    if not demo_permise():
        raise Http404("Le mode démonstration est fermé.")
    if request.method == "POST":
        compte = compte_de(request.POST.get("compte", ""))
        if compte is None:
            raise Http404("Ce compte de démonstration n'existe pas.")
        login(request, compte, backend=CONNECTEUR)
        record_authentication(request, compte, method="demonstration")
        return redirect(resolve_url("/"))
    return render(request, "comptes/demo.html", {"roles": roles_ouverts(), "visite": VISITE})


class LienDeReinitialisation(PasswordResetFromKeyView):
    """Lien reçu par courriel : l'ouvrir ne fait rien, un bouton échange la clé et la retire de l'adresse.

    L'échange part de cette page : les cookies stricts, absents d'une arrivée depuis une messagerie, y sont.
    """

    def dispatch(self, request, uidb36, key, **kwargs):
        """Montre le bouton tant que la clé est dans l'adresse."""
        if key != self.reset_url_key and request.method != "POST":
            return render(request, "account/password_reset_lien.html")
        return super().dispatch(request, uidb36, key, **kwargs)


reinitialiser = LienDeReinitialisation.as_view()
