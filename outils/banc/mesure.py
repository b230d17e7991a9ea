"""Les mesures : un vrai gunicorn par base, des requêtes entrelacées d'un vrai compte, les blocs et la mémoire."""

import http.client
import random
import signal
import socket
import statistics
import subprocess
import time
import urllib.parse
import uuid
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psycopg

from outils.banc.bases import adresses, environnement_du_banc
from outils.commun import JOURNAUX, PYTHON, RACINE, Panne

CSRF = "b" * 32
BLOCS = """SELECT coalesce(sum(heap_blks_read + heap_blks_hit + coalesce(idx_blks_read + idx_blks_hit, 0)
 + coalesce(toast_blks_read + toast_blks_hit + tidx_blks_read + tidx_blks_hit, 0)), 0) FROM pg_statio_user_tables"""


@dataclass
class Page:
    """Ce que l'on mesure : son nom, qui la demande, ses adresses tour à tour, et ce que l'on y envoie."""

    nom: str
    qui: str
    adresses: list
    envoi: dict = None
    statut: int = 200


@dataclass
class Releve:
    """Ce qu'une page a coûté sur une base : temps en millisecondes, et comptes par requête."""

    temps: list = field(default_factory=list)
    sql: int = 0
    cpu: float = 0
    blocs: float = 0
    octets: int = 0

    def centile(self, part):
        """Le temps sous lequel tombe cette part des requêtes, en millisecondes."""
        ordre = sorted(self.temps)
        return ordre[min(len(ordre) - 1, int(part * len(ordre)))]


def pages(reperes):
    """Les pages de l'issue, pour une base."""
    parcours, cherche = reperes["parcours"], reperes["cherche"]
    dossiers = [f"/parcours/{cle}/" for cle in parcours]
    contact = {"canal": "téléphone", "de_la_personne": "oui", "note": "Rendez-vous confirmé avec le bailleur."}
    return [
        Page("Vue vide", "intervenante", ["/banc/vide/"]),
        Page("Mes parcours, intervenante", "intervenante", ["/"]),
        Page("Mes parcours, superviseure", "superviseure", ["/"]),
        Page("Liste écrite simplement, intervenante", "intervenante", ["/banc/simple/"]),
        Page("Liste écrite simplement, superviseure", "superviseure", ["/banc/simple/"]),
        Page("Recherche par nom, intervenante", "intervenante", _recherches(cherche["noms"])),
        Page("Recherche par nom, superviseure", "superviseure", _recherches(cherche["noms"])),
        Page("Recherche par nom et prénom", "superviseure", _recherches(cherche["entiers"])),
        Page("Recherche par téléphone", "superviseure", _recherches(cherche["telephones"])),
        Page("Recherche par numéro", "superviseure", _recherches(cherche["numeros"])),
        Page("Un parcours", "intervenante", dossiers),
        Page("Historique, première page", "intervenante", [f"{url}historique/" for url in dossiers]),
        Page("Historique, page profonde", "intervenante", [f"{url}historique/?apres=80" for url in dossiers]),
        Page("Piste d'audit, première page", "superviseure", ["/piste/?periode=tout"]),
        Page("Piste d'audit, page profonde", "superviseure", [f"/piste/?periode=tout&apres={reperes['milieu']}"]),
        Page("Contact enregistré (POST)", "intervenante", [f"{url}contacts/noter/" for url in dossiers], contact, 302),
    ]


def _recherches(termes):
    return [f"/recherche/?q={urllib.parse.quote(terme)}" for terme in termes]


class Site:
    """Un gunicorn à un seul processus de travail, sur une base."""

    def __init__(self, base, reperes):
        self.base, self.reperes, self.pages = base, reperes, pages(reperes)
        self.releves = {page.nom: Releve() for page in self.pages}

    def __enter__(self):
        prise = socket.socket()
        prise.bind(("127.0.0.1", 0))
        prise.listen(64)
        self.port = prise.getsockname()[1]
        commande = [PYTHON, "-m", "gunicorn", "outils.banc.serveur:application", "--bind", f"fd://{prise.fileno()}"]
        commande += ["--workers", "1", "--no-control-socket"]
        self.processus = lancer(commande, self.base, pass_fds=[prise.fileno()])
        prise.close()
        self.statistiques = psycopg.connect(adresses(self.base)[0], autocommit=True)
        self.demander(self.pages[0])
        return self

    def __exit__(self, *erreur):
        self.statistiques.close()
        arreter(self.processus)

    @property
    def travailleur(self):
        """Numéro du processus qui répond."""
        return enfants(self.processus.pid)[0]

    def demander(self, page, tour=0, **entetes):
        """Une requête, connexion comprise ; rend (secondes, réponse, corps)."""
        entetes |= {"Cookie": f"jalon_session={self.reperes['sessions'][page.qui]}; jalon_csrf={CSRF}"}
        corps, adresse = None, page.adresses[tour % len(page.adresses)]
        if page.envoi is not None:
            jour = time.strftime("%d/%m/%Y")
            corps = urllib.parse.urlencode(
                page.envoi | {"le": jour, "jeton": uuid.uuid4(), "csrfmiddlewaretoken": CSRF}
            )
            entetes["Content-Type"] = "application/x-www-form-urlencoded"
        debut = time.perf_counter()
        liaison = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        liaison.request("GET" if corps is None else "POST", adresse, corps, entetes)
        reponse = liaison.getresponse()
        contenu = reponse.read()
        duree = time.perf_counter() - debut
        liaison.close()
        if reponse.status != page.statut:
            raise Panne(f"{page.nom} répond {reponse.status} au lieu de {page.statut} : voir {JOURNAUX / 'banc.log'}.")
        return duree, reponse, contenu

    def compter(self, page, fois=20):
        """Requêtes SQL, processeur (ms, médiane), blocs et octets d'une page, hors du passage chronométré."""
        releve = self.releves[page.nom]
        self.demander(page, **{"X-Banc": "1"})
        time.sleep(0.05)
        avant, cpu = self._blocs(), []
        for tour in range(fois):
            _, reponse, contenu = self.demander(page, tour, **{"X-Banc": "1"})
            releve.sql, releve.octets = int(reponse.headers["X-Banc-Sql"]), len(contenu)
            cpu.append(float(reponse.headers["X-Banc-Cpu"]))
        releve.cpu = statistics.median(cpu)
        time.sleep(0.05)
        releve.blocs = (self._blocs() - avant) / fois

    def _blocs(self):
        return int(self.statistiques.execute(BLOCS).fetchone()[0])


def chronometrer(sites, tours):
    """Le passage entrelacé : à chaque tour, chaque page de chaque base, dans un ordre tiré au sort."""
    hasard = random.Random(1)  # noqa: S311 (un ordre, pas un secret)
    for tour in range(-5, tours):
        suite = [(site, page) for site in sites for page in site.pages]
        hasard.shuffle(suite)
        for site, page in suite:
            duree, _, _ = site.demander(page, tour)
            if tour >= 0:
                site.releves[page.nom].temps.append(1000 * duree)


# -- processus et mémoire


def lancer(commande, base, env=None, **options):
    """Un processus du projet sur une base du banc ; ce qu'il dit va dans banc.log. `env` : des variables de plus."""
    with open(JOURNAUX / "banc.log", "ab") as sortie:
        return subprocess.Popen(
            [str(mot) for mot in commande],
            cwd=RACINE,
            env=environnement_du_banc(base) | (env or {}),
            stdout=sortie,
            stderr=sortie,
            **options,
        )


def arreter(processus):
    """Demande l'arrêt, puis l'impose."""
    processus.send_signal(signal.SIGTERM)
    try:
        processus.wait(10)
    except subprocess.TimeoutExpired:
        processus.kill()
        processus.wait()


@contextmanager
def programme(commande, base, env=None):
    """Un processus tenu le temps du bloc ; `env` : des variables de plus."""
    processus = lancer(commande, base, env)
    try:
        yield processus
    finally:
        arreter(processus)


def enfants(pid):
    """Numéros des processus fils."""
    return [int(mot) for mot in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def pss(*pids):
    """Mémoire de ces processus, part des pages partagées comprise (PSS), en Mo ; None si le système la cache."""
    total = 0
    for pid in pids:
        try:
            lignes = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        except (PermissionError, FileNotFoundError):
            return None
        total += next(int(ligne.split()[1]) for ligne in lignes if ligne.startswith("Pss:"))
    return total / 1024


def famille(pid):
    """Le processus et ses descendants."""
    return [pid, *(petit for fils in enfants(pid) for petit in famille(fils))]
