"""Pendant les essais, une requête web lit comme en service : rien tant que la porte n'a pas dit qui lit, tout hors des requêtes.

Les essais partagent une connexion, et souvent une seule transaction, entre ce qu'ils préparent (en système) et les pages demandées.
"""

import threading

from django.core.signals import request_finished, request_started
from django.db import connection
from django.db.backends.signals import connection_created
from psycopg.pq import TransactionStatus

_fil = threading.local()


def _poser(lecteur):
    """Par la connexion nue : ces deux réglages n'entrent pas au compte des requêtes d'une page."""
    nue = connection.connection
    if nue is not None and not nue.closed and nue.info.transaction_status != TransactionStatus.INERROR:
        nue.execute("SELECT set_config('jalon.lecteur', %s, false)", [lecteur])


def _au_debut(**kwargs):
    _fil.en_requete = True
    _poser("")


def _a_l_ouverture(**kwargs):
    if getattr(_fil, "en_requete", False):
        _poser("")


def _a_la_fin(**kwargs):
    _fil.en_requete = False
    _poser("systeme")


def pytest_runtest_setup(item):
    """Un fichier demandé et jamais lu laisse sa requête ouverte : l'essai d'après lirait comme elle."""
    if getattr(_fil, "en_requete", False):
        _a_la_fin()


request_started.connect(_au_debut, dispatch_uid="essais.lecteur")
connection_created.connect(_a_l_ouverture, dispatch_uid="essais.lecteur")
request_finished.connect(_a_la_fin, dispatch_uid="essais.lecteur")
