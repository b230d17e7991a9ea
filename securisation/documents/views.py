"""Suivre un document, le télécharger, relancer sa production."""

from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from securisation.socle.acces import acces
from securisation.socle.entetes import fichier_joint
from securisation.socle.refus import Refus

from .genres import ODT
from .models import Document, Etat

VISIBLES = (Etat.PRODUIT, Etat.REMPLACE)


class PasEncorePret(Refus):
    """Le fichier est demandé avant d'être produit (409)."""

    titre = "Ce document n’est pas encore prêt"
    que_faire = "Sa page dit où en est la production ; le fichier s’y télécharge dès qu’il est prêt."


class NeSeModifiePas(Refus):
    """Ce genre de document n'a pas de version à corriger (409)."""

    titre = "Ce document ne se remet qu’en PDF"
    que_faire = "Il est figé tel qu’il a été validé : téléchargez-le depuis sa page."


class DocumentAnnule(Refus):
    """Le fichier n'existe plus, ou ne se montre plus : l'accord dont il dépend a cessé (409)."""

    titre = "Ce document contient des données dont l’accord est retiré"
    que_faire = "Il ne se télécharge plus. La page du parcours dit si une nouvelle édition le remplace."


@acces(Document, sonde=True)
def suivi(request, document):
    """Page d'un document ; demandée par htmx, son cadre de suivi et, une fois prêt, ce qui l'entoure."""
    retenu = document.est_retenu
    contexte = {
        "document": document,
        "relance": document.a_un_contenu and "relancer" in document.possibles(request.user),
        "retenu": retenu,
        "pret": document.etat in VISIBLES and not retenu,
        "suite": document.etat == Etat.PRODUIT and document.ouvre_l_intervention(request.user),
    }
    return render(request, "documents/_fragment.html" if request.htmx else "documents/detail.html", contexte)


def _exiger_lisible(document):
    """Refuse (409) un document annulé, retenu par un accord qui a cessé, ou pas encore produit."""
    if document.etat == Etat.ANNULE or document.est_retenu:
        raise DocumentAnnule()
    if document.etat not in VISIBLES:
        raise PasEncorePret()


@require_safe
@acces(Document, lire="telecharger_document", action="telechargement")
def modifiable(request, document):
    """Le même document en ODT, à corriger ailleurs ; un genre qui ne se corrige pas est refusé."""
    if not document.se_modifie:
        raise NeSeModifiePas()
    _exiger_lisible(document)
    return fichier_joint(document.en_odt(), genre=ODT, nom=f"{document.numero}.odt")


@require_safe
@acces(Document, lire="telecharger_document", action="telechargement")
def telecharger(request, document):
    """Le fichier, en pièce jointe, jamais gardé par un cache ; inscrit au journal avant de partir."""
    _exiger_lisible(document)
    fichier = getattr(document, "fichier", None)
    if fichier is None:
        raise PasEncorePret()
    return fichier_joint(bytes(fichier.contenu), genre="application/pdf", nom=document.nom_de_fichier)


@acces(Document)
def relancer(request, document):
    """Relance une production en échec ; ouverte par un GET, elle ramène à la page."""
    if request.method == "POST":
        document.relancer(par=request.user)
    return redirect("documents:suivi", document.uuid)
