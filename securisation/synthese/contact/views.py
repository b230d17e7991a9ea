"""Un contact à noter, de partout : choisir d'abord avec qui."""

from django.shortcuts import redirect, render

from securisation.parcours.models import Parcours
from securisation.socle.acces import acces_liste, montrer
from securisation.synthese.contact import presentation
from securisation.synthese.recherche import lire_question


@acces_liste(Parcours)
def avec_qui(request, visibles):
    """Ses derniers parcours lus, ou ceux qui répondent à un nom, un numéro ou un téléphone."""
    if request.user.est_partenaire:
        return redirect("coordination:partages")
    question = lire_question(request.GET.get("q", ""))
    lignes = presentation.trouves(request.user, question) if question.texte else presentation.proposes(request.user)
    numeros = [ligne["numero"] for ligne in lignes]
    if question.texte:
        montrer(request, "recherche", termes=question.termes, numeros=numeros)
    return render(request, "synthese/contact.html", {"question": question, "lignes": lignes})
