"""Un travail mené dans un processus à part, borné en temps et en mémoire : un contenu hostile n'y arrête que lui-même.

Le processus (`etabli.py`) sert de nouveau au document suivant ; il se relance après une mort, un trop long service ou un repos.
"""

import json
import os
import select
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from .etabli import ENTETE, REPOS

SECONDES = 10  # temps de processeur d'un travail
PATIENCE = 6  # attente totale, en multiples de ce temps : la machine peut être occupée ailleurs
OCTETS = 512 * 1024 * 1024  # espace d'adressage du processus entier
SERVICE = 200  # travaux avant d’en prendre un neuf : il grossit d’un huitième de Mo à chacun, et en prendre un coûte deux rendus

# De quoi trouver les bibliothèques, et les polices avec leur cache ; rien d'autre de l'environnement, où sont les secrets, ne passe.
ENVIRONNEMENT = ("PATH", "LD_LIBRARY_PATH", "LANG", "HOME", "XDG_CACHE_HOME", "FONTCONFIG_FILE", "FONTCONFIG_PATH")


class TravailArrete(Exception):
    """Le processus a dépassé ses bornes, ou s'est arrêté : son travail est perdu, rien d'autre."""


class EchecDuMetier(Exception):
    """Le métier a refusé ce travail : `nom` est celui de son exception, le message ce qu'elle dit (vide : une faute de programme)."""

    def __init__(self, nom, dit):
        super().__init__(dit or nom)
        self.nom = nom


class Atelier:
    """Les travaux d'un métier (« rendu », « scellement »), un à la fois, dans un processus que l'on garde."""

    def __init__(self, metier, *, octets=OCTETS):
        self.metier, self.octets = metier, octets
        self._processus, self._dossier, self._chez = None, None, None
        self._faits, self._dernier = 0, 0.0
        self._verrou = threading.Lock()

    def faire(self, demande, corps=b"", *, secondes=SECONDES):
        """(réponse, octets) du métier à cette demande (un dictionnaire) ; lève EchecDuMetier ou TravailArrete."""
        dit = json.dumps(demande | {"secondes": secondes}).encode()
        envoi = ENTETE.pack(len(dit), len(corps)) + dit + corps
        with self._verrou:
            meta, octets = self._echanger(envoi, time.monotonic() + secondes * PATIENCE)
            self._faits, self._dernier = self._faits + 1, time.monotonic()
            if self._faits >= SERVICE or ("erreur" in meta and not meta["dit"]):
                self.arreter()
        if meta.get("erreur") == "MemoryError":
            raise TravailArrete("mémoire")
        if "erreur" in meta:
            raise EchecDuMetier(meta["erreur"], meta["dit"])
        return meta, octets

    def arreter(self):
        """Finit le processus et rend ce qu'il tenait ; sans processus, ne fait rien."""
        processus, self._processus = self._processus, None
        dossier, self._dossier = self._dossier, None
        if processus is None or self._chez != os.getpid():  # après un fork, il est à celui qui l'a lancé
            return
        processus.kill()
        processus.wait()
        processus.stdin.close()
        processus.stdout.close()
        shutil.rmtree(dossier, ignore_errors=True)

    def _echanger(self, envoi, limite):
        for essai in (1, 2):
            self._preparer()
            try:
                self._envoyer(envoi, limite)
                return self._recevoir(limite)
            except ConnectionError:  # il s'est arrêté avant de tout lire : un neuf reprend, une fois
                self.arreter()
                if essai == 2:
                    raise TravailArrete("arrêt") from None
            except BaseException:
                self.arreter()
                raise
        raise AssertionError

    def _preparer(self):
        frais = time.monotonic() - self._dernier < REPOS / 2  # au-delà, il pourrait s'arrêter pendant qu'on lui parle
        if self._processus and self._chez == os.getpid() and frais and self._processus.poll() is None:
            return
        self.arreter()
        self._dossier = tempfile.mkdtemp(
            prefix="jalon-atelier-"
        )  # il l'efface en s'arrêtant ; tué, `arreter` s'en charge
        commande = [sys.executable, "-I", str(Path(__file__).with_name("etabli.py")), self.metier, str(self.octets)]
        garde = {cle: os.environ[cle] for cle in ENVIRONNEMENT if cle in os.environ}
        self._processus = subprocess.Popen(
            commande,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            bufsize=0,
            env=garde | {"TMPDIR": self._dossier},
            cwd=self._dossier,
        )
        self._faits, self._dernier, self._chez = 0, time.monotonic(), os.getpid()
        os.set_blocking(self._processus.stdin.fileno(), False)

    def _envoyer(self, envoi, limite):
        vue, tuyau = memoryview(envoi), self._processus.stdin.fileno()
        while vue:
            self._attendre(tuyau, select.POLLOUT, limite)
            vue = vue[os.write(tuyau, vue) :]

    def _recevoir(self, limite):
        entete = self._prendre(ENTETE.size, limite)
        dit, corps = ENTETE.unpack(entete)
        return json.loads(self._prendre(dit, limite)), self._prendre(corps, limite)

    def _prendre(self, combien, limite):
        tuyau, recu = self._processus.stdout.fileno(), bytearray()
        while len(recu) < combien:
            self._attendre(tuyau, select.POLLIN, limite)
            morceau = os.read(tuyau, min(combien - len(recu), 1 << 20))
            if not morceau:
                raise TravailArrete("temps ou mémoire")
            recu += morceau
        return bytes(recu)

    @staticmethod
    def _attendre(tuyau, pour, limite):
        veille, reste = select.poll(), limite - time.monotonic()
        veille.register(tuyau, pour)
        if reste <= 0 or not veille.poll(reste * 1000):
            raise TravailArrete("temps")
