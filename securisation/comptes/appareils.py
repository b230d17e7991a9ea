"""Les appareils d'où un compte est déjà entré : une connexion d'ailleurs se dit à son titulaire."""

import hashlib
import secrets

from django.conf import settings
from django.utils import timezone

from securisation.comptes.courriels import prevenir
from securisation.comptes.models import Appareil
from securisation.comptes.sessions import APPAREIL, nommer_appareil

TEMOIN = "jalon_appareil"
UN_AN = 365 * 24 * 3600


def reconnaitre(request, compte):
    """Note l'appareil de la session ; s'il est nouveau pour ce compte, le retient et prévient son titulaire."""
    request.session[APPAREIL] = nommer_appareil(request.headers.get("User-Agent", ""))
    if not compte.has_usable_password() and not compte.a_second_facteur:
        return  # compte de démonstration ou invité : rien à prendre, personne à prévenir
    temoin = request.COOKIES.get(TEMOIN, "")
    if temoin and compte.appareils.filter(empreinte=_empreinte(temoin)).update(vu_le=timezone.now()):
        return
    request.temoin_a_poser = secrets.token_urlsafe(32)
    Appareil.objects.create(compte=compte, empreinte=_empreinte(request.temoin_a_poser))
    prevenir(compte, "comptes/courriels/nouvel_appareil", appareil=request.session[APPAREIL])


def poser_le_temoin(request, reponse):
    """Pose le témoin d'un appareil nouveau : illisible aux scripts, jamais envoyé à un autre site."""
    temoin = getattr(request, "temoin_a_poser", "")
    if temoin:
        reponse.set_cookie(
            TEMOIN, temoin, max_age=UN_AN, httponly=True, secure=settings.SESSION_COOKIE_SECURE, samesite="Strict"
        )
    return reponse


def _empreinte(temoin):
    return hashlib.sha256(temoin.encode()).hexdigest()
