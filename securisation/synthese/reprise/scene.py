"""Jouer un récit : ses faits dans l'ordre des jours, chacun à sa date, dans une seule transaction par dossier."""

import datetime
import time
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction

from securisation.comptes.demonstration import creer_distribution
from securisation.documents.models import Document
from securisation.parcours.models import Parcours
from securisation.socle import horloge, outbox
from securisation.socle.models import Du
from securisation.socle.refus import Refus
from securisation.synthese.reprise.lecture import RepriseRefusee, lire
from securisation.synthese.reprise.recit import raconter

OUVERTURE = datetime.timedelta(hours=9)
PATIENCE = 120  # secondes avant de dire qu'un document se produit encore


@dataclass(frozen=True)
class Rejeu:
    """Ce qu'un fichier a donné : le parcours, et s'il venait d'être rejoué (faux : il l'était déjà)."""

    code: str
    parcours: Parcours
    neuf: bool


def rejouer(chemin):
    """Rejoue un fichier (Path) et rend un Rejeu ; lève RepriseRefusee sans rien laisser à moitié. Un code déjà rejoué ne se rejoue pas."""
    recit = lire(chemin)
    code = recit.texte("code")
    if not code:
        recit.refuser("code", "« code » manque.")
    distribution = creer_distribution()
    cle = f"reprise:{code}"[:64]
    deja = Parcours.objects.filter(equipe=distribution["awa"].equipe_id, cle_import=cle).first()
    if deja:
        return Rejeu(code, deja, False)
    with transaction.atomic():
        scene = Scene(distribution, cle)
        for rang, fait in enumerate(sorted(raconter(recit), key=lambda fait: (fait.jour, fait.rang))):
            scene.jouer(fait, rang)
    return Rejeu(code, scene.parcours, True)


class Pieces(dict):
    """Ce qui est déjà joué, par nom ; un acte qui en suppose un autre, pas encore joué, est refusé."""

    def __missing__(self, nom):
        raise ValidationError("Cet acte vient avant celui qu'il suppose : vérifiez les jours.")


class Scene:
    """Le dossier en train d'être rejoué : qui agit, sur quoi, quel jour."""

    def __init__(self, distribution, cle):
        self.awa, self.bruno, self.gaelle = (distribution[nom] for nom in ("awa", "bruno", "gaelle"))
        self.cle, self.pieces, self.maintenant = cle, Pieces(), horloge.maintenant()
        self.parcours = None

    def jouer(self, fait, rang):
        """Joue un fait à son jour ; un refus devient RepriseRefusee à sa ligne."""
        heure = datetime.datetime.combine(fait.jour, datetime.time.min, ZoneInfo(settings.TIME_ZONE)) + OUVERTURE
        moment = min(heure + datetime.timedelta(minutes=rang), self.maintenant)
        if heure.date() > horloge.aujourd_hui():
            raise RepriseRefusee(
                fait.ligne, f"le {fait.jour:%d/%m/%Y} est dans l'avenir : un dossier se rejoue jusqu'à aujourd'hui."
            )
        try:
            with horloge.reprise_au(moment):
                fait.acte(self)
        except ValidationError as erreur:
            raise RepriseRefusee(fait.ligne, " ".join(erreur.messages)) from erreur
        except Refus as refus:
            raise RepriseRefusee(fait.ligne, refus.message) from refus


def produire_les_documents(parcours):
    """Produit maintenant les documents encore dus de ces parcours ; rend ceux qui restent à produire (un travailleur s'en charge)."""
    fin = time.monotonic() + PATIENCE
    while reste := list(Document.objects.filter(parcours__in=parcours, etat=Document.Etat.DEMANDE)):
        numeros = [document.pk for document in reste]
        dus = Du.objects.filter(genre="produire_document", fait_le=None, ids__document__in=numeros)
        faits = [outbox.solder(numero) for numero in dus.values_list("pk", flat=True)]
        if not any(faits) and time.monotonic() > fin:
            return reste
        if not any(faits):
            time.sleep(0.5)
    return []
