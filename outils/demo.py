"""`make demo` : de la copie nue à l'adresse dans le navigateur."""

import ctypes
import errno
import hashlib
import json
import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from pathlib import Path

from outils import services
from outils.commun import JOURNAUX, LOCAL, PYTHON, RACINE, Panne, dire, environnement, vivant
from outils.installation import installer
from outils.usage import usage_des_services

PORT = 8000
ETAT = LOCAL / "demo.json"
ATTENTE = 30  # secondes avant de dire que le site ne répond pas
PR_SET_PDEATHSIG = 1


class Fin(Exception):
    """Demande d'arrêt : Ctrl-C, SIGTERM ou terminal fermé."""


def demo_en_cours():
    """État de la démonstration qui tourne, ou None."""
    try:
        etat = json.loads(ETAT.read_text())
    except (FileNotFoundError, ValueError):
        return None
    try:
        commande = Path(f"/proc/{etat['pid']}/cmdline").read_bytes()
    except OSError:
        return None
    return etat if vivant(etat["pid"]) and b"jalon.py" in commande and b"demo" in commande else None


def lire_port(texte):
    """Numéro de port donné à la commande, 8000 par défaut."""
    if not texte:
        return PORT
    if not texte.isascii() or not texte.isdigit() or not 1 <= int(texte) <= 65535:
        raise Panne(f"« {texte} » n'est pas un port : donnez un nombre entre 1 et 65535, par exemple PORT=8001.")
    return int(texte)


def reserver_port(voulu):
    """Ouvre la prise d'écoute ; si le port est pris, le dit et prend le premier libre qui suit."""
    for port in range(voulu, min(voulu + 50, 65536)):
        prise = socket.socket()
        prise.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            prise.bind(("127.0.0.1", port))
            prise.listen(128)
        except OSError as erreur:
            prise.close()
            if erreur.errno == errno.EACCES:
                raise Panne(f"Le port {port} demande des droits d'administration : prenez-en un autre.") from None
            if erreur.errno != errno.EADDRINUSE:
                raise
            continue
        if port != voulu:
            dire(f"Le port {voulu} est déjà pris par un autre serveur : Jalon s'ouvre sur le port {port}.")
        return prise, port
    raise Panne(f"Aucun port libre entre {voulu} et {voulu + 49} : donnez-en un autre, par exemple PORT=9000.")


def manage(*arguments, demo=True):
    """Lance une commande Django ; une panne remonte en une phrase."""
    fait = subprocess.run(
        [str(PYTHON), "manage.py", *arguments], cwd=RACINE, env=environnement(demo=demo), text=True, capture_output=True
    )
    (JOURNAUX / f"{arguments[0]}.log").write_text(fait.stdout + fait.stderr, encoding="utf-8")
    if fait.returncode:
        lignes = [ligne for ligne in fait.stderr.splitlines() if ligne.strip()] or ["sans message"]
        raise Panne(lignes[-1].removeprefix("Erreur : ").removeprefix("CommandError: "))
    return fait.stdout


def rassembler_statiques():
    """Rassemble styles, scripts et polices, seulement s'ils ont changé."""
    sources = [*sorted((RACINE / "static").rglob("*")), RACINE / "requirements.txt"]
    attendue = hashlib.sha256(repr([(str(f), f.stat().st_size, f.stat().st_mtime_ns) for f in sources]).encode())
    marque = LOCAL / "statiques"
    if marque.exists() and marque.read_text() == attendue.hexdigest() and (RACINE / "staticfiles").is_dir():
        return
    manage("collectstatic", "--noinput", "--clear", "--verbosity", "0")
    marque.write_text(attendue.hexdigest())


def preparer():
    """Schéma, référentiel, comptes et dossiers d'exemple ; rend ce que la préparation affiche."""
    dire("Préparation de la base…")
    manage("migrate", "--noinput", "--verbosity", "0")
    manage("charger_referentiel")
    rassembler_statiques()
    return manage("preparer_demo")


def _suivre_le_parent():
    """Dans l'enfant : s'arrêter si la commande disparaît sans prévenir."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def _demarrer(nom, arguments, **options):
    with open(JOURNAUX / f"{nom}.log", "ab") as sortie:
        return subprocess.Popen(
            [str(PYTHON), "-m", *map(str, arguments)],
            cwd=RACINE,
            env=environnement(demo=True),
            stdin=subprocess.DEVNULL,
            stdout=sortie,
            stderr=sortie,
            start_new_session=True,
            preexec_fn=_suivre_le_parent,
            **options,
        )


def demarrer_site(prise, journal="web"):
    """Démarre le site seul, sur cette prise d'écoute."""
    fd = prise.fileno()
    web = ["gunicorn", "securisation.wsgi:application", "--bind", f"fd://{fd}", "--timeout", 120, "--no-control-socket"]
    # Des fils : une connexion ouverte et muette n'en retient qu'un, le site répond aux autres.
    web += ["--workers", 2, "--worker-class", "gthread", "--threads", 4]
    return _demarrer(journal, web, pass_fds=[fd])


def demarrer_processus(prise):
    """Démarre le site, l'exécutant des tâches et leur horloge."""
    celery = ["celery", "-A", "securisation.celery:app"]
    travail = [*celery, "worker", "--loglevel", "WARNING"]
    horloge = [*celery, "beat", "--loglevel", "WARNING", "--schedule", LOCAL / "horloge", "--pidfile="]
    return {
        "web": demarrer_site(prise),
        "worker": _demarrer("worker", travail),
        "beat": _demarrer("beat", horloge),
    }


def arreter_processus(processus):
    """Demande l'arrêt de tous, attend, puis l'impose."""
    for enfant in processus.values():
        if enfant.poll() is None:
            enfant.terminate()
    fin = time.monotonic() + 8
    for enfant in processus.values():
        try:
            enfant.wait(max(0.1, fin - time.monotonic()))
        except subprocess.TimeoutExpired:
            os.killpg(enfant.pid, signal.SIGKILL)
            enfant.wait()


def verifier_processus(processus):
    """Panne si l'un des processus s'est arrêté."""
    for nom, enfant in processus.items():
        if enfant.poll() is not None:
            raise Panne(f"Le processus « {nom} » s'est arrêté : voir {JOURNAUX / f'{nom}.log'}.")


def attendre_reponse(port, processus):
    """Attend que le site réponde, quelle que soit la réponse hors 5xx."""
    fin = time.monotonic() + ATTENTE
    while time.monotonic() < fin:
        verifier_processus(processus)
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=ATTENTE):
                return
        except urllib.error.HTTPError as reponse:
            if reponse.code < 500:
                return
            raise Panne(f"Le site répond par l'erreur {reponse.code} : voir {JOURNAUX / 'web.log'}.") from None
        except OSError:
            time.sleep(0.1)
    raise Panne(f"Le site ne répond pas : voir {JOURNAUX / 'web.log'}.")


@contextmanager
def signaux():
    """Ctrl-C, SIGTERM et la fermeture du terminal lèvent `Fin` ; un second signal n'interrompt pas la fermeture."""

    def finir(numero, _pile):
        for autre in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(autre, signal.SIG_IGN)
        raise Fin

    anciens = {numero: signal.signal(numero, finir) for numero in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    except Fin:
        dire("Arrêt…")
    finally:
        for numero, ancien in anciens.items():
            signal.signal(numero, ancien)


def ouvrir(texte_port):
    """Ouvre la démonstration et la tient jusqu'à Ctrl-C."""
    port = lire_port(texte_port)
    en_cours = demo_en_cours()
    if en_cours:
        dire(f"Jalon tourne déjà : http://127.0.0.1:{en_cours['port']} (« make arret » l'arrête).")
        return
    with signaux():
        installer("demo")
        with usage_des_services():
            _tenir(port)


def _tenir(voulu):
    services.demarrer()
    prise, port = reserver_port(voulu)
    # Les courriels y mènent, et les codes QR des documents que la préparation produit.
    os.environ.setdefault("JALON_ADRESSE", f"http://127.0.0.1:{port}")
    processus = {}
    try:
        presentation = preparer()
        ETAT.write_text(json.dumps({"pid": os.getpid(), "port": port}))
        processus = demarrer_processus(prise)
        attendre_reponse(port, processus)
        print(
            f"\n{presentation.strip()}\n\nJalon est ouvert : http://127.0.0.1:{port}\nCtrl-C pour arrêter.", flush=True
        )
        while True:
            verifier_processus(processus)
            time.sleep(0.5)
    finally:
        arreter_processus(processus)
        prise.close()
        ETAT.unlink(missing_ok=True)


def arreter_demo():
    """Arrête la démonstration en cours ; rend vrai s'il y en avait une."""
    etat = demo_en_cours()
    if not etat:
        ETAT.unlink(missing_ok=True)
        return False
    os.kill(etat["pid"], signal.SIGTERM)
    fin = time.monotonic() + 20
    while vivant(etat["pid"]) and time.monotonic() < fin:
        time.sleep(0.05)
    return True
