"""Noter un contact."""

from django.contrib import messages
from django.shortcuts import redirect

from interventions.contacts import presentation
from interventions.contacts.forms import FormulaireContact
from interventions.models import Contact
from securisation.parcours.models import Parcours
from securisation.socle.acces import acces
from securisation.socle.formulaires import agir, page_de_formulaire


@acces(Parcours, lire="noter_contact")
def noter_contact(request, parcours):
    """Noter un contact en trois gestes : le canal, l'initiative, enregistrer ; ce qui suit s'ouvre aussitôt."""
    d_ou, initiative = request.GET.get("de"), request.GET.get("initiative")
    suites = presentation.suites(parcours, request.user)
    form = FormulaireContact(request.POST or None, personne=parcours.personne, suites=suites, initiative=initiative)
    contact = Contact(parcours=parcours)
    if request.method == "POST" and agir(form, contact.noter, par=request.user):
        messages.success(request, "Contact noté.")
        suite = presentation.adresse_de_la_suite(form.suite, contact)
        return redirect(suite or presentation.arrivee(parcours, d_ou))
    return page_de_formulaire(request, "interventions/contact.html", form, **presentation.retour(parcours, d_ou))
