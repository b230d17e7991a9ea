"""Durée des sessions : 30 minutes d'inactivité, 12 heures au plus."""

import time

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.shortcuts import redirect

OUVERTE_LE = "ouverte_le"
VUE_LE = "vue_le"
# L'inactivité est mesurée à la minute : une écriture de session par minute suffit, au lieu d'une par page.
PAS = 60


class SessionBornee:
    """Ferme une session restée inactive ou ouverte trop longtemps ; à placer après l'authentification."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if request.user.is_authenticated and self._est_finie(request.session):
            logout(request)
            messages.info(request, "Votre session est terminée. Connectez-vous pour reprendre.")
            return redirect(settings.LOGIN_URL)
        return self.get_response(request)

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
