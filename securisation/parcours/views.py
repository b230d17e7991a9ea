"""Pages du parcours : l'ouvrir, le qualifier, recueillir et retirer les accords, tenir la fiche et les rôles."""

from functools import partial

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from securisation.parcours import forms
from securisation.parcours.accords.forms import FormulaireAccord, FormulaireJoindre, FormulaireRetrait
from securisation.parcours.consequences import consequences
from securisation.parcours.importation import presentation
from securisation.parcours.models import Accord, Entourage, Importation, Parcours, Qualification
from securisation.parcours.ouvertures.presentation import restriction
from securisation.parcours.presentation import nom_complet, page_des_accords, retour_du_recueil
from securisation.parcours.roles import attribuer_role, retirer_role
from securisation.socle.acces import acces, acces_connecte, acces_liste, montrer
from securisation.socle.confirmation import confirmation_recente
from securisation.socle.entetes import fichier_joint
from securisation.socle.formulaires import FormulaireDeConfirmation, agir, page_de_formulaire
from securisation.socle.refus import DroitRefuse, Introuvable
from securisation.socle.templatetags.jalon import compte

PAGE = "composants/formulaire.html"
CONFIRMATION = "composants/confirmation.html"


def _retour(parcours):
    return {"retour_url": parcours.get_absolute_url(), "retour": parcours.personne.appellation, "parcours": parcours}


def _fait(request, parcours, phrase):
    messages.success(request, phrase)
    return redirect(parcours.get_absolute_url())


@acces_liste(Parcours)
def ouvrir(request, visibles):
    """Ouvrir un parcours : treize champs au plus ; qui semble déjà connue, parmi ceux qu'on peut voir, se confirme."""
    if request.user.equipe_id is None:
        raise DroitRefuse("Un parcours s'ouvre dans une équipe ; votre compte n'en a pas.")
    form = forms.FormulaireOrientation(request.POST or None, visibles=visibles)
    ouverts = []
    if request.method == "POST" and agir(
        form, lambda **champs: ouverts.append(Parcours.orienter(**champs)), par=request.user
    ):
        return _fait(request, ouverts[0], f"Parcours {ouverts[0].numero} ouvert. Vous en assurez la référence.")
    if form.deja:
        montrer(request, "recherche", motif="personnes du même nom", numeros=[deja.numero for deja in form.deja])
    return page_de_formulaire(request, "parcours/orientation.html", form)


@acces(Parcours, lire="qualifier")
def qualifier(request, parcours):
    """Décider de l'admission."""
    form = forms.FormulaireQualification(request.POST or None)
    if request.method == "POST" and agir(form, Qualification(parcours=parcours).prononcer, par=request.user):
        return _fait(request, parcours, "Décision enregistrée.")
    return page_de_formulaire(request, "parcours/qualification.html", form, **_retour(parcours))


@acces(Parcours, lire="repondre")
def repondre(request, parcours):
    """Noter la réponse donnée à une personne non admise."""
    if not hasattr(parcours, "qualification"):
        raise Introuvable()
    form = forms.FormulaireReponse(request.POST or None, objet=parcours.qualification)
    if request.method == "POST" and agir(form, parcours.qualification.repondre, par=request.user):
        return _fait(request, parcours, "Réponse notée.")
    contexte = {"titre": "Réponse donnée à la personne", "bouton": "Enregistrer la date"}
    return page_de_formulaire(request, PAGE, form, **contexte, **_retour(parcours))


@acces(Parcours, lire="recueillir_accord")
def recueillir_accord(request, parcours):
    """Enregistrer un accord donné par la personne, ou son refus."""
    depart = {"finalite": request.GET.get("finalite", "")}
    retour = retour_du_recueil(parcours, request.GET)
    form = FormulaireAccord(request.POST or None, request.FILES or None, parcours=parcours, initial=depart)
    if request.method == "POST" and agir(form, form.acte_sur(Accord(parcours=parcours)), par=request.user):
        messages.success(request, form.fait)
        return redirect(retour["retour_url"])
    return page_de_formulaire(request, "parcours/accord.html", form, **retour)


@acces(Parcours, lire="voir_parcours")
def accords(request, parcours):
    """Les accords de la personne : ce que chacun permet, où il en est, sa preuve, son retrait."""
    return render(request, "parcours/accords.html", page_des_accords(parcours, request.user) | _retour(parcours))


@require_safe
@acces(Accord, lire="telecharger_document", action="telechargement")
def preuve(request, accord):
    """Le papier signé, numérisé : en pièce jointe, jamais gardé par un cache ; inscrit au journal avant de partir."""
    papier = getattr(accord, "preuve", None)
    if papier is None:
        raise Introuvable()
    return fichier_joint(bytes(papier.contenu), genre=papier.genre, nom=papier.nom_de_fichier)


@acces(Accord, lire="recueillir_accord")
def joindre_preuve(request, accord):
    """Joindre le papier signé, numérisé après coup."""
    form = FormulaireJoindre(request.POST or None, request.FILES or None, objet=accord)
    if request.method == "POST" and agir(form, accord.joindre, par=request.user):
        messages.success(request, "Papier joint.")
        return redirect("parcours:accords", accord.parcours.uuid)
    contexte = {"titre": "Joindre le papier signé", "bouton": "Joindre"}
    return page_de_formulaire(request, PAGE, form, **contexte, **_retour(accord.parcours))


@acces(Accord, lire="retirer_accord")
def retirer_accord(request, accord):
    """Confirmer le retrait d'un accord, ses conséquences comptées."""
    accord.refuser_si_remise()
    form = FormulaireRetrait(request.POST or None, objet=accord)
    if request.method == "POST" and agir(form, accord.retirer, par=request.user):
        return _fait(request, accord.parcours, "Accord retiré. Il ne vaut plus dès maintenant.")
    contexte = {"titre": f"Retirer l'accord : {nom_complet(accord)}", "consequences": consequences(accord)}
    contexte |= {"bouton": "Retirer l'accord", "danger": True}
    return page_de_formulaire(request, CONFIRMATION, form, **contexte, **_retour(accord.parcours))


@acces(Parcours, lire="modifier_personne")
def modifier_personne(request, parcours):
    """La fiche de la personne."""
    form = forms.FormulaireIdentite(request.POST or None, objet=parcours.personne)
    if request.method == "POST" and agir(form, parcours.personne.modifier, par=request.user):
        return _fait(request, parcours, "Fiche enregistrée.")
    return page_de_formulaire(request, "parcours/personne.html", form, **_retour(parcours))


@acces(Parcours, lire="modifier_personne")
def ajouter_entourage(request, parcours):
    """Inscrire quelqu'un autour de la personne."""
    form = forms.FormulaireEntourage(request.POST or None)
    if request.method == "POST" and agir(form, Entourage(parcours=parcours).inscrire, par=request.user):
        return _fait(request, parcours, "Entourage enregistré.")
    contexte = {"titre": "Ajouter quelqu'un de l'entourage", "bouton": "Ajouter"}
    return page_de_formulaire(request, PAGE, form, **contexte, **_retour(parcours))


@acces(Parcours, lire="reveler_coordonnees", action="coordonnees")
def reveler(request, parcours):
    """Montrer téléphone, courriel et adresse ; l'affichage est au journal."""
    gabarit = "parcours/_coordonnees.html" if request.htmx else "parcours/coordonnees.html"
    return render(request, gabarit, {"personne": parcours.personne, "revelees": True, **_retour(parcours)})


@acces(Parcours)
def roles(request, parcours):
    """Qui a quel rôle ; en donner, en retirer."""
    form = forms.FormulaireRole(request.POST or None, parcours=parcours)
    if request.method == "POST" and agir(form, partial(_attribuer, parcours), par=request.user):
        return _fait(request, parcours, "Rôle attribué.")
    attributions = parcours.attributions.select_related("user", "permission").order_by("permission__codename", "pk")
    peut = Parcours.autorise(request.user, "attribuer_role", parcours)
    return page_de_formulaire(
        request, "parcours/roles.html", form, attributions=attributions, peut=peut, **_retour(parcours)
    )


def _attribuer(parcours, *, par, professionnel, role, **declaration):
    attribuer_role(parcours, professionnel, role, par=par, **declaration)


@acces(Parcours, lire="attribuer_role")
def retirer(request, parcours, professionnel):
    """Confirmer le retrait d'un rôle."""
    attribution = parcours.attributions.select_related("user").filter(user__uuid=professionnel).first()
    if attribution is None:
        raise Introuvable()
    form = FormulaireDeConfirmation(request.POST or None)
    if request.method == "POST" and agir(form, partial(retirer_role, parcours, attribution.user), par=request.user):
        return redirect(reverse("parcours:roles", args=[parcours.uuid]))
    qui = attribution.user.nom_complet
    contexte = {
        "titre": f"Retirer le rôle de {qui}",
        "consequences": [{"texte": f"{qui} ne verra plus ce parcours dès sa prochaine page."}],
    }
    return page_de_formulaire(
        request, CONFIRMATION, form, bouton="Retirer le rôle", danger=True, **contexte, **_retour(parcours)
    )


@acces(Parcours, lire="interrompre")
def interrompre(request, parcours):
    """Confirmer l'interruption du parcours."""
    form = forms.FormulaireInterruption(request.POST or None, objet=parcours)
    if request.method == "POST" and agir(form, parcours.interrompre, par=request.user):
        return _fait(request, parcours, "Parcours interrompu.")
    contexte = {
        "titre": "Interrompre ce parcours",
        "consequences": [
            {
                "texte": "Le parcours est figé : seuls ses rôles, sa restriction et le retrait d'un accord s'y changent encore."
            },
            {"texte": f"Ce qui est dû est levé : {compte(parcours.echeances.count(), 'échéance,échéances')}."},
        ],
        "bouton": "Interrompre le parcours",
        "danger": True,
    }
    return page_de_formulaire(request, CONFIRMATION, form, **contexte, **_retour(parcours))


@acces(Parcours, lire="restreindre")
@confirmation_recente
def restreindre(request, parcours):
    """Confirmer qu'un parcours quitte, ou retrouve, la vue de l'équipe ; qui ne le voit plus revient à sa liste."""
    form = forms.FormulaireRestriction(request.POST or None, objet=parcours)
    acte = partial(parcours.restreindre, restreint=not parcours.restreint)
    if request.method == "POST" and agir(form, acte, par=request.user):
        messages.success(request, "Parcours restreint." if parcours.restreint else "Restriction levée.")
        vu = Parcours.autorise(request.user, "voir_parcours", parcours)
        return redirect(parcours.get_absolute_url() if vu else "synthese:mes_parcours")
    return page_de_formulaire(request, CONFIRMATION, form, **restriction(parcours), **_retour(parcours))


@acces_liste(Importation)
def importer(request, imports):
    """Déposer un tableau d'orientations ; les imports récents de cette personne."""
    if request.user.equipe_id is None:
        raise DroitRefuse("Un parcours s'ouvre dans une équipe ; votre compte n'en a pas.")
    form = forms.FormulaireImport(request.POST or None, request.FILES or None)
    faits = []
    if request.method == "POST" and agir(
        form, lambda **champs: faits.append(Importation.deposer(**champs)), par=request.user
    ):
        return redirect(faits[0].get_absolute_url())
    return page_de_formulaire(request, "parcours/importer.html", form, **presentation.depot(imports))


@acces_connecte
def modele(request):
    """Le tableau vide, ses titres seuls, en CSV : à remplir puis à déposer."""
    reponse = HttpResponse(content_type="text/csv; charset=utf-8")
    reponse["Content-Disposition"] = 'attachment; filename="modele-orientations.csv"'
    presentation.ecrire_modele(reponse)
    return reponse


@acces(Importation)
def importation(request, objet):
    """Où en est un import, et le sort de chaque ligne ; demandée par htmx, seulement son cadre."""
    gabarit = "parcours/_importation.html" if request.htmx else "parcours/importation.html"
    return render(request, gabarit, presentation.suivi(objet, request.GET, par=request.user))


@acces(Importation, action="telechargement")
def rejets(request, objet):
    """Les lignes non importées et leur raison, à corriger puis redéposer ; `format` : CSV, XLSX ou ODS."""
    return presentation.fichier_des_rejets(objet, request.GET.get("format", "csv"))
