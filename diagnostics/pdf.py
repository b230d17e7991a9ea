"""Du diagnostic figé (dict JSON, docs/documents.md) au contexte de `diagnostics/pdf/diagnostic.html`. Fonctions pures."""

from securisation.documents import instantane as lu
from securisation.documents import machine
from securisation.documents.genres import enregistrer_genre
from securisation.documents.typographie import en_lettres, jour, periode
from securisation.socle import graphiques

TITRE = "Diagnostic de sécurisation du parcours"
FORCES = {1: "faible", 2: "moyenne", 3: "forte"}


def contexte(instantane: dict) -> dict:
    """Contexte entier du PDF ; lève KeyError si l'instantané ne suit pas le schéma `diagnostic/1`."""
    diagnostic, axes = instantane["diagnostic"], [_axe(a, instantane) for a in instantane["axes"]]
    enchainements = liens(instantane)
    return {
        "doc": lu.page_de_garde(instantane, TITRE, _faits(instantane)),
        "appel": instantane["personne"].get("appel") or instantane["personne"]["nom"],
        "titre_referent": (instantane["referent"].get("titre") or "Référent").lower(),
        "resultat": resultat(axes, lu.niveaux(instantane)),
        "delai": _delai(axes, instantane),
        "axes": axes,
        "urgences": urgences(instantane),
        "appuis": [(a["libelle"], p) for a in axes for p in a["appuis"]],
        "priorite": lu.cite(diagnostic.get("priorite")),
        "desaccord": lu.cite(diagnostic.get("desaccord")),
        "ecarts": [a for a in axes if a["personne"] is not None and a["personne"] != a["niveau"]],
        "radar": _radar(axes),
        "radar_dit": _radar_dit(axes),
        "echelle": lu.echelle_en_phrase(instantane),
        "domino": domino(enchainements["retenus"], etats_a_l_entree(enchainements["retenus"], instantane["axes"])),
        "liens": enchainements,
        "sommaire": _sommaire(instantane),
        "reserve": any(f["reserve"] for a in axes for f in a["facteurs"]),
        "valide_le": jour(diagnostic["valide_le"]),
        "valide_par": diagnostic.get("valide_par") or "",
        "referent": instantane["referent"],
        "partages": lu.partages(instantane),
    }


def _faits(instantane: dict) -> list[dict]:
    d = instantane["diagnostic"]
    version = "première version" if d.get("version", 1) == 1 else f"version {d['version']}"
    return [
        lu.fait("Parcours", instantane["parcours"]["numero"]),
        lu.fait("Diagnostic", periode(d["ouvert_le"], d["valide_le"]), version),
        lu.referent(instantane),
        lu.orientation(instantane["parcours"]),
    ]


def _sommaire(instantane: dict) -> list[tuple[str, str]]:
    appel = instantane["personne"].get("appel") or instantane["personne"]["nom"]
    titres = ["Les cinq axes", "Ce qui a été constaté", "Les enchaînements", f"La parole de {appel}"]
    return [(f"s{n}", t) for n, t in enumerate([*titres, "Méthode et limites", "Identification"], start=1)]


def _axe(axe: dict, instantane: dict) -> dict:
    """Un axe prêt à dessiner : niveaux et leurs libellés, facteurs, mots, points d'appui."""
    noms = lu.niveaux(instantane)
    return {
        "code": axe["code"],
        "libelle": axe["libelle"],
        "niveau": axe.get("niveau"),
        "niveau_libelle": noms.get(axe.get("niveau"), "Non coté"),
        "ancrage": axe.get("ancrage") or "",
        "personne": axe.get("niveau_personne"),
        "personne_libelle": noms.get(axe.get("niveau_personne"), "Non coté"),
        "parole": lu.cite(axe.get("parole")),
        "appuis": [p for p in axe.get("points_d_appui", []) if p],
        "recueilli": jour(axe.get("recueilli_le")),
        "facteurs": [_facteur(f) for f in axe.get("facteurs", [])],
    }


def _facteur(f: dict) -> dict:
    return {
        "libelle": f["libelle"],
        "note": f.get("note") or "",
        "connu": (f.get("constate") or "non précisé").capitalize(),
        "echeance": jour(f.get("echeance")),
        "reserve": bool(f.get("reserve")),
    }


def resultat(axes: list[dict], noms: dict[int, str]) -> str:
    """« Quatre axes critiques, un axe à surveiller » : du plus grave au moins grave, jamais de total."""
    phrases = []
    for niveau in (4, 3, 2, 1):
        n = sum(a["niveau"] == niveau for a in axes)
        if n:
            mot = {4: "en rupture"}.get(niveau, noms[niveau].lower())
            mot += "s" if n > 1 and niveau in (2, 3) else ""
            phrases.append(f"{en_lettres(n)} {lu.accord(n, 'axe', 'axes')} {mot}")
    if all(a["niveau"] is None for a in axes):
        return "Les cinq axes restent à coter"
    texte = ", ".join(phrases) or "Les axes cotés sont sécurisés"
    return texte[0].upper() + texte[1:]


def _delai(axes: list[dict], instantane: dict) -> str:
    """Ce que le niveau le plus haut attend comme délai d'action, d'après le référentiel figé."""
    cotes = [a["niveau"] for a in axes if a["niveau"] is not None]
    delais = {int(n["niveau"]): n.get("delai_action") for n in instantane["echelle"]}
    if not cotes or max(cotes) < 2 or not delais.get(max(cotes)):
        return ""
    delai = delais[max(cotes)].replace("≤ ", "").replace(" j", " jours").replace("24-72 h", "24 à 72 heures")
    return f"Le niveau le plus haut appelle une première action sous {delai}."


def urgences(instantane: dict) -> list[dict]:
    """Les quatre constats à traiter d'abord : niveau de l'axe le plus haut, puis échéance la plus proche."""
    lignes = [
        (-(a.get("niveau") or 0), f.get("echeance") or "9999", a["libelle"], f)
        for a in instantane["axes"]
        for f in a.get("facteurs", [])
        if (a.get("niveau") or 0) >= 2
    ]
    lignes.sort(key=lambda ligne: ligne[:2])
    return [{"axe": axe, "echeance": jour(f.get("echeance")), "libelle": f["libelle"]} for _, _, axe, f in lignes[:4]]


def _radar(axes: list[dict]) -> dict:
    """Deux tracés : la personne (pointillé, cercles vides) et le professionnel (plein)."""
    return radar(
        [a["libelle"] for a in axes],
        [("La personne", [a["personne"] for a in axes]), ("Le professionnel", [a["niveau"] for a in axes])],
    )


def radar(libelles: list[str], series: list[tuple[str, list]]) -> dict:
    """Radar à la taille des PDF (76 mm) : première série en creux, seconde en plein."""
    tracees = [{"nom": nom, "valeurs": v, "creux": rang == 0} for rang, (nom, v) in enumerate(series)]
    return graphiques.radar(libelles, tracees, largeur=372, hauteur=280, rayon=94)


def _radar_dit(axes: list[dict]) -> str:
    valeurs = ", ".join(f"{a['libelle']} {_dit(a['personne'])} et {_dit(a['niveau'])}" for a in axes)
    return (
        f"Radar de 0 au centre à 4 au bord. La personne, puis le professionnel : {valeurs}. Mêmes valeurs au tableau."
    )


def _dit(niveau) -> str:
    return "non coté" if niveau is None else str(niveau)


def liens(instantane: dict) -> dict:
    """Dominos examinés : retenus et écartés, chacun en une phrase avec son pourquoi."""
    examines = instantane.get("dominos", [])
    return {
        "retenus": [_lien(d) for d in examines if d.get("retenu")],
        "ecartes": [_lien(d) for d in examines if not d.get("retenu")],
    }


def _lien(d: dict) -> dict:
    return {
        "de": d["de"]["libelle"],
        "vers": d["vers"]["libelle"],
        "de_code": d["de"]["code"],
        "vers_code": d["vers"]["code"],
        "mecanisme": (d.get("mecanisme") or "").replace(" → ", ", puis "),
        "delai": {"court": "court", "moyen": "moyen", "long": "long"}.get(d.get("delai"), "non précisé"),
        "force": FORCES.get(d.get("force"), "non précisée"),
        "motif": d.get("motif") or "",
        "note": d.get("note") or "",
    }


def domino(retenus: list[dict], etats: dict[str, tuple[str, str]]) -> dict | None:
    """Dessin des enchaînements retenus ; None s'il n'y en a pas. `etats` : code de facteur → (ton, mention courte)."""
    if not retenus:
        return None
    titres = {c: t for d in retenus for c, t in ((d["de_code"], d["de"]), (d["vers_code"], d["vers"]))}
    noeuds = [{"cle": c, "titre": t, "ton": etats[c][0], "sous": etats[c][1]} for c, t in titres.items()]
    dessin = graphiques.domino(noeuds, [(d["de_code"], d["vers_code"]) for d in retenus], sens="auto", graphviz="")
    phrases = " ".join(f"{d['de']} peut mener à {d['vers']}." for d in retenus)
    return dessin | {"dit": f"Enchaînements retenus. {phrases}"}


def etats_a_l_entree(retenus: list[dict], axes: list[dict]) -> dict[str, tuple[str, str]]:
    """Code de facteur → (ton, mention) : comment on sait ce qui est retenu, et ce qu'il faut prévenir."""
    sus = {f["code"]: (f.get("constate") or "retenu").capitalize() for a in axes for f in a.get("facteurs", [])}
    codes = {c for d in retenus for c in (d["de_code"], d["vers_code"])}
    return {c: ("alerte", sus[c]) if c in sus else ("vide", "À prévenir") for c in codes}


# --- La feuille d'entretien


def feuille(numero=""):
    """Le PDF de la feuille à remplir sur place (documents.machine.Pdf) ; `numero` : celui du parcours, vide pour une feuille vierge."""
    return machine.produire("diagnostics/pdf/feuille.html", contexte_de_la_feuille(numero))


def contexte_de_la_feuille(numero):
    """Les cinq axes et ce que veut dire chaque niveau, lus du référentiel ; aucun nom."""
    from diagnostics.presentation import echelle
    from securisation.annuaire.models import Ancrage, Axe
    from securisation.comptes.models import Reglages

    phrases = {(a.axe_id, a.niveau): a.ancrage for a in Ancrage.objects.ouverts()}
    niveaux = list(echelle().values())
    doc = {
        "titre": "Feuille d’entretien",
        "sujet": "À remplir avec la personne, puis à saisir. Sans nom.",
        "association": Reglages.actuels().nom,
        "parcours": numero,
    }
    axes = [
        {
            "libelle": axe.libelle,
            "facile": axe.libelle_facile_a_lire,
            "niveaux": [(n.niveau, n.libelle, phrases.get((axe.pk, n.niveau), n.ancrage)) for n in niveaux],
        }
        for axe in Axe.objects.ouverts()
    ]
    return {"doc": doc, "numero": numero, "axes": axes, "constates": ("Dit", "Constaté", "Document")}


def refaire(parcours, pour=""):
    """L'instantané du diagnostic validé de ce parcours, tel qu'il est aujourd'hui ; None s'il n'y en a pas."""
    from diagnostics.instantane import instantane
    from diagnostics.models import Diagnostic

    diagnostic = Diagnostic.objects.filter(parcours=parcours, etat=Diagnostic.Etat.VALIDE).first()
    return diagnostic and instantane(diagnostic)


enregistrer_genre(
    "diagnostic",
    lettre="D",
    libelle=TITRE,
    gabarit="diagnostics/pdf/diagnostic.html",
    contexte=contexte,
    finalites=("ADHESION",),
    refaire=refaire,
    role="Il se produit à la validation du diagnostic.",
    ordre=10,
)
