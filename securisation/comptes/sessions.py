"""Les sessions : chacune sait quel compte l'a ouverte, pour que son titulaire les voie et les termine."""

import datetime
from dataclasses import dataclass

from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore as SessionsEnBase
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac

APPAREIL, OUVERTE_LE, VUE_LE = "appareil", "ouverte_le", "vue_le"
INCONNU = "Navigateur inconnu"
NAVIGATEURS = (
    ("Edg", "Edge"),
    ("OPR", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"),
    ("CriOS", "Chrome"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
MACHINES = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Macintosh", "Mac"),
    ("CrOS", "Chromebook"),
    ("Linux", "Linux"),
)


class SessionStore(SessionsEnBase):
    """Le magasin de Django, qui range aussi le compte."""

    @classmethod
    def get_model_class(cls):
        from securisation.comptes.models import Session

        return Session

    def create_model_instance(self, data):
        """La ligne à enregistrer, avec le compte connecté ou None."""
        ligne = super().create_model_instance(data)
        ligne.compte_id = int(data[SESSION_KEY]) if data.get(SESSION_KEY) else None
        return ligne


@dataclass(frozen=True)
class SessionOuverte:
    """Une session telle qu'elle se lit : `cle` la désigne sans dire le témoin qui l'ouvre."""

    cle: str
    appareil: str
    ouverte_le: datetime.datetime | None
    vue_le: datetime.datetime | None
    est_celle_ci: bool


def nommer_appareil(agent):
    """« Firefox, Windows » : le navigateur et la machine, en mots simples, d'après ce que le navigateur dit de lui."""
    navigateur = next((mot for signe, mot in NAVIGATEURS if signe in agent), "")
    machine = next((mot for signe, mot in MACHINES if signe in agent), "")
    return ", ".join(filter(None, (navigateur, machine))) or INCONNU


def cle_publique(cle_de_session):
    """Désigne une session dans une page ; on n'en revient pas au témoin."""
    return salted_hmac("comptes.session", cle_de_session, algorithm="sha256").hexdigest()[:32]


def ouvertes(request):
    """Les sessions en cours du compte, celle-ci d'abord, puis la plus récente."""
    lues = [_lire(ligne, donnees, request) for ligne, donnees in _en_cours(request.user)]
    return sorted(lues, key=lambda s: (not s.est_celle_ci, -(s.vue_le.timestamp() if s.vue_le else 0)))


def terminer(request, laquelle):
    """Termine une session du compte (sa clé publique), ou « autres » : toutes sauf celle-ci. Rend leur nombre."""
    visees = [
        ligne.pk
        for ligne, _ in _en_cours(request.user)
        if ligne.pk != request.session.session_key and laquelle in ("autres", cle_publique(ligne.pk))
    ]
    return request.user.sessions.filter(pk__in=visees).delete()[0]


def _en_cours(compte):
    """(ligne, données) des sessions que le mot de passe présent ouvre encore."""
    empreinte = compte.get_session_auth_hash()
    for ligne in compte.sessions.filter(expire_date__gt=timezone.now()):
        donnees = ligne.get_decoded()
        if constant_time_compare(donnees.get(HASH_SESSION_KEY, ""), empreinte):
            yield ligne, donnees


def _lire(ligne, donnees, request):
    celle_ci = ligne.pk == request.session.session_key
    return SessionOuverte(
        cle_publique(ligne.pk),
        donnees.get(APPAREIL) or INCONNU,
        _moment(donnees.get(OUVERTE_LE)),
        timezone.now() if celle_ci else _moment(donnees.get(VUE_LE)),
        celle_ci,
    )


def _moment(secondes):
    return datetime.datetime.fromtimestamp(secondes, datetime.UTC) if secondes else None
