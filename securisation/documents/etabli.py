"""Le processus à part : il lit une demande, la passe à un métier (`rendu.py`, `scellement.py`), rend la réponse, et recommence.

Lancé seul par `atelier.py`, sans Django ni base : `python -I etabli.py METIER OCTETS`. Sa mémoire est bornée une fois pour toutes,
son temps de processeur à chaque demande. Sans travail pendant une minute, ou celui qui l'a lancé disparu, il s'arrête.
"""

import gc
import importlib.util
import json
import os
import resource
import select
import shutil
import struct
import sys
from pathlib import Path

REPOS = 60  # secondes sans demande avant de rendre sa mémoire
ENTETE = struct.Struct(">II")  # longueur du JSON, longueur des octets qui le suivent
PILE = 33_000  # places de la pile d'appels prises d'un bloc : un quart de Mo, réservé et non occupé
DISQUE_MAX = 64 * 1024 * 1024  # octets d'un fichier écrit : les polices décompressées n'en prennent pas le centième


def principal(metier, octets):
    """Sert les demandes de l'entrée standard ; rien d'autre n'écrit sur la sortie, où partent les réponses."""
    entree, sortie = os.dup(0), os.dup(1)
    rien = os.open(os.devnull, os.O_RDWR)
    for flux in (0, 1, 2):
        os.dup2(rien, flux)
    for borne, valeur in ((resource.RLIMIT_AS, octets), (resource.RLIMIT_CORE, 0), (resource.RLIMIT_FSIZE, DISQUE_MAX)):
        resource.setrlimit(borne, (valeur, valeur))
    travailler = _d_un_bloc(_metier(metier).travailler)
    while select.select([entree], [], [], REPOS)[0] and _servir(entree, sortie, travailler):
        _balayer()


def _d_un_bloc(travailler):
    """Le même travail, appelé en haut d'une pile d'appels déjà large.

    CPython, jusqu'à 3.12, étend la pile par morceaux de 16 Ko, rendus au système sitôt quittés : un rendu qui passe et repasse une limite
    en prenait et rendait cinq mille. Un appel qui déclare une grande pile en obtient un morceau plus grand qu'elle, où la suite tient.
    """

    def appeler(demande, corps):
        return travailler(demande, corps)

    appeler.__code__ = appeler.__code__.replace(co_stacksize=PILE)
    return appeler


def _servir(entree, sortie, travailler):
    """Une demande, sa réponse ; faux s'il faut en finir : plus personne, ou une faute de programme qu'un processus neuf reprendra."""
    lu = _lire(entree)
    if lu is None:
        return False
    meta, corps = _repondre(travailler, *lu)
    dit = json.dumps(meta).encode()
    _ecrire(sortie, ENTETE.pack(len(dit), len(corps)) + dit + corps)
    return "erreur" not in meta or bool(meta["dit"])


def _balayer():
    """Une fois la réponse partie, rend ce que ce travail a laissé ; ce qui sert à tous (modules, feuille) n'est plus jamais reparcouru.

    Un rendu crée un million d'objets : le ramasse-miettes, à son seuil d'origine, en prenait le dixième du temps.
    """
    gc.collect()
    if not gc.get_freeze_count():
        gc.freeze()
        gc.set_threshold(100_000, 50, 1000)


def _repondre(travailler, demande, corps):
    """(réponse, octets) ; une erreur se rend par son nom, avec ce qu'elle dit si elle est des nôtres."""
    depense = resource.getrusage(resource.RUSAGE_SELF)
    fin = int(depense.ru_utime + depense.ru_stime) + 1 + int(demande.pop("secondes"))
    resource.setrlimit(resource.RLIMIT_CPU, (fin, resource.getrlimit(resource.RLIMIT_CPU)[1]))
    try:
        return travailler(demande, corps)
    except Exception as erreur:
        dit = str(erreur) if getattr(erreur, "se_dit", False) else ""
        return {"erreur": type(erreur).__name__, "dit": dit}, b""


def _metier(nom):
    chemin = Path(__file__).with_name(f"{nom}.py")
    plan = importlib.util.spec_from_file_location(nom, chemin)
    module = importlib.util.module_from_spec(plan)
    sys.modules[nom] = module
    plan.loader.exec_module(module)
    return module


def _lire(entree):
    entete = _prendre(entree, ENTETE.size)
    if entete is None:
        return None
    dit, corps = ENTETE.unpack(entete)
    return json.loads(_prendre(entree, dit)), _prendre(entree, corps)


def _prendre(entree, combien):
    recu = bytearray()
    while len(recu) < combien:
        morceau = os.read(entree, combien - len(recu))
        if not morceau:
            return None
        recu += morceau
    return bytes(recu)


def _ecrire(sortie, octets):
    vue = memoryview(octets)
    while vue:
        vue = vue[os.write(sortie, vue) :]


if __name__ == "__main__":
    try:
        principal(sys.argv[1], int(sys.argv[2]))
    finally:
        shutil.rmtree(os.environ.get("TMPDIR", ""), ignore_errors=True)
