"""Les pages des lots de documents : choisir et lancer, suivre, arrêter, télécharger."""

from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from securisation.socle.acces import acces_fonction, montrer
from securisation.socle.confirmation import confirmation_recente
from securisation.socle.entetes import flux_joint
from securisation.socle.rythme import inscrire_des_lectures
from securisation.synthese.lots import archive, presentation, production
from securisation.synthese.lots.forms import FormulaireDeLancement, FormulaireDeLot


@acces_fonction("SUPERVISEUR", action="liste")
def lots(request):
    """Choisir un genre et des parcours, voir ce qui sortirait, lancer ; et les lots récents."""
    form, envoye = FormulaireDeLot(request.GET or None, par=request.user), request.method == "POST"
    contexte = {"form": form, "recents": presentation.recents(request.user), "confirmation": FormulaireDeLancement()}
    if form.is_valid():
        contexte["apercu"] = presentation.apercu(request.user, form.choix)
        if envoye and contexte["apercu"]["sortiront"] and form.accepte(FormulaireDeLancement(request.POST)):
            return redirect(production.lancer(form.choix, form.dit, par=request.user))
    return render(request, "synthese/lots.html", contexte, status=422 if form.errors or envoye else 200)


@require_safe
@acces_fonction("SUPERVISEUR", action="liste")
def lot(request, uuid):
    """Un lot : où il en est, ses documents, ce qui a manqué et pourquoi."""
    return render(
        request, "synthese/lot.html", presentation.suivi(presentation.trouver(request.user, uuid), request.GET)
    )


@require_safe
@acces_fonction("SUPERVISEUR")
def avancement(request, uuid):
    """Le cadre que htmx redemande, sans rien d'un dossier ; le lot fini, la page entière se relit."""
    contexte = presentation.avancement(presentation.trouver(request.user, uuid))
    reponse = render(request, "synthese/_lot.html", contexte)
    if contexte["fini"]:
        reponse["HX-Refresh"] = "true"
    return reponse


@require_POST
@acces_fonction("SUPERVISEUR")
def annuler_lot(request, uuid):
    """Arrête un lot : ce qui est prêt reste, le reste ne se demande pas."""
    trouve = presentation.trouver(request.user, uuid)
    production.annuler(trouve, par=request.user)
    return redirect(trouve)


@require_safe
@acces_fonction("SUPERVISEUR", action="telechargement")
@confirmation_recente
def telecharger_lot(request, uuid):
    """Les documents prêts du lot en un fichier ZIP ; une lecture s'inscrit au journal de chaque dossier avant l'envoi."""
    trouve = presentation.trouver(request.user, uuid)
    prets = archive.exiger_leger(archive.telechargeables(trouve, request.user))
    page = request.resolver_match.view_name
    inscrire_des_lectures(request, "telechargement", chaines={p for _, p in prets}, compter=False, page=page)
    montrer(request, "telechargement", lignes=len(prets))
    morceaux = archive.ecrire_le_zip(trouve, request.user, [cle for cle, _ in prets])
    return flux_joint(morceaux, genre="application/zip", nom=archive.nom_du_zip(trouve))
