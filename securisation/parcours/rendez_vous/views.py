"""Pages des rendez-vous d'un parcours."""

from django.contrib import messages
from django.shortcuts import redirect, render

from securisation.parcours.models import Parcours, RendezVous
from securisation.parcours.rendez_vous import forms, presentation
from securisation.socle.acces import acces
from securisation.socle.formulaires import agir, page_de_formulaire

PAGE, SIMPLE = "parcours/rendez_vous_formulaire.html", "composants/formulaire.html"


@acces(Parcours, lire="voir_parcours")
def les_rendez_vous(request, parcours):
    """Les rendez-vous du parcours : à venir, à noter, passés."""
    contexte = {
        "retour_url": parcours.get_absolute_url(),
        "retour": parcours.personne.appellation,
        "parcours": parcours,
    }
    return render(request, "parcours/rendez_vous.html", contexte | presentation.page(parcours, request.user))


@acces(Parcours, lire="prevoir_rendez_vous")
def prevoir(request, parcours):
    """Prévoir un rendez-vous, une visite, une concertation."""
    depart = presentation.depart(request.GET)
    form = forms.FormulaireRendezVous(request.POST or None, parcours=parcours, par=request.user, initial=depart)
    rendez_vous = RendezVous(parcours=parcours)
    if request.method == "POST" and agir(form, rendez_vous.prevoir, par=request.user):
        messages.success(request, f"Prévu : {presentation.quand(rendez_vous).lower()}.")
        return redirect(presentation.apres(request, rendez_vous))
    contexte = {"titre": "Prévoir un rendez-vous", "bouton": "Prévoir"}
    return page_de_formulaire(request, PAGE, form, **contexte, **presentation.depuis(request, parcours))


@acces(RendezVous, lire="voir_parcours")
def un_rendez_vous(request, rendez_vous):
    """Un rendez-vous et ce qui peut en être fait."""
    return render(request, "parcours/un_rendez_vous.html", presentation.detail(rendez_vous, request.user))


@acces(RendezVous, lire="prevoir_rendez_vous")
def deplacer(request, rendez_vous):
    """Changer le moment, le lieu ou les présents."""
    form = forms.FormulaireRendezVous(
        request.POST or None, objet=rendez_vous, parcours=rendez_vous.parcours, par=request.user
    )
    if request.method == "POST" and agir(form, rendez_vous.deplacer, par=request.user):
        messages.success(request, f"Rendez-vous enregistré : {presentation.quand(rendez_vous).lower()}.")
        return redirect(rendez_vous.get_absolute_url())
    contexte = {"titre": "Déplacer ou corriger le rendez-vous", "bouton": "Enregistrer"}
    return page_de_formulaire(request, PAGE, form, **contexte, **presentation.retour_a(rendez_vous))


@acces(RendezVous, lire="annuler_rendez_vous")
def annuler(request, rendez_vous):
    """Annuler, avec un motif."""
    form = forms.FormulaireAnnulation(request.POST or None)
    if request.method == "POST" and agir(form, rendez_vous.annuler, par=request.user):
        messages.success(request, "Rendez-vous annulé. Il quitte les agendas ; le dossier en garde la trace.")
        return redirect("parcours:rendez_vous", rendez_vous.parcours.uuid)
    contexte = {"titre": "Annuler le rendez-vous", "bouton": "Annuler le rendez-vous", "danger": True}
    contexte["intro"] = f"{presentation.quand(rendez_vous)}. Prévenez la personne : Jalon n’envoie rien."
    return page_de_formulaire(request, SIMPLE, form, **contexte, **presentation.retour_a(rendez_vous))


@acces(RendezVous, lire="noter_rendez_vous")
def noter(request, rendez_vous):
    """Dire s'il a eu lieu."""
    form = forms.FormulaireSuite(request.POST or None)
    if request.method == "POST" and agir(form, form.acte_sur(rendez_vous), par=request.user):
        messages.success(request, "Suite du rendez-vous notée.")
        return redirect(rendez_vous.get_absolute_url())
    contexte = {"titre": "Noter la suite du rendez-vous", "bouton": "Enregistrer"}
    contexte["intro"] = f"{rendez_vous.get_genre_display()}, {presentation.quand(rendez_vous).lower()}."
    return page_de_formulaire(request, SIMPLE, form, **contexte, **presentation.retour_a(rendez_vous))
