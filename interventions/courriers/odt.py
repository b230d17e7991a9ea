"""Le courrier en ODT, à corriger dans un traitement de texte : le même instantané que le PDF. Fonction pure, sans réseau ni fichier."""

import io

from odf import dc, meta
from odf.opendocument import OpenDocumentText
from odf.style import MasterPage, PageLayout, PageLayoutProperties, ParagraphProperties, Style, TextProperties
from odf.text import LineBreak, P

from interventions.courriers.mise_en_page import blocs
from securisation.socle.typographie import DROITE, HORS_XML

STYLES = {
    "corps": ({"margintop": "0cm", "marginbottom": "0.35cm", "lineheight": "135%"}, {}),
    "serre": ({"margintop": "0cm", "marginbottom": "0cm", "lineheight": "130%"}, {}),
    "droite": ({"margintop": "0.8cm", "marginbottom": "0cm", "marginleft": "9cm", "lineheight": "130%"}, {}),
    "objet": ({"margintop": "0.9cm", "marginbottom": "0.6cm"}, {"fontweight": "bold"}),
    "petit": ({"margintop": "1cm", "marginbottom": "0cm"}, {"fontsize": "9pt", "color": "#4d5d62"}),
}


def produire(instantane):
    """Les octets d'un fichier ODT ; une chaîne hostile n'y est que du texte."""
    document = OpenDocumentText()
    _decrire(document, instantane)
    styles = {nom: _style(document, nom, *proprietes) for nom, proprietes in STYLES.items()}
    for genre, lignes in blocs(instantane):
        paragraphe = P(stylename=styles[genre])
        for rang, ligne in enumerate(lignes):
            if rang:
                paragraphe.addElement(LineBreak())
            paragraphe.addText(DROITE.sub("’", HORS_XML.sub("", ligne)))
        document.text.addElement(paragraphe)
    octets = io.BytesIO()
    document.write(octets)
    return octets.getvalue()


def _decrire(document, instantane):
    """Titre et langue, une page A4 ; ni auteur ni logiciel qui diraient d'où vient le courrier."""
    for element in list(document.meta.childNodes):
        document.meta.removeChild(element)
    document.meta.addElement(dc.Title(text=HORS_XML.sub("", instantane["objet"])))
    document.meta.addElement(dc.Language(text="fr-FR"))
    document.meta.addElement(meta.CreationDate(text=instantane["document"]["demande_le"][:19]))
    page = PageLayout(name="a4")
    marges = {"margintop": "2.2cm", "marginbottom": "2cm", "marginleft": "2.2cm", "marginright": "2.2cm"}
    page.addElement(PageLayoutProperties(pagewidth="21cm", pageheight="29.7cm", printorientation="portrait", **marges))
    document.automaticstyles.addElement(page)
    document.masterstyles.addElement(MasterPage(name="Standard", pagelayoutname=page))


def _style(document, nom, paragraphe, texte):
    style = Style(name=nom, family="paragraph")
    style.addElement(ParagraphProperties(**paragraphe))
    police = {"fontsize": "11pt", "fontfamily": "Arial, sans-serif", "language": "fr", "country": "FR"}
    style.addElement(TextProperties(**(police | texte)))
    document.styles.addElement(style)
    return style
