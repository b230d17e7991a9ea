"""Pages du diagnostic : l'ouvrir, remplir chaque axe, examiner les suites, relire, valider."""

from functools import partial

from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from diagnostics import comparaison, forms, pdf, presentation, saisie
from diagnostics import entretien as mode_entretien
from diagnostics.models import Diagnostic, DominoExamine, EvaluationAxe
from securisation.parcours.accords.forms import FormulaireAccord
from securisation.parcours.models import Accord, Parcours
from securisation.socle.acces import acces, acces_connecte
from securisation.socle.entetes import fichier_joint
from securisation.socle.formulaires import FormulaireDeConfirmation, agir, page_de_formulaire
from securisation.socle.refus import Introuvable

CONFIRMATION = "composants/confirmation.html"


def _retour(diagnostic):
    """Le retour à la liste des axes, et le parcours rappelé sous le titre."""
    parcours = diagnostic.parcours
    return {
        "diagnostic": diagnostic,
        "parcours": parcours,
        "retour_url": diagnostic.get_absolute_url(),
        "retour": f"Diagnostic de {parcours.personne.appellation}",
    }


@acces(Parcours, lire="ouvrir_diagnostic")
def ouvrir(request, parcours):
    """Ouvrir un diagnostic, ou reprendre celui qui est en cours."""
    en_cours = parcours.diagnostics.filter(etat=Diagnostic.Etat.BROUILLON).first()
    if en_cours and request.method != "POST":
        return redirect(en_cours)
    form, diagnostic = FormulaireDeConfirmation(request.POST or None), Diagnostic(parcours=parcours)
    if request.method == "POST" and agir(form, diagnostic.ouvrir, par=request.user):
        return redirect(diagnostic)
    retour = {"retour_url": parcours.get_absolute_url(), "retour": f"Parcours {parcours.numero}", "parcours": parcours}
    return page_de_formulaire(request, CONFIRMATION, form, **presentation.ouverture(parcours), **retour)


@acces(Diagnostic, lire="voir_parcours")
def detail(request, diagnostic):
    """La liste des tâches d'un diagnostic en cours ; la lecture d'un diagnostic validé."""
    contexte = {"diagnostic": diagnostic, "parcours": diagnostic.parcours, "actes": diagnostic.possibles(request.user)}
    if diagnostic.est_en_cours:
        contexte |= presentation.liste_de_taches(diagnostic, request.user)
        return render(request, "diagnostics/diagnostic.html", contexte)
    contexte |= presentation.lecture(diagnostic, request.user)
    return render(request, "diagnostics/lecture.html", contexte)


@acces(EvaluationAxe, lire="renseigner_diagnostic")
def axe(request, evaluation):
    """La page de question d'un axe : « Ajouter » et « Retirer » gardent la saisie, « Enregistrer » l'inscrit au dossier."""
    evaluation.diagnostic.exiger_brouillon()
    if request.method != "POST":
        garde = saisie.brouillon(evaluation, request.user)
        form = saisie.formulaire(evaluation, garde=garde)
        return _page_d_axe(request, evaluation, form, garde)
    if geste := saisie.geste(request.POST):
        return _faire_le_geste(request, evaluation, **geste)
    form = saisie.formulaire(evaluation, request.POST)
    if agir(form, partial(saisie.enregistrer, evaluation), par=request.user):
        suivante = saisie.suivante(evaluation) if request.POST.get("action") == "suite" else None
        return redirect(suivante or evaluation.diagnostic)
    return _page_d_axe(request, evaluation, form)


def _faire_le_geste(request, evaluation, *, ancre="", suite=None, **gestes):
    """Garde la saisie en brouillon, facteurs en plus ou en moins, ou retient une suite, puis revient à l'endroit."""
    try:
        saisie.garder(evaluation, request.user, request.POST, **gestes)
    except saisie.BrouillonRefuse:
        return _page_d_axe(request, evaluation, saisie.formulaire(evaluation, request.POST))
    if suite:
        saisie.retenir_la_suite(evaluation.diagnostic, suite, par=request.user)
    elif request.POST.get("action") in ("suite", "liste"):
        messages.info(request, "Les facteurs cochés sont ajoutés : dites comment vous le savez, puis enregistrez.")
    return redirect(reverse("diagnostics:axe", args=[evaluation.uuid]) + ancre)


def _page_d_axe(request, evaluation, form, garde=None):
    niveaux = presentation.cartes_de_niveau(evaluation)
    presentation.nommer_les_niveaux(form, niveaux)
    contexte = {
        "evaluation": evaluation,
        "brouillon": garde,
        "quand": presentation.quand(garde.enregistre_le) if garde else "",
        "niveaux": niveaux,
        "avancement": presentation.avancement(evaluation),
        "suivante": saisie.suivante(evaluation),
        "suites": presentation.suites_de_l_axe(evaluation, form.sensible),
    }
    return page_de_formulaire(request, "diagnostics/axe.html", form, **contexte, **_retour(evaluation.diagnostic))


@acces(EvaluationAxe, lire="renseigner_diagnostic")
def brouillon(request, evaluation):
    """Enregistrement automatique : rend seulement l'état du brouillon."""
    contexte = {"seul": True}
    if request.method == "POST":
        try:
            garde = saisie.garder(evaluation, request.user, request.POST)
            contexte["quand"] = presentation.quand(garde.enregistre_le) if garde else ""
        except saisie.BrouillonRefuse:
            contexte["erreur"] = True
    # 202 : reçu, rien du dossier n'est montré ; cet envoi répété n'est pas une lecture.
    return render(request, "composants/brouillon.html", contexte, status=202 if request.method == "POST" else 200)


@acces(EvaluationAxe, lire="renseigner_diagnostic")
def entretien(request, evaluation):
    """Une question, l'écran tourné vers la personne ; sa réponse va au brouillon privé de l'axe, et la suivante paraît."""
    evaluation.diagnostic.exiger_brouillon()
    etape = mode_entretien.etape(evaluation, request.POST.get("question") or request.GET.get("question"))
    form = mode_entretien.formulaire(evaluation, etape["question"], request.user, request.POST or None)
    if request.method == "POST" and form is not None and form.is_valid():
        saisie.garder(evaluation, request.user, request.POST)
        return redirect(etape["avant"] if request.POST.get("aller") == "avant" and etape["avant"] else etape["apres"])
    contexte = etape | {"evaluation": evaluation, "niveaux": presentation.cartes_de_niveau(evaluation), "form": form}
    return render(request, "diagnostics/entretien.html", contexte, status=422 if form and form.is_bound else 200)


@acces(EvaluationAxe, lire="renseigner_diagnostic")
def abandonner(request, evaluation):
    """Efface mon brouillon ; la page revient à ce qui est enregistré."""
    if request.method == "POST":
        saisie.abandonner(evaluation, request.user)
        messages.info(request, "Votre brouillon est effacé : voici ce qui est enregistré.")
    return redirect("diagnostics:axe", evaluation.uuid)


@acces(EvaluationAxe, lire="recueillir_accord")
def accord(request, evaluation):
    """Recueillir l'accord sur les données sensibles sans quitter l'axe : l'enregistrement y ramène."""
    parcours = evaluation.diagnostic.parcours
    form = FormulaireAccord(
        request.POST or None, request.FILES or None, parcours=parcours, initial={"finalite": "SENSIBLE"}
    )
    if request.method == "POST" and agir(form, form.acte_sur(Accord(parcours=parcours)), par=request.user):
        messages.success(request, form.fait)
        return redirect(evaluation)
    retour = {"retour_url": evaluation.get_absolute_url(), "retour": evaluation.axe.libelle, "parcours": parcours}
    return page_de_formulaire(request, "parcours/accord.html", form, **retour)


@acces(Diagnostic, lire="renseigner_diagnostic")
def suites(request, diagnostic):
    """Examiner les suites proposées, une à une."""
    diagnostic.exiger_brouillon()
    form = forms.FormulaireSuite(request.POST or None)
    if request.method == "POST":
        domino = presentation.suite_nommee(diagnostic, request.POST.get("de"), request.POST.get("vers"))
        if domino is None:
            raise Introuvable()
        if agir(form, domino.examiner, par=request.user):
            return redirect("diagnostics:suites", diagnostic.uuid)
        form.domino = domino
    contexte = presentation.page_des_suites(diagnostic)
    return page_de_formulaire(request, "diagnostics/suites.html", form, **contexte, **_retour(diagnostic))


@acces(DominoExamine, lire="renseigner_diagnostic")
def suite(request, domino):
    """Revoir une suite déjà examinée."""
    form = forms.FormulaireSuite(request.POST or None, objet=domino)
    if request.method == "POST" and agir(form, domino.examiner, par=request.user):
        return redirect("diagnostics:suites", domino.diagnostic.uuid)
    contexte = _retour(domino.diagnostic) | {
        "intro": presentation.phrase_de(domino),
        "retour": "Effets domino",
        "retour_url": reverse("diagnostics:suites", args=[domino.diagnostic.uuid]),
    }
    return page_de_formulaire(request, "diagnostics/suite.html", form, **contexte)


@acces(Diagnostic, lire="renseigner_diagnostic")
def parole(request, diagnostic):
    """Noter la priorité de la personne et son désaccord."""
    form = forms.FormulaireParole(request.POST or None, objet=diagnostic)
    if request.method == "POST" and agir(form, diagnostic.noter_priorite, par=request.user):
        return redirect(diagnostic)
    return page_de_formulaire(request, "diagnostics/parole.html", form, **_retour(diagnostic))


@acces(Diagnostic, lire="voir_parcours")
def relire(request, diagnostic):
    """Relire tout le diagnostic avant de le valider."""
    contexte = presentation.relecture(diagnostic) | _retour(diagnostic)
    contexte["actes"] = diagnostic.possibles(request.user)
    return render(request, "diagnostics/relire.html", contexte)


@acces(Diagnostic, lire="voir_parcours")
def comparer(request, diagnostic):
    """Ce qui a changé depuis la version précédente."""
    contexte = comparaison.depuis_la_precedente(diagnostic) | _retour(diagnostic)
    return render(request, "diagnostics/comparaison.html", contexte)


@require_safe
@acces(Diagnostic, lire="renseigner_diagnostic")
def feuille(request, diagnostic):
    """La feuille d'entretien de ce parcours, à imprimer : son numéro, pas de nom."""
    return _fichier(pdf.feuille(diagnostic.parcours.numero), f"feuille-entretien-{diagnostic.parcours.numero}")


@require_safe
@acces_connecte
def feuille_vierge(request):
    """La même feuille, sans numéro."""
    return _fichier(pdf.feuille(), "feuille-entretien")


def _fichier(produit, nom):
    return fichier_joint(produit.contenu, genre="application/pdf", nom=f"{nom}.pdf")


@acces(Diagnostic, lire="valider_diagnostic")
def valider(request, diagnostic):
    """Confirmer la validation ; la page du document s'ouvre ensuite."""
    form = FormulaireDeConfirmation(request.POST or None, objet=diagnostic)
    if request.method == "POST" and agir(form, diagnostic.valider, par=request.user):
        messages.success(request, "Diagnostic validé.")
        return redirect("documents:suivi", presentation.document(diagnostic).uuid)
    contexte = _retour(diagnostic) | {
        "titre": "Valider le diagnostic",
        "consequences": presentation.consequences(diagnostic),
        "bouton": "Valider et produire le document",
        "retour_url": reverse("diagnostics:relire", args=[diagnostic.uuid]),
        "retour": "Relire le diagnostic",
    }
    return page_de_formulaire(request, CONFIRMATION, form, **contexte)
