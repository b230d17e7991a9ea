"""Les droits de la personne : enregistrer ses demandes, y répondre, lui remettre la copie et le registre de son dossier."""

from functools import partial

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from securisation.coordination.models import Copie
from securisation.coordination.personne import forms, presentation
from securisation.coordination.registre import lire_registre
from securisation.parcours.models import Demande, Parcours
from securisation.socle.acces import acces, acces_liste
from securisation.socle.confirmation import confirmation_recente
from securisation.socle.formulaires import FormulaireDeConfirmation, agir, page_de_formulaire
from securisation.socle.refus import Refus

PAGE, CONFIRMATION = "composants/formulaire.html", "composants/confirmation.html"


class PasEncorePrete(Refus):
    """Un fichier est demandé avant d'être produit, ou après son retrait (409)."""

    titre = "Ce fichier n’est pas là"
    que_faire = "Il n’est pas encore produit, ou il a été retiré après sept jours : la page de la copie le dit."


# -- sur un parcours


@acces(Parcours, lire="voir_demandes")
def droits(request, parcours):
    """Ses demandes et leur délai, ce qui vaut, les copies remises, le registre."""
    return render(request, "coordination/personne/droits.html", presentation.du_parcours(parcours, request.user))


@acces(Parcours, lire="enregistrer_demande")
def enregistrer(request, parcours):
    """Enregistrer une demande de la personne."""
    demande = Demande(parcours=parcours)
    form = forms.FormulaireDemande(request.POST or None)
    if request.method == "POST" and agir(form, demande.enregistrer, par=request.user):
        messages.success(request, "Demande enregistrée. Le délai pour répondre court.")
        return redirect(demande)
    contexte = {"effets": presentation.effets(), "parcours": parcours, **presentation.retour_aux_droits(parcours)}
    return page_de_formulaire(request, "coordination/personne/enregistrer.html", form, **contexte)


@acces(Parcours, lire="voir_registre")
def registre(request, parcours):
    """Qui a vu ou changé le dossier, quand, pourquoi : ce que la personne peut lire."""
    jours, suite = lire_registre(parcours, avant=presentation.jour_demande(request.GET))
    contexte = {"parcours": parcours, "jours": jours, "suivant": f"?avant={suite:%Y-%m-%d}" if suite else ""}
    contexte["remet"] = Parcours.autorise(request.user, "remettre_copie", parcours)
    return render(request, "coordination/personne/registre.html", contexte | presentation.retour_aux_droits(parcours))


# -- sur une demande


@acces(Demande, lire="voir_demandes")
def demande(request, objet):
    """Une demande : ce qu'elle dit, son délai, sa réponse, ce qui se fait ensuite."""
    return render(request, "coordination/personne/demande.html", presentation.de_la_demande(objet, request.user))


@acces(Demande, lire="repondre_demande")
def repondre(request, objet):
    """Noter la réponse donnée à la personne."""
    options = presentation.de_la_reponse(objet, request.user)
    form = forms.FormulaireReponse(request.POST or None, objet=objet, **options)
    if request.method == "POST" and agir(form, objet.repondre, par=request.user):
        messages.success(request, "Réponse enregistrée.")
        return redirect(objet)
    contexte = {
        "titre": "Répondre à la demande",
        "bouton": "Enregistrer la réponse",
        "intro": presentation.rappel(objet, request.user),
    }
    return page_de_formulaire(request, PAGE, form, **contexte, **presentation.retour_a_la_demande(objet))


@acces(Demande, lire="prolonger_demande")
def prolonger(request, objet):
    """Prolonger de deux mois le délai de réponse."""
    form = forms.FormulaireProlongation(request.POST or None, objet=objet)
    if request.method == "POST" and agir(form, objet.prolonger, par=request.user):
        messages.success(request, "Délai prolongé. Informez-en la personne, avec le motif.")
        return redirect(objet)
    contexte = presentation.de_la_prolongation(objet)
    return page_de_formulaire(request, CONFIRMATION, form, **contexte, **presentation.retour_a_la_demande(objet))


@acces(Demande, lire="lever_demande")
def lever(request, objet):
    """Lever une limitation ou une opposition."""
    form = forms.FormulaireLevee(request.POST or None, objet=objet)
    if request.method == "POST" and agir(form, objet.lever, par=request.user):
        messages.success(request, "Levée enregistrée.")
        return redirect(objet)
    contexte = presentation.de_la_levee(objet)
    return page_de_formulaire(request, CONFIRMATION, form, **contexte, **presentation.retour_a_la_demande(objet))


@acces(Demande, lire="enregistrer_demande")
def retirer(request, objet):
    """La personne retire sa demande."""
    form = FormulaireDeConfirmation(request.POST or None)
    if request.method == "POST" and agir(form, objet.retirer, par=request.user):
        messages.success(request, "Demande retirée : plus aucune réponse n’est due.")
        return redirect(objet)
    contexte = {"titre": "La personne retire sa demande", "bouton": "Enregistrer le retrait"}
    contexte["consequences"] = [
        {"texte": "Plus aucune réponse n’est due ; la demande et son retrait restent au dossier."}
    ]
    return page_de_formulaire(request, CONFIRMATION, form, **contexte, **presentation.retour_a_la_demande(objet))


# -- pour toute l'association


@acces_liste(Demande)
def tableau(request, visibles):
    """Les demandes que ce compte peut voir, la plus pressante d'abord ; le délégué les voit toutes, sans nom."""
    contexte = presentation.tableau(visibles, request.user, request.GET)
    return render(request, "coordination/personne/tableau.html", contexte)


# -- remettre


@acces(Parcours, lire="remettre_copie")
@confirmation_recente
def remettre(request, parcours, contenu):
    """Préparer la copie complète, ou le registre, à remettre à la personne."""
    copie = Copie(parcours=parcours)
    form = FormulaireDeConfirmation(request.POST or None)
    if request.method == "POST" and agir(form, partial(copie.demander, contenu=contenu), par=request.user):
        return redirect(copie)
    contexte = presentation.REMISES[contenu] | presentation.retour_aux_droits(parcours)
    return page_de_formulaire(request, CONFIRMATION, form, **contexte)


@acces(Copie, lire="remettre_copie", sonde=True)
def copie(request, objet):
    """Où en est une copie ; demandée par htmx, son cadre de suivi seul."""
    contexte = presentation.de_la_copie(objet, request.user)
    return render(request, f"coordination/personne/{'_copie' if request.htmx else 'copie'}.html", contexte)


@acces(Copie, lire="remettre_copie")
def relancer(request, objet):
    """Relance une production en échec ; ouverte par un GET, elle ramène à la page."""
    if request.method == "POST":
        objet.relancer(par=request.user)
    return redirect(objet)


@require_safe
@acces(Copie, lire="remettre_copie", action="export")
@confirmation_recente
def telecharger(request, objet, fichier):
    """Le PDF ou le JSON d'une copie, en pièce jointe, jamais gardé par un cache ; inscrit au journal avant de partir."""
    if not objet.est_prete:
        raise PasEncorePrete()
    contenu, genre = presentation.octets(objet, fichier)
    reponse = HttpResponse(contenu, content_type=genre)
    reponse["Content-Disposition"] = f'attachment; filename="{objet.numero}.{fichier}"'
    reponse["Cache-Control"] = "no-store, private"
    return reponse
