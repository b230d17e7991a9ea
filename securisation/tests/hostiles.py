"""Des contenus hostiles dans chaque champ de texte d'un document : rien ne se lit sur la machine ni sur le réseau, rien ne s'emballe.

`charges.py` en donne plus de trois cents. `eprouver()` les met, par paquets de quatre, dans chaque champ de chaque instantané : le
document n° k porte dans son champ n° c le paquet k + c, si bien que sur autant de documents que de paquets, chaque champ reçoit chaque
charge. Un champ coupe ce qu'il reçoit (quatre cents signes, mille cinq cents pour une parole ou une note) : chaque charge que tous coupent
est ensuite entière dans un champ long, une fois par instantané. `eprouver()` compte ce que le rendu ouvre (crochet d'audit de Python),
ce qu'une oreille locale entend, et cherche dans le PDF un fichier témoin que les charges nomment.

Lancé seul (`python -m securisation.tests.hostiles 6`), il éprouve les instantanés des essais et écrit son compte en JSON.
"""

import copy
import json
import os
import re
import socket
import sys
import sysconfig
import tempfile
import threading
import time
import zlib
from dataclasses import asdict, dataclass, field
from pathlib import Path
from types import SimpleNamespace

from securisation.tests.charges import COURT, charges, paquets

SECONDES_MAX, OCTETS_MAX = 10, 512 * 2**20
# Ce qu'un instantané porte pour s'orienter, non pour se lire : un code, une clé, un vocabulaire fermé.
STRUCTURE = {"schema", "code", "facteur", "genre", "cle", "ton", "pour", "copie"}
ENTIERES = {"axes", "echelle"}  # le dessin et le tableau d'un document les veulent toutes
TEXTES = {
    "parole",
    "note",
    "motif",
    "signal",
    "desaccord",
    "priorite",
    "objectif",
    "points_d_appui",
    "remis",
    "blocs",
    "texte",
    "phrases",
}
LONG, DEMESURE = 1500, 4000  # signes
_DATE = re.compile(r"\d{4}-\d\d-\d\d([T ].*)?$")
RESEAU = (
    "socket.",
    "urllib.",
    "http.",
    "ftplib.",
    "smtplib.",
    "poplib.",
    "imaplib.",
    "telnetlib.",
    "nntplib.",
    "webbrowser.",
)
PROCESSUS = (
    "subprocess.Popen",
    "os.system",
    "os.exec",
    "os.posix_spawn",
    "os.spawn",
    "os.fork",
    "os.forkpty",
    "pty.spawn",
    "ctypes.",
)
ECRITURES = (
    "os.remove",
    "os.rename",
    "os.mkdir",
    "os.link",
    "os.symlink",
    "os.truncate",
    "shutil.",
    "os.chmod",
    "os.listdir",
    "os.scandir",
)


# -- les champs


def champs(instantane):
    """Le chemin de chaque sorte de texte libre d'un instantané (une fois par liste) ; ni date, ni code, ni ce que la machine y ajoute."""
    sortes = {}
    for chemin, texte in _feuilles(instantane):
        if _est_libre(chemin, texte):
            sortes.setdefault(tuple(pas for pas in chemin if isinstance(pas, str)), chemin)
    return list(sortes.values())


def _feuilles(valeur, chemin=()):
    if isinstance(valeur, str):
        yield chemin, valeur
    elif isinstance(valeur, dict | list):
        paires = valeur.items() if isinstance(valeur, dict) else enumerate(valeur)
        for cle, dedans in paires:
            yield from _feuilles(dedans, (*chemin, cle))


def _est_libre(chemin, texte):
    nom = next(pas for pas in reversed(chemin) if isinstance(pas, str))
    return chemin[0] != "document" and nom not in STRUCTURE and not _DATE.match(texte)


def amincir(valeur, nom=""):
    """Le même instantané, deux lignes au plus de chaque liste : chaque sorte de champ y reste, le document est court."""
    if isinstance(valeur, dict):
        return {cle: amincir(dedans, cle) for cle, dedans in valeur.items()}
    if isinstance(valeur, list):
        return [amincir(dedans) for dedans in (valeur if nom in ENTIERES else valeur[:2])]
    return valeur


def _longueur(chemin):
    """Ce que l'on met de signes dans ce champ : une parole ou une note est longue, un nom ou un libellé est court."""
    return LONG if any(pas in TEXTES for pas in chemin) else COURT


def tourner(instantane, rang, paquets_):
    """Ce que le document n° `rang` met dans chaque champ : [(chemin, texte)] ; le champ n° c reçoit le paquet n° rang + c, et le coupe."""
    chemins = enumerate(champs(instantane))
    return [(chemin, paquets_[(rang + c) % len(paquets_)][: _longueur(chemin)]) for c, chemin in chemins]


def en_entier(instantane, toutes):
    """Une suite de [(chemin, texte)] : chaque charge que tous les champs coupent, entière dans un champ long, à défaut dans le plus long.

    Un document en porte deux, une par champ, ou une seule si elle est démesurée : ses bornes de temps et de mémoire restent celles d'un
    document. Les plus courtes viennent d'abord.
    """
    chemins = champs(instantane)
    permis = max(map(_longueur, chemins))
    longs = [chemin for chemin in chemins if _longueur(chemin) == LONG]
    # Le plus long texte d'abord : une parole s'imprime sûrement, un libellé parfois non.
    larges = sorted(longs or chemins, key=lambda chemin: -len(_lire(instantane, chemin)))[: 2 if longs else 1]
    coupees = sorted((charge for charge in toutes if len(charge) > permis), key=len)
    legeres = [charge for charge in coupees if len(charge) <= DEMESURE]
    for debut in range(0, len(legeres), len(larges)):
        yield list(zip(larges, legeres[debut:], strict=False))
    for charge in coupees[len(legeres) :]:
        yield [(larges[0], charge)]


def poser(instantane, textes):
    """Le même instantané, chaque texte à la place de ce que disait son champ."""
    pose = copy.deepcopy(instantane)
    for (*avant, dernier), texte in textes:
        _lire(pose, avant)[dernier] = texte
    return pose


def _lire(instantane, chemin):
    for pas in chemin:
        instantane = instantane[pas]
    return instantane


# -- l'épreuve


@dataclass
class Compte:
    """Ce qu'une épreuve a donné : champs et documents éprouvés, accès vus, pire temps (s) et mémoire (octets).

    `entieres` : de chaque charge, dans combien de champs elle a été mise sans être coupée.
    """

    charges: int = 0
    entieres: list = field(default_factory=list)
    genres: list = field(default_factory=list)
    champs: int = 0
    documents: int = 0
    refuses: list = field(default_factory=list)
    acces: list = field(default_factory=list)
    temoins: int = 0
    secondes: float = 0.0
    memoire: int = 0

    @property
    def tenue(self):
        """Vrai si rien ne s'est ouvert, rien n'a fui, tout a été produit, dans les bornes, chaque charge entière une fois par genre."""
        bornes = self.secondes <= SECONDES_MAX and self.memoire <= OCTETS_MAX
        entieres = min(self.entieres, default=0) >= len(self.genres)
        return bool(self.documents) and bornes and entieres and not (self.acces or self.temoins or self.refuses)


class Veille:
    """Le crochet d'audit : ouverte, elle note tout ce qui sort du rendu (réseau, processus, fichier qui n'est pas des siens)."""

    def __init__(self):
        self.ouverte, self.vus = False, []
        siens = [
            sys.prefix,
            sys.base_prefix,
            *sysconfig.get_paths().values(),
            tempfile.gettempdir(),
            "/usr/share/fonts",
            "/dev/null",
        ]
        self.siens = tuple(
            str(Path(dossier).resolve()) for dossier in {*siens, str(Path(__file__).resolve().parents[2] / "templates")}
        )
        sys.addaudithook(self._noter)

    def _noter(self, evenement, arguments):
        if not self.ouverte:
            return
        if evenement == "open":
            if not isinstance(arguments[0], int) and not self._est_sien(arguments[0]):
                self.vus.append(f"open {arguments[0]!r:.80}")
        elif evenement.startswith((*RESEAU, *PROCESSUS)) or (
            evenement.startswith(ECRITURES) and not self._est_chez_lui(arguments)
        ):
            self.vus.append(f"{evenement} {arguments!r:.80}")

    def _est_chez_lui(self, arguments):
        return bool(arguments) and isinstance(arguments[0], str | bytes | os.PathLike) and self._est_sien(arguments[0])

    def _est_sien(self, chemin):
        # Le témoin est lui-même dans le dossier temporaire : il n'est jamais permis.
        chemin = os.path.realpath(os.fsdecode(chemin))
        return chemin.startswith(self.siens) and TEMOIN not in chemin


TEMOIN = "temoin-hostile"
SECRET = "SECRET-9f31c7-QUI-NE-DOIT-PAS-SORTIR"


class Oreille(threading.Thread):
    """Une prise locale qui compte ceux qui l'appellent."""

    def __init__(self):
        super().__init__(daemon=True)
        self.prise = socket.create_server(("127.0.0.1", 0))
        self.port, self.appels = self.prise.getsockname()[1], 0
        self.start()

    def run(self):
        while True:
            self.prise.accept()[0].close()
            self.appels += 1


def eprouver(instantanes, documents=None, dire=lambda dit: None):
    """Éprouve des instantanés complets, couples (genre, instantané), selon `plan` ; avec `documents`, en version réduite.

    `dire` reçoit l'avancement, une phrase par instantané.
    """
    from securisation.documents import genres

    veille, oreille, compte = Veille(), Oreille(), Compte()
    with tempfile.TemporaryDirectory() as dossier:
        temoin = Path(dossier, TEMOIN)
        temoin.write_text(SECRET)
        toutes = charges(str(temoin), oreille.port)
        _rendre_ici()
        for code, instantane in instantanes:
            genres.produire(code, instantane)  # à vide : les polices et la feuille se lisent une fois
        compte.charges, compte.entieres = len(toutes), [0] * len(toutes)
        for place, (code, entier) in enumerate(instantanes):
            instantane, recus = amincir(entier), {}
            suite = plan(instantane, toutes, place, documents)
            compte.genres.append(code)
            compte.champs += len(champs(instantane))
            dire(f"{code} : {len(suite)} documents à éprouver, {compte.documents} produits jusqu'ici")
            for textes in suite:
                _un_document(genres.produire, code, poser(instantane, textes), veille, compte)
                for chemin, texte in textes:
                    recus.setdefault(chemin, set()).add(texte)
            _compter(recus, toutes, compte)
    compte.acces = sorted(set(veille.vus)) + (["appel reçu"] * oreille.appels)
    compte.memoire = _sommet()
    return compte


def plan(instantane, toutes, place=0, documents=None):
    """Ce que chaque document met dans ses champs : un par paquet, puis ceux aux charges entières.

    Version réduite : `documents` qui tournent, et un seul aux charges entières.
    """
    reunies = paquets(toutes)
    combien = documents or len(reunies)
    tournent = [tourner(instantane, (k * len(reunies)) // combien + place, reunies) for k in range(combien)]
    return tournent + list(en_entier(instantane, toutes))[: 1 if documents else None]


def _compter(recus, toutes, compte):
    """Ajoute, pour chaque charge, les champs d'un instantané qui l'ont reçue entière ; `recus` : textes reçus par champ."""
    for textes in recus.values():
        tout = "\0\0".join(textes)
        for rang, charge in enumerate(toutes):
            compte.entieres[rang] += charge in tout


def _sommet():
    """Le plus que ce processus ait tenu, en octets ; `ru_maxrss` compterait aussi celui qui l'a lancé, avant son `exec`."""
    statut = Path("/proc/self/status").read_text()
    return int(statut.split("VmHWM:")[1].split()[0]) * 1024


def _rendre_ici():
    """Le rendu se fait dans ce processus, où la veille le voit, au lieu du sien."""
    from securisation.documents import machine, rendu

    machine._RENDU = SimpleNamespace(faire=lambda demande, corps=b"", **_bornes: rendu.travailler(demande, corps))


def _un_document(produire, code, instantane, veille, compte):
    debut, veille.ouverte = time.process_time(), True
    try:
        pdf = produire(code, instantane)
        compte.documents += 1
        compte.temoins += _porte_le_temoin(pdf.contenu)
    except Exception as erreur:  # un document qui ne sort pas est un défaut : la charge n'est que du texte
        compte.refuses.append(f"{code} : {type(erreur).__name__} {erreur!s:.120}")
    finally:
        veille.ouverte = False
    compte.secondes = max(compte.secondes, time.process_time() - debut)


def _porte_le_temoin(contenu):
    """Vrai si le secret du fichier témoin est dans un flux du PDF, en clair ou comprimé."""
    clair = [contenu]
    for brut in re.findall(rb"stream\r?\n(.*?)\r?\nendstream", contenu, re.DOTALL):
        try:
            clair.append(zlib.decompress(brut))
        except zlib.error:
            continue
    return any(SECRET.encode() in morceau for morceau in clair)


def instantanes_des_essais():
    """Un diagnostic et un bilan complets, sans base."""
    from securisation.documents.tests import instantanes

    fournis = [("bilan", instantanes.bilan("jeanne")), ("diagnostic", instantanes.diagnostic("nadia"))]
    for _, instantane in fournis:
        instantane["axes"][0]["points_d_appui"] = ["Sa voisine."]
    return fournis


if __name__ == "__main__":
    import django

    django.setup()
    rendu = eprouver(instantanes_des_essais(), int(sys.argv[1]) if sys.argv[1:] else None)
    sys.stdout.write(json.dumps(asdict(rendu) | {"tenue": rendu.tenue}) + "\n")
