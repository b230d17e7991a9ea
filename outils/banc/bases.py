"""Les bases du banc et des livrables : à part de toutes les autres, créées au début, détruites à la fin."""

import subprocess
import time
from contextlib import contextmanager
from urllib.parse import urlsplit, urlunsplit

import psycopg

from outils.commun import JOURNAUX, PYTHON, RACINE, Panne, dire, environnement

BASE, DIXIEME = "jalon_banc", "jalon_banc_dixieme"


def _vers(url, base):
    """La même adresse, une autre base."""
    morceaux = urlsplit(url)
    return urlunsplit(morceaux._replace(path=f"/{base}"))


def adresses(base):
    """(adresse du propriétaire, adresse de l'application) de cette base."""
    env = environnement()
    application = env["DATABASE_URL"]
    return _vers(env.get("DATABASE_URL_PROPRIETAIRE", application), base), _vers(application, base)


def environnement_du_banc(base):
    """Variables d'un processus Django branché sur une base du banc ; sa file est à part de celle de la démonstration."""
    maitre, application = adresses(base)
    env = environnement() | {"DATABASE_URL": application, "DATABASE_URL_PROPRIETAIRE": maitre}
    env["BROKER_URL"] = _autre_file(env["BROKER_URL"])
    return env | {"JALON_DEMO": "0", "DEBUG": "0"}


def _autre_file(url):
    if url.startswith("redis+socket:"):
        return f"{url}{'&' if '?' in url else '?'}virtual_host=7"
    return url.rsplit("/", 1)[0] + "/7" if url.count("/") > 2 else f"{url}/7"


@contextmanager
def bases_a_part():
    """Crée les deux bases (N et N/10), vides, rend la durée de `migrate` ; les détruit à la sortie, même après une panne."""
    with _admin() as admin:
        if admin.execute("SELECT 1 FROM pg_stat_activity WHERE datname = ANY(%s)", [[BASE, DIXIEME]]).fetchone():
            raise Panne("un autre banc tourne déjà sur cette base de données : attendez sa fin.")
        with base_neuve(BASE) as migration:
            _detruire(admin, DIXIEME)
            try:
                admin.execute(f"CREATE DATABASE {DIXIEME} TEMPLATE {BASE}")
                yield migration
            finally:
                _detruire(admin, DIXIEME)


@contextmanager
def base_neuve(nom):
    """Une base neuve à ce nom, référentiel chargé ; rend la durée de `migrate`. Détruite à la sortie, même après une panne."""
    with _admin() as admin:
        _detruire(admin, nom)
        try:
            admin.execute(f"CREATE DATABASE {nom}")
            debut = time.monotonic()
            manage(nom, "migrate", "--noinput", "--verbosity", "0")
            migration = time.monotonic() - debut
            manage(nom, "charger_referentiel")
            yield migration
        finally:
            _detruire(admin, nom)


def _admin():
    return psycopg.connect(
        environnement().get("DATABASE_URL_PROPRIETAIRE") or environnement()["DATABASE_URL"], autocommit=True
    )


def _detruire(admin, base):
    admin.execute(f"DROP DATABASE IF EXISTS {base} WITH (FORCE)")


def manage(base, *arguments):
    """Lance une commande Django sur une base à part ; Panne si elle échoue."""
    dire(f"{base} : {arguments[0]}")
    env = environnement_du_banc(base)
    fait = subprocess.run([PYTHON, "manage.py", *arguments], cwd=RACINE, env=env, capture_output=True, text=True)
    (JOURNAUX / "banc.log").write_text(fait.stdout + fait.stderr, encoding="utf-8")
    if fait.returncode:
        raise Panne(f"{arguments[0]} a échoué sur la base {base} : voir {JOURNAUX / 'banc.log'}.")
