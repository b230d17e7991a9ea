"""Ce que chaque requête d'un compte doit tenir : une session ni oubliée ni trop longue, un second facteur enregistré."""

import time
from http import HTTPStatus
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth import REDIRECT_FIELD_NAME, logout
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import resolve_url
from django.utils.http import urlencode

from securisation.comptes import saisies
from securisation.comptes.appareils import poser_le_temoin
from securisation.comptes.arrets import inscrire_un_temoin_inconnu
from securisation.comptes.sessions import OUVERTE_LE, VUE_LE

# L'inactivité est mesurée à la minute : une écriture de session par minute suffit, au lieu d'une par page.
PAS = 60


class DureeDeSession:
    """Ferme une session restée inactive ou ouverte trop longtemps ; à placer après l'authentification."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if not request.user.is_authenticated:
            inscrire_un_temoin_inconnu(request)
        elif self._est_finie(request.session):
            logout(request)
            if request.method != "POST" or "HX-Request" in request.headers:
                return self._adapter(request, HttpResponseRedirect(self._adresse(request)))
        return poser_le_temoin(request, self._adapter(request, self.get_response(request)))

    def process_view(self, request, vue, args, kwargs):
        """Une saisie envoyée après la fin de la session revient à l'écran ; la preuve d'origine est déjà vérifiée."""
        return saisies.rendre(request) if saisies.est_une_saisie(request, vue) else None

    @staticmethod
    def _est_finie(session):
        """Vrai si une limite est passée ; sinon note l'activité."""
        instant = int(time.time())
        ouverte_le = session.get(OUVERTE_LE, instant)
        vue_le = session.get(VUE_LE, 0)
        if instant - ouverte_le >= settings.SESSION_DUREE_ABSOLUE:
            return True
        if vue_le and instant - vue_le >= settings.SESSION_COOKIE_AGE:
            return True
        if instant - vue_le >= PAS:
            session[OUVERTE_LE] = ouverte_le
            session[VUE_LE] = instant
        return False

    @staticmethod
    def _adresse(request):
        """La page de connexion, qui dit la fin de session et ramène à une page lue ; un envoi, lui, revient à l'écran (`saisies`)."""
        suite = {"suite": "session-terminee"}
        if request.method == "GET" and "HX-Request" not in request.headers:
            suite[REDIRECT_FIELD_NAME] = request.get_full_path()
        return f"{resolve_url(settings.LOGIN_URL)}?{urlencode(suite)}"

    @staticmethod
    def _adapter(request, reponse):
        """Un fragment htmx renvoyé vers la connexion y mène la page entière, au lieu de l'insérer dans le fragment."""
        if "HX-Request" not in request.headers or reponse.status_code != HttpResponseRedirect.status_code:
            return reponse
        if urlsplit(reponse.url).path != resolve_url(settings.LOGIN_URL):
            return reponse
        suite = HttpResponse(
            status=204, headers={"HX-Redirect": f"{resolve_url(settings.LOGIN_URL)}?suite=session-terminee"}
        )
        suite.cookies = reponse.cookies
        return suite


class SecondFacteurExige:
    """Tant qu'un compte n'a pas de second facteur, rien ne s'ouvre que de quoi en enregistrer un ; à placer après l'authentification.

    Un compte invité en est dispensé : son invitation a eu deux canaux, et la porte de lecture ne lui ouvre que ce qui est partagé.
    """

    OUVERTES = frozenset(
        {
            "comptes:second_facteur",
            "comptes:confirmer",
            "account_reauthenticate",
            "account_change_password",
            "account_set_password",
            "mfa_activate_totp",
            "mfa_add_webauthn",
        }
    )

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_view(self, request, vue, args, kwargs):
        """Mène à l'inscription du second facteur, ou laisse passer."""
        if not settings.MFA_OBLIGATOIRE or not request.user.is_authenticated or request.user.a_second_facteur:
            return None
        if self._est_ouverte(request, vue):
            return None
        page = resolve_url("comptes:second_facteur")
        if "HX-Request" in request.headers:
            return HttpResponse(status=HTTPStatus.NO_CONTENT, headers={"HX-Redirect": page})
        return HttpResponseRedirect(page)

    def _est_ouverte(self, request, vue):
        publique = getattr(vue, "acces", ("",))[0] == "public"
        return publique or request.user.est_invite or request.resolver_match.view_name in self.OUVERTES
