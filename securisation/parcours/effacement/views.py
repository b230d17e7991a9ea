"""Demander un effacement, le décider à deux, le suivre, en lire le certificat ; la conservation des dossiers."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from securisation.parcours.effacement import forms, pdf, presentation, registre
from securisation.parcours.effacement.inventaire import compter
from securisation.parcours.models import Conservation, Demande, Effacement, Parcours
from securisation.socle.acces import acces, acces_fonction, acces_liste
from securisation.socle.confirmation import confirmation_recente
from securisation.socle.donnees import registre as lire_le_registre
from securisation.socle.formulaires import FormulaireDeConfirmation, agir, page_de_formulaire
from securisation.socle.journal import inscrire
from securisation.socle.refus import DroitRefuse, Refus

CONFIRMATION = "composants/confirmation.html"
DEMANDE_FAITE = "Effacement demandé. Le dossier est fermé à son équipe ; deux personnes décident."


class PasEncoreEfface(Refus):
    """Le certificat est demandé avant la fin (409)."""

    titre = "Ce dossier n’est pas encore effacé"
    que_faire = "La page de l’effacement dit où il en est ; le certificat s’y ouvre à la fin."


@acces(Parcours, lire="demander_effacement")
@confirmation_recente
def demander(request, parcours):
    """Demander l'effacement de ce dossier pour la personne, ses suites dites en nombres."""
    return _demander(request, parcours, retour_url=parcours.get_absolute_url())


@acces(Demande, lire="demander_effacement")
@confirmation_recente
def demander_pour(request, demande):
    """La même chose, depuis la demande de la personne ; le délégué y vient sans ouvrir le dossier."""
    return _demander(request, demande.parcours, retour_url=demande.get_absolute_url())


def _demander(request, parcours, *, retour_url):
    deja = Effacement.demande_de_la_personne(parcours)
    form = forms.FormulaireDeDemande(request.POST or None, deja=deja is not None)
    effacement = Effacement(parcours=parcours)
    if request.method == "POST" and agir(form, effacement.demander, par=request.user):
        messages.success(request, DEMANDE_FAITE)
        return redirect(effacement.get_absolute_url())
    contexte = {
        "titre": f"Demander l’effacement du parcours {parcours.numero}",
        "intro": "La personne demande que son dossier disparaisse. Dès votre envoi, son équipe ne le lit plus : vous non plus. "
        "Seul un délégué qui l’a déjà ouvert avec un motif le lit encore, jusqu’à la fin de cette ouverture.",
        "consequences": presentation.consequences(compter(parcours)),
        "avertissement": "La superviseure ou le superviseur, puis le délégué à la protection des données, décident.",
        "bouton": "Demander l’effacement",
    }
    return page_de_formulaire(request, CONFIRMATION, form, danger=True, retour_url=retour_url, **contexte)


@acces_liste(Effacement)
def effacements(request, visibles):
    """Les effacements : à décider, en cours, faits."""
    return render(request, "parcours/effacements.html", presentation.liste(visibles, request.user))


@acces(Effacement, sonde=True)
def effacement(request, objet):
    """Un effacement : ce qui part, qui a décidé, où il en est ; demandé par htmx, son seul suivi."""
    gabarit = "parcours/_effacement_suivi.html" if request.htmx else "parcours/effacement.html"
    return render(request, gabarit, presentation.fiche(objet, request.user))


DECISIONS = {
    "demande": ("accepter", "Accepter l’effacement", "Effacement accepté ; le délégué décide ensuite."),
    "accepte": ("decider", "Ordonner l’effacement", "Effacement décidé."),
}


@acces(Effacement)
@confirmation_recente
def decider(request, objet):
    """Donner la première ou la seconde décision."""
    if objet.etat not in DECISIONS:
        return redirect(objet.get_absolute_url())
    nom, bouton, fait = DECISIONS[objet.etat]
    _exiger_le_droit(objet, nom, request.user)
    form = FormulaireDeConfirmation(request.POST or None)
    if request.method == "POST" and agir(form, getattr(objet, nom), par=request.user):
        messages.success(request, fait)
        return redirect(objet.get_absolute_url())
    contexte = {"titre": f"{bouton} du parcours {objet.parcours.numero}", "bouton": bouton}
    contexte |= {"consequences": presentation.consequences(objet.inventaire), "retour_url": objet.get_absolute_url()}
    return page_de_formulaire(request, CONFIRMATION, form, danger=True, **contexte)


@acces(Effacement)
@confirmation_recente
def refuser(request, objet):
    """Refuser l'effacement, avec son motif."""
    _exiger_le_droit(objet, "refuser", request.user)
    form = forms.FormulaireDeRefus(request.POST or None)
    if request.method == "POST" and agir(form, objet.refuser, par=request.user):
        messages.success(request, "Effacement refusé. Le dossier est rendu à son équipe.")
        return redirect(objet.get_absolute_url())
    contexte = {
        "titre": f"Refuser l’effacement du parcours {objet.parcours.numero}",
        "bouton": "Refuser l’effacement",
        "retour_url": objet.get_absolute_url(),
    }
    contexte |= {"consequences": [{"texte": "Le dossier est rendu à son équipe : chacun y retrouve son rôle."}]}
    return page_de_formulaire(request, CONFIRMATION, form, **contexte)


def _exiger_le_droit(objet, nom, par):
    """La page d'une décision ne s'ouvre qu'à qui peut la donner (DroitRefuse) ; qui a demandé, ou déjà décidé, suit."""
    if nom not in objet.possibles(par) or objet.superviseur_par_id == par.pk:
        raise DroitRefuse()


@acces(Effacement)
@confirmation_recente
def relancer(request, objet):
    """Relance une étape arrêtée ; ouverte par un GET, elle ramène à la page."""
    if request.method == "POST":
        objet.relancer(par=request.user)
    return redirect(objet.get_absolute_url())


@acces(Effacement)
def certificat(request, objet):
    """Le certificat, à lire et à imprimer."""
    _exiger_la_fin(objet)
    return render(request, "parcours/certificat.html", presentation.certificat(objet))


@require_safe
@acces(Effacement, action="telechargement")
def certificat_pdf(request, objet):
    """Le certificat en PDF, en pièce jointe."""
    _exiger_la_fin(objet)
    reponse = HttpResponse(pdf.certificat(objet).contenu, content_type="application/pdf")
    reponse["Content-Disposition"] = f'attachment; filename="{objet.numero}.pdf"'
    return reponse


def _exiger_la_fin(objet):
    if objet.etat != Effacement.Etat.EXECUTE:
        raise PasEncoreEfface(lien=objet.get_absolute_url())


@require_safe
@acces_fonction("DPO")
@confirmation_recente
def registre_des_effacements(request):
    """Le registre des effacements, à garder avec les sauvegardes ; son export s'inscrit au journal."""
    texte = registre.exporter()
    inscrire("export", par=request.user, page="registre des effacements", lignes=texte.count("\n"))
    reponse = HttpResponse(texte, content_type="application/x-ndjson; charset=utf-8")
    reponse["Content-Disposition"] = 'attachment; filename="registre-des-effacements.jsonl"'
    return reponse


@acces_liste(Conservation)
def conservation(request, visibles):
    """Les dossiers dont la conservation finit : préavis, termes atteints, archives."""
    return render(request, "parcours/conservation.html", presentation.conservation(visibles, request.user))


@acces(Conservation, lire="archiver_parcours")
@confirmation_recente
def archiver(request, objet):
    """Garder un dossier au-delà de sa durée, avec un motif écrit et une fin."""
    form = forms.FormulaireDArchivage(request.POST or None, objet=objet)
    if request.method == "POST" and agir(form, objet.archiver, par=request.user):
        messages.success(request, "Dossier archivé. Seul le délégué peut l’ouvrir, avec un motif.")
        return redirect("parcours:conservation")
    contexte = {"titre": f"Archiver le parcours {objet.parcours.numero}", "bouton": "Archiver le dossier"}
    contexte |= {
        "consequences": presentation.suites_d_un_archivage(objet),
        "retour_url": reverse("parcours:conservation"),
    }
    return page_de_formulaire(request, CONFIRMATION, form, **contexte)


@require_safe
@acces_fonction("DPO")
def registre_des_traitements(request):
    """Le registre des traitements, lu des étiquettes de chaque champ."""
    return render(request, "parcours/traitements.html", lire_le_registre())
