"""L'heure de l'application : celle de la montre, ou celle de la reprise d'un dossier passé."""

import datetime
import time
from contextlib import contextmanager
from contextvars import ContextVar

from django.utils import timezone

# Fériés à date fixe (code du travail, art. L. 3133-1).
FERIES_FIXES = {(1, 1), (5, 1), (5, 8), (7, 14), (8, 15), (11, 1), (11, 11), (12, 25)}
# Ceux qui suivent Pâques, en jours : lundi de Pâques, Ascension, lundi de Pentecôte.
APRES_PAQUES = (1, 39, 50)

_reprise = ContextVar("moment_de_reprise", default=None)


def moment_de_reprise():
    """Le moment rejoué (datetime avec fuseau), ou None quand l'acte se fait maintenant."""
    return _reprise.get()


def maintenant():
    """Moment présent (datetime avec fuseau) ; en reprise, le moment rejoué."""
    return _reprise.get() or timezone.now()


def aujourd_hui():
    """Jour présent dans le fuseau de l'association (date) ; en reprise, le jour rejoué."""
    return timezone.localdate(maintenant())


def debut_du_jour(jour):
    """Minuit de ce jour (date) dans le fuseau de l'association (datetime avec fuseau)."""
    return timezone.make_aware(datetime.datetime.combine(jour, datetime.time.min))


def instant():
    """Moment présent (datetime avec fuseau), que la reprise ne change pas : la durée d'un accès s'apprécie à la montre."""
    return timezone.now()


def montre():
    """L'heure de la montre (secondes entières), que la reprise ne change pas : durée d'une session, d'une confirmation."""
    return int(time.time())


def est_ouvre(jour):
    """Vrai du lundi au vendredi, hors des onze fêtes légales (code du travail, art. L. 3133-1)."""
    mobiles = {paques(jour.year) + datetime.timedelta(days=ecart) for ecart in APRES_PAQUES}
    return jour.weekday() < 5 and (jour.month, jour.day) not in FERIES_FIXES and jour not in mobiles


def paques(annee):
    """Le dimanche de Pâques de cette année (date), calendrier grégorien : comput de Butcher et Meeus."""
    siecle, reste = divmod(annee, 100)
    lune = (19 * (annee % 19) + siecle - siecle // 4 - (siecle - (siecle + 8) // 25 + 1) // 3 + 15) % 30
    semaine = (32 + 2 * (siecle % 4) + 2 * (reste // 4) - lune - reste % 4) % 7
    ecart = lune + semaine - 7 * ((annee % 19 + 11 * lune + 22 * semaine) // 451) + 114
    return datetime.date(annee, ecart // 31, ecart % 31 + 1)


@contextmanager
def reprise_au(moment):
    """Fait comme si l'on était à `moment` (datetime avec fuseau) ; le journal marque l'acte comme repris."""
    marque = _reprise.set(moment)
    try:
        yield
    finally:
        _reprise.reset(marque)
