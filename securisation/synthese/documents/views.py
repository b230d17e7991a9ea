"""Les documents d'un parcours : les lire tous, en demander un, déclarer la relecture d'une version facile à lire."""

from django.shortcuts import redirect, render
from django.urls import reverse

from securisation.documents.models import Document
from securisation.parcours.models import Parcours
from securisation.socle.acces import acces
from securisation.socle.formulaires import agir, page_de_formulaire
from securisation.synthese.documents.forms import FormulaireRelecture
from securisation.synthese.documents.presentation import contexte, lire_la_demande

RELECTURE = (
    "« FALC » (facile à lire et à comprendre) suppose que des personnes concernées ont relu ce texte. Sans cela, il se dit "
    "« version facile à lire ». La relecture vaut pour ce texte : un mot qui change en demande une autre."
)


@acces(Parcours, lire="telecharger_document")
def documents(request, parcours):
    """Chaque document du parcours par genre, et ceux qui se demandent maintenant."""
    return render(request, "synthese/documents.html", contexte(parcours, request.user))


@acces(Parcours, lire="demander_document")
def demander(request, parcours):
    """Demande un document et mène à son suivi ; ouverte par un GET, elle ramène à la liste."""
    if request.method != "POST":
        return redirect("synthese:documents", parcours.uuid)
    parcours.demander_document(par=request.user, **lire_la_demande(request.POST))
    return redirect("documents:suivi", parcours.document.uuid)


@acces(Document, lire="demander_document")
def relecture(request, document):
    """Déclarer une relecture par des personnes concernées : la version facile à lire devient « FALC »."""
    document.exiger_de_se_relire()
    form = FormulaireRelecture(request.POST or None, objet=document)
    if request.method == "POST" and agir(form, document.declarer_la_relecture, par=request.user):
        return redirect("documents:suivi", document.relu.uuid)
    contexte = {"titre": "Déclarer une relecture", "bouton": "Déclarer et refaire le document", "intro": RELECTURE}
    contexte |= {"retour_url": reverse("documents:suivi", args=[document.uuid]), "retour": document.numero}
    return page_de_formulaire(request, "composants/formulaire.html", form, **contexte)
