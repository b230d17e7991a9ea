"""Un genre d'essai : la vie d'un document s'éprouve sans aucun étage au-dessus."""

import pytest
from django.utils.module_loading import autodiscover_modules

from securisation.documents import genres, instantane, machine, rendu


def _contexte(donnees):
    doc = {
        "titre": "Essai",
        "numero": donnees["document"]["numero"],
        "personne": "Essai",
        "faits": [instantane.fait("Mot", donnees["mot"])],
    }
    return {"doc": doc | {"association": "Association", "parcours": "", "date_iso": donnees["document"]["date"]}}


@pytest.fixture
def genre_essai(monkeypatch):
    """Le genre « essai », lettre E, le temps d'un test."""
    autodiscover_modules("pdf")  # d'abord : ce qui s'inscrirait dans la copie serait perdu avec elle
    monkeypatch.setattr(genres, "_GENRES", dict(genres._GENRES))
    genres.enregistrer_genre(
        "essai", lettre="E", libelle="Document d’essai", gabarit="pdf/base.html", contexte=_contexte
    )
    return "essai"


@pytest.fixture
def sans_weasyprint(monkeypatch):
    """La machine telle qu'elle est quand Pango manque."""

    def manque(*args, **kwargs):
        raise rendu.BibliothequeManquante(
            "La production des PDF n’est pas disponible : il manque Pango sur cette machine."
        )

    monkeypatch.setattr(machine, "depuis_html", manque)
