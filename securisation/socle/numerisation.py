"""Le papier signé qu'on numérise : une image ou un PDF, reconnu par son contenu, jamais par son nom."""

import hashlib
import io
import re
from dataclasses import dataclass

from django.core.exceptions import ValidationError

TAILLE_MAX = 10 * 1024 * 1024
PIXELS_MAX = 40_000_000
COTE_MAX = 2400  # pixels : une page signée se lit, et ne pèse pas
_FIN_DE_PDF = re.compile(rb"%%EOF\s*\Z")
# Ce qu'une page numérisée n'a jamais : un programme, un fichier joint, un envoi.
_ACTIF = re.compile(rb"/(JavaScript|JS|Launch|EmbeddedFiles?|OpenAction|AA|SubmitForm|RichMedia|XFA)\b")
FORME = "Joignez une photo (JPEG ou PNG) ou un PDF."


@dataclass(frozen=True)
class Papier:
    """Une preuve prête à ranger : octets réécrits ou vérifiés, genre, empreinte SHA-256 hexadécimale."""

    contenu: bytes
    genre: str

    @property
    def sha256(self):
        return hashlib.sha256(self.contenu).hexdigest()


def lire(fichier):
    """Le papier numérisé de ce fichier reçu ; lève ValidationError s'il est trop lourd, d'un autre genre ou actif."""
    if fichier.size > TAILLE_MAX:
        raise ValidationError("Ce fichier dépasse 10 Mo : numérisez en noir et blanc, ou une page à la fois.")
    octets = fichier.read()
    if octets.startswith(b"%PDF-"):
        return _pdf(octets)
    return _image(octets)


def _pdf(octets):
    if not _FIN_DE_PDF.search(octets):
        raise ValidationError(f"Ce PDF est incomplet ou porte autre chose à sa suite. {FORME}")
    if _ACTIF.search(octets):
        raise ValidationError("Ce PDF contient un programme ou un fichier joint : numérisez de nouveau le papier.")
    return Papier(octets, "application/pdf")


def _image(octets):
    """L'image est redessinée : rien d'autre que ses points ne reste (ni lieu de la photo, ni suite cachée)."""
    from PIL import Image, ImageOps

    try:
        image = Image.open(io.BytesIO(octets), formats=("JPEG", "PNG"))
        if image.width * image.height > PIXELS_MAX:
            raise ValidationError("Cette image est trop grande : prenez la photo en qualité ordinaire.")
        image = ImageOps.exif_transpose(image).convert("RGB")
    except ValidationError:
        raise
    except Exception:  # un décodeur devant un fichier hostile peut lever n'importe quoi : tout est un refus
        raise ValidationError(f"Ce fichier n'est ni une image ni un PDF lisible. {FORME}") from None
    image.thumbnail((COTE_MAX, COTE_MAX))
    rendu = io.BytesIO()
    image.save(rendu, "JPEG", quality=80)
    return Papier(rendu.getvalue(), "image/jpeg")
