"""Inviter un partenaire, arriver par une invitation, lire ce qu'un accord partage."""

from django.contrib import messages
from django.contrib.auth import login
from django.http import HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from securisation.coordination import forms, invitations
from securisation.coordination.models import Invitation
from securisation.coordination.partage import NOM_DE_LA_COPIE, DocumentPartage, Partage, lire_partage
from securisation.documents import partenaire
from securisation.parcours.models import Accord, Parcours
from securisation.socle.acces import acces, acces_liste, acces_public
from securisation.socle.cloison import lire_en_systeme
from securisation.socle.confirmation import confirmation_recente
from securisation.socle.formulaires import agir, page_de_formulaire

CONNECTEUR = "securisation.comptes.backends.Connexion"
PAGE = "coordination/invitation.html"


# -- l'équipe invite


@acces(Parcours, lire="inviter_partenaire")
def liste(request, parcours):
    """Les partenaires de ce parcours : accords de partage qui courent, invitations et leur état."""
    return render(request, "coordination/invitations.html", invitations.du_parcours(parcours))


@acces(Accord, lire="inviter_partenaire")
@confirmation_recente
def inviter(request, accord):
    """Inviter un partenaire à lire ce que cet accord nomme."""
    invitation = Invitation(accord=accord)
    form = forms.FormulaireInvitation(request.POST or None, accord=accord)
    if request.method == "POST" and agir(form, invitation.inviter, par=request.user):
        return redirect(invitation)
    return page_de_formulaire(request, "coordination/inviter.html", form, **invitations.de_l_accord(accord))


@acces(Invitation, lire="inviter_partenaire")
def invitation(request, objet):
    """Une invitation : transmettre le lien, dire le code, voir les arrivées, révoquer."""
    return render(request, PAGE, invitations.presenter(objet))


@acces(Invitation, lire="inviter_partenaire")
@confirmation_recente
def donner_un_code(request, objet):
    """Un code neuf, montré dans cette seule réponse."""
    if request.method != "POST":
        return redirect(objet)
    objet.donner_un_code(par=request.user)
    return render(request, PAGE, invitations.presenter(objet) | {"code": objet.code_clair})


@acces(Invitation, lire="inviter_partenaire")
@confirmation_recente
def copier_le_lien(request, objet):
    """Un lien neuf, montré dans cette seule réponse."""
    if request.method != "POST":
        return redirect(objet)
    objet.copier_le_lien(par=request.user)
    lien = request.build_absolute_uri(f"{resolve_url('coordination:arriver')}#{objet.cle_claire}")
    return render(request, PAGE, invitations.presenter(objet) | {"lien": lien})


@acces(Invitation, lire="inviter_partenaire")
@confirmation_recente
def envoyer_le_lien(request, objet):
    """Le lien part par courriel."""
    if request.method == "POST":
        objet.envoyer_le_lien(par=request.user)
        messages.success(request, f"Le lien part vers {objet.courriel}.")
    return redirect(objet)


@acces(Invitation, lire="retirer_accord")
def revoquer(request, objet):
    """Fermer l'invitation, d'un bouton."""
    if request.method == "POST":
        objet.revoquer(par=request.user)
        messages.success(request, "Invitation révoquée. Le lien n’ouvre plus rien.")
    return redirect("coordination:invitations", objet.accord.parcours.uuid)


# -- le partenaire arrive, puis lit


@acces_public
@never_cache
def arriver(request):
    """Le lien mène ici sans rien consommer ; le lien et le code, envoyés ensemble, ouvrent. Tout échec a la même réponse."""
    form = forms.FormulaireArrivee(request.POST or None)
    if request.method == "POST":
        invitations.compter_l_essai(request)
        if form.is_valid():
            echangee = Invitation.echanger(cle=form.cleaned_data["lien"], code=form.cleaned_data["code"])
            if echangee is not None:
                return _entrer(request, echangee)
            form.add_error(None, invitations.RIEN_NE_S_OUVRE)
    return page_de_formulaire(request, "coordination/arrivee.html", form)


def _entrer(request, invitation):
    """Un invité entre pour ce seul partage ; qui a déjà un compte y retrouve le partage, par sa connexion ordinaire."""
    if invitation.compte.est_invite:
        login(request, invitation.compte, backend=CONNECTEUR)
        return redirect("coordination:partage", invitation.accord.uuid)
    messages.info(request, "Ce partage est relié à votre compte. Connectez-vous pour le lire.")
    return redirect(f"{resolve_url('account_login')}?next={resolve_url('coordination:partages')}")


@acces_liste(Partage)
def partages(request, visibles):
    """Ce qui est partagé avec ce compte en ce moment."""
    with lire_en_systeme():
        return render(request, "coordination/partages.html", {"partages": invitations.resumer(visibles)})


@acces(Partage)
def partage(request, accord):
    """La page d'un partenaire : les axes et les documents que l'accord nomme, et rien d'autre."""
    return render(request, "coordination/partage.html", lire_partage(accord))


@require_safe
@acces(DocumentPartage, action="telechargement")
def document(request, document):
    """Un document nommé par l'accord, en pièce jointe : sa copie pour un partenaire, jamais le fichier d'origine."""
    copie = partenaire.produire(document.genre, document.donnees, cle=document.cle)
    reponse = HttpResponse(copie.contenu, content_type="application/pdf")
    reponse["Content-Disposition"] = f'attachment; filename="{NOM_DE_LA_COPIE.format(document.numero)}"'
    reponse["Cache-Control"] = "no-store, private"
    return reponse
