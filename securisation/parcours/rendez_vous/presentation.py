"""Ce que montrent les pages des rendez-vous d'un parcours."""

from django.urls import reverse
from django.utils import timezone

from securisation.parcours.models import RendezVous
from securisation.socle.templatetags.jalon import date_longue, heure

ANCIENS = 50
ICONES = {"rendez_vous": "calendar-event", "visite": "home", "concertation": "users-group"}
TONS = {"tenu": "green", "manque": "amber", "annule": ""}


def page(parcours, par):
    """Contexte de la liste : à venir et à noter d'abord, puis les cinquante derniers passés."""
    tous = parcours.rendez_vous.avec_presents()
    return {
        "a_venir": [ligne(objet) for objet in tous.a_venir()],
        "passes": [ligne(objet) for objet in tous.passes()[:ANCIENS]],
        "peut_prevoir": parcours.permet(par, "prevoir_rendez_vous") and not parcours.est_fige,
    }


def ligne(objet):
    """Un rendez-vous, en mots."""
    mot, ton = objet.get_etat_display(), TONS.get(objet.etat, "brand")
    if objet.est_a_noter:
        mot, ton = "À noter", "amber"
    return {
        "objet": objet,
        "icone": ICONES[objet.genre],
        "quand": quand(objet),
        "qui": ", ".join([*(compte.nom_complet for compte in objet.professionnels), *filter(None, [objet.avec])]),
        "mot": mot,
        "ton": ton,
    }


def quand(objet):
    """« Mardi 24 novembre 2026, de 14 h à 15 h »."""
    return f"{date_longue(objet.debut).capitalize()}, de {heure(objet.debut)} à {heure(objet.fin)}"


def detail(objet, par):
    """Contexte de la page d'un rendez-vous : ce qu'il est, et les gestes permis maintenant."""
    parcours = objet.parcours
    prevu, fige = objet.etat == RendezVous.Etat.PREVU, parcours.est_fige
    gestes = {
        "noter": objet.est_a_noter and parcours.permet(par, "noter_rendez_vous"),
        "deplacer": prevu and not fige and parcours.permet(par, "prevoir_rendez_vous"),
        "annuler": prevu and parcours.permet(par, "annuler_rendez_vous"),
        "contact": objet.etat == RendezVous.Etat.TENU and not fige and parcours.permet(par, "noter_contact"),
    }
    return ligne(objet) | {"gestes": gestes} | retour(parcours)


def retour(parcours):
    """Le chemin de retour vers la liste des rendez-vous."""
    return {
        "retour_url": reverse("parcours:rendez_vous", args=[parcours.uuid]),
        "retour": "Rendez-vous",
        "parcours": parcours,
    }


def depuis(request, parcours):
    """Le chemin de retour de « Prévoir » : la liste du parcours, ou le choix de la personne quand on vient de l'agenda."""
    if request.GET.get("de") != "agenda":
        return retour(parcours)
    return retour(parcours) | {"retour_url": reverse("synthese:prevoir"), "retour": "Une autre personne"}


def apres(request, rendez_vous):
    """Où mène un rendez-vous prévu : sa liste, ou l'agenda de ce jour-là quand on en vient."""
    if request.GET.get("de") != "agenda":
        return reverse("parcours:rendez_vous", args=[rendez_vous.parcours.uuid])
    return f"{reverse('synthese:agenda')}?jour={timezone.localdate(rendez_vous.debut).isoformat()}"


def retour_a(objet):
    """Le chemin de retour vers un rendez-vous."""
    return {"retour_url": objet.get_absolute_url(), "retour": "Le rendez-vous", "parcours": objet.parcours}


def depart(valeurs):
    """Genre et jour portés par l'adresse (« ?genre=visite&jour=24/11/2026 ») ; le reste est ignoré."""
    genre = valeurs.get("genre", "")
    connus = {"genre": genre} if genre in RendezVous.Genre.values else {}
    return connus | {"jour": valeurs.get("jour", "")[:10]}
