"""L'espace du financeur, et ce que la direction fait des conventions et de leurs éditions."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from securisation.pilotage import conventions as tenues
from securisation.pilotage.edition import actes, fichiers, forms, presentation
from securisation.socle.acces import acces_fonction, montrer
from securisation.socle.confirmation import confirmation_recente
from securisation.socle.entetes import fichier_joint
from securisation.socle.formulaires import FormulaireDeConfirmation, agir, page_de_formulaire

LECTEURS = ("FINANCEUR", "DIRECTION")


@acces_fonction(*LECTEURS, action="liste")
def editions(request):
    """Les éditions publiées que ce compte lit : l'accueil du financeur."""
    return render(request, "pilotage/editions.html", presentation.liste(request.user))


@acces_fonction(*LECTEURS, action="liste")
def conventions(request):
    """Les conventions que ce compte lit ; la direction les tient."""
    contexte = {"conventions": tenues.lues_par(request.user), "direction": request.user.a_fonction("DIRECTION")}
    return render(request, "pilotage/conventions.html", contexte)


@acces_fonction(*LECTEURS, action="lecture")
def convention(request, uuid):
    """Une convention et ses éditions."""
    objet = tenues.trouver(uuid, par=request.user)
    montrer(request, "lecture", convention=objet.numero)
    return render(request, "pilotage/convention.html", presentation.convention(objet, request.user))


@acces_fonction("DIRECTION")
@confirmation_recente
def creer_convention(request):
    """Une convention nouvelle."""
    form = forms.FormulaireConvention(request.POST or None)
    if request.method == "POST" and agir(form, tenues.creer, par=request.user):
        messages.success(request, "Convention enregistrée.")
        return redirect("pilotage:conventions")
    return page_de_formulaire(request, "pilotage/convention_formulaire.html", form)


@acces_fonction("DIRECTION")
@confirmation_recente
def modifier_convention(request, uuid):
    """Corriger une convention : les éditions déjà publiées n'en changent pas."""
    objet = tenues.trouver(uuid, par=request.user)
    form = forms.FormulaireConvention(request.POST or None, objet=objet)
    if request.method == "POST" and agir(form, tenues.modifier, par=request.user, uuid=uuid):
        messages.success(request, "Convention enregistrée. Les éditions publiées n’en changent pas.")
        return redirect(objet)
    return page_de_formulaire(request, "pilotage/convention_formulaire.html", form, convention=objet)


@acces_fonction("DIRECTION")
def preparer(request, uuid):
    """Choisir la période d'une édition et en demander le calcul."""
    objet, faites = tenues.trouver(uuid, par=request.user), []
    form = forms.FormulairePreparation(request.POST or None)

    def acte(**champs):
        faites.append(actes.preparer(objet, **champs))

    if request.method == "POST" and agir(form, acte, par=request.user):
        return redirect(faites[0])
    return page_de_formulaire(request, "pilotage/preparer.html", form, convention=objet)


@acces_fonction("DIRECTION")
def controle(request, uuid):
    """Où en est le calcul, puis les nombres, le rapport de l'attaquant et ce qui empêche de publier."""
    objet = actes.trouver(uuid, par=request.user)
    if objet.est_sortie:
        return redirect(objet)
    gabarit = "pilotage/_controle.html" if request.htmx else "pilotage/controle.html"
    return render(request, gabarit, presentation.controle(objet))


@acces_fonction("DIRECTION")
def recontroler(request, uuid):
    """Recalculer et rattaquer ; ouverte par un GET, elle ramène à la page."""
    objet = actes.trouver(uuid, par=request.user)
    if request.method == "POST":
        objet = actes.recontroler(uuid, par=request.user)
    return redirect(objet)


@acces_fonction("DIRECTION")
@confirmation_recente
def publier(request, uuid):
    """Confirmer la publication, conséquences en chiffres."""
    objet = actes.trouver(uuid, par=request.user)
    form = FormulaireDeConfirmation(request.POST or None)
    if request.method == "POST" and agir(form, actes.publier, par=request.user, uuid=uuid):
        messages.success(request, f"{objet.numero} est publiée. Ses fichiers se préparent.")
        return redirect("pilotage:edition", uuid)
    actes.exiger_publiable(objet)
    contexte = presentation.page_de_publication(objet)
    return page_de_formulaire(request, "composants/confirmation.html", form, **contexte)


@acces_fonction("DIRECTION")
def corriger(request, uuid):
    """Dire ce qui change, et préparer l'édition qui remplacera celle-ci."""
    objet, faites = actes.trouver(uuid, par=request.user), []
    form = forms.FormulaireCorrection(request.POST or None)

    def acte(**champs):
        faites.append(actes.corriger(uuid, **champs))

    if request.method == "POST" and agir(form, acte, par=request.user):
        return redirect(faites[0])
    if request.method != "POST" and (deja := actes.correction_en_cours(objet)):
        messages.info(request, f"Une correction de {objet.numero} est déjà en préparation : la voici.")
        return redirect(deja)
    contexte = presentation.page_de_correction(objet)
    return page_de_formulaire(request, "composants/confirmation.html", form, **contexte)


@acces_fonction("DIRECTION")
@confirmation_recente
def retirer(request, uuid):
    """Retirer une édition publiée, avec son motif."""
    objet = actes.trouver(uuid, par=request.user)
    form = forms.FormulaireRetrait(request.POST or None)
    if request.method == "POST" and agir(form, actes.retirer, par=request.user, uuid=uuid):
        messages.success(request, f"{objet.numero} est retirée.")
        return redirect("pilotage:edition", uuid)
    contexte = presentation.page_de_retrait(objet)
    return page_de_formulaire(request, "composants/confirmation.html", form, **contexte)


@acces_fonction("DIRECTION")
def ecarter(request, uuid):
    """Renoncer à une édition pas encore publiée."""
    objet = actes.trouver(uuid, par=request.user)
    form = FormulaireDeConfirmation(request.POST or None)
    if request.method == "POST" and agir(form, actes.ecarter, par=request.user, uuid=uuid):
        messages.success(request, f"{objet.numero} est écartée.")
        return redirect(objet.convention)
    contexte = presentation.page_d_abandon(objet)
    return page_de_formulaire(request, "composants/confirmation.html", form, **contexte)


@acces_fonction(*LECTEURS, action="lecture", sonde=True)
def edition(request, uuid):
    """Une édition publiée, telle que figée ; demandée par htmx, où en sont ses fichiers."""
    objet = actes.trouver(uuid, par=request.user)
    if not objet.est_sortie:
        return redirect(objet)
    if request.htmx:
        return render(request, "pilotage/_fragment.html", presentation.fichiers(objet, request.user))
    montrer(request, "lecture", edition=objet.numero)
    return render(request, "pilotage/edition.html", presentation.edition(objet, request.user))


@acces_fonction("DIRECTION")
def refaire(request, uuid):
    """Redemander les fichiers qui manquent ; ouverte par un GET, elle ramène à la page."""
    objet = actes.trouver(uuid, par=request.user)
    if request.method == "POST":
        actes.refaire_les_fichiers(uuid, par=request.user)
    return redirect(objet)


@require_safe
@acces_fonction(*LECTEURS, action="telechargement")
def telecharger(request, uuid, genre):
    """Un fichier de l'édition, inscrit au journal avant de partir."""
    objet = actes.trouver(uuid, par=request.user)
    fichier = fichiers.trouver(objet, genre)
    montrer(request, "telechargement", edition=objet.numero, genre=genre)
    return fichier_joint(bytes(fichier.contenu), genre=fichier.genre_mime, nom=f"{objet.numero}.{fichier.genre}")
