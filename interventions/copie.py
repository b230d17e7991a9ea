"""La part de l'intervention dans la copie de la personne : le cadre convenu, les démarches, les contacts, les pièces jointes."""

from securisation.socle.copie import exclure, part

exclure(
    "Le fichier des pièces jointes à votre dossier : chacune se remet à part, telle qu’elle est gardée.",
    "interventions.FichierDePiece",
)


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
        "interventions.Piece",
    ),
)
def intervention(parcours, fiche):
    """Le cadre, ses suspensions et prolongations, chaque démarche, chaque contact noté, chaque pièce jointe."""
    if hasattr(parcours, "intervention"):
        yield fiche(parcours.intervention, "Le cadre convenu", fiches=_du_cadre(parcours.intervention, fiche))
        for action in parcours.intervention.actions.pour_page():
            yield fiche(action, action.intitule)
    for contact in parcours.contacts.select_related("par").order_by("le", "pk"):
        yield fiche(contact, f"Contact du {contact.le:%d/%m/%Y}")
    for piece in parcours.pieces.select_related("versee_par", "retiree_par").order_by("recue_le", "pk"):
        yield fiche(piece, f"Pièce jointe : {piece.intitule}")


def _du_cadre(cadre, fiche):
    for suspension in cadre.suspensions.order_by("du"):
        yield fiche(suspension, "Une suspension")
    for prolongation in cadre.prolongations.select_related("demandee_par", "decidee_par").order_by("pk"):
        yield fiche(prolongation, "Une prolongation demandée")
    for derogation in cadre.derogations.select_related("accordee_par").order_by("pk"):
        yield fiche(derogation, "Une dérogation au terme")
