"""Ce qui est arrêté avant qu'un compte soit connu s'inscrit aussi : un hôte forgé, un témoin de session que rien ne connaît.

Chaîne 0, une instruction hors transaction, sans rien de ce qui a été envoyé. Un flot n'écrit pas sans fin (`socle/flots.py`).
"""

from django.conf import settings
from django.core.exceptions import DisallowedHost

from securisation.socle import flots
from securisation.socle.journal import inscrire
from securisation.socle.refus import METHODES

HOTE, SESSION = "hôte", "session"


def inscrire_un_arret(request, cause):
    """Inscrit cet arrêt (`HOTE` ou `SESSION`), ou le compte parmi ceux qui se taisent."""
    tus = flots.a_dire(cause)
    if tus is not None:
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
