"""Le téléchargement groupé d'un lot : un ZIP écrit au fil de l'envoi, un document à la fois en mémoire, le droit relu pour chacun."""

import io
import zipfile

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Length
from django.utils import timezone

from securisation.documents.models import SENSIBLE, Document, Fichier
from securisation.parcours.models import Accord
from securisation.socle import horloge
from securisation.socle.cloison import lire_comme
from securisation.socle.refus import Refus
from securisation.socle.tableur import Feuille, ecrire

OCTETS_MAX = 500 * 2**20
ENTETES = ["Parcours", "Document", "Où il en est", "Pourquoi il manque"]


class _Tuyau(io.RawIOBase):
    """Ce que le ZIP écrit, pris au fur et à mesure ; il ne revient jamais en arrière."""

    def __init__(self):
        self.morceaux = []

    def writable(self):
        return True

    def write(self, octets):
        self.morceaux.append(bytes(octets))
        return len(octets)

    def prendre(self):
        """Ce qui est écrit depuis la dernière fois."""
        pris, self.morceaux = b"".join(self.morceaux), []
        return pris


def telechargeables(lot, par):
    """Les documents du lot qui se téléchargent maintenant : prêts, d'un parcours visible et non restreint, sans accord cessé."""
    sensible = Accord.objects.en_cours().filter(parcours=OuterRef("parcours"), finalite__code=SENSIBLE)
    prets = Q(etat=Document.Etat.PRODUIT) & (~Q(finalites__contains=[SENSIBLE]) | Exists(sensible))
    siens = Document.objects.visibles_pour(par).filter(
        prets, parcours__restreint=False, parcours__effacement_le=None, pk__in=lot.lignes.values("document")
    )
    return siens.order_by("numero")


class LotTropLourd(Refus):
    """Les documents du lot pèsent plus que ce qu'un téléchargement porte (409)."""

    titre = "Ce lot pèse trop pour un seul fichier"
    que_faire = "Téléchargez ses documents un par un, ou refaites deux lots sur deux périodes plus courtes."


class LotVide(Refus):
    """Aucun document du lot ne se télécharge maintenant (409)."""

    titre = "Aucun document de ce lot ne se télécharge maintenant"
    que_faire = "La page du lot dit où en est chaque document, et ce qui a manqué."


def exiger_leger(documents):
    """[(clé, clé du parcours)] de ces documents ; refuse un lot vide ou trop lourd, sans lire aucun fichier."""
    lus = list(documents.annotate(octets=Length("fichier__contenu")).values_list("pk", "parcours_id", "octets"))
    if not lus:
        raise LotVide()
    if sum(octets or 0 for *_, octets in lus) > OCTETS_MAX:
        raise LotTropLourd()
    return [(cle, parcours) for cle, parcours, _ in lus]


def ecrire_le_zip(lot, par, cles):
    """Les morceaux du ZIP de ces documents (clés), la liste du lot en dernier ; ce qui a cessé d'être permis n'y est pas."""
    tuyau = _Tuyau()
    with zipfile.ZipFile(tuyau, "w", zipfile.ZIP_STORED) as archive:
        for cle in cles:
            nom, contenu = _lire(lot, par, cle)
            if contenu:
                archive.writestr(_entree(nom), contenu)
                yield tuyau.prendre()
        archive.writestr(_entree("liste.csv"), ecrire("csv", [_liste(lot, par)]).octets)
    yield tuyau.prendre()


def nom_du_zip(lot):
    """« documents-bilan-2026-11-23-104205.zip » : à la seconde, deux lots d'une même minute ne portent pas le même nom."""
    return f"documents-{lot.genre.replace('_', '-')}-{timezone.localtime(lot.demande_le):%Y-%m-%d-%H%M%S}.zip"


def _lire(lot, par, cle):
    """(nom, octets) d'un document, relu dans sa propre transaction ; rien s'il ne se télécharge plus."""
    with transaction.atomic():
        lire_comme(par)
        document = telechargeables(lot, par).filter(pk=cle).only("numero").first()
        fichier = document and Fichier.objects.filter(document=document).first()
        return (document.nom_de_fichier, bytes(fichier.contenu)) if fichier else ("", b"")


def _entree(nom):
    moment = timezone.localtime(horloge.maintenant())
    return zipfile.ZipInfo(nom, date_time=moment.timetuple()[:6])


def _liste(lot, par):
    with transaction.atomic():
        lire_comme(par)
        lignes = [
            [ligne.parcours.numero, ligne.document and ligne.document.numero, ligne.mot, ligne.pourquoi]
            for ligne in lot.lignes.pour_page()
        ]
    return Feuille("Lot de documents", ENTETES, lignes)
