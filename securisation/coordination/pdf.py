"""De l'instantané d'une copie ou d'un registre (docs/copie.md) au contexte de leurs gabarits. Fonctions pures."""

import datetime
import re

from securisation.coordination.models.copie import DUREE
from securisation.documents import instantane as lu
from securisation.documents.genres import enregistrer_genre
from securisation.documents.typographie import en_lettres, jour
from securisation.parcours.conservation import ANS, PREAVIS, terme
from securisation.parcours.models.conservation import ARCHIVAGE_MAX

RECOURS = [
    "Dites-le à l’équipe qui vous accompagne, ou écrivez au délégué à la protection des données de l’association : réponse sous un mois.",
    "Vous pouvez aussi adresser une réclamation à la CNIL, gratuitement et à tout moment (RGPD, article 77) : sur www.cnil.fr, ou par "
    "courrier à CNIL, Service des plaintes, 3 place de Fontenoy, TSA 80715, 75334\u00a0Paris\u00a0Cedex\u00a007.",
    "Vous pouvez saisir un juge (RGPD, article 79).",
]
EMPREINTE = re.compile(r"[0-9a-f]{64}")
COPIE, REGISTRE = "Copie de vos données", "Registre d’accès à votre dossier"
CONSERVATION = "La conservation de vos données et vos recours"


def contexte_de_la_copie(instantane: dict) -> dict:
    """Contexte de `coordination/pdf/copie.html` ; lève KeyError si l'instantané ne suit pas le schéma `copie/1`."""
    rubriques = [_rubrique(r) for r in instantane["rubriques"] if r["fiches"]]
    for rang, rubrique in enumerate(rubriques, start=1):
        rubrique["rang"] = rang
    suite = ["Qui a vu ou changé votre dossier", CONSERVATION, "Ce que cette copie ne contient pas", "Identification"]
    titres = [r["titre"] for r in rubriques] + suite
    return {
        "doc": lu.page_de_garde(instantane, COPIE, _faits(instantane)),
        "rubriques": rubriques,
        "jours": _jours(instantane),
        "tu": instantane["tu"],
        "durees": durees(instantane),
        "recours": RECOURS,
        "sommaire": [(f"s{rang}", titre) for rang, titre in enumerate(titres, start=1)],
        "rang_du_registre": len(rubriques) + 1,
    }


def durees(instantane: dict) -> list[str]:
    """Combien de temps chaque chose se garde, en phrases ; le terme de ce dossier quand l'instantané dit les dernières nouvelles."""
    nouvelles = _dernieres_nouvelles(instantane)
    fin = (
        f" Sans autres nouvelles, le vôtre est gardé jusqu’au {jour(terme(nouvelles).isoformat())} au moins."
        if nouvelles
        else ""
    )
    return [
        f"Votre dossier : {en_lettres(ANS)} ans après les dernières nouvelles que vous nous donnez, puis il est effacé.{fin}",
        f"L’effacement est annoncé à l’équipe {PREAVIS.days} jours avant. Un dossier peut être archivé au lieu d’être effacé, pour un "
        f"motif écrit et {en_lettres(ARCHIVAGE_MAX.days // 366)} ans au plus : presque personne ne peut alors l’ouvrir.",
        "La liste de qui a vu votre dossier : autant que le dossier. Elle vous est remise sur les douze derniers mois.",
        "Après l’effacement : des nombres, des dates, et la preuve que l’effacement a eu lieu, sans rien qui vous désigne.",
        f"Les fichiers de cette copie : {en_lettres(DUREE.days)} jours chez nous, le temps de vous les remettre.",
    ]


def _dernieres_nouvelles(instantane):
    champs = [c for r in instantane["rubriques"] if r["code"] == "parcours" for f in r["fiches"] for c in f["champs"]]
    dites = [c["valeur"] for c in champs if c["nom"] == "derniere_nouvelle_le" and c["valeur"]]
    return datetime.date.fromisoformat(dites[0][:10]) if dites else None


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
    remplis = [champ for champ in fiche["champs"] if champ["lu"] and champ["lu"] != fiche["titre"]]
    return fiche | {
        "champs": [champ | {"fin": bool(EMPREINTE.fullmatch(champ["lu"]))} for champ in remplis],
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
