"""Pages de la sortie : l'ouvrir, recoter, relayer les risques, noter la parole, relire, valider, et les additifs d'après."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse

from interventions.models.intervention import exiger_l_accord_sensible
from securisation.parcours.models import Parcours
from securisation.socle.acces import acces
from securisation.socle.formulaires import FormulaireDeConfirmation, agir, page_de_formulaire
from sorties import forms, presentation
from sorties.models import Additif, CotationSortie, Risque, Sortie

FORMULAIRE, CONFIRMATION = "composants/formulaire.html", "composants/confirmation.html"


def _retour(sortie):
    """Le retour à la liste des tâches, et le parcours rappelé sous le titre."""
    parcours = sortie.parcours
    return {
        "sortie": sortie,
        "parcours": parcours,
        "retour_url": sortie.get_absolute_url(),
        "retour": f"Sortie de {parcours.personne.appellation}",
    }


@acces(Parcours, lire="ouvrir_sortie")
def ouvrir(request, parcours):
    """Ouvrir la sortie, ou revenir à celle qui est ouverte."""
    if hasattr(parcours, "sortie") and request.method != "POST":
        return redirect(parcours.sortie)
    form, sortie = FormulaireDeConfirmation(request.POST or None), Sortie(parcours=parcours)
    if request.method == "POST" and agir(form, sortie.ouvrir, par=request.user):
        return redirect(sortie)
    sortie.exiger_l_intervention()
    retour = {"retour_url": parcours.get_absolute_url(), "retour": f"Parcours {parcours.numero}", "parcours": parcours}
    return page_de_formulaire(request, CONFIRMATION, form, **presentation.ouverture(parcours), **retour)


@acces(Sortie, lire="voir_parcours")
def detail(request, sortie):
    """La liste des tâches d'une sortie en cours ; la lecture du bilan validé et ses additifs."""
    contexte = {"sortie": sortie, "parcours": sortie.parcours, "actes": sortie.possibles(request.user)}
    if sortie.est_en_cours and not sortie.parcours.est_fige:
        contexte |= presentation.liste_de_taches(sortie)
        return render(request, "sorties/sortie.html", contexte)
    contexte |= presentation.relecture(sortie)
    contexte |= {"document": presentation.document(sortie), "additifs": sortie.liste_des_additifs()}
    contexte["ecrire"] = Parcours.autorise(request.user, "ecrire_additif", sortie.parcours)
    return render(request, "sorties/lecture.html", contexte)


@acces(CotationSortie, lire="renseigner_sortie")
def recoter(request, cotation):
    """La page de question d'un axe, à côté de sa cote d'entrée."""
    cotation.sortie.exiger_brouillon()
    niveaux = presentation.niveaux(cotation)
    form = forms.FormulaireCotation(request.POST or None, objet=cotation, niveaux=niveaux)
    if request.method == "POST" and agir(form, cotation.recoter, par=request.user):
        suivante = presentation.suivante(cotation) if request.POST.get("action") == "suite" else None
        return redirect("sorties:recoter", suivante.uuid) if suivante else redirect(cotation.sortie)
    contexte = presentation.page_d_axe(cotation, niveaux) | _retour(cotation.sortie)
    return page_de_formulaire(request, "sorties/axe.html", form, niveaux=niveaux, **contexte)


def _noter(request, sortie, form, acte, titre, intro="", gabarit=FORMULAIRE):
    """Une page qui note une part de la sortie et revient à la liste."""
    sortie.exiger_brouillon()
    if request.method == "POST" and agir(form, acte, par=request.user):
        return redirect(sortie)
    return page_de_formulaire(request, gabarit, form, titre=titre, intro=intro, **_retour(sortie))


@acces(Sortie, lire="renseigner_sortie")
def cadre(request, sortie):
    """Le motif de sortie et l'évaluateur."""
    form = forms.FormulaireCadre(request.POST or None, objet=sortie)
    return _noter(request, sortie, form, sortie.noter_cadre, "Motif et évaluateur")


@acces(Sortie, lire="renseigner_sortie")
def parole(request, sortie):
    """Les mots de la personne et son désaccord."""
    form = forms.FormulaireParole(request.POST or None, objet=sortie)
    return _noter(request, sortie, form, sortie.noter_parole, "Parole de la personne", gabarit="sorties/parole.html")


@acces(Sortie, lire="renseigner_sortie")
def remise(request, sortie):
    """Les copies remises à la personne."""
    form = forms.FormulaireRemise(request.POST or None, objet=sortie)
    intro = "Le bilan lui revient : notez ce qui lui est remis, ou qu’elle n’en veut pas."
    return _noter(request, sortie, form, sortie.noter_remise, "Remis à la personne", intro)


@acces(Sortie, lire="voir_parcours")
def risques(request, sortie):
    """Les risques inscrits, et ceux qui sont dus."""
    contexte = presentation.page_des_risques(sortie) | _retour(sortie)
    contexte["modifiable"] = "noter_cadre" in sortie.possibles(request.user)
    return render(request, "sorties/risques.html", contexte)


def _retour_aux_risques(sortie):
    return _retour(sortie) | {"retour_url": reverse("sorties:risques", args=[sortie.uuid]), "retour": "Risques"}


@acces(Sortie, lire="renseigner_sortie")
def inscrire_risque(request, sortie):
    """Inscrire un risque, parti d'une démarche ou d'un axe quand l'adresse le dit."""
    sortie.exiger_brouillon()
    depart = presentation.depart(sortie, request.GET)
    du = depart["du"]
    exiger_l_accord_sensible(sortie.parcours, du is not None and du.est_tu)
    plus = {"initial": depart["initial"], "sensible": depart["sensible"], "axe": du.axe.code if du else None}
    form = forms.FormulaireRisque(request.POST or None, sortie=sortie, **plus)
    if request.method == "POST" and agir(form, Risque(sortie=sortie).inscrire, par=request.user):
        return redirect("sorties:risques", sortie.uuid)
    contexte = {"titre": "Inscrire un risque résiduel", "du": du} | _retour_aux_risques(sortie)
    return page_de_formulaire(request, "sorties/risque.html", form, **contexte)


@acces(Risque, lire="renseigner_sortie")
def risque(request, risque):
    """Corriger un risque, ou noter que le relais a confirmé."""
    sortie = risque.sortie
    sortie.exiger_brouillon()
    risque.exiger_l_accord()
    form = forms.FormulaireRisque(request.POST or None, sortie=sortie, objet=risque)
    if request.method == "POST" and agir(form, risque.modifier, par=request.user):
        return redirect("sorties:risques", sortie.uuid)
    contexte = {"titre": "Modifier ce risque", "risque": risque} | _retour_aux_risques(sortie)
    return page_de_formulaire(request, "sorties/risque.html", form, **contexte)


@acces(Risque, lire="renseigner_sortie")
def retirer_risque(request, risque):
    """Confirmer le retrait d'un risque."""
    risque.exiger_l_accord()
    sortie, libelle = risque.sortie, risque.libelle
    form = FormulaireDeConfirmation(request.POST or None, objet=risque)
    if request.method == "POST" and agir(form, risque.retirer, par=request.user):
        return redirect("sorties:risques", sortie.uuid)
    contexte = _retour_aux_risques(sortie) | {
        "titre": "Retirer ce risque",
        "intro": libelle,
        "consequences": [{"texte": "Il ne figurera pas au bilan. S’il était dû, il le redevient."}],
        "bouton": "Retirer le risque",
        "danger": True,
    }
    return page_de_formulaire(request, CONFIRMATION, form, **contexte)


@acces(Sortie, lire="voir_parcours")
def relire(request, sortie):
    """Relire tout le bilan avant de le valider."""
    contexte = presentation.relecture(sortie) | _retour(sortie)
    contexte["actes"] = sortie.possibles(request.user)
    return render(request, "sorties/relire.html", contexte)


@acces(Sortie, lire="valider_sortie")
def valider(request, sortie):
    """Confirmer la validation ; ce qui manque est refusé, point par point. La page du document s'ouvre ensuite."""
    form = FormulaireDeConfirmation(request.POST or None, objet=sortie)
    if request.method == "POST" and agir(form, sortie.valider, par=request.user):
        messages.success(request, "Bilan validé, parcours clos.")
        return redirect("documents:suivi", presentation.document(sortie).uuid)
    sortie.exiger_brouillon()
    if sortie.manques():
        contexte = presentation.relecture(sortie) | {"actes": sortie.possibles(request.user), "refusee": form.is_bound}
        return page_de_formulaire(request, "sorties/relire.html", form, **contexte, **_retour(sortie))
    return page_de_formulaire(request, CONFIRMATION, form, **presentation.validation(sortie), **_relire(sortie))


def _relire(sortie):
    return _retour(sortie) | {"retour_url": reverse("sorties:relire", args=[sortie.uuid]), "retour": "Relire le bilan"}


@acces(Sortie, lire="ecrire_additif")
def additif(request, sortie):
    """Écrire un additif sur un parcours clos."""
    form, ecrit = forms.FormulaireAdditif(request.POST or None), Additif(sortie=sortie)
    if request.method == "POST" and agir(form, ecrit.ecrire, par=request.user):
        messages.success(request, "Additif enregistré.")
        return redirect(sortie)
    ecrit.exiger_la_validation()
    contexte = _retour(sortie) | {
        "titre": "Écrire un additif",
        "intro": "Le bilan validé ne change pas : l’additif se lit à sa suite, avec sa date et son auteur.",
        "bouton": "Ajouter l’additif",
        "retour": f"Bilan de {sortie.parcours.personne.appellation}",
    }
    return page_de_formulaire(request, FORMULAIRE, form, **contexte)
