"""Ce qui entoure un contact : d'où l'on vient, et ce qu'on peut faire aussitôt après."""

from django.urls import reverse

from securisation.socle.refus import Refus

ACTION, RENDEZ_VOUS, PIECE = "action", "rendez-vous", "piece"


def suites(parcours, par):
    """Ce qui peut suivre ce contact aujourd'hui : (code, libellé), sans lien mort."""
    if parcours.est_fige:
        return []
    adhesion = parcours.a_accord("ADHESION")
    ouvertes = [
        (ACTION, "Une action", adhesion and _peut_agir(parcours, par)),
        (RENDEZ_VOUS, "Un rendez-vous", parcours.permet(par, "prevoir_rendez_vous")),
        (PIECE, "Une pièce à joindre", adhesion and parcours.permet(par, "verser_piece")),
    ]
    return [(code, libelle) for code, libelle, possible in ouvertes if possible]


def _peut_agir(parcours, par):
    """Vrai si une action s'inscrit aujourd'hui dans l'intervention de ce parcours, l'adhésion déjà lue."""
    if not parcours.permet(par, "conduire_action") or not hasattr(parcours, "intervention"):
        return False
    try:
        parcours.intervention.exiger_l_inscription()
    except Refus:
        return False
    return True


def adresse_de_la_suite(suite, contact):
    """Où mène ce qui suit ce contact, ou "" : le formulaire à remplir, déjà sur ce parcours."""
    parcours = contact.parcours
    if suite == ACTION:
        return reverse("interventions:choisir_facteur", args=[parcours.intervention.uuid])
    if suite == RENDEZ_VOUS:
        genre = "visite" if contact.canal == "visite" else "rendez_vous"
        return f"{reverse('parcours:prevoir_rendez_vous', args=[parcours.uuid])}?genre={genre}"
    return reverse("interventions:verser_piece", args=[parcours.uuid]) if suite == PIECE else ""


def retour(parcours, d_ou):
    """Le lien de retour : la page de l'intervention, le choix de la personne, ou la page du parcours."""
    contexte = {
        "retour_url": parcours.get_absolute_url(),
        "retour": parcours.personne.appellation,
        "parcours": parcours,
    }
    if d_ou == "intervention" and hasattr(parcours, "intervention"):
        return contexte | {"retour_url": parcours.intervention.get_absolute_url(), "retour": "Intervention"}
    if d_ou == "partout":
        return contexte | {"retour_url": reverse("synthese:contact"), "retour": "Une autre personne"}
    return contexte


def arrivee(parcours, d_ou):
    """La page où mène un contact noté sans suite."""
    intervention = d_ou == "intervention" and getattr(parcours, "intervention", None)
    return (intervention or parcours).get_absolute_url()
