"""Du bilan figé (dict JSON, docs/documents.md) au contexte de `sorties/pdf/bilan.html`. Fonctions pures."""

from diagnostics import pdf as diagnostic
from interventions.cadre import cadre_temporel, dates
from interventions.pdf import chiffre_des_relais
from securisation.documents import instantane as lu
from securisation.documents.genres import enregistrer_genre
from securisation.documents.typographie import compte, en_date, en_lettres, jour, jour_abrege

from .models import en_clair

TITRE = "Bilan de sécurisation du parcours"
ISSUES = {
    "DEM-ATT": "En attente", "DEM-INC": "Incomplète", "DEM-ACC": "Accord, à venir", "DEM-SIL": "Silence",
    "DEM-OK": "Aboutie", "DEM-REF": "Refus", "DEM-ABN": "Abandonnée",
}  # fmt: skip
QUI = {
    "la personne seule": "La personne", "la personne avec le dispositif": "Ensemble", "un tiers mandaté": "Un tiers",
    "le dispositif seul": "Le dispositif",
}  # fmt: skip
# La couverture tient sur sa page : plus elle dit de risques, moins elle cite de constats restés sans démarche (0, 1, 2, 3 risques et plus).
CITES = (3, 3, 1, 0)
SANS_DEMARCHE, NON_DIT = "Sans démarche", "Non dit dans cette copie"
TONS = {"DEM-OK": "ok", "DEM-REF": "r", "DEM-ABN": "n"}


def contexte(instantane: dict) -> dict:
    """Contexte entier du PDF ; lève KeyError si l'instantané ne suit pas le schéma `bilan/1`."""
    sortie, axes = instantane["sortie"], _axes(instantane)
    actions = [_action(n, a) for n, a in enumerate(instantane["intervention"].get("actions", []), start=1)]
    risques = [_risque(n, r) for n, r in enumerate(sortie.get("risques", []), start=1)]
    constats = [_constat(f, a, actions, risques) for a in instantane["axes"] for f in a.get("facteurs", [])]
    if lu.est_pour_un_partenaire(instantane):
        constats = [_sans_conclure(c) for c in constats]
    return (
        _tete(instantane, axes, risques, [c for c in constats if c["orphelin"]])
        | {
            "axes": axes,
            "actions": actions,
            "risques": risques,
            "securise": [a for a in actions if a["code"] == "DEM-OK"][:5],
            "moyens": moyens(instantane["intervention"].get("actions", [])),
            "constats": constats,
            "cadre": cadre_temporel(instantane["intervention"], en_date(sortie["validee_le"])),
            "objectif": instantane["intervention"].get("objectif") or "",
            "parole": lu.cite(sortie.get("parole")),
            "parole_longue": lu.est_long(sortie.get("parole")),
            "desaccord": lu.cite(sortie.get("desaccord")),
            "ecarts": [a for a in axes if a["sortie_personne"] not in (None, a["sortie"])],
            "remis": sortie.get("remis", []),
            "partages": lu.partages(instantane),
            "reserve": any(x["reserve"] for x in actions) or _constats_reserves(instantane),
            "sans_conflit": bool(instantane["intervention"].get("absence_conflit")),
        }
        | _enchainement(instantane, actions)
    )


def _tete(instantane: dict, axes: list[dict], risques: list[dict], orphelins: list[dict]) -> dict:
    """Couverture, phrase de résultat, graphique et identité des signataires."""
    sortie, d = instantane["sortie"], instantane["diagnostic"]
    appel = instantane["personne"].get("appel") or instantane["personne"]["nom"]
    return {
        "doc": lu.page_de_garde(instantane, TITRE, _faits(instantane)),
        "appel": appel,
        "referent": instantane["referent"],
        "motif": en_clair(sortie["motif"]["libelle"]),
        "resume": resume(axes, risques),
        "orphelins": _en_liste(orphelins, CITES[min(len(risques), len(CITES) - 1)]),
        "radar": diagnostic.radar(
            [a["libelle"] for a in axes],
            [("Entrée", [a["entree"] for a in axes]), ("Sortie", [a["sortie"] for a in axes])],
        ),
        "radar_dit": _radar_dit(axes),
        "echelle": lu.echelle_en_phrase(instantane),
        "entree_le": jour(d["valide_le"], annee=False),
        "sortie_le": jour(sortie["ouverte_le"], annee=False),
        "validee_le": jour(sortie["validee_le"]),
        "validee_par": sortie.get("validee_par") or "",
        "identique": bool(sortie.get("evaluateur_identique")),
        "priorite": lu.cite(d.get("priorite")),
        "sommaire": _sommaire(appel),
    }


def en_minuscule(texte: str) -> str:
    """Le texte au milieu d'une phrase : sa première lettre baisse, sauf celle d'un sigle."""
    return texte if texte[1:2].isupper() else texte[:1].lower() + texte[1:]


def ponctue(texte: str) -> str:
    """Le texte avec un point final, un seul."""
    return texte if texte[-1:] in ".!?…" else f"{texte}."


def _faits(instantane: dict) -> list[dict]:
    debut, fin = en_date(instantane["parcours"]["ouvert_le"]), en_date(instantane["sortie"]["validee_le"])
    demarre = en_date(instantane["intervention"]["demarre_le"])
    duree = f"{compte((fin - debut).days, 'jour')}, dont {(fin - demarre).days} d’intervention"
    return [
        lu.fait("Parcours", instantane["parcours"]["numero"]),
        lu.fait("Période", dates(debut, fin), duree),
        lu.referent(instantane),
        lu.orientation(instantane["parcours"]),
    ]


def _sommaire(appel: str) -> list[tuple[str, str]]:
    titres = [
        "Avant et après", "Ce qui a été fait", "Le cadre temporel", "Risques et relais", f"La parole de {appel}",
        "Qui garde quelle copie", "Méthode et limites", "Identification",
    ]  # fmt: skip
    return [(f"s{n}", t) for n, t in enumerate(titres, start=1)]


def _axes(instantane: dict) -> list[dict]:
    """Chaque axe, à l'entrée et à la sortie, selon le professionnel et selon la personne."""
    noms, recotes = lu.niveaux(instantane), instantane["sortie"].get("axes", {})
    return [_axe(a, recotes.get(a["code"], {}), noms) for a in instantane["axes"]]


def _axe(axe: dict, recote: dict, noms: dict[int, str]) -> dict:
    entree, sortie = axe.get("niveau"), recote.get("niveau")
    ecart = None if entree is None or sortie is None else sortie - entree
    return {
        "libelle": axe["libelle"],
        "entree": entree,
        "sortie": sortie,
        "entree_libelle": noms.get(entree, "Non coté"),
        "sortie_libelle": noms.get(sortie, "Non coté"),
        "entree_personne": axe.get("niveau_personne"),
        "sortie_personne": recote.get("niveau_personne"),
        "parole": lu.cite(axe.get("parole")),
        "parole_sortie": lu.cite(recote.get("parole")),
        "ecart": ecart,
        "evolution": evolution(ecart),
        "ton": "s" if not ecart else "d" if ecart < 0 else "m",
    }


def evolution(ecart: int | None) -> str:
    """« − 2 », « + 1 », « Stable » ou « Non comparable »."""
    if ecart is None:
        return "Non comparable"
    return "Stable" if ecart == 0 else f"{'−' if ecart < 0 else '+'}\u00a0{abs(ecart)}"


def resume(axes: list[dict], risques: list[dict]) -> str:
    """Trois phrases : l'entrée, la sortie, ce qui reste ; sans total ni moyenne."""
    avant, apres = ([a[quand] for a in axes if (a[quand] or 0) >= 3] for quand in ("entree", "sortie"))
    if avant:
        n = len(avant)
        qui = f"{en_lettres(n)} {lu.accord(n, 'axe', 'axes')} sur {en_lettres(len(axes))}".capitalize()
        debut = f"{qui} {lu.accord(n, 'était', 'étaient')} {_graves(avant)} à l’entrée."
    else:
        debut = (
            "Aucun axe n’était critique à l’entrée."
            if any(a["entree"] is not None for a in axes)
            else "L’entrée n’a pas été cotée."
        )
    if apres:
        n = len(apres)
        qui = f"{en_lettres(n)} {lu.accord(n, 'axe', 'axes')}".capitalize()
        fin = f"{qui} {lu.accord(n, 'est', 'sont')} {_graves(apres)} à la sortie."
    else:
        fin = (
            "Aucun ne l’est à la sortie."
            if any(a["sortie"] is not None for a in axes)
            else "La sortie n’a pas été cotée."
        )
    return f"{debut} {fin} {_restent(risques)}"


def _graves(niveaux: list[int]) -> str:
    """« critiques », « en rupture » ou « critiques ou en rupture », accordé."""
    mots = [lu.accord(len(niveaux), "critique", "critiques")] if 3 in niveaux else []
    return " ou ".join(mots + (["en rupture"] if 4 in niveaux else []))


def _restent(risques: list[dict]) -> str:
    if not risques:
        return "Aucun risque résiduel n’a été relevé."
    n, relais, assumes = len(risques), sum(bool(r["confirme"]) for r in risques), sum(not r["relais"] for r in risques)
    debut = f"{en_lettres(n).capitalize()} {lu.accord(n, 'risque reste', 'risques restent')}"
    if relais == n:
        return f"{debut}, {lu.accord(n, 'avec', 'chacun avec')} un relais qui a confirmé."
    parts = [
        (relais, "avec un relais qui a confirmé"),
        (n - relais - assumes, "avec un relais qui n’a pas encore confirmé"),
        (assumes, lu.accord(assumes, "assumé sans relais", "assumés sans relais")),
    ]
    return f"{debut} : {', '.join(f'{k} {mot}' for k, mot in parts if k)}."


def _en_liste(constats: list[dict], cites: int) -> str:
    """Les premiers constats que rien n'a repris, jamais un réservé, et combien d'autres ; le tableau de la partie 1 les dit tous."""
    noms = [lu.nom_court(c["libelle"]) for c in constats if not c["reserve"]][:cites]
    reste = len(constats) - len(noms)
    if reste:
        autres = lu.accord(reste, "autre", "autres") if noms else lu.accord(reste, "constat", "constats")
        noms.append(f"{'et ' if noms else ''}{en_lettres(reste)} {autres}, en partie 1")
    return " ; ".join(noms)


def _radar_dit(axes: list[dict]) -> str:
    def dit(n):
        return "non coté" if n is None else n

    valeurs = ", ".join(f"{a['libelle']} {dit(a['entree'])} puis {dit(a['sortie'])}" for a in axes)
    return f"Radar de 0 au centre à 4 au bord. Entrée puis sortie : {valeurs}. Mêmes valeurs au tableau."


def _action(n: int, a: dict) -> dict:
    """Une ligne du tableau des moyens : levier, dates, délai en jours, réponse."""
    issue = a.get("issue") or {}
    demandee, recue = en_date(a.get("demandee_le")), en_date(issue.get("le"))
    return {
        "numero": n,
        "intitule": a["intitule"],
        "levier": lu.nom_court(a.get("levier") or "aucun levier de droit commun"),
        "relais": a.get("relais") or "",
        "qui": QUI.get(a.get("qui"), (a.get("qui") or "non précisé").capitalize()),
        "demandee": jour_abrege(a.get("demandee_le")) or "Non",
        "attendue": jour_abrege(a.get("attendue_le")) or "Sans date",
        "recue": jour_abrege(issue.get("le")) or "Pas encore",
        "delai": compte((recue - demandee).days, "jour") if recue and demandee else "",
        "code": issue.get("code") or "",
        "reponse": ISSUES.get(issue.get("code")) or issue.get("libelle") or "En attente",
        "ton": TONS.get(issue.get("code"), "w"),
        "note": issue.get("note") or "",
        "facteur": a.get("facteur") or "",
        "ecart": a.get("ecart") or "",
        "reserve": bool(a.get("reserve")),
        "le": jour(issue.get("le")),
    }


def moyens(actions: list[dict]) -> list[tuple[str, str]]:
    """Les quatre chiffres de l'obligation de moyens : (chiffre, phrase). Liste vide sans action."""
    if not actions:
        return []
    n, issues = len(actions), [(a, (a.get("issue") or {}).get("le")) for a in actions]
    recues = [(a, le) for a, le in issues if le]
    a_temps = sum(bool(a.get("attendue_le")) and le[:10] <= a["attendue_le"][:10] for a, le in recues)
    levier = sum(bool(a.get("levier")) for a in actions)
    return [
        (f"{levier} sur {n}", "démarches appuyées sur un levier de droit commun existant"),
        (f"{a_temps} sur {len(recues)}", "réponses reçues au plus tard à la date attendue"),
        chiffre_des_relais(actions),
        (str(sum(bool(a.get("soin")) for a in actions)), "acte de soin, d’expertise ou de décision réservée"),
    ]


def _risque(n: int, r: dict) -> dict:
    return {
        "numero": n,
        "libelle": en_clair(r["libelle"]),
        "code": r.get("code") or "",
        "axe": en_minuscule(r.get("axe") or ""),
        "facteur": en_minuscule(r.get("facteur_libelle") or ""),
        "facteur_code": r.get("facteur") or "",
        "relais": r.get("relais") or "",
        "telephone": r.get("telephone") or "",
        "confirme": jour(r.get("confirme_le")),
        "motif": r.get("motif") or "",
        "signal": ponctue(r.get("signal") or "Aucun signal n’a été écrit"),
        "echeance": jour(r.get("echeance")),
        "reserve": bool(r.get("reserve")),
    }


def _constat(f: dict, axe: dict, actions: list[dict], risques: list[dict]) -> dict:
    """Un facteur de l'entrée et ce que les démarches et les risques en disent à la sortie, sans rien déduire d'autre."""
    risque = next((r for r in risques if r["facteur_code"] == f["code"]), None)
    faites = [a for a in actions if a["facteur"] == f["code"]]
    if risque:
        mot, ton = (
            (f"Risque {risque['numero']}, relais", "w") if risque["relais"] else (f"Risque {risque['numero']}", "w")
        )
        suite = risque["relais"] or "Assumé, sans relais"
    elif faites:
        mot, ton, suite = (
            faites[-1]["reponse"],
            faites[-1]["ton"],
            faites[-1]["note"] or f"Démarche {faites[-1]['numero']}",
        )
    else:
        mot, ton, suite = SANS_DEMARCHE, "n", ""
    detail = [f.get("note") or "", f"Échéance le {jour(f['echeance'])}" if f.get("echeance") else ""]
    return {
        "libelle": f["libelle"],
        "axe": axe["libelle"],
        "detail": " ".join(filter(None, detail)),
        "orphelin": not risque and not faites,
        "connu": (f.get("constate") or "non précisé").capitalize(),
        "reserve": bool(f.get("reserve")),
        "mot": mot,
        "ton": ton,
        "suite": suite,
    }


def _sans_conclure(constat: dict) -> dict:
    """Dans une copie, une démarche ou un risque tu peut suivre ce constat : on ne dit pas qu'il est sans suite."""
    return constat | {"mot": NON_DIT, "orphelin": False} if constat["orphelin"] else constat


def _constats_reserves(instantane: dict) -> bool:
    return any(f.get("reserve") for a in instantane["axes"] for f in a.get("facteurs", []))


def _enchainement(instantane: dict, actions: list[dict]) -> dict:
    """Les dominos retenus à l'entrée, dessinés avec ce que les démarches sur chaque constat ont donné."""
    liens = diagnostic.liens(instantane)
    constates = {f["code"] for a in instantane["axes"] for f in a.get("facteurs", [])}
    etats = {a["facteur"]: ("ok" if a["ton"] == "ok" else "alerte", a["reponse"]) for a in actions if a["facteur"]}
    sans_suite = NON_DIT if lu.est_pour_un_partenaire(instantane) else SANS_DEMARCHE
    for d in liens["retenus"]:
        for code in (d["de_code"], d["vers_code"]):
            etats.setdefault(code, ("alerte", sans_suite) if code in constates else ("vide", "Pas constaté"))
    return {"liens": liens, "domino": diagnostic.domino(liens["retenus"], etats)}


def refaire(parcours, pour=""):
    """L'instantané du bilan validé de ce parcours, tel qu'il est aujourd'hui ; None s'il n'y en a pas."""
    from .instantane import instantane
    from .models import Sortie

    sortie = Sortie.objects.filter(parcours=parcours, etat=Sortie.Etat.VALIDEE).first()
    return sortie and instantane(sortie)


enregistrer_genre(
    "bilan",
    lettre="B",
    libelle=TITRE,
    gabarit="sorties/pdf/bilan.html",
    contexte=contexte,
    refaire=refaire,
    role="Il se produit à la validation de la sortie.",
    ordre=50,
)
