"""La part de l'intervention dans la copie de la personne : le cadre convenu, les démarches, les contacts."""

from securisation.socle.copie import part


@part(
    "intervention",
    titre="Ce qui a été fait avec vous",
    ordre=50,
    modeles=(
        "interventions.Intervention",
        "interventions.Action",
        "interventions.Suspension",
        "interventions.Prolongation",
        "interventions.Derogation",
        "interventions.Contact",
    ),
)
def intervention(parcours, fiche):
    """Le cadre, ses suspensions et prolongations, chaque démarche, puis chaque contact noté."""
    if hasattr(parcours, "intervention"):
        yield fiche(parcours.intervention, "Le cadre convenu", fiches=_du_cadre(parcours.intervention, fiche))
        for action in parcours.intervention.actions.pour_page():
            yield fiche(action, action.intitule)
    for contact in parcours.contacts.select_related("par").order_by("le", "pk"):
        yield fiche(contact, f"Contact du {contact.le:%d/%m/%Y}")


def _du_cadre(cadre, fiche):
    for suspension in cadre.suspensions.order_by("du"):
        yield fiche(suspension, "Une suspension")
    for prolongation in cadre.prolongations.select_related("demandee_par", "decidee_par").order_by("pk"):
        yield fiche(prolongation, "Une prolongation demandée")
    for derogation in cadre.derogations.select_related("accordee_par").order_by("pk"):
        yield fiche(derogation, "Une dérogation au terme")
