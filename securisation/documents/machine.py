"""La seule porte vers WeasyPrint : un gabarit et son contexte donnent un PDF/A-3a et PDF/UA-1.

WeasyPrint est importé au premier usage. Il ne lit que les ressources livrées (par clé) et des images `data:` PNG ou JPEG :
ni fichier, ni réseau.
"""

import hashlib
import json
import logging
import os
import re
import zlib
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.conf import settings
from django.template.loader import render_to_string

from .typographie import composer

BASE = "https://ressources.invalid/"
FEUILLE = "pdf.css"
VARIANTE = "pdf/a-3a"
_IMAGE = re.compile(r"data:image/(png|jpeg);base64,", re.ASCII)
_ABSENT = re.compile(r"notdef.*\(U\+([0-9A-F]+)\)")
ILLISIBLE = "[signes non imprimables]"
_TYPES = {".css": "text/css", ".svg": "image/svg+xml", ".woff2": "font/woff2"}


class BibliothequeManquante(Exception):
    """La machine PDF ne peut pas démarrer : une bibliothèque du système manque."""


class RessourceRefusee(Exception):
    """Un gabarit demande autre chose que les ressources livrées."""


@dataclass(frozen=True)
class Pdf:
    """Un fichier produit : octets, nombre de pages, empreinte SHA-256 hexadécimale des octets."""

    contenu: bytes
    pages: int
    sha256: str


@cache
def ressources() -> dict[str, Path]:
    """Liste blanche : clé d'une ressource livrée → fichier. Rien d'autre ne s'ouvre."""
    dossier = Path(settings.BASE_DIR) / "templates" / "pdf"
    permises = {FEUILLE: dossier / FEUILLE}
    permises |= {f"icones/{f.name}": f for f in sorted((dossier / "icones").glob("*.svg"))}
    permises |= {f"fonts/{f.name}": f for f in sorted((dossier / "fonts").glob("figtree-*.woff2"))}
    return permises


def empreinte(donnees: dict) -> str:
    """SHA-256 hexadécimal de l'instantané, écrit en JSON canonique (clés triées, UTF-8, sans espace)."""
    return hashlib.sha256(en_json(donnees)).hexdigest()


def en_json(donnees: dict) -> bytes:
    """L'instantané en JSON canonique : c'est lui que le PDF porte en pièce jointe."""
    return json.dumps(donnees, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


@cache
def _weasyprint():
    try:
        import weasyprint
        from weasyprint.text.fonts import FontConfiguration
        from weasyprint.urls import URLFetcher, URLFetcherResponse
    except (ImportError, OSError) as erreur:
        raise BibliothequeManquante(
            "La production des PDF n’est pas disponible : il manque Pango sur cette machine. "
            "Sur Debian, installer libpango-1.0-0, libpangoft2-1.0-0 et libharfbuzz-subset0, puis relancer."
        ) from erreur

    class Guichet(URLFetcher):
        """Sert une ressource livrée ou une image `data:`, refuse tout le reste et arrête la production."""

        def fetch(self, url, headers=None):
            if _IMAGE.match(url):
                return super().fetch(url, headers)
            cle = url.removeprefix(BASE)
            fichier = ressources().get(cle) if url.startswith(BASE) else None
            if fichier is None:
                raise RessourceRefusee(url[:80])
            return URLFetcherResponse(url, fichier.read_bytes(), {"Content-Type": _TYPES[fichier.suffix]})

    return weasyprint, FontConfiguration, Guichet(allowed_protocols={"https", "data"}, fail_on_errors=True)


@cache
def _atelier():
    """Feuille et polices lues une fois par processus : polices décompressées, règles analysées, icônes gardées."""
    weasyprint, configuration, guichet = _weasyprint()
    # fontTools date chaque police qu'il réduit : une date fixe, pour redonner les mêmes octets.
    os.environ.setdefault("SOURCE_DATE_EPOCH", "1767225600")
    polices = configuration()
    feuille = weasyprint.CSS(url=BASE + FEUILLE, url_fetcher=guichet, font_config=polices)
    return polices, feuille, {}


def produire(gabarit: str, contexte: dict, *, donnees: dict | None = None, le=None) -> Pdf:
    """Rend un gabarit en PDF ; `donnees` est joint au fichier en JSON, daté de l'instant `le` (conscient du fuseau).

    Lève `BibliothequeManquante` ou `RessourceRefusee`. Les mêmes entrées redonnent les mêmes octets.
    """
    return depuis_html(render_to_string(gabarit, contexte), donnees=donnees, le=le)


def depuis_html(html: str, *, donnees: dict | None = None, le=None) -> Pdf:
    """Rend une page HTML déjà écrite (voir `produire`) ; un signe qu'aucune police ne dessine devient une mention."""
    html = composer(html)
    with _signes_manquants() as manquants:
        pdf = _rendre(html, donnees, le)
    if not manquants:
        return pdf
    return _rendre(re.sub(f"[{re.escape(''.join(sorted(manquants)))}]+", ILLISIBLE, html), donnees, le)


def _rendre(html: str, donnees: dict | None, le) -> Pdf:
    weasyprint, _, guichet = _weasyprint()
    from weasyprint.urls import FatalURLFetchingError

    polices, feuille, images = _atelier()
    try:
        page = weasyprint.HTML(string=html, base_url=BASE, url_fetcher=guichet)
        document = page.render(font_config=polices, stylesheets=[feuille], cache=images, pdf_variant=VARIANTE)
        if donnees is not None:
            document.metadata.attachments.append(_piece_jointe(weasyprint, donnees, le))
        identifiant = hashlib.sha256(html.encode()).digest()[:16]
        contenu = document.write_pdf(finisher=_finir, pdf_variant=VARIANTE, pdf_identifier=identifiant, cache=images)
    except FatalURLFetchingError as erreur:
        raise RessourceRefusee(str(erreur)) from erreur
    return Pdf(contenu, len(document.pages), hashlib.sha256(contenu).hexdigest())


@contextmanager
def _signes_manquants():
    """Recueille les signes que WeasyPrint n'a pu dessiner : un glyphe absent romprait PDF/A et PDF/UA."""
    manquants = set()

    def retenir(message):
        trouve = _ABSENT.search(message.getMessage())
        if trouve:
            manquants.add(chr(int(trouve[1], 16)))
        return not trouve

    journal = logging.getLogger("weasyprint")
    journal.addFilter(retenir)
    try:
        yield manquants
    finally:
        journal.removeFilter(retenir)


def _piece_jointe(weasyprint, donnees: dict, le):
    return weasyprint.Attachment(
        string=en_json(donnees).decode(),
        name="donnees.json",
        description="Données du document, telles que figées à sa demande",
        created=le,
        modified=le,
        relationship="Data",
        url_fetcher=_weasyprint()[2],
    )


_UA = b"""<rdf:Description rdf:about="" xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/"><pdfuaid:part>1</pdfuaid:part>
</rdf:Description><rdf:Description rdf:about="" xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/"
 xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#" xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#">
<pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType="Resource">
<pdfaSchema:namespaceURI>http://www.aiim.org/pdfua/ns/id/</pdfaSchema:namespaceURI>
<pdfaSchema:prefix>pdfuaid</pdfaSchema:prefix><pdfaSchema:schema>PDF/UA identification schema</pdfaSchema:schema>
<pdfaSchema:property><rdf:Seq><rdf:li rdf:parseType="Resource"><pdfaProperty:category>internal</pdfaProperty:category>
<pdfaProperty:description>PDF/UA version identifier</pdfaProperty:description><pdfaProperty:name>part</pdfaProperty:name>
<pdfaProperty:valueType>Integer</pdfaProperty:valueType></rdf:li></rdf:Seq></pdfaSchema:property>
</rdf:li></rdf:Bag></pdfaExtension:schemas></rdf:Description></rdf:RDF>"""


def _finir(_document, pdf) -> None:
    """Ajoute PDF/UA-1 à un PDF/A-3a : identification, métadonnées en clair, aucun flux deflate finissant par 0x0D."""
    for objet in pdf.objects:
        flux = getattr(objet, "stream", None)
        if flux is None:
            continue
        if objet.extra.get("Type") == "/Metadata":
            objet.compress = False
            flux[:] = [b"\n".join(flux).replace(b"</rdf:RDF>", _UA)]
        elif objet.compress:
            _comprimer(objet)


def _comprimer(objet) -> None:
    """Comprime un flux une seule fois, sauf s'il finirait par 0x0D (PDF/A y verrait une fin de ligne)."""
    objet.compress = False
    clair = objet.data.split(b"\nstream\n", 1)[1].removesuffix(b"\nendstream")
    octets = zlib.compress(clair)
    if not octets.endswith(b"\r"):
        objet.stream[:], objet.extra["Filter"] = [octets], "/FlateDecode"
