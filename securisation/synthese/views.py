"""Le toit : mes parcours, la page d'un parcours, son historique."""

from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from securisation.annuaire.glossaire import alphabetique
from securisation.parcours.models import Parcours
from securisation.socle.acces import (
    acces,
    acces_connecte,
    acces_fonction,
    acces_liste,
    acces_public,
    montrer,
    montrer_des_dossiers,
)
from securisation.socle.confirmation import confirmation_recente
from securisation.socle.formulaires import FormulaireDExport, agir, page_de_formulaire
from securisation.synthese import aide as aides
from securisation.synthese import alertes as surveillees
from securisation.synthese import forms, surveillance
from securisation.synthese.dossier import lire_dossier
from securisation.synthese.export import tableau as tableau_de_la_liste
from securisation.synthese.filtres import lire_filtres
from securisation.synthese.historique import ECRITURES, NATURES, lire_historique
from securisation.synthese.piste import export
from securisation.synthese.piste import filtres as filtres_de_piste
from securisation.synthese.piste.presentation import contexte_de_la_piste, dossiers_montres
from securisation.synthese.presentation import CADRES, accueil_ailleurs, contexte_de_la_liste, contexte_de_la_page
from securisation.synthese.recherche import chercher, lire_question


@acces_liste(Parcours, a_tous=True)
def mes_parcours(request, visibles):
    """La liste des parcours visibles, triée par échéance, et ce qui est à faire."""
    if ailleurs := accueil_ailleurs(request.user):
        return redirect(ailleurs)
    if request.GET.get("q"):  # une adresse gardée d'avant : la recherche a sa page
        return redirect(f"{reverse('synthese:recherche')}?{urlencode({'q': request.GET['q']})}")
    cadre = request.htmx.target if request.htmx else ""
    return render(
        request, CADRES.get(cadre, "synthese/mes_parcours.html"), contexte_de_la_liste(request.user, request.GET)
    )


@acces_liste(Parcours)
def recherche(request, visibles):
    """Les parcours que l'on peut voir et qui répondent à un nom, un numéro ou un téléphone."""
    if ailleurs := accueil_ailleurs(request.user):
        return redirect(ailleurs)
    question = lire_question(request.GET.get("q", ""))
    lignes, de_plus = chercher(request.user, question)
    if question.texte:
        montrer(request, "recherche", termes=question.termes, numeros=[ligne.numero for ligne in lignes])
    return render(request, "synthese/recherche.html", {"question": question, "lignes": lignes, "de_plus": de_plus})


@acces_liste(Parcours, action="export")
@confirmation_recente
def exporter_liste(request, visibles):
    """Mes parcours, tels que filtrés, sans nom de personne ; `format` : CSV, XLSX ou ODS."""
    return tableau_de_la_liste(request, lire_filtres(request.GET))


@acces(Parcours, lire="voir_parcours")
def parcours(request, objet):
    """La page d'un parcours : où il en est, ce qui presse, tout ce qu'on en sait."""
    return render(request, "synthese/parcours.html", contexte_de_la_page(objet, lire_dossier(objet), request.user))


@acces(Parcours, lire="voir_historique")
def historique(request, parcours):
    """Qui a fait quoi, qui a vu : avant et après, du plus récent au plus ancien."""
    nature, rang = request.GET.get("nature"), request.GET.get("apres", "")
    nature = nature if nature in NATURES else ECRITURES
    ecarts, suite = lire_historique(
        parcours, nature=nature, apres=int(rang) if rang.isdecimal() and len(rang) < 18 else None
    )
    onglets = [{"libelle": mot, "url": f"?nature={cle}", "ici": cle == nature} for cle, (mot, _) in NATURES.items()]
    contexte = {
        "parcours": parcours,
        "ecarts": ecarts,
        "segments": onglets,
        "suivant": f"?nature={nature}&apres={suite}" if suite else "",
    }
    return render(request, "synthese/historique.html", contexte)


@acces_fonction("SUPERVISEUR", "DPO", action="piste")
def piste(request):
    """La piste d'audit : qui a fait, vu ou s'est vu refuser quoi."""
    filtres = filtres_de_piste.lire_filtres(request.GET, request.user)
    fragment = request.htmx and request.htmx.target == "evenements"
    contexte = contexte_de_la_piste(request.user, filtres) | {"fragment": fragment}
    montrer_des_dossiers(request, dossiers_montres(contexte["traits"]), compter=filtres.chaines is not None)
    return render(request, f"synthese/{'_evenements' if fragment else 'piste'}.html", contexte)


@acces_fonction("SUPERVISEUR", "DPO", action="liste")
@confirmation_recente
def exporter_piste(request):
    """Ce qui est filtré : une page dit ce qui partira et demande le format, l'envoi le rend."""
    filtres = filtres_de_piste.lire_filtres(request.GET, request.user)
    form = FormulaireDExport(request.POST or None)
    if request.method == "POST" and form.is_valid():
        return export.tableau(request, filtres, form.cleaned_data["format"])
    contexte = {"titre": "Exporter la piste d’audit", "bouton": "Exporter", "retour": "Piste d’audit"}
    contexte |= export.annonce(request.user, filtres)
    return page_de_formulaire(request, "composants/confirmation.html", form, **contexte)


@acces_fonction("DPO", action="liste")
def alertes(request):
    """Les façons de lire qui demandent un regard."""
    return render(request, "synthese/alertes.html", surveillees.liste(request.user, request.GET))


@acces_fonction("DPO", action="liste")
def alerte(request, uuid):
    """Une alerte : le fait, ce qui peut l'expliquer, où le vérifier, et la note du délégué."""
    objet = surveillees.trouver(request.user, uuid)
    form = forms.FormulaireRegard(request.POST or None, objet=objet)
    if request.method == "POST" and agir(form, objet.regarder, par=request.user):
        messages.success(request, "Alerte regardée, votre note est gardée.")
        return redirect("synthese:alertes")
    return page_de_formulaire(request, "synthese/alerte.html", form, **surveillees.detail(objet, request.user))


@acces_connecte
def justifier(request):
    """Un lecteur arrêté dit pourquoi : cinquante dossiers de plus, le délégué averti."""
    form = forms.FormulaireJustification(request.POST or None)
    if request.method == "POST" and agir(form, surveillance.justifier, par=request.user):
        messages.success(request, "C’est noté : cinquante dossiers de plus s’ouvrent pendant une heure.")
        return redirect("synthese:mes_parcours")
    contexte = {"titre": "Dire pourquoi vous ouvrez ces dossiers", "bouton": "Enregistrer et continuer"}
    contexte |= {"retour_url": "/", "retour": "Mes parcours", "intro": surveillance.INTRO}
    return page_de_formulaire(request, "composants/formulaire.html", form, **contexte)


@acces_connecte(a_tous=True)
@require_safe
def aide(request, role=""):
    """L'aide d'un rôle, celui du compte d'abord, et tout le glossaire."""
    roles = aides.roles_lus(request.user)
    choisi = roles.get(role) if role else aides.role_de(request.user)
    if choisi is None:
        raise Http404("Aucune aide pour ce rôle.")
    contexte = {"role": choisi, "roles": roles.values(), "glossaire": alphabetique()}
    return render(request, "synthese/aide.html", contexte)


@acces_public
@require_safe
def accessibilite(request):
    """La déclaration d'accessibilité : ce qui a été essayé, ce qui ne l'a pas été, à qui le dire."""
    return render(request, "synthese/accessibilite.html", {"contact": settings.CONTACT_ACCESSIBILITE})
