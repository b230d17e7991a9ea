"""Le sceau d'un document : quel certificat le pose, ce qu'il vaut, et le fichier scellé.

Un certificat délivré par un tiers dit qui a produit le fichier ; un certificat que Jalon s'est fait lui-même ne prouve que l'intégrité,
et le dit. Sans certificat qui vaille aujourd'hui, le document se produit sans sceau, et le dit aussi.
"""

import base64
import hashlib
import os
import tempfile
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.db import models

from securisation.socle.horloge import instant

from .atelier import Atelier
from .machine import Pdf

PREAVIS = timedelta(days=30)  # le contrôle avertit avant qu'un certificat échoie
ANS_D_UN_ESSAI = 10

_SCELLEMENT = Atelier("scellement")


class Etat(models.TextChoices):
    """Ce qu'il en est du sceau d'un fichier ; le libellé est la phrase qu'on lit partout."""

    CERTIFIE = (
        "certifie",
        "Scellé. Le sceau prouve que le fichier n’a pas changé, et qui l’a produit pour qui se fie à l’émetteur du certificat.",
    )
    AUTO = (
        "auto",
        "Scellé par un certificat que cette installation s’est fait elle-même. Le sceau prouve que le fichier n’a pas changé ; "
        "il ne prouve pas qui l’a produit.",
    )
    ABSENT = "absent", "Sans sceau : cette installation n’a pas de certificat."
    ECHU = "echu", "Sans sceau : le certificat de cette installation était échu."
    FUTUR = "futur", "Sans sceau : le certificat de cette installation ne valait pas encore."
    ILLISIBLE = "illisible", "Sans sceau : le certificat de cette installation ne se lit pas."


POSES = (Etat.CERTIFIE, Etat.AUTO)


@dataclass(frozen=True)
class Tenue:
    """Le certificat tel qu'il est à cet instant : son état, ses bornes (None s'il ne se lit pas), et de quoi sceller."""

    etat: Etat
    du: object = None
    au: object = None
    pkcs12: bytes = b""

    @property
    def phrase(self):
        """Ce que vaut le sceau, en une ou deux phrases."""
        return self.etat.label

    def sceller(self, pdf: Pdf) -> Pdf:
        """Le même document, scellé si le certificat vaut, son empreinte refaite ; il garde l'état de son sceau."""
        if self.etat not in POSES:
            return replace(pdf, sceau=self.etat.value)
        demande = {"pkcs12": base64.b64encode(self.pkcs12).decode(), "phrase": settings.SCEAU_PHRASE}
        _, contenu = _SCELLEMENT.faire(demande, pdf.contenu)
        return replace(pdf, contenu=contenu, sha256=hashlib.sha256(contenu).hexdigest(), sceau=self.etat.value)


def tenir() -> Tenue:
    """Le certificat réglé, ou celui d'essai en démonstration, tel qu'il vaut maintenant."""
    if not settings.SCEAU and not settings.SCEAU_D_ESSAI:
        return Tenue(Etat.ABSENT)
    fichier = Path(settings.SCEAU or settings.SCEAU_D_ESSAI)
    try:
        if not settings.SCEAU and not fichier.exists():
            _fabriquer(fichier)
        octets = fichier.read_bytes()
        du, au, auto = _lire(octets, settings.SCEAU_PHRASE)
    except (OSError, ValueError):
        return Tenue(Etat.ILLISIBLE)
    return Tenue(_etat(du, au, auto), du, au, octets)


def _etat(du, au, auto):
    moment = instant()
    if moment >= au:
        return Etat.ECHU
    if moment < du:
        return Etat.FUTUR
    return Etat.AUTO if auto else Etat.CERTIFIE


@lru_cache(maxsize=2)
def _lire(octets, phrase):
    """(vaut du, jusqu'au, est auto-signé) du certificat d'un PKCS#12 ; ValueError s'il ne s'ouvre pas ou n'a pas de clé."""
    from cryptography.hazmat.primitives.serialization.pkcs12 import load_pkcs12

    lu = load_pkcs12(octets, phrase.encode() or None)
    if lu.key is None or lu.cert is None:
        raise ValueError("ni clé ni certificat")
    certificat = lu.cert.certificate
    return certificat.not_valid_before_utc, certificat.not_valid_after_utc, certificat.issuer == certificat.subject


def _fabriquer(fichier):
    """Crée, une fois, le certificat d'essai et sa clé, lisibles de ce seul compte ; deux processus, deux fils n'en font qu'un."""
    octets = auto_signe("Jalon, sceau local sans identité vérifiée", instant(), timedelta(days=365 * ANS_D_UN_ESSAI))
    fichier.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    acces, provisoire = tempfile.mkstemp(prefix=f".{fichier.name}.", dir=fichier.parent)  # un nom à soi, en 0600
    try:
        with open(acces, "wb") as flux:
            flux.write(octets)
        os.link(provisoire, fichier)
    except FileExistsError:
        pass  # l'autre a fini avant : son certificat est le bon
    finally:
        os.unlink(provisoire)


def auto_signe(nom, du, duree, phrase=""):
    """Les octets d'un PKCS#12 neuf : une clé RSA de 3072 bits et le certificat qu'elle se signe."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import rsa
    from cryptography.hazmat.primitives.serialization import pkcs12

    cle = rsa.generate_private_key(public_exponent=65537, key_size=3072)
    sujet = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, nom)])
    usages = dict.fromkeys(
        ("key_encipherment", "data_encipherment", "key_agreement", "key_cert_sign", "crl_sign", "encipher_only"), False
    ) | {"decipher_only": False, "digital_signature": True, "content_commitment": True}
    plan = x509.CertificateBuilder().subject_name(sujet).issuer_name(sujet).public_key(cle.public_key())
    plan = plan.serial_number(x509.random_serial_number()).not_valid_before(du).not_valid_after(du + duree)
    plan = plan.add_extension(x509.KeyUsage(**usages), critical=True)
    plan = plan.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
    garde = serialization.BestAvailableEncryption(phrase.encode()) if phrase else serialization.NoEncryption()
    return pkcs12.serialize_key_and_certificates(b"sceau", cle, plan.sign(cle, hashes.SHA256()), None, garde)
