"""Des canaris : un mot unique dans chaque champ de texte d'un dossier, et de quoi parcourir toutes les pages pour en chercher la trace."""

import io
import re
from contextlib import suppress
from html.parser import HTMLParser
from zipfile import BadZipFile, ZipFile

from django.apps import apps
from django.db import Error, models, transaction
from pypdf import PdfReader
from pypdf.errors import PdfReadError

from securisation.documents.models import Document, Fichier
from securisation.parcours.models import Parcours, Personne
from securisation.socle.trace import Trace, hors_porte

CANARI = re.compile(r"Canari(\d)zyx\w*")
# Ce que la base ou une règle tient à une forme : un mot au hasard n'y entre pas.
A_FORME = {
    "numero",
    "etat",
    "empreinte",
    "source",
    "sha256",
    "cle",
    "cle_import",
    "telephone",
    "courriel",
    "code_postal",
    "genre",
}


def semer(relation):
    """Pose un mot unique dans chaque champ de texte libre de chaque ligne des dossiers de cette relation ; rend {mot: modèle}."""
    poses = {}
    pks = {
        objet.parcours_de_rattachement.pk
        for objet in relation.objets.values()
        if isinstance(objet, Trace) and objet.vers_parcours
    }
    with hors_porte("canaris"):
        for modele in apps.get_models():
            if not issubclass(modele, Trace) or modele._meta.abstract:
                continue
            for ligne in _lignes(modele, pks):
                for champ in _textes_libres(modele):
                    mot = f"{relation.canari}{len(poses)}q"
                    if _poser(modele, ligne, champ, mot):
                        poses[mot] = modele._meta.label
    return poses


def _lignes(modele, pks):
    if modele is Parcours:
        return modele.objects.filter(pk__in=pks).values_list("pk", flat=True)
    if modele is Personne:
        return modele.objects.filter(parcours__in=pks).values_list("pk", flat=True)
    if not modele.vers_parcours:
        return []
    return modele.objects.filter(**{f"{modele.vers_parcours}__in": pks}).values_list("pk", flat=True)


def _textes_libres(modele):
    for champ in modele._meta.concrete_fields:
        libre = isinstance(champ, (models.CharField, models.TextField)) and not champ.choices
        if libre and champ.name not in A_FORME and (champ.max_length or 999) >= 30:
            yield champ


def _poser(modele, pk, champ, mot):
    try:
        with transaction.atomic():
            return modele.objects.en_masse().filter(pk=pk).update(**{champ.name: mot})
    except Error:
        return 0


def semer_un_pdf(relation, numero):
    """Range dans le dossier un vrai PDF dont le texte porte un mot unique."""
    from securisation.documents.machine import depuis_html

    mot = f"{relation.canari}pdf{numero}q"
    document = relation.objets[Document]
    contenu = depuis_html(f"<html lang='fr'><head><title>{mot}</title></head><body><p>{mot}</p></body></html>").contenu
    Fichier.objects.filter(document=document).update(contenu=contenu)
    return mot


def texte_de(reponse):
    """Tout ce qu'une réponse donne à lire : corps (texte d'un PDF compris), en-têtes, nom de fichier."""
    corps = b"".join(reponse.streaming_content) if reponse.streaming else reponse.content
    return _lisible(corps) + str(reponse.headers)


def _lisible(corps):
    """Le texte d'un corps : d'une archive ou d'un classeur, chaque fichier qu'il enferme ; d'un PDF, ses pages aussi."""
    lisible = corps.decode("utf-8", "replace")
    if corps.startswith(b"PK\x03\x04"):  # décompressé, sans les heures de son enveloppe
        lisible = _dedans(corps)
    if corps.startswith(b"%PDF"):
        with suppress(PdfReadError):  # les faux PDF des dossiers d'essai ont leur mot en clair
            lisible += "".join(page.extract_text() for page in PdfReader(io.BytesIO(corps)).pages)
    return lisible


def _dedans(corps):
    """Le nom et le texte de chaque fichier d'une archive, l'un après l'autre."""
    with suppress(BadZipFile), ZipFile(io.BytesIO(corps)) as archive:
        return "\n".join(f"{nom}\n{_lisible(archive.read(nom))}" for nom in archive.namelist())
    return corps.decode("utf-8", "replace")


class Liens(HTMLParser):
    """Les adresses d'une page : liens, appels htmx, formulaires avec leurs valeurs par défaut."""

    def __init__(self, page):
        super().__init__()
        self.liens, self.formulaires, self._ouvert = [], [], None
        self.feed(page)

    def handle_starttag(self, balise, attributs):
        dits = dict(attributs)
        self.liens += [dits[nom] for nom in ("href", "data-hx-get", "src") if dits.get(nom)]
        if balise == "form":
            self._ouvert = {
                "methode": (dits.get("method") or "get").upper(),
                "action": dits.get("action") or "",
                "champs": {},
            }
            self.formulaires.append(self._ouvert)
        elif self._ouvert is not None and dits.get("name") and balise in ("input", "textarea", "select", "button"):
            self._ouvert["champs"].setdefault(dits["name"], dits.get("value") or "")

    def handle_endtag(self, balise):
        if balise == "form":
            self._ouvert = None
