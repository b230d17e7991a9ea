"""Du courrier figé (dict JSON) au contexte de `interventions/pdf/courrier.html`. Fonctions pures."""

from interventions.courriers import mise_en_page, odt
from interventions.courriers.redaction import GENRE
from securisation.documents.genres import enregistrer_genre


def contexte(instantane):
    """Contexte entier du PDF : le titre et la date de ses métadonnées, puis ses blocs."""
    blocs = [{"genre": genre, "lignes": lignes} for genre, lignes in mise_en_page.blocs(instantane)]
    return {
        "titre": instantane["objet"],
        "date_iso": instantane["le"],
        "blocs": blocs,
        "qui": instantane["personne"]["nom"],
    }


enregistrer_genre(
    GENRE,
    lettre="L",
    libelle="Courrier",
    gabarit="interventions/pdf/courrier.html",
    contexte=contexte,
    joindre=False,
    modifiable=odt.produire,
)
