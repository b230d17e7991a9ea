"""Le travail dû : produire un document. L'état fait foi, un second passage ne fait rien."""

from securisation.socle.outbox import travail
from securisation.socle.trace import hors_porte

from . import genres
from .instantane import revele_la_sante
from .models import SENSIBLE, Document, Etat
from .rendu import PanneDuRendu

RAISON = "production d'un document"
RETENUE = "lignes réservées sans accord"
ECHEC = (
    "Le document n’a pas pu être produit après plusieurs essais. Rien n’est perdu : relancez la production ; "
    "si elle échoue encore, prévenez l’administrateur avec le numéro du document."
)

CESSE = "L’accord de la personne a cessé avant la production : ce document n’a pas été produit."


def abandonner(*, document, erreur=None):
    """Après le dernier essai : l'échec est dit sur la page, avec quoi faire."""
    demande = Document.objects.filter(pk=document, etat=Etat.DEMANDE).first()
    if demande is not None:
        with hors_porte(RAISON):
            demande.echouer(par=None, erreur=ECHEC)


@travail("produire_document", a_l_echec=abandonner)
def produire_document(document):
    """Produit le document (clé entière) s'il est encore demandé et si les accords dont il dépend courent encore.

    Une bibliothèque absente, une image ou un contenu démesuré sont des échecs dits en clair, au premier essai.
    """
    demande = Document.objects.filter(pk=document, etat=Etat.DEMANDE).first()
    if demande is None or _annule(demande):
        return
    try:
        pdf = genres.produire_scelle(demande.genre, demande.donnees, cle=demande.cle)
    except PanneDuRendu as echec:
        with hors_porte(RAISON):
            demande.echouer(par=None, erreur=str(echec))
        return
    with hors_porte(RAISON):
        type(demande.parcours).objects.select_for_update(of=("self",), no_key=True).get(pk=demande.parcours_id)
        if _annule(demande):  # retiré pendant la production : le verrou du parcours départage
            return
        ranger = demande.produire_apres_coup if demande.est_depasse() else demande.produire
        ranger(par=None, pdf=pdf)


@travail("retenir_les_reserves")
def retenir_les_reserves():
    """Une fois : un document produit qui dit une ligne réservée dépend de l'accord qui la couvre, même s'il ne courait pas alors.

    Il est retenu tant que l'accord n'est pas recueilli ; redemandé, il paraît sans ces lignes (`Document.demander`).
    """
    sans_accord = Document.objects.exclude(finalites__contains=[SENSIBLE]).only("finalites", "donnees", "parcours")
    with hors_porte(RETENUE):
        for document in sans_accord.iterator(chunk_size=200):
            if revele_la_sante(document.donnees):
                dont = [*document.finalites, SENSIBLE]
                Document.objects.en_masse().filter(pk=document.pk).update(finalites=dont)


def _annule(demande):
    """Annule ce document si un accord dont il dépend a cessé ; vrai si c'est fait."""
    cesses = demande.accords_cesses
    if cesses:
        with hors_porte(RAISON):
            demande.annuler(par=None, raison=CESSE)
    return bool(cesses)
