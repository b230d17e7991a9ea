"""Le toit : mes parcours, la page d'un parcours, son historique."""

from django.shortcuts import redirect, render

from securisation.parcours.models import Parcours
from securisation.socle import horloge
from securisation.socle.acces import acces, acces_liste, montrer
from securisation.synthese import liste
from securisation.synthese.dossier import lire_dossier
from securisation.synthese.filtres import lire_filtres
from securisation.synthese.gestes import lier
from securisation.synthese.historique import ECRITURES, NATURES, lire_historique
from securisation.synthese.presentation import contexte_de_la_page


@acces_liste(Parcours)
def mes_parcours(request, visibles):
    """La liste des parcours visibles, triée par échéance, et ce qui est à faire."""
    if request.user.est_partenaire:
        return redirect("coordination:partages")
    filtres = lire_filtres(request.GET)
    lignes, suite = liste.lire_liste(request.user, phase=filtres.phase, cherche=filtres.q, apres=filtres.apres)
    if filtres.q:
        montrer(request, "recherche", termes=filtres.q, numeros=[ligne.numero for ligne in lignes])
    contexte = {"lignes": lignes, "suivant": filtres.adresse(apres=suite) if suite else "", "filtres": filtres}
    contexte |= {"jour": horloge.aujourd_hui(), "fragment": request.htmx and request.htmx.target == "liste"}
    if contexte["fragment"] and filtres.q:
        return render(request, "synthese/_trouves.html", contexte)
    comptes = liste.lire_comptes(request.user)
    lier(comptes.a_faire)
    contexte |= {"comptes": comptes, "segments": filtres.segments(comptes), "echeances_depassees": comptes.retards}
    return render(request, f"synthese/{'_trouves' if contexte['fragment'] else 'mes_parcours'}.html", contexte)


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
