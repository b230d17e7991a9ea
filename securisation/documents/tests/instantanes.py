"""Instantanés d'essai dérivés des dossiers fictifs de Nadia et de Jeanne, et leurs variantes difficiles."""

import copy
import csv
from datetime import date, timedelta
from pathlib import Path

import yaml
from django.conf import settings

from securisation.documents.partenaire import sans_reserve

DOSSIERS = Path(settings.BASE_DIR) / "demonstration"
J = date(2026, 11, 19)
REFERENTIEL = Path(settings.BASE_DIR) / "securisation" / "annuaire" / "referentiel"


def _table(nom, cle="code"):
    with (REFERENTIEL / f"{nom}.csv").open(encoding="utf-8") as f:
        return {ligne[cle]: ligne for ligne in csv.DictReader(f)}


def _le(valeur):
    """« J-112 » ou « J+30 » → date ISO, None si ce n'est pas une date."""
    if not isinstance(valeur, str) or not valeur.startswith("J"):
        return None
    return (J + timedelta(days=int(valeur[1:] or 0))).isoformat()


def _oui(valeur):
    return str(valeur) in {"oui", "True"}


def _libelle(table, code):
    return {"code": code, "libelle": table[code]["libelle"]}


def _facteur(f, facteurs):
    fiche = facteurs[f["code"]]
    return {
        "code": f["code"], "libelle": fiche["libelle"], "constate": f["constate"], "echeance": _le(f.get("echeance")),
        "note": f.get("note", ""), "reserve": fiche["revele_la_sante"] == "oui",
    }  # fmt: skip


def _axes(dossier):
    axes, facteurs = _table("axes"), _table("facteurs")
    with (REFERENTIEL / "ancrages.csv").open(encoding="utf-8") as f:
        ancrages = {(a["axe"], int(a["niveau"])): a["ancrage"] for a in csv.DictReader(f)}
    return [
        {
            "code": code, "libelle": axes[code]["libelle"], "niveau": a["criticite"],
            "ancrage": ancrages.get((code, a["criticite"]), ""), "niveau_personne": a["criticite_de_la_personne"],
            "parole": a.get("parole", ""), "points_d_appui": a.get("points_d_appui", []),
            "facteurs": [_facteur(f, facteurs) for f in a.get("facteurs", [])],
        }
        for code, a in dossier["diagnostic"]["axes"].items()
    ]  # fmt: skip


def _dominos(dossier):
    facteurs = _table("facteurs")
    liens = {(x["de"], x["vers"]): x for x in _table("liens_domino").values()}
    rendu = []
    for d in dossier["diagnostic"]["dominos_examines"]:
        lien = liens.get((d["de"], d["vers"]), {})
        rendu.append({
            "de": _libelle(facteurs, d["de"]), "vers": _libelle(facteurs, d["vers"]), "delai": lien.get("delai"),
            "force": int(lien["force"]) if lien else None, "mecanisme": lien.get("mecanisme", ""), "retenu": _oui(d["retenu"]),
            "motif": d.get("motif", ""), "note": d.get("note", ""),
        })  # fmt: skip
    return rendu


def _echelle():
    with (REFERENTIEL / "criticites.csv").open(encoding="utf-8") as f:
        return [
            {"niveau": int(c["niveau"]), "libelle": c["libelle"], "delai_action": c["delai_action"]}
            for c in csv.DictReader(f)
        ]


def _commun(dossier, schema, numero, le):
    p, o, q = dossier["personne"], dossier["orientation"], dossier["qualification"]
    axes = _table("axes")
    return {
        "schema": schema,
        "document": {"numero": numero, "edition": 1, "date": le, "demande_le": f"{le}T15:42:00+00:00", "remplace": None},
        "association": {"nom": "Association Horizon", "equipe": "Équipe de Laval"},
        "parcours": {
            "numero": "P-2026-0147", "ouvert_le": _le(o["recue_le"]), "admis_le": _le(q["le"]),
            "origine": _table("origines")[o["origine"]]["libelle"], "orienteur": o["orienteur"], "motif_admission": q["motif"],
        },
        "personne": {
            "nom": f"{p['prenom']} {p['nom']}", "appel": f"{p['prenom']} {p['nom']}",
            "annee_naissance": p["annee_naissance"], "commune": p["commune"],
        },
        "referent": {"nom": "Awa Diarra", "titre": "Référente", "telephone": "02 61 91 40 10"},
        "echelle": _echelle(),
        "diagnostic": {
            "version": 1, "ouvert_le": _le(dossier["diagnostic"]["ouvert_le"]), "valide_le": _le(dossier["diagnostic"]["valide_le"]),
            "valide_par": "Awa Diarra", "priorite": dossier["diagnostic"]["priorite_de_la_personne"], "desaccord": "",
        },
        "axes": _axes(dossier),
        "dominos": _dominos(dossier),
        "partages": [
            {"partenaire": c["partenaire"], "axes": [axes[a]["libelle"] for a in c["axes"]], "jusqu_au": _le(c["jusqu_au"])}
            for c in dossier["consentements"] if c["finalite"] == "PARTAGE"
        ],
    }  # fmt: skip


def _action(a):
    ns, issue = a["non_substitution"], a["issue"]
    leviers, issues = _table("leviers"), _table("issues_de_demarche")
    relais = ns["NS-4"].partition(" : ")[2] if str(ns["NS-4"]).startswith("oui") else ""
    return {
        "intitule": a["intitule"], "levier": leviers[a["levier"]]["libelle"], "axe": a["axe"], "facteur": a["facteur"],
        "mode": _table("modes_d_action")[a["mode"]]["libelle"], "qui": ns["NS-3"], "demandee_le": _le(ns["NS-2"]),
        "attendue_le": _le(a.get("reponse_attendue_le")), "relais": relais, "ecart": "", "soin": _oui(ns["NS-5"]),
        "reserve": leviers[a["levier"]]["revele_la_sante"] == "oui",
        "issue": {
            "code": issue["code"], "libelle": issues[issue["code"]]["libelle"], "le": _le(issue.get("le")),
            "note": issue.get("note", ""),
        },
    }  # fmt: skip


def _intervention(dossier):
    i = dossier["intervention"]
    debut = date.fromisoformat(_le(i["demarre_le"]))
    report = sum(
        (date.fromisoformat(_le(s["au"])) - date.fromisoformat(_le(s["du"]))).days for s in i.get("suspensions", [])
    )
    initial = debut + timedelta(days=i["duree_jours"] + report)
    jours = sum(p["jours"] for p in i.get("prolongations", []))
    terme = (initial + timedelta(days=jours)).isoformat()
    return {
        "demarre_le": debut.isoformat(), "duree_jours": i["duree_jours"], "terme": terme,
        "terme_avant_prolongation": initial.isoformat(), "objectif": i["objectif"], "absence_conflit": True,
        "suspensions": [
            {"du": _le(s["du"]), "au": _le(s["au"]), "motif": s["motif"], "terme": initial.isoformat()}
            for s in i.get("suspensions", [])
        ],
        "prolongations": [
            {"jours": p["jours"], "validee_le": _le(p["validee_le"]), "motif": p["motif"], "terme": terme}
            for p in i.get("prolongations", [])
        ],
        "actions": [_action(a) for a in i["actions"]],
        "contacts": [_le(c) for c in i["contacts_de_la_personne"]],
    }  # fmt: skip


def _risque(r, libelles):
    facteurs, axes, fiche = _table("facteurs"), _table("axes"), _table("risques_residuels")[r["code"]]
    sans = r["relais"].startswith("aucun")
    return {
        "code": r["code"], "libelle": fiche["libelle"], "axe": axes[facteurs[r["facteur"]]["axe"]]["libelle"],
        "facteur": r["facteur"], "facteur_libelle": facteurs[r["facteur"]]["libelle"], "relais": "" if sans else r["relais"],
        "telephone": "", "confirme_le": _le(r.get("confirme_le")), "motif": r.get("motif", ""),
        "signal": r["signal_d_alerte"], "echeance": _le(r.get("echeance")), "reserve": fiche["revele_la_sante"] == "oui",
    }  # fmt: skip


def dossier(nom):
    """Le dossier fictif tel qu'écrit (dict)."""
    return yaml.safe_load((DOSSIERS / f"{nom}.yaml").read_text(encoding="utf-8"))


def diagnostic(nom="nadia"):
    """Instantané `diagnostic/1` d'un dossier."""
    d = dossier(nom)
    return _commun(d, "diagnostic/1", "D-2026-0147-1", _le(d["diagnostic"]["valide_le"]))


def bilan(nom="nadia"):
    """Instantané `bilan/1` d'un dossier."""
    d = dossier(nom)
    s = d["sortie"]
    motif = _table("motifs_de_sortie")[s["motif"]]
    return _commun(d, "bilan/1", "B-2026-0147-1", _le(s["validee_le"])) | {
        "intervention": _intervention(d),
        "sortie": {
            "ouverte_le": _le(s["ouverte_le"]), "validee_le": _le(s["validee_le"]), "validee_par": "Gaëlle Morvan",
            "motif": {"code": s["motif"], "libelle": motif["libelle"], "nature": motif["nature"]},
            "evaluateur_identique": _oui(s["evaluateur_identique"]),
            "axes": {
                c: {"niveau": a["criticite"], "niveau_personne": a["criticite_de_la_personne"], "parole": ""}
                for c, a in s["axes"].items()
            },
            "risques": [_risque(r, None) for r in s["risques_residuels"]],
            "parole": s["parole_de_la_personne"], "desaccord": s["desaccord_de_la_personne"], "remis": s["remis_a_la_personne"],
        },
    }  # fmt: skip


def plan(nom="karim"):
    """Instantané `plan/1` d'un dossier, vu le jour J."""
    d = dossier(nom)
    commun = _commun(d, "plan/1", "I-2026-0147-1", J.isoformat())
    del commun["dominos"], commun["partages"]
    commun["axes"] = [
        {cle: axe[cle] for cle in ("code", "libelle", "niveau", "niveau_personne", "parole")}
        | {"facteurs": [{c: f[c] for c in ("code", "libelle", "echeance", "reserve")} for f in axe["facteurs"]]}
        for axe in commun["axes"]
    ]
    bloc = _intervention(d) | {"etat": "en_cours", "au": J.isoformat()}
    for rang, action in enumerate(bloc["actions"]):
        silence = {"effet": "rejet", "le": _le("J+12"), "contester_avant": _le("J+73")}
        action["silence"] = silence if rang == 1 else None
    return commun | {"intervention": bloc}


def facile_de(origine, rediger):
    """Instantané `facile/1` : la version facile à lire d'un instantané d'origine, par qui la rédige (`rediger` de son étage)."""
    source = sans_reserve(origine)
    titre, parties, parole = rediger(source, {c: a["libelle_facile_a_lire"] for c, a in _table("axes").items()})
    genre = origine["schema"].split("/")[0]
    numero = source["document"]["numero"]
    return {
        "schema": "facile/1", "document": source["document"] | {"numero": f"{numero[0]}F{numero[1:]}"}, "de": genre,
        "origine": numero, "le": source["document"]["date"], "association": source["association"],
        "parcours": {"numero": source["parcours"]["numero"]}, "personne": {"nom": source["personne"]["nom"]},
        "titre": titre, "parties": parties, "parole": parole or "", "relecture": None,
    }  # fmt: skip


def liaison(nom="nadia", axes=("BUD", "LOG")):
    """Instantané `liaison/1` : deux axes, pour un destinataire."""
    entier = sans_reserve(diagnostic(nom))
    siens = [
        {cle: axe[cle] for cle in ("code", "libelle", "niveau", "ancrage", "niveau_personne", "parole")}
        | {"facteurs": [{c: f[c] for c in ("code", "libelle", "constate", "echeance")} for f in axe["facteurs"]]}
        for axe in entier["axes"]
        if axe["code"] in axes
    ]
    return {
        "schema": "liaison/1", "document": entier["document"] | {"numero": "F-2026-0147-1"},
        "association": entier["association"], "parcours": {"numero": "P-2026-0147"}, "personne": {"nom": "N.B."},
        "referent": entier["referent"], "echelle": entier["echelle"],
        "diagnostic": {"version": 1, "valide_le": entier["diagnostic"]["valide_le"]},
        "accord": {
            "partenaire": "Service social départemental de Laval", "axes": [a["libelle"] for a in siens],
            "le": _le("J-60"), "jusqu_au": _le("J+30"),
        },
        "axes": siens,
    }  # fmt: skip


def attestation(nom="nadia", au=None):
    """Instantané `attestation/1`."""
    entier = diagnostic(nom)
    return {
        "schema": "attestation/1", "document": entier["document"] | {"numero": "A-2026-0147-1", "date": J.isoformat()},
        "association": entier["association"], "parcours": {"numero": "P-2026-0147"},
        "personne": {cle: entier["personne"][cle] for cle in ("nom", "annee_naissance", "commune")},
        "periode": {"du": entier["parcours"]["admis_le"], "au": au}, "le": J.isoformat(),
    }  # fmt: skip


def vide(instantane):
    """Le même, tout ce qui est facultatif retiré : mots, facteurs, dominos, actions, risques, cotes de la personne."""
    v = copy.deepcopy(instantane)
    v["personne"] = {"nom": "Code 4F2", "appel": "Code 4F2"}
    v["referent"] = {"nom": ""}
    v["parcours"] = {"numero": "P-2026-0147", "ouvert_le": v["parcours"]["ouvert_le"]}
    for cle in {"dominos", "partages"} & set(v):
        v[cle] = []
    v["diagnostic"] |= {"priorite": "", "valide_par": ""}
    v["axes"] = [{"code": a["code"], "libelle": a["libelle"], "niveau": None} for a in v["axes"]]
    if "intervention" in v:
        v["intervention"] |= {"actions": [], "contacts": [], "objectif": "", "suspensions": [], "prolongations": []}
    if "sortie" in v:
        v["sortie"] |= {"axes": {}, "risques": [], "parole": "", "desaccord": "", "remis": [], "validee_par": ""}
    return v


LONG = "Anticonstitutionnellement" * 12 + " " + "mot " * 300
ETRANGE = (
    "Emoji 🙂👩\u200d👧, العربية, Кириллица, 中文, \u202eretourné\u202c, "
    "\x07cloche, nul\u00ad, ligature ﬁ, 1/2 ½, <b>balise</b> & {{ 7 }}"
)


def saturer(instantane, texte):
    """Le même, chaque texte libre remplacé par `texte` (les codes, dates et numéros restent)."""
    v = copy.deepcopy(instantane)
    for a in v["axes"]:
        a["parole"] = texte
        if "points_d_appui" in a:
            a["points_d_appui"] = [texte]
        for f in a["facteurs"]:
            f |= {"note": texte} if "note" in f else {}
    for d in v.get("dominos", []):
        d |= {"note": texte, "motif": texte}
    v["personne"] |= {"nom": texte[:120], "appel": texte[:80], "commune": texte[:80]}
    v["diagnostic"]["priorite"] = v["diagnostic"]["desaccord"] = texte
    if "sortie" in v:
        v["sortie"] |= {"parole": texte, "desaccord": texte}
        for r in v["sortie"]["risques"]:
            r |= {"relais": texte[:200], "signal": texte, "motif": texte}
    if "intervention" in v:
        v["intervention"]["objectif"] = texte[:1000]
        for a in v["intervention"]["actions"]:
            a |= {"intitule": texte[:300], "relais": texte[:200]}
            a["issue"]["note"] = texte
    return v
