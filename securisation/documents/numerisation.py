"""Le papier qu'on numérise (accord signé, courrier reçu) : une image ou un PDF, reconnu par son contenu, jamais par son nom."""

import hashlib
import io
import re
import zlib
from dataclasses import dataclass

from django.core.exceptions import ValidationError

from .antivirus import analyser

TAILLE_MAX = 10 * 1024 * 1024
PIXELS_MAX = 20_000_000
# Un JPEG progressif se dessine en une dizaine de passages ; chacun redécode l'image entière.
_PASSAGE, PASSAGES_MAX = b"\xff\xda", 40
COTE_MAX = 2400  # pixels : une page signée se lit, et ne pèse pas
DEPLIE_MAX = 64 * 1024 * 1024  # octets : ce que tous les flux d'un PDF donnent, une fois dépliés
FLUX_MAX = 5_000  # une page numérisée en a quelques-uns
_PAS = 64 * 1024  # octets lus à la fois dans un flux
FORME = "Joignez une photo (JPEG, PNG ou WebP) ou un PDF."
# Le format des photos d'iPhone : son décodeur n'est pas livré avec Pillow, et un décodeur de plus est une porte de plus.
_HEIC = re.compile(rb"(?s).{4}ftyp(?:hei[cmsx]|hev[cmsx]|mif1|msf1|avi[fs])")
HEIC = (
    "Cette photo est au format HEIC, que cette page ne sait pas lire. Reprenez-la avec « Prendre une photo », ou envoyez-la en "
    "JPEG (sur iPhone : Réglages, Appareil photo, Formats, « Le plus compatible »)."
)


def _mots(*mots, suite=rb"\b"):
    """Motif de ces noms PDF sans leur barre, chaque lettre pouvant s'écrire #xx (« /J#61vaScript » se lit /JavaScript)."""
    lettres = ["".join(f"(?:{lettre}|#(?i:{ord(lettre):02x}))" for lettre in mot) for mot in mots]
    return rb"(?:" + "|".join(lettres).encode() + rb")" + suite


def _nom(*motifs):
    # La barre seule devant : la recherche saute de barre en barre, même dans 64 Mo.
    return rb"/(?=[#A-Z])(?:" + b"|".join(motifs) + rb")"


_FIN_DE_PDF = re.compile(rb"%%EOF\s*\Z")
# Ce qu'une page numérisée n'a jamais : un programme, un fichier joint, un envoi. Un nom de deux ou trois lettres se trouve
# au hasard dans les points d'une image : il ne compte que devant une valeur.
_RENVOI = rb"\d{1,9}[\s\0]+\d{1,9}[\s\0]+R"
_ACTIF = re.compile(
    _nom(
        _mots("JavaScript", "Launch", "EmbeddedFile", "EmbeddedFiles", "OpenAction", "SubmitForm", "ImportData"),
        _mots("RichMedia", "Rendition", "GoToE"),
        _mots("JS", suite=rb"[\s\0]*(?:%|\([ -~\s]{3}|\(\xfe\xff|<[0-9A-Fa-f\s]{2}|" + _RENVOI + rb")"),
        _mots("AA", "XFA", suite=rb"[\s\0]*(?:%|<<|\[|" + _RENVOI + rb")"),
    )
)
_CHIFFRE = re.compile(_nom(_mots("Encrypt")))
_PAGE = re.compile(_nom(_mots("Type", suite=rb"[\s\0]*/") + _mots("Page", suite=rb"(?![\w#])")))
# Un même fichier ne se lit pas aussi comme une page web ou une archive.
_AUTRE_CHOSE = re.compile(
    rb"(?i)<(?:!doctype|html|head|body|script|iframe|svg|img|object|embed|meta|link|style|form)[\s/>]|<\?php"
    rb"|javascript:|PK\x05\x06\0\0\0\0"
)
_FLUX = re.compile(rb"(?<!end)stream[\s\0]*")
_OBJETS = re.compile(_nom(_mots("ObjStm")))
_RANGES = re.compile(_nom(_mots("ObjStm", "First")))  # un lecteur lit ce flux d'objets même si son genre est tu
_ENTETE_SIMPLE = re.compile(
    rb"\s*<<(?:[\s\d\[\]R]|/(?:Type|ObjStm|N|First|Length|Extends|Filter[\s\[]*/(?:FlateDecode|Fl))(?![\w#]))*>>\s*"
)
_OBJETS_EN_CLAIR = re.compile(rb"[\s\0]*\d+[\s\0]+\d+[\s\0]")


@dataclass(frozen=True)
class Papier:
    """Une preuve prête à ranger : octets réécrits ou vérifiés, genre, empreinte SHA-256 hexadécimale."""

    contenu: bytes
    genre: str

    @property
    def sha256(self):
        return hashlib.sha256(self.contenu).hexdigest()


def lire(fichier):
    """Le papier numérisé de ce fichier reçu ; lève ValidationError s'il est trop lourd, d'un autre genre, actif ou malveillant."""
    if fichier.size > TAILLE_MAX:
        raise ValidationError("Ce fichier dépasse 10 Mo : numérisez en noir et blanc, ou une page à la fois.")
    octets = fichier.read()
    analyser(octets)
    if octets.startswith(b"%PDF-"):
        return _pdf(octets)
    return _image(octets)


def _pdf(octets):
    """Un PDF entier, en clair, d'une page au moins, sans rien d'actif, jusque dans ses flux compressés."""
    if not _FIN_DE_PDF.search(octets) or _AUTRE_CHOSE.search(octets):
        raise ValidationError(f"Ce PDF est incomplet ou porte autre chose que ses pages. {FORME}")
    if _CHIFFRE.search(octets):
        raise ValidationError("Ce PDF est protégé par un mot de passe : numérisez de nouveau le papier.")
    pages = _examiner(octets)
    for clair in _flux(octets):
        pages = _examiner(clair) or pages
    if not pages:
        raise ValidationError("Ce PDF n'a aucune page : numérisez de nouveau le papier.")
    return Papier(octets, "application/pdf")


def _examiner(clair):
    """Vrai si ces octets décrivent une page ; lève ValidationError s'ils portent quelque chose d'actif."""
    if _ACTIF.search(clair):
        raise ValidationError("Ce PDF contient un programme ou un fichier joint : numérisez de nouveau le papier.")
    return bool(_PAGE.search(clair))


def _flux(octets):
    """Chaque flux déplié, 64 Mo en tout au plus ; un flux d'objets qui ne se lit pas en clair est un refus (ValidationError)."""
    reste, lus, fin = DEPLIE_MAX, 0, 0
    for rang, debut in enumerate(_FLUX.finditer(octets)):
        clair = _deplier(memoryview(octets)[debut.end() :], reste + 1)
        reste -= len(clair)
        if reste < 0 or rang >= FLUX_MAX:
            raise ValidationError(
                "Ce PDF est trop lourd une fois ouvert : numérisez en noir et blanc, ou moins de pages."
            )
        depuis, fin = max(octets.rfind(b"endobj", fin, debut.start()), fin), debut.end()
        if _RANGES.search(octets, depuis, debut.start()):
            lus += 1
            entete = octets[max(octets.rfind(b"obj", depuis, debut.start()) + 3, depuis) : debut.start()]
            simple = _ENTETE_SIMPLE.fullmatch(entete)
            if not simple or not _OBJETS_EN_CLAIR.match(clair or octets[debut.end() : debut.end() + 40]):
                raise ValidationError(f"Ce PDF ne se lit pas en entier. {FORME}")
        yield clair
    if lus < len(_OBJETS.findall(octets)):
        raise ValidationError(f"Ce PDF ne se lit pas en entier. {FORME}")


def _deplier(vue, limite):
    """Ce que donne ce flux zlib, jusqu'à `limite` octets ou sa première faute ; rien si ce n'en est pas un."""
    if len(vue) < 2 or vue[0] & 15 != 8 or (vue[0] * 256 + vue[1]) % 31:
        return b""
    sortie, lecteur, ou = (
        bytearray(),
        zlib.decompressobj(-15),
        2,
    )  # la somme finale n'est pas exigée : un lecteur s'en passe
    pas = _PAS
    while ou < len(vue) and not lecteur.eof and len(sortie) < limite:
        avant = lecteur.copy()
        try:
            sortie += lecteur.decompress(vue[ou : ou + pas], limite - len(sortie))
        except zlib.error:
            if pas == 1:
                break
            lecteur, pas = avant, pas // 2  # ce qui précède la faute se lit aussi, à l'octet près
            continue
        ou += pas
    return bytes(sortie)


def _image(octets):
    """L'image est redessinée : rien d'autre que ses points ne reste (ni lieu de la photo, ni suite cachée).

    La taille est lue avant de décoder, et l'image réduite avant d'être convertie : la mémoire reste bornée.
    """
    from PIL import Image, ImageOps

    if _HEIC.match(octets):
        raise ValidationError(HEIC)
    _borner(*_taille_webp(octets))
    if octets.count(_PASSAGE) > PASSAGES_MAX:
        raise ValidationError(f"Cette image est faite pour occuper la machine : reprenez la photo. {FORME}")
    try:
        image = Image.open(io.BytesIO(octets), formats=("JPEG", "PNG", "WEBP"))
        _borner(image.width, image.height)
        image.draft("RGB", (COTE_MAX, COTE_MAX))
        if image.mode in ("1", "P"):  # sans nuances, une réduction rendrait l'écriture illisible
            image = image.convert("L" if image.mode == "1" else "RGBA" if "transparency" in image.info else "RGB")
        image.thumbnail((COTE_MAX, COTE_MAX))
        image = _sur_blanc(ImageOps.exif_transpose(image))
    except ValidationError:
        raise
    except Exception:  # un décodeur devant un fichier hostile peut lever n'importe quoi : tout est un refus
        raise ValidationError(f"Ce fichier n'est ni une image ni un PDF lisible. {FORME}") from None
    rendu = io.BytesIO()
    image.info.clear()  # un commentaire passerait d'un JPEG à l'autre
    image.save(rendu, "JPEG", quality=80)
    return Papier(rendu.getvalue(), "image/jpeg")


def _borner(largeur, hauteur):
    if largeur * hauteur > PIXELS_MAX:
        raise ValidationError("Cette image est trop grande : prenez la photo en qualité ordinaire.")


def _taille_webp(octets):
    """(largeur, hauteur) annoncées par un WebP, lues avant tout décodeur : le sien réserve la mémoire dès l'ouverture."""
    if octets[:4] != b"RIFF" or octets[8:12] != b"WEBP":
        return 0, 0
    genre = octets[12:16]
    if genre == b"VP8X":
        return 1 + int.from_bytes(octets[24:27], "little"), 1 + int.from_bytes(octets[27:30], "little")
    if genre == b"VP8L":
        bits = int.from_bytes(octets[21:25], "little")
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    return tuple(int.from_bytes(octets[debut : debut + 2], "little") & 0x3FFF for debut in (26, 28))


def _sur_blanc(image):
    """L'image en couleurs, ce qu'elle a de transparent rendu blanc comme le papier."""
    from PIL import Image

    if "A" not in image.getbands():
        return image.convert("RGB")
    image = image.convert("RGBA")
    page = Image.new("RGB", image.size, "white")
    page.paste(image, mask=image.getchannel("A"))
    return page
