"""Le site de la démonstration, rejoué dans une base à part, sur un port libre, et rien derrière lui."""

import os
import tempfile
from contextlib import contextmanager
from urllib.parse import urlsplit

import psycopg

from outils import demo
from outils.banc.bases import environnement_du_banc
from outils.commun import JOURNAUX, Panne, dire, environnement

PREMIER_PORT = 8700
REGLAGES = ("DATABASE_URL", "DATABASE_URL_PROPRIETAIRE", "BROKER_URL")


@contextmanager
def site_de_demonstration(nom):
    """Rend l'adresse d'un site neuf, aux dossiers de `make demo` ; `nom` est celui de sa base, détruite à la sortie."""
    with base_de_demonstration(nom), _ouvert() as racine:
        yield racine


@contextmanager
def base_de_demonstration(nom):
    """La base de ce site, seule : les commandes du bloc y lisent les dossiers de `make demo`."""
    proprietaire = environnement().get("DATABASE_URL_PROPRIETAIRE") or environnement()["DATABASE_URL"]
    with psycopg.connect(proprietaire, autocommit=True) as admin, tempfile.TemporaryDirectory() as dossier:
        if admin.execute("SELECT 1 FROM pg_stat_activity WHERE datname = %s", [nom]).fetchone():
            raise Panne("une autre visite de ce genre est en cours : attendez sa fin.")
        _detruire(admin, nom)
        try:
            admin.execute(f"CREATE DATABASE {nom}")
            with _regle(nom, dossier):
                demo.preparer()
                yield
        finally:
            _detruire(admin, nom)


def _detruire(admin, nom):
    admin.execute(f"DROP DATABASE IF EXISTS {nom} WITH (FORCE)")


@contextmanager
def _regle(nom, dossier):
    """Branche les commandes de la démonstration sur cette base, ses ancres et son registre."""
    env = environnement_du_banc(nom)
    siens = {cle: env[cle] for cle in REGLAGES}
    siens |= {
        "JALON_ANCRES": f"{dossier}/ancres",
        "JALON_CLE_ANCRES": f"{dossier}/cle.pem",
        "JALON_REGISTRE_DES_EFFACEMENTS": f"{dossier}/effacements.jsonl",
    }
    avant = {cle: os.environ.get(cle) for cle in siens}
    os.environ.update(siens)
    try:
        yield
    finally:
        for cle, valeur in avant.items():
            os.environ.pop(cle) if valeur is None else os.environ.update({cle: valeur})


@contextmanager
def _ouvert():
    prise, port = demo.reserver_port(PREMIER_PORT)
    processus = {}
    try:
        processus = {"web": demo.demarrer_site(prise, journal="visite")}
        demo.attendre_reponse(port, processus)
        dire(f"site ouvert sur le port {port} (ce qu'il dit : {JOURNAUX / 'visite.log'})")
        yield f"http://127.0.0.1:{port}"
    finally:
        demo.arreter_processus(processus)
        prise.close()


def meme_hote(adresse, racine):
    """Vrai si cette adresse est servie par le site, ou ne quitte pas la page (data:, blob:)."""
    return adresse.startswith(("data:", "blob:")) or urlsplit(adresse).netloc == urlsplit(racine).netloc
