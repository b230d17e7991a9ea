"""L'analyseur antivirus, quand l'association en a un : un fichier reçu n'est gardé que s'il répond « rien trouvé ».

Protocole de clamd (ClamAV) : `zINSTREAM`, puis des morceaux précédés de leur longueur (quatre octets, gros-boutiste), puis une longueur
nulle ; la réponse finit par un octet nul. Définition : manuel clamd(8).
"""

import re
import socket
import struct
import time

from django.conf import settings
from django.core.exceptions import ValidationError

from securisation.socle.journal import au_nom_de, inscrire, qui_agit

DELAI = 20  # secondes pour l'échange entier
MORCEAU = 64 * 1024  # octets envoyés à la fois
REPONSE_MAX = 1024  # octets : un nom de signature est court
SAIN = b"stream: OK\0"
_TROUVE = re.compile(rb"stream: ([ -~]{1,200}) FOUND\0")
_ADRESSE = re.compile(r"unix:(?P<chemin>/.+)|tcp:(?P<hote>[^:\s]+|\[[0-9a-fA-F:]+\]):(?P<port>\d{1,5})")
INDISPONIBLE = "L’antivirus ne répond pas : le fichier n’a pas été gardé. Réessayez dans quelques minutes."
REFUSE = "L’antivirus a reconnu un programme malveillant : le fichier n’a pas été gardé. Prévenez qui vous l’a remis."


def analyser(octets):
    """Ne fait rien sans analyseur configuré ; lève ValidationError si l'analyseur trouve, se tait ou répond autre chose."""
    if not settings.ANTIVIRUS:
        return
    try:
        reponse = _demander(settings.ANTIVIRUS, octets)
    except (OSError, ValueError):  # injoignable, trop lent, adresse mal écrite : dans le doute, rien ne se garde
        raise ValidationError(INDISPONIBLE, code="antivirus_indisponible") from None
    if reponse == SAIN:
        return
    trouve = _TROUVE.fullmatch(reponse)
    if not trouve:
        raise ValidationError(INDISPONIBLE, code="antivirus_indisponible")
    with au_nom_de(qui_agit()):
        inscrire("fichier refusé", signature=trouve[1].decode("ascii"))
    raise ValidationError(REFUSE, code="malveillant")


def _demander(adresse, octets):
    """La réponse de l'analyseur à ces octets, octet nul compris ; lève OSError ou ValueError s'il n'y en a pas."""
    limite = time.monotonic() + DELAI
    with _ouvrir(adresse) as prise:
        _envoyer(prise, b"zINSTREAM\0", limite)
        for debut in range(0, len(octets), MORCEAU):
            morceau = octets[debut : debut + MORCEAU]
            _envoyer(prise, struct.pack(">I", len(morceau)) + morceau, limite)
        _envoyer(prise, struct.pack(">I", 0), limite)
        reponse = b""
        while not reponse.endswith(b"\0") and len(reponse) <= REPONSE_MAX:
            prise.settimeout(_reste(limite))
            recu = prise.recv(REPONSE_MAX)
            if not recu:
                break
            reponse += recu
    return reponse


def _ouvrir(adresse):
    lue = _ADRESSE.fullmatch(adresse)
    if not lue:
        raise ValueError(adresse)
    if lue["hote"]:
        return socket.create_connection((lue["hote"].strip("[]"), int(lue["port"])), timeout=DELAI)
    prise = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        prise.settimeout(DELAI)
        prise.connect(lue["chemin"])
    except OSError:
        prise.close()
        raise
    return prise


def _envoyer(prise, octets, limite):
    prise.settimeout(_reste(limite))
    prise.sendall(octets)


def _reste(limite):
    """Secondes qui restent à l'échange ; lève TimeoutError quand il n'y en a plus."""
    reste = limite - time.monotonic()
    if reste <= 0:
        raise TimeoutError
    return reste
