"""Entrer : la page de démonstration, et le lien de réinitialisation reçu par courriel ; les absences."""

from allauth.account.internal.flows.login import record_authentication
from allauth.account.internal.flows.reauthentication import get_reauthentication_flows
from allauth.account.views import PasswordResetFromKeyView
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import REDIRECT_FIELD_NAME, login
from django.http import Http404
from django.shortcuts import redirect, render, resolve_url
from django.urls import reverse_lazy
from django.utils.http import urlencode
from django.utils.text import format_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from securisation.comptes import absences as absences_posees
from securisation.comptes.controles import demo_permise
from securisation.comptes.demonstration import VISITE, compte_de, roles_ouverts
from securisation.comptes.fonctions import DECIDENT, a_confirmer, decider
from securisation.comptes.forms import FormulaireAbsence
from securisation.comptes.models import jour_courant
from securisation.comptes.retour import page_voulue
from securisation.comptes.sessions import ouvertes, terminer
from securisation.socle import confirmation
from securisation.socle.acces import acces_connecte, acces_fonction, acces_public
from securisation.socle.formulaires import agir, page_de_formulaire
from securisation.socle.journal import inscrire

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


@acces_connecte(a_tous=True)
@never_cache
def confirmer(request):
    """Mène à la confirmation du compte (mot de passe, code ou clé) ; un compte de démonstration confirme d'un clic."""
    suite = page_voulue(request)
    if not demo_permise() or get_reauthentication_flows(request.user):
        reponse = redirect("account_reauthenticate")
        reponse["Location"] += f"?{urlencode({REDIRECT_FIELD_NAME: suite})}"
        return reponse
    if request.method == "POST":
        confirmation.noter(request)
        inscrire("confirmation", par=request.user)
        return redirect(suite)
    return render(request, "comptes/confirmer.html", {"suite": suite})


@acces_connecte(a_tous=True)
@never_cache
def sessions(request):
    """Les sessions ouvertes du compte ; en termine une, ou toutes les autres."""
    if request.method == "POST":
        nombre = terminer(request, request.POST.get("session", ""))
        inscrire("sessions terminées", par=request.user, nombre=nombre)
        messages.success(request, f"{nombre} session terminée." if nombre < 2 else f"{nombre} sessions terminées.")
        return redirect("comptes:sessions")
    return render(request, "comptes/sessions.html", {"sessions": ouvertes(request)})


@acces_connecte(a_tous=True)
@never_cache
def second_facteur(request):
    """Propose d'enregistrer un second facteur ; qui en a un est mené à ses moyens de connexion."""
    if request.user.a_second_facteur:
        return redirect("mfa_index")
    return render(request, "comptes/second_facteur.html", {"oblige": settings.MFA_OBLIGATOIRE})


@acces_fonction(*DECIDENT)
@never_cache
def fonctions(request):
    """Les fonctions qu'un administrateur propose et qui attendent une seconde personne."""
    if request.method == "POST":
        confirmation.exiger(request)
        proposition = decider(request.POST.get("proposition", ""), request.POST.get("reponse", ""), par=request.user)
        messages.success(request, f"Fonction {proposition.etat} : {proposition}, {proposition.professionnel}.")
        return redirect("comptes:fonctions")
    return render(request, "comptes/fonctions.html", {"propositions": a_confirmer(), "jour": jour_courant()})


@acces_connecte
@never_cache
def absences(request):
    """Ses absences et qui remplace ; qui supervise une équipe tient aussi celles de ses membres."""
    par = request.user
    if request.POST.get("retirer"):
        absences_posees.retirer(request.POST["retirer"], par=par)
        messages.success(request, "Absence retirée.")
        return redirect("comptes:absences")
    form = FormulaireAbsence(request.POST or None, par=par)
    if request.method == "POST" and agir(form, absences_posees.poser, par=par):
        messages.success(request, "Absence posée : elle se voit dans l’agenda de l’équipe.")
        return redirect("comptes:absences")
    posees = absences_posees.visibles_a(par)
    return page_de_formulaire(request, "comptes/absences.html", form, absences=posees)


def suite_de_connexion(suite):
    """La page de connexion, qui dit en tête ce qui vient d'arriver (`account/login.html`)."""
    return format_lazy("{}?suite={}", reverse_lazy("account_login"), suite)


@acces_connecte
@never_cache
def reglages(request):
    """Ce que chacun règle pour soi : recevoir ou non, par courriel, le résumé du jour."""
    choix = request.POST.get("resume", "")
    if choix in ("oui", "non"):
        request.user.choisir_le_resume(choix == "oui")
        messages.success(
            request,
            "Vous recevrez le résumé du jour." if choix == "oui" else "Vous ne recevrez plus le résumé du jour.",
        )
        return redirect("comptes:reglages")
    return render(request, "comptes/reglages.html", {"heure": settings.RESUME_A})


class LienDeReinitialisation(PasswordResetFromKeyView):
    """Lien reçu par courriel : l'ouvrir ne fait rien, un bouton échange la clé et la retire de l'adresse.

    L'échange part de cette page : les cookies stricts, absents d'une arrivée depuis une messagerie, y sont.
    """

    success_url = suite_de_connexion("mot-de-passe-enregistre")

    def dispatch(self, request, uidb36, key, **kwargs):
        """Montre le bouton tant que la clé est dans l'adresse."""
        if key != self.reset_url_key and request.method != "POST":
            return render(request, "account/password_reset_lien.html")
        return super().dispatch(request, uidb36, key, **kwargs)


reinitialiser = LienDeReinitialisation.as_view()
