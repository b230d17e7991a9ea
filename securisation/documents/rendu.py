"""Le métier du rendu : un HTML composé donne un PDF/A-3a et PDF/UA-1. Seul à importer WeasyPrint, au premier usage.

Il ne lit que les ressources livrées (par clé) et des images `data:` PNG ou JPEG : ni fichier, ni réseau. Il ignore Django : `etabli.py`
le fait travailler dans un processus à part, borné en temps et en mémoire.
"""

import base64
import hashlib
import io
import logging
import os
import re
import unicodedata
import zlib
from contextlib import contextmanager
from datetime import datetime
from functools import cache, partial
from pathlib import Path
from xml.etree import ElementTree

BASE = "https://ressources.invalid/"
FEUILLE, BALISES = "pdf.css", "balises.css"
VARIANTE = "pdf/a-3a"
PIXELS_MAX = 20_000_000
ESSAIS = 16
ILLISIBLE, ASCII, LATIN = "[signes non imprimables]", "\x7f", "\u024f"
_ABSENTS = set()  # les signes qu'aucune police d'ici ne dessine : une fois appris, ils ne coûtent plus un second rendu
_IMAGE = re.compile(r"data:image/(png|jpeg);base64,", re.ASCII)
_ABSENT = re.compile(r"notdef.*\(U\+([0-9A-F]+)\)")
_TYPES = {".css": "text/css", ".svg": "image/svg+xml", ".png": "image/png", ".woff2": "font/woff2"}


class PanneDuRendu(Exception):
    """Le rendu s'est arrêté et dit pourquoi en français : recommencer donnerait la même chose."""

    se_dit = True


class BibliothequeManquante(PanneDuRendu):
    """La machine PDF ne peut pas démarrer : une bibliothèque du système manque."""


class RessourceRefusee(PanneDuRendu):
    """Un gabarit demande autre chose que les ressources livrées."""


def travailler(demande, corps):
    """Le travail d'un processus à part : {html, donnees, le} → ({pages}, octets du PDF)."""
    le = datetime.fromisoformat(demande["le"]) if demande["le"] else None
    contenu, pages = rendre(demande["html"], demande["donnees"], le)
    return {"pages": pages}, contenu


def rendre(html: str, donnees: str | None = None, le=None):
    """(octets, pages) d'un HTML composé ; un signe qu'aucune police ne dessine devient une mention."""
    html = _sans(html, _ABSENTS)
    rendu, manquants = _essayer(html, donnees, le)
    for parts in (set, _decompose):
        fautifs = {signe for signe in set(html) if signe > ASCII and manquants & parts(signe)}
        if fautifs:
            # Seuls ceux que le dessin nomme s'apprennent : les autres ne sont accusés que pour ce document.
            _ABSENTS.update(fautifs & manquants)
            html = _sans(html, fautifs)
            rendu, manquants = _essayer(html, donnees, le)
    return rendu


def _sans(html, absents):
    """Le même HTML, une mention à la place de chaque suite de ces signes."""
    ecrits = absents & set(html)
    return re.sub(f"[{re.escape(''.join(sorted(ecrits)))}]+", ILLISIBLE, html) if ecrits else html


def _decompose(signe):
    """Un signe et ses parts : le dessin en décompose certains (le « ำ » thaï en deux), et ne nomme que la part qui manque.

    Une lettre latine se dessine d'un trait : l'accent qui manque à une autre n'y est pour rien.
    """
    return {signe} if signe <= LATIN else {signe, *unicodedata.normalize("NFKD", signe)}


def _essayer(html, donnees, le):
    """Le rendu, et les signes qu'il n'a pu dessiner."""
    with _signes_manquants() as manquants:
        return _rendre(html, donnees, le), manquants


@cache
def ressources() -> dict[str, Path]:
    """Liste blanche : clé d'une ressource livrée → fichier. Rien d'autre ne s'ouvre."""
    dossier = Path(__file__).resolve().parents[2] / "templates" / "pdf"
    permises = {nom: dossier / nom for nom in (FEUILLE, BALISES)}
    permises |= {f"icones/{f.name}": f for f in sorted((dossier / "icones").glob("*.*g"))}  # SVG et PNG
    permises |= {f"fonts/{f.name}": f for f in sorted((dossier / "fonts").glob("figtree-*.woff2"))}
    return permises


def _image(url):
    """Les octets d'une image `data:`, sa taille lue avant de la décoder ; RessourceRefusee si elle est démesurée ou illisible."""
    from PIL import Image

    octets = base64.b64decode(url[url.index(",") + 1 :])
    try:
        largeur, hauteur = Image.open(io.BytesIO(octets), formats=("PNG", "JPEG")).size
    except Exception:  # un décodeur devant un fichier hostile peut lever n'importe quoi
        raise RessourceRefusee("une image illisible") from None
    if largeur * hauteur > PIXELS_MAX:
        raise RessourceRefusee("une image démesurée")
    return octets


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
                return URLFetcherResponse(url, _image(url), {"Content-Type": url[5 : url.index(";")]})
            cle = url.removeprefix(BASE)
            fichier = ressources().get(cle) if url.startswith(BASE) else None
            if fichier is None:
                raise RessourceRefusee(url[:80])
            return URLFetcherResponse(url, fichier.read_bytes(), {"Content-Type": _TYPES[fichier.suffix]})

    return weasyprint, FontConfiguration, Guichet(allowed_protocols={"https", "data"}, fail_on_errors=True)


@cache
def _atelier():
    """Feuilles et polices lues une fois par processus : polices décompressées, règles analysées.

    Les images, elles, se relisent à chaque document : WeasyPrint attache à chacune la page qui l'a demandée, texte compris.
    """
    weasyprint, configuration, guichet = _weasyprint()
    from cssselect2 import ElementWrapper

    # fontTools date chaque police qu'il réduit : une date fixe, pour redonner les mêmes octets.
    os.environ.setdefault("SOURCE_DATE_EPOCH", "1767225600")
    polices = configuration()
    feuille = weasyprint.CSS(url=BASE + FEUILLE, url_fetcher=guichet, font_config=polices)
    balises = weasyprint.CSS(url=BASE + BALISES, url_fetcher=guichet)

    class Page(weasyprint.HTML):
        """Un HTML dont les balises valent ce qu'en dit `balises.css`, lu comme du XML : bien plus vite que par les règles de HTML.

        Celui qui n'est pas bien formé (un signe de contrôle dans un texte) se lit par elles, comme avant.
        """

        def __init__(self, html):
            try:
                racine = ElementTree.fromstring(html)  # noqa: S314 : composé ici, textes échappés ; expat borne les entités, l’atelier le reste
            except (ElementTree.ParseError, UnicodeError):
                super().__init__(string=html, base_url=BASE, url_fetcher=guichet)
                return
            self.base_url, self.url_fetcher, self.media_type = BASE, guichet, "print"
            self.wrapper_element = ElementWrapper.from_html_root(racine, content_language=None)
            self.etree_element = self.wrapper_element.etree_element

        def _ua_stylesheets(self, forms=False):
            return [balises]

    return polices, feuille, Page


def _rendre(html: str, donnees: str | None, le):
    weasyprint = _weasyprint()[0]
    from weasyprint.urls import FatalURLFetchingError

    polices, feuille, page_de = _atelier()
    images = {}
    try:
        page = page_de(html)
        document = page.render(font_config=polices, stylesheets=[feuille], cache=images, pdf_variant=VARIANTE)
        identifiant = hashlib.sha256(html.encode()).digest()[:16]
        joindre = partial(_pieces_jointes, weasyprint, donnees, le)
        contenu = _ecrire(document, joindre, pdf_variant=VARIANTE, pdf_identifier=identifiant, cache=images)
    except FatalURLFetchingError as erreur:
        raise _refus(erreur) from None
    return contenu, len(document.pages)


def _ecrire(document, joindre, **options):
    """Les octets du PDF ; les deux flux que pydyf comprime en dernier finissent par 0x0D une fois sur cent : un objet vide déplace tout.

    `joindre()` : ses pièces jointes ; chacune ne se lit qu'une fois, il en faut de neuves à chaque essai.
    """
    for essai in range(ESSAIS):
        document.metadata.attachments = joindre()
        contenu = document.write_pdf(finisher=partial(_finir, de_plus=essai), **options)
        if b"\r\nendstream" not in contenu:
            return contenu
    raise ValueError("aucun essai ne suit PDF/A")


def _refus(erreur):
    """Le refus du guichet, sous l'erreur de WeasyPrint qui recopie l'adresse entière (une image `data:` de plusieurs Mo)."""
    while erreur is not None and not isinstance(erreur, RessourceRefusee):
        erreur = erreur.__cause__ or erreur.__context__
    return erreur or RessourceRefusee("une adresse illisible")


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


def _pieces_jointes(weasyprint, donnees: str | None, le):
    """Les données du document, s'il les porte."""
    if donnees is None:
        return []
    piece = weasyprint.Attachment(
        string=donnees,
        name="donnees.json",
        description="Données du document, telles que figées à sa demande",
        created=le,
        modified=le,
        relationship="Data",
        url_fetcher=_weasyprint()[2],
    )
    return [piece]


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


def _finir(_document, pdf, de_plus=0) -> None:
    """Ajoute PDF/UA-1 à un PDF/A-3a : identification, métadonnées en clair, aucun flux deflate finissant par 0x0D.

    `de_plus` : autant d'objets vides, qui ne changent que la place des autres.
    """
    import pydyf

    for _rang in range(de_plus):
        pdf.add_object(pydyf.Dictionary({}))
    for objet in pdf.objects:
        flux = getattr(objet, "stream", None)
        if flux is None:
            continue
        if objet.extra.get("Type") == "/Metadata":
            objet.compress = False
            flux[:] = [b"\n".join(flux).replace(b"</rdf:RDF>", _UA)]
        elif objet.compress:
            _comprimer(objet)
        elif _octets(objet).endswith(b"\r"):
            _en_hexadecimal(objet)


def _comprimer(objet) -> None:
    """Comprime un flux une seule fois, sauf s'il finirait par 0x0D (PDF/A y verrait une fin de ligne)."""
    objet.compress = False
    octets = zlib.compress(_octets(objet))
    if not octets.endswith(b"\r"):
        objet.stream[:], objet.extra["Filter"] = [octets], "/FlateDecode"


def _en_hexadecimal(objet) -> None:
    """Écrit en hexadécimal une image qui finit par 0x0D : déjà comprimée, elle finirait de même à tout autre taux (c'est une somme)."""
    import pydyf

    parametres = objet.extra.get("DecodeParms")
    objet.stream[:] = [_octets(objet).hex().encode() + b">"]
    objet.extra["Filter"] = pydyf.Array(["/ASCIIHexDecode", objet.extra["Filter"]])
    if parametres is not None:
        objet.extra["DecodeParms"] = pydyf.Array(["null", parametres])


def _octets(objet) -> bytes:
    """Les octets d'un flux, tels qu'il les écrira."""
    return objet.data.split(b"\nstream\n", 1)[1].removesuffix(b"\nendstream")
