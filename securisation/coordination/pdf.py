"""D'un instantané de copie, de registre (docs/copie.md) ou de fiche de liaison au contexte de son gabarit. Fonctions pures."""

import datetime
import re

from securisation.coordination import liaison
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
COPIE, REGISTRE, LIAISON = "Copie de vos données", "Registre d’accès à votre dossier", "Fiche de liaison"
SOMMAIRE_DU_REGISTRE = ["En bref", "Jour après jour", "Si vous n’êtes pas d’accord", "Identification"]
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
    bref, faits = _en_bref(jours), sum(ligne["nombre"] for j in jours for ligne in j["lignes"])
    return {
        "doc": lu.page_de_garde(instantane, REGISTRE, _faits(instantane)),
        "jours": jours,
        "bref": bref,
        "chiffres": [
            (
                str(len(jours)),
                "jours où votre dossier a été ouvert" if len(jours) > 1 else "jour où votre dossier a été ouvert",
            ),
            (str(len(bref)), "fonctions ou partenaires différents" if len(bref) > 1 else "fonction ou partenaire"),
            (str(faits), "lectures ou changements inscrits" if faits > 1 else "lecture ou changement inscrit"),
            ("12 mois", "de registre, au plus, du plus récent au plus ancien"),
        ],
        "recours": RECOURS,
        "sommaire": [(f"s{n}", titre) for n, titre in enumerate(SOMMAIRE_DU_REGISTRE, start=1)],
    }


def _en_bref(jours):
    """Qui est venu, combien de jours, et la dernière fois : du plus fréquent au moins fréquent."""
    vus = {}
    for jour_lu in jours:
        for qui in {ligne["qui"] for ligne in jour_lu["lignes"]}:
            vus.setdefault(qui, []).append(jour_lu["le"])
    lignes = [{"qui": qui, "jours": len(dates), "dernier": dates[0]} for qui, dates in vus.items()]
    return sorted(lignes, key=lambda ligne: (-ligne["jours"], ligne["qui"]))


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


# -- la fiche de liaison


def contexte_de_la_liaison(instantane: dict) -> dict:
    """Contexte de `coordination/pdf/liaison.html`, au schéma `liaison/1`."""
    accord, noms = instantane["accord"], lu.niveaux(instantane)
    doc = lu.page_de_garde(instantane, LIAISON, _faits_de_la_liaison(instantane))
    return {
        "doc": doc | {"edition": f"pour {accord['partenaire']}"},
        "accord": accord,
        "du": jour(accord["le"]),
        "jusqu_au": jour(accord["jusqu_au"]),
        "valide_le": jour(instantane["diagnostic"]["valide_le"]),
        "axes": [_axe_partage(axe, noms) for axe in instantane["axes"]],
        "echelle": lu.echelle_en_phrase(instantane),
        "referent": instantane["referent"],
    }


def _faits_de_la_liaison(instantane):
    accord = instantane["accord"]
    return [
        lu.fait("Parcours", instantane["parcours"]["numero"]),
        lu.fait("Pour", accord["partenaire"]),
        lu.fait("Valable jusqu’au", jour(accord["jusqu_au"])),
        lu.referent(instantane),
    ]


def _axe_partage(axe, noms):
    lignes = axe.get("facteurs", [])
    return {
        "libelle": axe["libelle"],
        "niveau": axe.get("niveau"),
        "niveau_libelle": noms.get(axe.get("niveau"), "Non coté"),
        "personne": axe.get("niveau_personne"),
        "personne_libelle": noms.get(axe.get("niveau_personne"), "Non coté"),
        "ancrage": axe.get("ancrage") or "",
        "parole": lu.cite(axe.get("parole")),
        "constats": [
            {
                "libelle": f["libelle"],
                "connu": (f.get("constate") or "non précisé").capitalize(),
                "echeance": jour(f.get("echeance")),
            }
            for f in lignes
        ],
    }


enregistrer_genre(
    "liaison",
    lettre="F",
    libelle=LIAISON,
    gabarit="coordination/pdf/liaison.html",
    contexte=contexte_de_la_liaison,
    finalites=("ADHESION", "PARTAGE"),
    refaire=liaison.instantane,
    role="Pour un partenaire : les axes que l’accord de la personne permet, jusqu’à sa fin.",
    ordre=70,
    empechement=liaison.empechement,
    destinataires=liaison.destinataires,
)
enregistrer_genre(
    "copie", lettre="C", libelle=COPIE, gabarit="coordination/pdf/copie.html", contexte=contexte_de_la_copie
)
enregistrer_genre(
    "registre", lettre="R", libelle=REGISTRE, gabarit="coordination/pdf/registre.html", contexte=contexte_du_registre
)
