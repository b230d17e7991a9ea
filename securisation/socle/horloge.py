"""L'heure de l'application : celle de la montre, ou celle de la reprise d'un dossier passé."""

import datetime
import time
from contextlib import contextmanager
from contextvars import ContextVar

from django.utils import timezone

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


@contextmanager
def reprise_au(moment):
    """Fait comme si l'on était à `moment` (datetime avec fuseau) ; le journal marque l'acte comme repris."""
    marque = _reprise.set(moment)
    try:
        yield
    finally:
        _reprise.reset(marque)
