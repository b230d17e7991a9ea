"""Ce qui cherche les canaris lit vraiment ce qu'une réponse enferme."""

import io
import zlib
from zipfile import ZipFile

from django.http import HttpResponse

from securisation.tests.canaris import texte_de

MOT = "Canari0zyxpdf7q"


def un_pdf(mot):
    """Un PDF d'une page, ce mot dans un flux comprimé : illisible sans l'extraire."""
    flux = zlib.compress(f"BT /F1 12 Tf 72 720 Td ({mot}) Tj ET".encode())
    corps = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
        b"<</Length %d/Filter/FlateDecode>>stream\n%s\nendstream" % (len(flux), flux),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    ]
    pdf, places = b"%PDF-1.4\n", []
    for rang, objet in enumerate(corps, 1):
        places.append(len(pdf))
        pdf += b"%d 0 obj%s\nendobj\n" % (rang, objet)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    suite = b"xref\n0 6\n0000000000 65535 f \n%strailer<</Size 6/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF"
    return pdf + suite % (table, len(pdf))


def test_un_pdf_se_lit_seul_et_dans_une_archive():
    pdf, archive = un_pdf(MOT), io.BytesIO()
    assert MOT.encode() not in pdf
    with ZipFile(archive, "w") as fichiers:
        fichiers.writestr("dossier/B-2026-0001-1.pdf", pdf)
        fichiers.writestr("index.txt", "un document")
    seul, enferme = (texte_de(HttpResponse(corps)) for corps in (pdf, archive.getvalue()))
    assert MOT in seul
    assert MOT in enferme and "dossier/B-2026-0001-1.pdf" in enferme and "un document" in enferme
