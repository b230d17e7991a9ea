"""De l'attestation figée (dict JSON) au contexte de `parcours/pdf/attestation.html`. Fonctions pures."""

from securisation.documents import instantane as lu
from securisation.documents.genres import enregistrer_genre
from securisation.documents.typographie import jour
from securisation.parcours import attestation

LONG = 60  # au-delà, le nom prend un corps plus petit : l'attestation tient en une page
TITRE = "Attestation d’accompagnement"


def contexte(instantane):
    """Contexte entier du PDF d'une attestation ; lève KeyError si l'instantané ne suit pas le schéma `attestation/1`."""
    periode, association = instantane["periode"], instantane["association"]
    return {
        "doc": lu.page_de_garde(instantane, TITRE, _faits(instantane)),
        "association": association["nom"],
        "equipe": association.get("equipe") or "",
        "du": jour(periode["du"]),
        "au": jour(periode.get("au")),
        "le": jour(instantane["le"]),
        "nom_long": len(instantane["personne"]["nom"]) > LONG,
        "annee": instantane["personne"].get("annee_naissance"),
    }


def _faits(instantane):
    periode, association = instantane["periode"], instantane["association"]
    suite = f"au {jour(periode['au'])}" if periode.get("au") else "en cours"
    return [
        lu.fait("Dossier", instantane["parcours"]["numero"]),
        lu.fait("Accompagnement depuis le", jour(periode["du"]), suite),
        lu.fait("Établie le", jour(instantane["le"])),
        lu.fait("Établie par", association["nom"], association.get("equipe")),
    ]


enregistrer_genre(
    "attestation",
    lettre="A",
    libelle=TITRE,
    gabarit="parcours/pdf/attestation.html",
    contexte=contexte,
    refaire=attestation.instantane,
    role="Une page remise à la personne : depuis quand, par quelle association. Elle ne dit pas pourquoi.",
    ordre=80,
    empechement=attestation.empechement,
)
