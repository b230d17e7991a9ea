"""Qui se sert des services locaux : le dernier qui part les éteint, s'ils n'ont pas été demandés à part."""

import os
import shutil
from contextlib import contextmanager
from fcntl import LOCK_EX, LOCK_NB, LOCK_SH, flock

from outils import services
from outils.commun import LOCAL, Panne, creer_local

A_GARDER = LOCAL / "services-demandes"


@contextmanager
def usage_des_services():
    """Tient les services locaux ouverts le temps du bloc, puis les éteint si plus personne ne s'en sert."""
    creer_local()
    with open(LOCAL / "usage", "w") as fichier:
        flock(fichier, LOCK_SH)
        try:
            yield
        finally:
            _eteindre_si_seul(fichier)


def _eteindre_si_seul(fichier):
    if A_GARDER.exists():
        return
    try:
        flock(fichier, LOCK_EX | LOCK_NB)
    except BlockingIOError:
        return
    services.arreter()


def tenir_pour(fichier):
    """Tient les services ouverts pour le programme qui va remplacer celui-ci (le verrou suit le descripteur)."""
    flock(fichier, LOCK_SH)
    os.set_inheritable(fichier.fileno(), True)


def effacer_local():
    """Retire `.local` et le dossier court des sockets."""
    memoire = LOCAL / "dossier-run"
    if memoire.exists():
        shutil.rmtree(memoire.read_text().strip(), ignore_errors=True)
    try:
        shutil.rmtree(LOCAL)
    except PermissionError:
        raise Panne(f"{LOCAL} appartient à un autre utilisateur : lancez « make propre » sous son compte.") from None
