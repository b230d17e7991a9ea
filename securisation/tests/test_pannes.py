"""Les pannes : une file éteinte, un travailleur tué net. L'acte aboutit, le document suit, une seule fois."""

import os
import signal
import subprocess
import sys
import time
from functools import partial
from urllib.parse import urlsplit, urlunsplit

import pytest
from django.conf import settings
from django.db import connection
from kombu import Connection

from diagnostics.models import Diagnostic
from securisation.documents.models import Document, Fichier
from securisation.socle import outbox, tasks
from securisation.socle.models import Du
from securisation.tests import dossiers

ATTENTE = 30  # secondes, le temps de démarrer un autre Python sur une machine chargée
# Un travailleur qui a tout fait sauf valider sa transaction, et qui n'ira pas plus loin.
TRAVAILLEUR = """
import django, sys, time
sys.argv[0] = "celery"
django.setup()
from diagnostics.models import Diagnostic
from securisation.documents.models import Document
from securisation.socle import outbox
def ranger(self, **champs):
    print("au milieu", flush=True)
    time.sleep(600)
Document.produire = ranger
outbox.solder(int(sys.argv[1]))
"""


@pytest.fixture
def diagnostic(awa, bruno):
    """Un diagnostic rempli, prêt à valider : la validation demande son document."""
    return dossiers.diagnostic_ouvert(awa, bruno)[Diagnostic]


@pytest.mark.django_db(transaction=True)
class TestFileEteinte:
    def test_l_acte_aboutit_et_le_document_suit(self, diagnostic, awa, monkeypatch):
        eteinte = Connection("redis+socket:///nulle/part/valkey.sock", connect_timeout=1)
        envoyer = partial(tasks.solder_un_du.apply_async, connection=eteinte)
        essais = []

        def reveiller(*args, **kwargs):
            essais.append(args)
            return envoyer(*args, **kwargs)

        monkeypatch.setattr(tasks.solder_un_du, "apply_async", reveiller)
        diagnostic.valider(par=awa)
        assert essais
        assert Document.objects.get().etat == "demande"
        tasks.balayer()
        assert Document.objects.get().etat == "produit"


@pytest.mark.django_db(transaction=True)
class TestTravailleurTue:
    def test_le_document_est_produit_une_fois_plus_tard(self, diagnostic, awa):
        diagnostic.valider(par=awa)
        numero = Du.objects.get(genre="produire_document").pk
        tuer_au_milieu(numero)
        assert (Document.objects.get().etat, Du.objects.get(pk=numero).fait_le) == ("demande", None)
        fin = time.monotonic() + ATTENTE
        while not outbox.solder(numero):
            assert time.monotonic() < fin, "PostgreSQL n'a pas rendu la ligne du travailleur tué"
            time.sleep(0.1)
        assert outbox.solder(numero) is False
        assert (Document.objects.get().etat, Fichier.objects.count()) == ("produit", 1)


def tuer_au_milieu(numero):
    """Lance un vrai travailleur sur la base d'essai et l'abat (SIGKILL) quand il tient le document à moitié."""
    proprietaire = urlsplit(os.environ.get("DATABASE_URL_PROPRIETAIRE") or os.environ["DATABASE_URL"])
    adresse = urlunsplit(proprietaire._replace(path=f"/{connection.settings_dict['NAME']}"))
    env = os.environ | {
        "DATABASE_URL": adresse,
        "DATABASE_URL_PROPRIETAIRE": adresse,
        "SECRET_KEY": settings.SECRET_KEY,
    }
    env |= {"DJANGO_SETTINGS_MODULE": "securisation.settings", "PYTHONPATH": str(settings.BASE_DIR)}
    with subprocess.Popen(
        [sys.executable, "-c", TRAVAILLEUR, str(numero)],
        env=env,
        stdout=subprocess.PIPE,
        cwd=settings.BASE_DIR,
        text=True,
    ) as travailleur:
        assert travailleur.stdout.readline().strip() == "au milieu"
        travailleur.send_signal(signal.SIGKILL)
