"""De l'instantané d'une copie ou d'un registre (docs/copie.md) au contexte de leurs gabarits. Fonctions pures."""

from securisation.documents import instantane as lu
from securisation.documents.genres import enregistrer_genre
from securisation.documents.typographie import jour

COPIE, REGISTRE = "Copie de vos données", "Registre d’accès à votre dossier"


def contexte_de_la_copie(instantane: dict) -> dict:
    """Contexte de `coordination/pdf/copie.html` ; lève KeyError si l'instantané ne suit pas le schéma `copie/1`."""
    rubriques = [_rubrique(r) for r in instantane["rubriques"] if r["fiches"]]
    for rang, rubrique in enumerate(rubriques, start=1):
        rubrique["rang"] = rang
    suite = ["Qui a vu ou changé votre dossier", "Ce que cette copie ne contient pas", "Identification"]
    titres = [r["titre"] for r in rubriques] + suite
    return {
        "doc": lu.page_de_garde(instantane, COPIE, _faits(instantane)),
        "rubriques": rubriques,
        "jours": _jours(instantane),
        "tu": instantane["tu"],
        "sommaire": [(f"s{rang}", titre) for rang, titre in enumerate(titres, start=1)],
        "rang_du_registre": len(rubriques) + 1,
    }


def contexte_du_registre(instantane: dict) -> dict:
    """Contexte de `coordination/pdf/registre.html`, au schéma `registre/1`."""
    jours = _jours(instantane)
    return {"doc": lu.page_de_garde(instantane, REGISTRE, _faits(instantane)), "jours": jours}


def _faits(instantane: dict) -> list[dict]:
    document = instantane["document"]
    return [
        lu.fait("Parcours", instantane["parcours"]["numero"]),
        lu.fait("Demandé le", jour(document["demande_le"])),
        lu.fait("Numéro", document["numero"]),
        lu.fait("Remis par", instantane["association"]["nom"], instantane["association"].get("equipe")),
    ]


def _rubrique(rubrique: dict) -> dict:
    return {"titre": rubrique["titre"], "fiches": [_fiche(f) for f in rubrique["fiches"]]}


def _fiche(fiche: dict) -> dict:
    """Seuls les champs remplis s'impriment, et pas celui que le titre dit déjà ; le JSON joint les a tous."""
    return fiche | {
        "champs": [champ for champ in fiche["champs"] if champ["lu"] and champ["lu"] != fiche["titre"]],
        "fiches": [_fiche(f) for f in fiche["fiches"]],
    }


def _jours(instantane: dict) -> list[dict]:
    return [{"le": jour(j["le"]), "lignes": j["lignes"]} for j in instantane["registre"]["jours"]]


enregistrer_genre(
    "copie", lettre="C", libelle=COPIE, gabarit="coordination/pdf/copie.html", contexte=contexte_de_la_copie
)
enregistrer_genre(
    "registre", lettre="R", libelle=REGISTRE, gabarit="coordination/pdf/registre.html", contexte=contexte_du_registre
)
