"""Les ancres : toutes les têtes du journal hachées ensemble, signées (Ed25519) et écrites hors de la base, chacune liée à la précédente.

Une ancre est un fichier JSON `<numéro>.json` du dossier `JALON_ANCRES`, jamais récrit. Elle cite les têtes qui ont bougé depuis la
précédente (toutes, quand elle est complète) : qui recoupe une chaîne dans la base, têtes comprises, contredit un fichier signé.
`outils/verifier_hors_ligne.py` relit les mêmes fichiers sans Django.
"""

import base64
import hashlib
import json
import os
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings
from django.db import connection

from . import horloge
from .journal import inscrire

COMPLETE_TOUTES_LES = 1000  # une ancre sur mille cite toutes les têtes : l'état se relit sans remonter au premier jour
FIN_DE_CLE = b"-----END PUBLIC KEY-----\n"


class AncrageImpossible(Exception):
    """La clé manque, ou le dossier ne s'écrit pas : la phrase dit quoi faire."""


@dataclass
class Attestations:
    """Ce que le dossier des ancres atteste. `maillons` : {chaîne: {rang: (empreinte, numéro d'ancre)}} ; `ruptures` : phrases."""

    maillons: dict = field(default_factory=dict)
    moments: dict = field(default_factory=dict)
    empreintes: dict = field(default_factory=dict)
    ruptures: list = field(default_factory=list)
    pertes: int = 0

    @property
    def derniere(self):
        """Numéro et moment de la dernière ancre, ou None."""
        numero = max(self.moments, default=None)
        return numero and (numero, self.moments[numero])


# -- la clé


def creer_cle():
    """Crée la clé de signature (lisible d'elle seule) et sa part publique, à côté ; refuse d'en remplacer une."""
    fichier = Path(settings.CLE_ANCRES)
    fichier.parent.mkdir(parents=True, exist_ok=True)
    cle = Ed25519PrivateKey.generate()
    prive = cle.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    try:
        with open(os.open(fichier, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as flux:
            flux.write(prive)
    except FileExistsError:
        raise AncrageImpossible(f"Une clé existe déjà : {fichier}. Rien n'a été changé.") from None
    _fichier_public().write_bytes(_publique(cle))
    return fichier


def _fichier_public():
    return Path(f"{settings.CLE_ANCRES}.pub")


def _publique(cle):
    return cle.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)


def _cle_de_signature():
    fichier = Path(settings.CLE_ANCRES)
    if not fichier.exists() and settings.DEMO:
        creer_cle()
    try:
        return serialization.load_pem_private_key(fichier.read_bytes(), None)
    except OSError:
        phrase = f"La clé des ancres ne se lit pas ({fichier}) : créez-la par « ancrer_journal --creer-cle »."
        raise AncrageImpossible(phrase) from None


def _cles_publiques():
    """Les clés acceptées : le fichier public peut en contenir plusieurs, l'ancienne et la nouvelle."""
    try:
        blocs = _fichier_public().read_bytes().split(FIN_DE_CLE)
    except OSError:
        return []
    return [serialization.load_pem_public_key(bloc + FIN_DE_CLE) for bloc in blocs if bloc.strip()]


# -- écrire


def _canonique(contenu):
    return json.dumps(contenu, sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode()


def racine(tetes):
    """Empreinte de toutes les têtes ({chaîne: (rang, empreinte hexadécimale)}), dans l'ordre des chaînes."""
    lignes = (f"{chaine} {seq} {empreinte}\n" for chaine, (seq, empreinte) in sorted(tetes.items()))
    return hashlib.sha256("".join(lignes).encode()).hexdigest()


def _fichiers():
    return sorted(Path(settings.ANCRES).glob("[0-9]*.json"))


def _etat(fichiers):
    """{chaîne: (rang, empreinte)} selon les ancres, relues depuis la dernière complète."""
    lues = []
    for fichier in reversed(fichiers):
        lues.append(json.loads(fichier.read_bytes())["ancre"])
        if lues[-1]["complete"]:
            break
    return {chaine: (seq, empreinte) for ancre in reversed(lues) for chaine, seq, empreinte in ancre["tetes"]}


def _tetes():
    with connection.cursor() as curseur:
        curseur.execute("SELECT chaine, seq, encode(empreinte, 'hex') FROM socle_tete WHERE seq > 0 ORDER BY chaine")
        return {chaine: (seq, empreinte) for chaine, seq, empreinte in curseur.fetchall()}


def ancrer(*, apres_restauration=""):
    """Écrit l'ancre suivante et l'inscrit au journal ; rend (numéro, nombre de chaînes). Lève AncrageImpossible.

    `apres_restauration` : motif d'une base revenue en arrière ; les maillons attestés et perdus sont alors dits perdus, non coupés.
    """
    cle, fichiers = _cle_de_signature(), _fichiers()
    tetes = _tetes()
    numero = int(fichiers[-1].stem) + 1 if fichiers else 1
    complete = numero % COMPLETE_TOUTES_LES == 1 or bool(apres_restauration)
    connues = {} if complete else _etat(fichiers)
    contenu = {
        "numero": numero,
        "quand": horloge.maintenant().isoformat(),
        "precedente": hashlib.sha256(fichiers[-1].read_bytes()).hexdigest() if fichiers else "",
        "complete": complete,
        "restauration": apres_restauration,
        "nombre": len(tetes),
        "racine": racine(tetes),
        "tetes": [[chaine, *tete] for chaine, tete in tetes.items() if connues.get(chaine) != tete],
    }
    signature = base64.b64encode(cle.sign(_canonique(contenu))).decode()
    octets = json.dumps({"ancre": contenu, "signature": signature}, separators=(",", ":")).encode()
    _poser(numero, octets)
    inscrire(
        "ancrage", numero=numero, empreinte=hashlib.sha256(octets).hexdigest(), restauration=bool(apres_restauration)
    )
    return numero, len(tetes)


def _poser(numero, octets):
    """Écrit le fichier d'un coup, sans jamais en remplacer un."""
    dossier = Path(settings.ANCRES)
    attente = dossier / f".{numero:08d}.{os.getpid()}"
    try:
        dossier.mkdir(parents=True, exist_ok=True, mode=0o750)
        with open(attente, "wb") as flux:
            flux.write(octets)
            flux.flush()
            os.fsync(flux.fileno())
        attente.chmod(0o444)
        os.link(attente, dossier / f"{numero:08d}.json")
    except FileExistsError:
        raise AncrageImpossible(f"L'ancre {numero} vient d'être écrite par un autre processus.") from None
    except OSError as erreur:
        raise AncrageImpossible(f"L'ancre ne s'écrit pas dans {dossier} : {erreur.strerror}.") from None
    finally:
        with suppress(OSError):
            attente.unlink()


# -- relire


def derniere():
    """(numéro, moment, nombre de chaînes) de la dernière ancre écrite, ou None."""
    fichiers = _fichiers()
    if not fichiers:
        return None
    ancre = json.loads(fichiers[-1].read_bytes())["ancre"]
    return ancre["numero"], datetime.fromisoformat(ancre["quand"]), ancre["nombre"]


def empreinte_du_fichier(numero):
    """Empreinte de l'ancre de ce numéro, telle qu'elle est sur le disque ; "" si elle manque."""
    fichier = Path(settings.ANCRES) / f"{numero:08d}.json"
    return hashlib.sha256(fichier.read_bytes()).hexdigest() if fichier.exists() else ""


def attestations():
    """Relit et vérifie toutes les ancres (suite, lien, signature, racine) ; rend des Attestations."""
    dites, cles, precedente, etat = Attestations(), _cles_publiques(), "", {}
    fichiers = _fichiers()
    for rang, fichier in enumerate(fichiers, 1):
        octets = fichier.read_bytes()
        if faute := _faute(rang, fichier, octets, precedente, cles):
            dites.ruptures.append(faute)
            return dites
        ancre = json.loads(octets)["ancre"]
        precedente = hashlib.sha256(octets).hexdigest()
        dites.moments[rang], dites.empreintes[rang] = datetime.fromisoformat(ancre["quand"]), precedente
        etat = _attester(dites, ancre, {} if ancre["complete"] else etat)
        if (ancre["complete"] or rang == len(fichiers)) and racine(etat) != ancre["racine"]:
            dites.ruptures.append(f"ancre {rang} : ses têtes ne donnent pas la racine qu'elle signe.")
    return dites


def _faute(rang, fichier, octets, precedente, cles):
    """Ce qui ne va pas dans ce fichier (suite, forme, lien, signature), ou ""."""
    if int(fichier.stem) != rang:
        return f"ancre {rang} : le fichier manque."
    try:
        lue = json.loads(octets)
        ancre, signature = lue["ancre"], base64.b64decode(lue["signature"])
        if ancre["precedente"] != precedente or ancre["numero"] != rang:
            return f"ancre {rang} : elle ne suit pas l'ancre {rang - 1}."
    except (ValueError, KeyError, TypeError):
        return f"ancre {rang} : le fichier est illisible."
    if not any(_signee(cle, signature, ancre) for cle in cles):
        return f"ancre {rang} : aucune clé connue ne l'a signée." if cles else "La clé publique des ancres manque."
    return ""


def _signee(cle, signature, ancre):
    try:
        cle.verify(signature, _canonique(ancre))
    except InvalidSignature:
        return False
    return True


def _attester(dites, ancre, etat):
    """Ajoute les têtes de cette ancre ; après une restauration déclarée, oublie ce que la base n'a plus."""
    etat |= {chaine: (seq, empreinte) for chaine, seq, empreinte in ancre["tetes"]}
    if ancre["restauration"]:
        for chaine, rangs in dites.maillons.items():
            perdus = [seq for seq in rangs if seq > etat.get(chaine, (0, ""))[0]]
            dites.pertes += len(perdus)
            for seq in perdus:
                del rangs[seq]
    for chaine, seq, empreinte in ancre["tetes"]:
        rangs = dites.maillons.setdefault(chaine, {})
        rangs.setdefault(seq, (bytes.fromhex(empreinte), ancre["numero"]))
    return etat
