"""Ce qui est arrêté avant qu'un compte soit connu s'inscrit aussi : un hôte forgé, un témoin de session que rien ne connaît.

Chaîne 0, une instruction hors transaction, sans rien de ce qui a été envoyé. Un flot n'écrit pas sans fin : chaque processus inscrit
au plus `PAR_MINUTE` arrêts de chaque cause par minute ; le suivant dit combien se sont tus.
"""

import time

from django.conf import settings
from django.core.exceptions import DisallowedHost

from securisation.socle.journal import inscrire
from securisation.socle.refus import METHODES

PAR_MINUTE, MINUTE = 5, 60
HOTE, SESSION = "hôte", "session"
_faits = {}  # {cause: (début de la minute, inscrits, tus)}, propre au processus : un flot ne coûte aucune requête à la base


def inscrire_un_arret(request, cause):
    """Inscrit cet arrêt (`HOTE` ou `SESSION`), ou le compte parmi ceux qui se taisent."""
    instant = time.monotonic()
    debut, inscrits, tus = _faits.get(cause, (instant, 0, 0))
    if instant - debut >= MINUTE:
        debut, inscrits = instant, 0
    if inscrits >= PAR_MINUTE:
        _faits[cause] = (debut, inscrits, tus + 1)
        return
    _faits[cause] = (debut, inscrits + 1, 0)
    methode = request.method if request.method in METHODES else "autre"
    inscrire("demande arrêtée", cause=cause, methode=methode, tues=tus)


def inscrire_un_temoin_inconnu(request):
    """Un témoin de session envoyé, et aucune session derrière : altéré, deviné, ou terminé ; à appeler une fois le compte cherché."""
    if request.COOKIES.get(settings.SESSION_COOKIE_NAME) and request.session.session_key is None:
        inscrire_un_arret(request, SESSION)


class HoteForge:
    """Inscrit la demande que Django refuse pour son hôte ; à placer avant tout intergiciel qui le lit."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        reponse = self.get_response(request)
        if reponse.status_code == 400 and self._est_forge(request):
            inscrire_un_arret(request, HOTE)
        return reponse

    @staticmethod
    def _est_forge(request):
        try:
            request.get_host()
        except DisallowedHost:
            return True
        return False
