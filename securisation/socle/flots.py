"""Un flot que nul compte n'envoie n'écrit pas sans fin au journal : quelques lignes par minute, et le compte de celles qui se sont tues."""

import time

PAR_MINUTE, MINUTE = 5, 60
_faits = {}  # {cause: (début de la minute, inscrits, tus)}, propre au processus : un flot ne coûte aucune requête à la base


def a_dire(cause):
    """Ce fait s'inscrit-il ? Le nombre de ses semblables tus depuis le dernier inscrit, ou None : il se tait aussi.

    Chaque processus inscrit au plus `PAR_MINUTE` faits de chaque cause par minute.
    """
    instant = time.monotonic()
    debut, inscrits, tus = _faits.get(cause, (instant, 0, 0))
    if instant - debut >= MINUTE:
        debut, inscrits = instant, 0
    if inscrits >= PAR_MINUTE:
        _faits[cause] = (debut, inscrits, tus + 1)
        return None
    _faits[cause] = (debut, inscrits + 1, 0)
    return tus


def oublier():
    """Repart d'un processus neuf (essais)."""
    _faits.clear()
