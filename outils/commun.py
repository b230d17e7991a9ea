"""Chemins, messages et réglages communs aux outils."""

import hashlib
import os
import secrets
import subprocess
import sys
import tempfile
import urllib.parse
from pathlib import Path

RACINE = Path(__file__).resolve().parent.parent
LOCAL = RACINE / ".local"
VENV = LOCAL / "venv"
PYTHON = VENV / "bin" / "python"
JOURNAUX = LOCAL / "journaux"
PAQUETS_SYSTEME = LOCAL / "systeme"
POLICES = PAQUETS_SYSTEME / "polices.conf"
BIBLIOTHEQUES = ("lib/*-linux-gnu", "usr/lib/*-linux-gnu", "usr/lib/*-linux-gnu/pulseaudio")
LONGUEUR_SOCKET = 100  # octets ; le noyau en accepte 107, « .s.PGSQL.5432.lock » compris


class Panne(Exception):
    """Ce qui empêche d'aller plus loin, dit en une phrase."""


def dire(texte):
    """Affiche une étape, tout de suite."""
    print(f"· {texte}", flush=True)


def est_root():
    """Vrai si l'on tourne en superutilisateur du système."""
    return os.geteuid() == 0


def creer_local():
    """Crée `.local`, ou dit pourquoi c'est impossible."""
    try:
        LOCAL.mkdir(exist_ok=True)
        JOURNAUX.mkdir(exist_ok=True)
    except PermissionError:
        raise Panne(f"Impossible d'écrire dans {LOCAL} : ce dossier appartient à un autre utilisateur.") from None


def lancer(commande, *, quoi, journal=None, **options):
    """Lance une commande muette ; en cas d'échec lève `Panne` avec sa dernière ligne."""
    fait = subprocess.run(
        [str(mot) for mot in commande], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **options
    )
    if journal:
        JOURNAUX.mkdir(parents=True, exist_ok=True)
        (JOURNAUX / journal).write_text(fait.stdout, encoding="utf-8")
    if fait.returncode:
        lignes = [ligne.strip() for ligne in fait.stdout.splitlines() if ligne.strip()]
        raise Panne(f"{quoi} : échec ({lignes[-1] if lignes else f'code {fait.returncode}'}).")
    return fait.stdout


def dossier_sockets():
    """Dossier privé des sockets : `.local/run`, ou un dossier court mémorisé si ce chemin est trop long."""
    direct = LOCAL / "run"
    memoire = LOCAL / "dossier-run"
    if len(os.fsencode(direct / ".s.PGSQL.5432.lock")) < LONGUEUR_SOCKET:
        dossier = direct
    elif memoire.exists() and Path(memoire.read_text().strip()).is_dir():
        dossier = Path(memoire.read_text().strip())
    else:
        dossier = Path(tempfile.mkdtemp(prefix="jalon-", dir="/tmp"))
        memoire.write_text(str(dossier))
    dossier.mkdir(mode=0o700, exist_ok=True)
    if dossier.stat().st_uid != os.geteuid():
        raise Panne(f"{dossier} appartient à un autre utilisateur : lancez « make propre » sous son compte.")
    dossier.chmod(0o700)
    return dossier


def cle_secrete():
    """Clé secrète locale, tirée une fois et gardée dans `.local`."""
    fichier = LOCAL / "cle-secrete"
    if not fichier.exists():
        fichier.touch(mode=0o600)
        fichier.write_text(secrets.token_urlsafe(50))
    return fichier.read_text().strip()


def adresse_base(role, base="jalon"):
    """Adresse de la base locale pour ce rôle."""
    return f"postgresql://{role}@/{base}?host={urllib.parse.quote(str(dossier_sockets()), safe='/')}"


def adresse_file():
    """Adresse de la file de messages locale."""
    return f"redis+socket://{urllib.parse.quote(str(dossier_sockets() / 'valkey.sock'), safe='/')}"


def environnement(*, demo=False):
    """Variables d'un processus du projet ; celles que l'appelant a déjà posées gagnent."""
    env = dict(os.environ)
    if "DATABASE_URL" not in env:
        env["DATABASE_URL"] = adresse_base("jalon_application")
        env["DATABASE_URL_PROPRIETAIRE"] = adresse_base("jalon_proprietaire")
    env.setdefault("BROKER_URL", adresse_file())
    env.setdefault("SECRET_KEY", cle_secrete())
    env.setdefault("DJANGO_SETTINGS_MODULE", "securisation.settings")
    env["PYTHONUNBUFFERED"] = "1"
    if demo:
        env["JALON_DEMO"] = "1"
    bibliotheques = [str(d) for motif in BIBLIOTHEQUES for d in sorted(PAQUETS_SYSTEME.glob(motif))]
    if bibliotheques:
        if POLICES.exists():
            env.setdefault("FONTCONFIG_FILE", str(POLICES))
        env["LD_LIBRARY_PATH"] = ":".join([*bibliotheques, *filter(None, [env.get("LD_LIBRARY_PATH")])])
    return env


def empreinte(*fichiers):
    """Empreinte des fichiers, du Python et de l'emplacement : change quand il faut réinstaller."""
    calcul = hashlib.sha256(f"{sys.version_info[:2]} {VENV}".encode())
    for fichier in fichiers:
        calcul.update(Path(fichier).read_bytes())
    return calcul.hexdigest()


def vivant(pid):
    """Vrai si le processus existe et n'est pas un zombie."""
    try:
        etat = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return etat != "Z"
