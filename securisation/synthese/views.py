"""Le toit : mes parcours, la page d'un parcours, son historique."""

from django.shortcuts import render

from securisation.parcours.models import Parcours
from securisation.socle import horloge
from securisation.socle.acces import acces_liste
from securisation.synthese import liste
from securisation.synthese.filtres import lire_filtres


@acces_liste(Parcours)
def mes_parcours(request, visibles):
    """La liste des parcours visibles, triée par échéance, et ce qui est à faire."""
    filtres = lire_filtres(request.GET)
    lignes, suite = liste.lire_liste(request.user, phase=filtres.phase, cherche=filtres.q, apres=filtres.apres)
    contexte = {"lignes": lignes, "suivant": filtres.adresse(apres=suite) if suite else "", "filtres": filtres}
    if request.htmx and request.htmx.target == "liste":
        return render(request, "synthese/_lignes.html", contexte)
    comptes = liste.lire_comptes(request.user)
    contexte |= {"comptes": comptes, "segments": filtres.segments(comptes), "echeances_depassees": comptes.retards}
    contexte["jour"] = horloge.aujourd_hui()
    return render(request, "synthese/mes_parcours.html", contexte)
