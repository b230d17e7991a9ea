"""Suivre un document, le télécharger, relancer sa production ; le vérifier, sans compte."""

from allauth.core.internal import ratelimit  # la porte publique du limiteur ne compte pas les lectures
from django.db.transaction import non_atomic_requests
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from securisation.socle.acces import acces, acces_public
from securisation.socle.entetes import fichier_joint
from securisation.socle.envois import compter_avant_de_lire
from securisation.socle.journal import inscrire
from securisation.socle.refus import Refus

from . import verification
from .forms import FormulaireDuFichier, FormulaireDuNumero
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

    titre = "Ce document dépend d’un accord qui ne court plus"
    que_faire = "Il ne se télécharge plus. La page du parcours dit si une nouvelle édition le remplace."


class TropDeVerifications(Refus):
    """Trop de vérifications depuis cette adresse du réseau (429)."""

    statut = 429
    titre = "Trop de vérifications en peu de temps"
    que_faire = "Attendez un quart d’heure, puis recommencez."


@acces(Document, sonde=True)
def suivi(request, document):
    """Page d'un document ; demandée par htmx, son cadre de suivi et, une fois prêt, ce qui l'entoure."""
    retenu = document.est_retenu
    contexte = {
        "document": document,
        "remplacant": document.remplacant(request.user),
        "relance": document.se_relance and "relancer" in document.possibles(request.user),
        "retenu": retenu,
        "pret": document.etat in VISIBLES and not retenu,
        "relire": document.se_relit and "declarer_la_relecture" in document.possibles(request.user),
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


# -- sans compte : ce document vaut-il encore, et est-ce bien ce fichier ?


def _exiger_le_rythme(request, action, **options):
    """Consulte le limiteur commun, par adresse du réseau ; au-delà, refuse (429)."""
    if not ratelimit.consume(request, app="allauth.account", action=action, **options):
        raise TropDeVerifications()


def _compter_l_envoi(request):
    """Un envoi se compte avant que son corps soit lu ; qui n'a plus de recherche n'envoie plus rien non plus."""
    _exiger_le_rythme(request, "verification", dry_run=True)
    _exiger_le_rythme(request, "envoi_a_verifier")


@compter_avant_de_lire(_compter_l_envoi)
@non_atomic_requests
@acces_public
@never_cache
def verifier(request, reference=None):
    """Le formulaire, et ce qu'on sait du document dont on donne le numéro et la clé, ou le fichier."""
    par_numero = request.method == "POST" and "numero" in request.POST
    numero = FormulaireDuNumero(request.POST if par_numero else None)
    if par_numero:
        return _mener(request, numero)
    fichier = FormulaireDuFichier(request.POST or None, request.FILES or None)
    trace, verdict = _chercher(request, reference or "", fichier)
    form = fichier if fichier.errors else FormulaireDuFichier()
    contexte = {"form": form, "numero": numero, "trace": trace, "verdict": verdict}
    return render(request, "documents/verifier.html", contexte, status=422 if fichier.errors else 200)


def _mener(request, numero):
    """Le numéro et la clé mènent à leur page, justes ou non : seule leur forme se juge ici."""
    if numero.is_valid():
        return redirect("documents:verifier", numero.cleaned_data["reference"])
    contexte = {"form": FormulaireDuFichier(), "numero": numero}
    return render(request, "documents/verifier.html", contexte, status=422)


def _chercher(request, reference, fichier):
    """(trace publique ou None, verdict) ; chaque recherche compte dans le limiteur commun et s'inscrit, sans dire laquelle."""
    lue, envoye = verification.lire_la_reference(reference), request.method == "POST" and fichier.is_valid()
    if not lue and not envoye:
        return None, "sans_suite" if reference else ""
    _exiger_le_rythme(request, "verification", limit_get=True)
    trace = verification.trouver(*lue) if lue else None
    if envoye:
        trace, verdict = verification.juger(trace, fichier.cleaned_data["sha256"])
    else:
        verdict = "" if trace else "sans_suite"
    inscrire("document vérifié", par=request.user, etat=trace.etat if trace else "", verdict=verdict)
    return trace, verdict
