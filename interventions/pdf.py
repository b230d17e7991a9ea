"""Du plan et du courrier figés (dicts JSON) au contexte de leurs gabarits. Fonctions pures, sauf `refaire`."""

from datetime import timedelta

from interventions.cadre import cadre_temporel
from interventions.courriers import mise_en_page, odt
from interventions.courriers.redaction import GENRE
from interventions.echeances import echeances
from securisation.documents import instantane as lu
from securisation.documents.genres import enregistrer_genre
from securisation.documents.typographie import compte, en_date, jour, jour_abrege, periode

TITRE = "Plan d’intervention"
QUI = {
    "la personne seule": "La personne", "la personne avec le dispositif": "La personne, avec nous",
    "un tiers mandaté": "Un tiers mandaté", "le dispositif seul": "Nous seuls",
}  # fmt: skip
ISSUES = {
    "DEM-ATT": ("En attente", "w"), "DEM-INC": ("Incomplète", "w"), "DEM-ACC": ("Accord, à venir", "w"),
    "DEM-SIL": ("Silence", "w"), "DEM-OK": ("Aboutie", "ok"), "DEM-REF": ("Refus", "r"), "DEM-ABN": ("Abandonnée", "n"),
}  # fmt: skip
FINIES = ("DEM-REF", "DEM-ABN")  # rien ne continue après
SANS_LEVIER = "aucun levier de droit commun"
PROCHAINES = 4  # dates sur la première page ; le tableau les a toutes


def contexte(instantane):
    """Contexte entier du PDF d'un plan ; lève KeyError si l'instantané ne suit pas le schéma `plan/1`."""
    i, appel = instantane["intervention"], instantane["personne"].get("appel") or instantane["personne"]["nom"]
    axes = {axe["code"]: axe["libelle"] for axe in instantane["axes"]}
    actions = [_action(n, a, instantane, axes) for n, a in enumerate(i.get("actions", []), start=1)]
    dates = [_date(e, i["au"], axes) for e in echeances(instantane)]
    a_venir = [e for e in dates if not e["passee"]]
    return {
        "doc": lu.page_de_garde(instantane, TITRE, _faits(instantane)),
        "appel": appel,
        "objectif": i.get("objectif") or "",
        "objectif_long": lu.est_long(i.get("objectif")),
        "resume": _resume(actions, a_venir),
        "actions": actions,
        "chiffres": _chiffres(i, actions),
        "prochaines": a_venir[:PROCHAINES],
        "graves": [axe for axe in _axes(instantane) if (axe["niveau"] or 0) >= 2],
        "axes": _axes(instantane),
        "dates": dates,
        "cadre": cadre_temporel(i, en_date(i["au"]), _horizon(i, dates)),
        "suspendue": i.get("etat") == "suspendue",
        "orphelines": [a for a in actions if a["continue"] and not a["relais"]],
        "relayees": [a for a in actions if a["continue"] and a["relais"]],
        "priorite": lu.cite(instantane["diagnostic"].get("priorite")),
        "priorite_longue": lu.est_long(instantane["diagnostic"].get("priorite")),
        "desaccord": lu.cite(instantane["diagnostic"].get("desaccord")),
        "reserve": any(a["reserve"] for a in actions) or any(e["reserve"] for e in dates),
        "referent": instantane["referent"],
        "au": jour(i["au"]),
        "sommaire": _sommaire(appel),
    }


def _date(e, au, axes):
    """Une ligne des échéances annoncées ; `passee` : derrière nous au jour du plan."""
    return e | {"jour": jour(e["le"]), "axe": axes.get(e["axe"], ""), "passee": e["le"] < au}


def _faits(instantane):
    i = instantane["intervention"]
    prevu = compte(i["duree_jours"], "jour") + " prévus"
    return [
        lu.fait("Parcours", instantane["parcours"]["numero"]),
        lu.fait("Intervention", periode(i["demarre_le"], i["terme"]), prevu),
        lu.referent(instantane),
        lu.orientation(instantane["parcours"]),
    ]


def _sommaire(appel):
    titres = [
        "Le cadre temporel", "Les démarches", "Les relais", "Les échéances annoncées", f"La parole de {appel}",
        "Méthode et limites", "Identification",
    ]  # fmt: skip
    return [(f"s{n}", titre) for n, titre in enumerate(titres, start=1)]


def _axes(instantane):
    noms = lu.niveaux(instantane)
    return [
        {
            "libelle": axe["libelle"],
            "niveau": axe.get("niveau"),
            "niveau_libelle": noms.get(axe.get("niveau"), "Non coté"),
            "personne": axe.get("niveau_personne"),
            "parole": lu.cite(axe.get("parole")),
        }
        for axe in instantane["axes"]
    ]


def _action(n, a, instantane, axes):
    """Une ligne du tableau : le moyen, ce qu'il traite, qui fait quoi, ce qui est attendu, où l'on en est."""
    issue = a.get("issue") or {}
    constats = {f["code"]: f["libelle"] for axe in instantane["axes"] for f in axe.get("facteurs", [])}
    mot, ton = ISSUES.get(issue.get("code"), (issue.get("libelle") or "En cours", "w"))
    return {
        "numero": n,
        "intitule": a["intitule"],
        "levier": lu.nom_court(a.get("levier") or SANS_LEVIER),
        "mode": a.get("mode") or "",
        "ecart": a.get("ecart") or "",
        "axe": axes.get(a.get("axe"), ""),
        "facteur": constats.get(a.get("facteur"), ""),
        "qui": QUI.get(a.get("qui"), (a.get("qui") or "non précisé").capitalize()),
        "demandee": jour_abrege(a.get("demandee_le")),
        "attendue": _jour_et_annee(a.get("attendue_le")),
        "relais": a.get("relais") or "",
        "mot": mot if a.get("demandee_le") or issue.get("code") else "À demander",
        "ton": ton if a.get("demandee_le") or issue.get("code") else "n",
        "le": jour_abrege(issue.get("le")),
        "note": issue.get("note") or "",
        "ouverte": not issue.get("le"),
        "continue": continue_apres_nous(a),
        "reserve": bool(a.get("reserve")),
    }


def continue_apres_nous(action):
    """Vrai si une démarche figée a une suite : ni refusée, ni abandonnée, ni aboutie sans personne pour la suivre."""
    issue = (action.get("issue") or {}).get("code")
    return issue not in FINIES and (issue != "DEM-OK" or bool(action.get("relais")))


def chiffre_des_relais(actions):
    """(chiffre, phrase) : parmi les démarches figées qui continuent, celles dont le relais est nommé."""
    suites = [a for a in actions if continue_apres_nous(a)]
    if not suites:
        return "0", "démarche à suivre après nous"
    phrase = (
        f"{'démarches qui continuent' if len(suites) > 1 else 'démarche qui continue'} sans nous, avec un relais nommé"
    )
    return f"{sum(bool(a.get('relais')) for a in suites)} sur {len(suites)}", phrase


def _jour_et_annee(valeur):
    """« 23 nov. 2026 », pour une colonne étroite."""
    return f"{jour_abrege(valeur)} {en_date(valeur).year}" if valeur else ""


def _resume(actions, a_venir):
    if not actions:
        return "Aucune démarche n’est encore inscrite."
    ouvertes = sum(a["ouverte"] for a in actions)
    debut = (
        f"{compte(len(actions), 'démarche')}, dont {ouvertes} en cours."
        if ouvertes
        else f"{compte(len(actions), 'démarche')}."
    )
    return debut + (f" Prochaine date : le {a_venir[0]['jour']}." if a_venir else "")


def _chiffres(i, actions):
    """Ce que le plan engage, en quatre nombres : (chiffre, phrase)."""
    reste = (en_date(i["terme"]) - en_date(i["au"])).days
    n = len(actions)
    leviers = sum(a["levier"] != SANS_LEVIER for a in actions)
    attendues = sum(bool(a["attendue"]) for a in actions)
    return [
        (compte(max(reste, 0), "jour"), "avant le terme, au jour de ce plan"),
        (f"{leviers} sur {n}", "démarches appuyées sur un levier de droit commun"),
        (f"{attendues} sur {n}", "démarches dont la réponse a une date attendue"),
        chiffre_des_relais(i.get("actions", [])),
    ]


def _horizon(i, dates):
    """Jusqu'où la frise regarde : un peu après le terme, ou après la dernière réponse attendue si elle est plus lointaine."""
    attendues = [a["attendue_le"] for a in i.get("actions", []) if a.get("attendue_le")]
    dernier = max(en_date(jusque) for jusque in (i["terme"], i["au"], *attendues))
    return dernier + timedelta(days=1 + (dernier - en_date(i["demarre_le"])).days // 30)


def refaire(parcours, pour=""):
    """L'instantané du plan, tel qu'il est maintenant."""
    from interventions.instantane import instantane

    return instantane(parcours.intervention)


def empechement(parcours, pour=""):
    """Pourquoi le plan ne se demande pas encore ; vide s'il se demande."""
    intervention = getattr(parcours, "intervention", None)
    if intervention is None:
        return "Il se demande une fois l’intervention démarrée."
    if not intervention.est_dans_sa_phase:
        return "L’intervention est finie : le bilan dit ce qui a été fait."
    return ""


def contexte_du_courrier(instantane):
    """Contexte entier du PDF d'un courrier : le titre et la date de ses métadonnées, puis ses blocs."""
    blocs = [{"genre": genre, "lignes": lignes} for genre, lignes in mise_en_page.blocs(instantane)]
    return {
        "titre": instantane["objet"],
        "date_iso": instantane["le"],
        "blocs": blocs,
        "qui": instantane["personne"]["nom"],
    }


enregistrer_genre(
    "plan",
    lettre="I",
    libelle=TITRE,
    gabarit="interventions/pdf/plan.html",
    contexte=contexte,
    finalites=("ADHESION",),
    refaire=refaire,
    role="Ce qui est convenu : l’objectif, le temps, les démarches, les dates annoncées.",
    ordre=30,
    empechement=empechement,
)
enregistrer_genre(
    GENRE,
    lettre="L",
    libelle="Courrier",
    gabarit="interventions/pdf/courrier.html",
    contexte=contexte_du_courrier,
    joindre=False,
    identifie=False,
    modifiable=odt.produire,
    role="Il s’écrit depuis la page d’une démarche ; la personne le signe.",
    ordre=90,
)
