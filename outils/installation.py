"""Ce qu'il faut avant de lancer Jalon : environnement Python, bibliothèques du système, chromium, les mesureurs."""

import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path
from xml.sax.saxutils import escape

from outils.commun import (
    LOCAL,
    PAQUETS_SYSTEME,
    POLICES,
    PYTHON,
    RACINE,
    VENV,
    Panne,
    creer_local,
    dire,
    empreinte,
    environnement,
    est_root,
    lancer,
)

PYTHON_MINIMUM = (3, 11)
VERROUS = {"demo": ["requirements.txt"], "test": ["requirements.txt", "requirements-dev.txt"]}
PAQUETS_PANGO = ["libpango-1.0-0", "libpangoft2-1.0-0", "libharfbuzz-subset0", "fonts-dejavu-core"]
ESSAI_PANGO = """
import ctypes
for nom in ("libpango-1.0.so.0", "libpangoft2-1.0.so.0", "libharfbuzz-subset.so.0"):
    ctypes.CDLL(nom)
fontconfig = ctypes.CDLL("libfontconfig.so.1")
fontconfig.FcConfigGetFonts.restype = ctypes.POINTER(ctypes.c_int)
polices = fontconfig.FcConfigGetFonts(None, 0)
raise SystemExit(0 if polices and polices[0] else 1)
"""
# Sans aucune police, Pango s'arrête net : celles du projet s'ajoutent à une police de repli du système.
CONF_POLICES = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd">
<fontconfig>
  <include ignore_missing="yes">/etc/fonts/fonts.conf</include>
  <dir>{systeme}/usr/share/fonts</dir>
  <cachedir>{systeme}/cache-polices</cachedir>
</fontconfig>
"""
MESUREURS = RACINE / "outils" / "qualite"
DOSSIER_MESUREURS = LOCAL / "qualite"
VNU = DOSSIER_MESUREURS / "node_modules" / "vnu-jar" / "build" / "dist" / "vnu.jar"
CHROMIUMS = ("/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome")


def trouver_python():
    """Interpréteur du système, 3.11 au moins."""
    if sys.version_info >= PYTHON_MINIMUM:
        return sys.executable
    for mineure in range(20, 10, -1):
        trouve = shutil.which(f"python3.{mineure}")
        if trouve and _fonctionne(trouve):
            return trouve
    raise Panne("Jalon demande Python 3.11 ou plus récent : installez-le, puis relancez la commande.")


def _fonctionne(python):
    try:
        return subprocess.run([str(python), "-c", ""], capture_output=True).returncode == 0
    except OSError:
        return False


def _creer_venv(python, uv):
    shutil.rmtree(VENV, ignore_errors=True)
    if uv:
        lancer([uv, "venv", "-q", "--python", python, VENV], quoi="La création de l'environnement Python")
    elif _fonctionne_ensurepip(python):
        lancer([python, "-m", "venv", VENV], quoi="La création de l'environnement Python")
    else:
        _creer_venv_sans_ensurepip(python)


def _fonctionne_ensurepip(python):
    return subprocess.run([python, "-c", "import ensurepip, venv"], capture_output=True).returncode == 0


def _creer_venv_sans_ensurepip(python):
    """Debian sépare venv et pip de Python : ils sont pris dans ses paquets, sans toucher au système."""
    _deballer(["python3-pip-whl"], quoi="pip")
    roues = sorted(PAQUETS_SYSTEME.glob("usr/share/python-wheels/pip-*.whl"))
    if not roues:
        raise Panne("Le module venv de Python manque : installez le paquet python3-venv, puis relancez.")
    lancer([python, "-m", "venv", "--without-pip", VENV], quoi="La création de l'environnement Python")
    lancer([PYTHON, roues[-1] / "pip", "install", "-q", "--no-index", roues[-1]], quoi="L'installation de pip")


def installer_python(usage):
    """Installe les paquets verrouillés de cet usage, seulement si le verrou ou Python a changé."""
    creer_local()
    uv, python = shutil.which("uv"), trouver_python()
    verrous = [RACINE / nom for nom in VERROUS[usage]]
    marque, attendue = VENV / f".empreinte-{usage}", empreinte(*verrous)
    if marque.exists() and marque.read_text() == attendue and _fonctionne(PYTHON):
        return
    if not _fonctionne(PYTHON) or not _meme_emplacement():
        _creer_venv(python, uv)
    dire(f"Installation des paquets Python ({'uv' if uv else 'pip'})…")
    sources = [mot for verrou in verrous for mot in ("-r", verrou)]
    if uv:
        commande = [uv, "pip", "install", "-q", "--python", PYTHON, "--require-hashes", "--compile-bytecode"]
    else:
        commande = [PYTHON, "-m", "pip", "install", "-q", "--disable-pip-version-check", "--require-hashes"]
    lancer([*commande, *sources], quoi="L'installation des paquets Python", journal="installation.log")
    marque.write_text(attendue)


def _meme_emplacement():
    """Un environnement déplacé garde ses anciens chemins : il faut le refaire."""
    activation = VENV / "bin" / "activate"
    return activation.exists() and str(VENV) in activation.read_text(encoding="utf-8", errors="replace")


def pango_present():
    """Vrai si les bibliothèques se chargent et si une police au moins est connue."""
    essai = subprocess.run([str(PYTHON), "-c", ESSAI_PANGO], capture_output=True, env=environnement())
    return essai.returncode == 0


def installer_pango():
    """Rend les bibliothèques de WeasyPrint disponibles, par apt sous root, sinon déballées dans le projet."""
    if pango_present():
        return
    _installer_debian(PAQUETS_PANGO, quoi="Pango, la bibliothèque des PDF")
    if not pango_present():
        raise Panne(f"Pango manque pour produire les PDF : installez {' '.join(PAQUETS_PANGO)}, puis relancez.")


def trouver_chromium():
    """Chemin de chromium, ou None."""
    deballe = PAQUETS_SYSTEME / "usr" / "lib" / "chromium" / "chromium"
    for chemin in filter(None, [os.environ.get("JALON_CHROMIUM"), *CHROMIUMS, str(deballe)]):
        if Path(chemin).exists():
            return chemin
    return None


def _pilote_present():
    """Vrai si le pilote du navigateur démarre : il lui faut une bibliothèque que Debian n'a pas toujours."""
    for pilote in VENV.glob("lib/python3*/site-packages/playwright/driver/node"):
        return subprocess.run([pilote, "--version"], capture_output=True, env=environnement()).returncode == 0
    return False


def _chromium_present():
    """Vrai si chromium et ses bibliothèques sont là."""
    chromium = trouver_chromium()
    essai = [chromium, "--version"]
    return bool(chromium) and subprocess.run(essai, capture_output=True, env=environnement()).returncode == 0


def installer_chromium():
    """Rend chromium et son pilote disponibles pour les parcours au navigateur."""
    manquants = [] if _chromium_present() else ["chromium"]
    manquants += [] if _pilote_present() else ["libatomic1"]
    if not manquants:
        return
    _installer_debian(manquants, quoi="chromium, pour les tests au navigateur")
    if not _chromium_present() or not _pilote_present():
        raise Panne("chromium manque pour les tests : installez chromium et libatomic1, ou réglez JALON_CHROMIUM.")


def _marche(*commande):
    try:
        return subprocess.run(commande, capture_output=True).returncode == 0
    except OSError:
        return False


def installer_mesureurs():
    """Pose ce que demande `make qualite` : Java et Node par les paquets du système, puis vnu et Lighthouse, aux versions du verrou."""
    creer_local()
    manquants = [] if _marche("java", "--version") else ["default-jre-headless"]
    manquants += [] if _marche("npm", "--version") else ["nodejs", "npm"]
    if manquants and not est_root():
        raise Panne(f"les mesures demandent {' et '.join(manquants)} : installez ces paquets, puis relancez.")
    if manquants:
        _installer_debian(manquants, quoi="Java et Node, pour les mesures")
    verrou = MESUREURS / "package-lock.json"
    marque, attendue = DOSSIER_MESUREURS / ".empreinte", empreinte(verrou)
    if marque.exists() and marque.read_text() == attendue and VNU.exists():
        return
    dire("Installation des mesureurs (npm)…")
    DOSSIER_MESUREURS.mkdir(exist_ok=True)
    for fichier in (verrou, MESUREURS / "package.json"):
        shutil.copy(fichier, DOSSIER_MESUREURS)
    commande = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    lancer(commande, quoi="L'installation des mesureurs", journal="mesureurs.log", cwd=DOSSIER_MESUREURS)
    if not VNU.exists():
        raise Panne(f"le vérificateur HTML n'est pas arrivé : voir {LOCAL / 'journaux' / 'mesureurs.log'}.")
    marque.write_text(attendue)


def _installer_debian(paquets, *, quoi):
    if not shutil.which("apt-get"):
        raise Panne(f"Il manque {quoi} : installez l'équivalent de {' '.join(paquets)}, puis relancez.")
    if not est_root():
        _deballer(paquets, quoi=quoi)
        return
    dire(f"Installation de {quoi} (apt)…")
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    commande = ["apt-get", "install", "-y", "-q", "--no-install-recommends", *paquets]
    try:
        lancer(commande, quoi=f"L'installation de {quoi}", journal="apt.log", env=env)
    except Panne:
        lancer(["apt-get", "update", "-q"], quoi="La mise à jour de la liste des paquets", journal="apt.log", env=env)
        lancer(commande, quoi=f"L'installation de {quoi}", journal="apt.log", env=env)


def _environnement_apt():
    """Réglages d'apt pour travailler sans root : ses listes et son cache vont dans `.local`."""
    dossier = LOCAL / "apt"
    for sous in ("state/lists/partial", "cache/archives/partial", "paquets"):
        (dossier / sous).mkdir(parents=True, exist_ok=True)
    conf = dossier / "apt.conf"
    conf.write_text(
        f'Dir::State "{dossier}/state/";\nDir::State::status "/var/lib/dpkg/status";\nDir::Cache "{dossier}/cache/";\n'
        'Debug::NoLocking "1";\nAPT::Sandbox::User "";\n'
    )
    return {**os.environ, "APT_CONFIG": str(conf), "LC_ALL": "C"}, dossier / "paquets"


def _absents(paquets, env):
    """Ces paquets et ce qu'il leur manque, tels qu'apt les poserait."""
    commande = ["apt-get", "install", "-s", "-q", "--no-install-recommends", *paquets]
    lignes = lancer(commande, quoi="La recherche des paquets", journal="apt.log", env=env).splitlines()
    return sorted({*paquets, *(ligne.split()[1] for ligne in lignes if ligne.startswith("Inst "))})


def _deballer(paquets, *, quoi):
    """Télécharge des paquets Debian et leurs dépendances, et les ouvre dans `.local/systeme`."""
    if not shutil.which("apt-get") or not shutil.which("dpkg"):
        raise Panne(f"Il manque {quoi} : installez {' '.join(paquets)}, puis relancez.")
    dire(f"Installation de {quoi} dans le projet, sans droits d'administration…")
    env, dossier = _environnement_apt()
    lancer(["apt-get", "update", "-q"], quoi="La lecture de la liste des paquets", journal="apt.log", env=env)
    absents = _absents(paquets, env)
    lancer(["apt-get", "download", "-q", *absents], quoi=f"Le téléchargement de {quoi}", cwd=dossier, env=env)
    PAQUETS_SYSTEME.mkdir(exist_ok=True)
    for archive in sorted(dossier.glob("*.deb")):
        lancer(["dpkg", "-x", archive, PAQUETS_SYSTEME], quoi=f"Le déballage de {quoi}")
        archive.unlink()
    POLICES.write_text(CONF_POLICES.format(systeme=escape(str(PAQUETS_SYSTEME))), encoding="utf-8")


def installer(usage):
    """Installe tout ce que demande `demo` ou `test`."""
    if platform.system() != "Linux":
        raise Panne("Cette commande est faite pour Linux ; ailleurs, suivez docs/configuration.md.")
    installer_python(usage)
    installer_pango()
    if usage == "test":
        installer_chromium()
