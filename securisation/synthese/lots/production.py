"""Produire un lot : une ligne est un dû, et chacune ne doit la suivante qu'une fois faite.

La file ne porte donc jamais plus d'une demande et d'un document de ce lot, et après tout le reste : celui qu'une travailleuse sociale
attend passe aussitôt.
"""

from django.core.exceptions import ValidationError
from django.db import transaction

from securisation.documents.models import Document
from securisation.parcours.models import Parcours
from securisation.socle.journal import inscrire
from securisation.socle.outbox import devoir, sans_presse
from securisation.socle.refus import Refus
from securisation.socle.trace import hors_porte
from securisation.synthese.lots import choix as choisis
from securisation.synthese.models import LigneDeLot, LotDeDocuments

GENRE = "demander_du_lot"
RAISON = "lot de documents"
ABANDON = "La demande a échoué après plusieurs essais. Relancez un lot avec les mêmes choix : ce qui est prêt ne se refait pas."


def lancer(choix, dit, *, par):
    """Inscrit le lot et ses lignes, celles qui seront refusées avec leur raison, et doit la première. Rend le lot."""
    parcours = list(choix.parcours(par)[: choisis.MAXIMUM])
    refus = choisis.refus_prevus(choix.genre, parcours)
    lot = LotDeDocuments.inscrire(par=par, genre=choix.genre, choix=dit, parcours=parcours, refus=refus)
    inscrire("lot demandé", par=par, genre=choix.genre, lignes=len(parcours), refusees=len(refus))
    _devoir_la_suivante(lot)
    return lot


def avancer(cle):
    """Demande le document de cette ligne, si elle attend encore, et doit la suivante."""
    lignes = LigneDeLot.objects.select_related("lot__par").select_for_update(of=("self",))
    ligne = lignes.filter(pk=cle, etat=LigneDeLot.Etat.ATTENTE).first()
    if ligne is None:
        return
    try:
        with transaction.atomic(), sans_presse():
            document = _demander(ligne)
    except (Refus, ValidationError) as refus:
        ligne.noter(raison=_phrase(refus))
    else:
        ligne.noter(document=document)
    _devoir_la_suivante(ligne.lot)


def abandonner(cle):
    """Après le dernier essai : la ligne le dit, et le reste du lot continue."""
    ligne = LigneDeLot.objects.select_related("lot").filter(pk=cle, etat=LigneDeLot.Etat.ATTENTE).first()
    if ligne is not None:
        ligne.noter(raison=ABANDON)
        _devoir_la_suivante(ligne.lot)


def annuler(lot, *, par):
    """Ce qui n'est pas encore demandé ne le sera pas ; ce qui est produit reste."""
    retirees = lot.arreter()
    if retirees:
        inscrire("lot annulé", par=par, genre=lot.genre, lignes=retirees)


def _demander(ligne):
    """Le document de cette ligne, demandé au nom de qui a demandé le lot ; une production en échec repart."""
    par = ligne.lot.par
    parcours = Parcours.objects.select_for_update(of=("self",), no_key=True).get(pk=ligne.parcours_id)
    donnees = choisis.exiger(ligne.lot.genre, parcours, par)
    with hors_porte(RAISON, par=par):
        document = Document.demander(parcours=parcours, genre=ligne.lot.genre, donnees=donnees, par=par)
        if document.etat == Document.Etat.ECHEC:
            document.relancer(par=par)
    return document


def _phrase(refus):
    return refus.message if isinstance(refus, Refus) else " ".join(refus.messages)


def _devoir_la_suivante(lot):
    suivante = lot.lignes.filter(etat=LigneDeLot.Etat.ATTENTE).order_by("rang").values_list("pk", flat=True).first()
    if suivante:
        with sans_presse():
            devoir(GENRE, par=lot.par, ligne=suivante)
