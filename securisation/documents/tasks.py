"""Le travail dû : produire un document. L'état fait foi, un second passage ne fait rien."""

from securisation.socle.outbox import travail
from securisation.socle.trace import hors_porte

from . import genres
from .machine import BibliothequeManquante
from .models import Document, Etat

RAISON = "production d'un document"
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

    Une bibliothèque absente est un échec dit en clair.
    """
    demande = Document.objects.filter(pk=document, etat=Etat.DEMANDE).first()
    if demande is None or _annule(demande):
        return
    try:
        pdf = genres.produire(demande.genre, demande.donnees)
    except BibliothequeManquante as manque:
        with hors_porte(RAISON):
            demande.echouer(par=None, erreur=str(manque))
        return
    with hors_porte(RAISON):
        type(demande.parcours).objects.select_for_update(of=("self",), no_key=True).get(pk=demande.parcours_id)
        if _annule(demande):  # retiré pendant la production : le verrou du parcours départage
            return
        ranger = demande.produire_apres_coup if demande.est_depasse() else demande.produire
        ranger(par=None, pdf=pdf)


def _annule(demande):
    """Annule ce document si un accord dont il dépend a cessé ; vrai si c'est fait."""
    cesses = demande.accords_cesses
    if cesses:
        with hors_porte(RAISON):
            demande.annuler(par=None, raison=CESSE)
    return bool(cesses)
