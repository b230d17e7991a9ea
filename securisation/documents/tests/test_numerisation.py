"""La preuve numérisée : ce qu'un PDF cache se cherche jusque dans ses flux ; une image se lit sans emplir la mémoire."""

import io
import random
import resource
import struct
import tracemalloc
import zlib

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from securisation.documents import numerisation
from securisation.documents.machine import depuis_html

PAGE = b"3 0 obj<</Type/Page/Parent 2 0 R>>endobj\n"
ACTION = b"1 0 5 9 <</Type/Catalog/OpenAction<</S/JavaScript/JS(app.alert(1))>>>>"
GENS = b"<</Type/ObjStm/N 2/First 8/Filter/FlateDecode/Length 99%s>>"


def pdf(*objets, tete=b""):
    return b"%PDF-1.7\n" + tete + PAGE + b"".join(objets) + b"trailer<</Root 1 0 R>>\n%%EOF\n"


def flux(contenu, entete=b"<</Filter/FlateDecode/Length 99>>", fin=b"\n"):
    return b"9 0 obj" + entete + b"stream\n" + contenu + fin + b"endstream endobj\n"


def lire(octets):
    return numerisation.lire(SimpleUploadedFile("signe.pdf", octets))


def sans_somme(clair):
    """Un flux dont la somme finale est fausse : un lecteur l'affiche quand même."""
    return zlib.compress(clair)[:-4] + b"\0\0\0\0"


def rompu(clair):
    """Un flux bon, puis une faute : ce qui la précède s'affiche."""
    lecteur = zlib.compressobj()
    return lecteur.compress(clair) + lecteur.flush(zlib.Z_SYNC_FLUSH) + b"\xff\xff\xff"


def predit(clair):
    """Chaque octet précédé d'un octet de filtre (prédicteur PNG d'une colonne)."""
    return zlib.compress(b"".join(b"\0" + bytes([octet]) for octet in clair))


HOSTILES = {
    "nom écrit en chiffres": pdf(b"1 0 obj<</Open#41ction 4 0 R>>endobj\n"),
    "programme écrit en chiffres": pdf(b"4 0 obj<</S/J#61vaScript/#4a#53(app.alert(1))>>endobj\n"),
    "programme d'une page": pdf(b"4 0 obj<</A#41 <</O 5 0 R>>>>endobj\n"),
    "programme renvoyé": pdf(b"4 0 obj<</JS 5 0 R>>endobj\n"),
    "formulaire": pdf(b"4 0 obj<</XFA[(a)5 0 R]>>endobj\n"),
    "flux compressé": pdf(flux(zlib.compress(ACTION), GENS % b"")),
    "flux compressé, genre tu": pdf(flux(zlib.compress(ACTION))),
    "flux sans somme": pdf(flux(sans_somme(ACTION))),
    "flux rompu": pdf(flux(rompu(ACTION))),
    "flux prédit": pdf(flux(predit(ACTION), GENS % b"/DecodeParms<</Predictor 15/Columns 1>>")),
    "flux prédit, genre tu": pdf(flux(predit(ACTION), b"<</First 8/N 2/Filter/FlateDecode/DecodeParms 5 0 R>>")),
    "flux deux fois codé": pdf(
        flux(zlib.compress(ACTION.hex().encode()), GENS % b"/Filter[/FlateDecode/ASCIIHexDecode]")
    ),
    "entête feinte": pdf(flux(predit(ACTION), b"<</DecodeParms 5 0 R/X(endobj)/Type/ObjStm/Filter/FlateDecode>>")),
    "flux en hexadécimal": pdf(flux(ACTION.hex().encode() + b">", b"<</Type/Obj#53tm/Filter/ASCIIHexDecode>>")),
    "flux annoncé, introuvable": pdf(flux(predit(ACTION), GENS % b"/X(endobj)")),
    "page web dans un commentaire": pdf(tete=b"%<html><body>\n"),
    "script dans un commentaire": pdf(tete=b"%<SCRIPT src=x>\n"),
    "page web avant": b"<html>" + pdf(),
    "blanc avant": b"\n" + pdf(),
    "archive": pdf(tete=b"PK\x05\x06" + b"\0" * 18),
    "chiffré": pdf().replace(b"trailer<<", b"trailer<</Encr#79pt 7 0 R"),
    "vide": b"%PDF-1.4\n%%EOF",
    "sans page": pdf().replace(PAGE, b"2 0 obj<</Type/Pages/Count 0/Kids[]>>endobj\n"),
}


@pytest.mark.parametrize("octets", HOSTILES.values(), ids=HOSTILES)
def test_un_pdf_hostile_ou_vide_se_refuse(octets):
    with pytest.raises(ValidationError):
        lire(octets)


def test_un_pdf_sain_se_garde_tel_quel():
    objets = flux(zlib.compress(b"3 0 <</Type/Page/Parent 2 0 R>>"), b"<</Type/ObjStm/N 1/First 4/Filter/FlateDecode>>")
    for sain in (pdf(), pdf(flux(zlib.compress(b"BT (Bonjour) Tj ET"))), pdf(objets).replace(PAGE, b"")):
        assert lire(sain).contenu == sain


def test_un_pdf_du_projet_se_recoit():
    page = "<html lang='fr'><head><title>Accord</title></head><body><h1>Accord</h1><p>Lu. <a href='https://exemple.test'>Voir</a></p></body></html>"
    sain = depuis_html(page).contenu
    assert lire(sain).contenu == sain


def test_les_points_d_une_photo_ne_passent_pas_pour_un_programme():
    """Deux Mo au hasard, semés des noms courts qu'un tirage y met tôt ou tard."""
    hasard = bytearray(random.Random(3).randbytes(2_000_000))
    for rang, nom in enumerate((b"/JS\x90", b"/AA\x07", b"/XFA\xe1", b"/AA ", b"/JS(\x81")):
        hasard[rang * 1000 : rang * 1000 + len(nom) + 1] = nom + b"\xff"
    brut, deplie = flux(bytes(hasard), b"<</Filter/DCTDecode>>"), flux(zlib.compress(bytes(hasard), 1))
    assert lire(pdf(brut, deplie)).genre == "application/pdf"


def test_un_flux_sans_fin_se_refuse_sans_emplir_la_memoire():
    bombe = pdf(*[flux(zlib.compress(b"\0" * 40_000_000))] * 2)
    tracemalloc.start()
    with pytest.raises(ValidationError, match="trop lourd"):
        lire(bombe)
    pointe = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert pointe < 3 * numerisation.DEPLIE_MAX


def test_un_flux_par_ligne_se_refuse():
    with pytest.raises(ValidationError, match="trop lourd"):
        lire(pdf(b"stream\nx\x9c" * (numerisation.FLUX_MAX + 1)))


def png_annonce(largeur, hauteur):
    """Un PNG qui annonce cette taille et n'a aucun point : le décoder lèverait « ni une image »."""
    tete = struct.pack(">IIBBBBB", largeur, hauteur, 8, 2, 0, 0, 0)
    blocs = b""
    for nom, corps in ((b"IHDR", tete), (b"IDAT", b""), (b"IEND", b"")):
        blocs += struct.pack(">I", len(corps)) + nom + corps + struct.pack(">I", zlib.crc32(nom + corps))
    return b"\x89PNG\r\n\x1a\n" + blocs


def test_une_image_trop_grande_se_refuse_avant_d_etre_decodee():
    with pytest.raises(ValidationError, match="trop grande"):
        lire(png_annonce(5_001, 4_000))


@pytest.mark.parametrize("format_", ["PNG", "JPEG", "WEBP"])
def test_cent_millions_de_points_se_refusent_sans_emplir_la_memoire(format_):
    """Un aplat de 100 mégapixels pèse peu de chose envoyé, 300 Mo décodé."""
    if format_ == "WEBP":  # un WebP n'a pas plus de 16 383 points de côté
        octets = b"RIFF\0\0\0\0WEBPVP8X" + struct.pack("<II", 10, 0) + (9_999).to_bytes(3, "little") * 2
    else:
        rendu = io.BytesIO()
        Image.new("L", (10_000, 10_000)).save(rendu, format_)
        octets = rendu.getvalue()
    tracemalloc.start()
    avant = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(ValidationError, match="trop grande"):
        lire(octets)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - avant < 20_000  # Ko
    tracemalloc.stop()


@pytest.mark.parametrize(
    "entete", [b"VP8X\n\0\0\0", b"VP8L\xff\xff\xff\xff\x2f\xff\xff\xff\xff", b"VP8 ", b"????", b""]
)
def test_un_webp_tronque_se_refuse(entete):
    with pytest.raises(ValidationError):
        lire(b"RIFF\xff\xff\xff\xffWEBP" + entete)


@pytest.mark.parametrize("options", [{"lossless": True}, {"quality": 80}])
@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
def test_la_taille_d_un_webp_se_lit_avant_tout_decodeur(mode, options):
    rendu = io.BytesIO()
    Image.effect_noise((321, 123), 60).convert(mode).save(rendu, "WEBP", **options)
    assert numerisation._taille_webp(rendu.getvalue()) == (321, 123)


@pytest.mark.parametrize("marque", [b"heic", b"heix", b"mif1", b"avif"])
def test_une_photo_heic_se_refuse_en_disant_quoi_faire(marque):
    with pytest.raises(ValidationError, match="Le plus compatible"):
        lire(b"\0\0\0\x18ftyp" + marque + b"\0" * 200)


@pytest.mark.parametrize("format_", ["JPEG", "PNG", "WEBP"])
def test_rien_de_ce_que_porte_une_photo_ne_reste(format_):
    exif, rendu = Image.Exif(), io.BytesIO()
    exif[0x010E] = "Laval, 12 rue des Lices"
    exif.get_ifd(0x8825)[0x001D] = "2026:11:22"
    cachees = {"exif": exif, "icc_profile": b"profil-cache", "xmp": b"<x:xmpmeta>xmp-cache</x:xmpmeta>"}
    if format_ == "JPEG":
        cachees["comment"] = b"commentaire-cache"
    elif format_ == "PNG":
        cachees["pnginfo"] = PngInfo()
        cachees["pnginfo"].add_text("Comment", "commentaire-cache")
    Image.effect_noise((300, 200), 60).convert("RGB").save(rendu, format_, **cachees)
    papier = lire(rendu.getvalue())
    assert (b"Lices" in rendu.getvalue() and b"profil-cache" in rendu.getvalue()) or format_ == "PNG"
    image = Image.open(io.BytesIO(papier.contenu))
    assert not image.getexif() and set(image.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
    assert b"cache" not in papier.contenu and b"Lices" not in papier.contenu


def test_le_transparent_devient_blanc_comme_le_papier():
    for mode in ("RGBA", "LA", "P"):
        rendu, image = io.BytesIO(), Image.new("RGBA", (50, 50), (0, 0, 0, 0)).convert(mode)
        image.save(rendu, "PNG", **({"transparency": 0} if mode == "P" else {}))
        assert min(Image.open(io.BytesIO(lire(rendu.getvalue()).contenu)).getpixel((25, 25))) > 250, mode


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "RGBA"])
def test_une_image_se_reduit(mode):
    rendu = io.BytesIO()
    Image.new(mode, (3_000, 1_000)).save(rendu, "PNG")
    image = Image.open(io.BytesIO(lire(rendu.getvalue()).contenu))
    assert (image.mode, image.size) == ("RGB", (2_400, 800))


def test_une_photo_couchee_se_redresse():
    exif, rendu = Image.Exif(), io.BytesIO()
    exif[0x0112] = 6
    Image.new("RGB", (3_000, 1_000)).save(rendu, "JPEG", exif=exif)
    assert Image.open(io.BytesIO(lire(rendu.getvalue()).contenu)).size[0] < 1_000


def test_une_photo_a_mille_passages_se_refuse_avant_d_etre_dessinee():
    rendu = io.BytesIO()
    Image.effect_noise((300, 200), 60).save(rendu, "JPEG", progressive=True)
    octets = rendu.getvalue()
    dernier = octets[octets.rindex(b"\xff\xda") : -2]
    assert lire(octets).genre == "image/jpeg"
    with pytest.raises(ValidationError, match="occuper la machine"):
        lire(octets[:-2] + dernier * 60 + octets[-2:])
