"""Le cadre temporel d'une intervention figée : phrase, frise et tableau des événements. Fonctions pures."""

from datetime import date

from securisation.documents.instantane import nom_court
from securisation.documents.typographie import compte, en_date, jour, jour_abrege, periode
from securisation.socle import graphiques


def cadre_temporel(intervention: dict, fin: date) -> dict:
    """Phrase, frise (géométrie de `graphiques.frise`), sa description, et les événements qui ont déplacé le terme."""
    suspensions, prolongations = intervention.get("suspensions", []), intervention.get("prolongations", [])
    return {
        "phrase": _phrase(intervention, fin, suspensions, prolongations),
        "frise": _frise(intervention, fin),
        "dit": _dit(intervention, fin, suspensions, prolongations),
        "evenements": [_suspension(s) for s in suspensions] + [_prolongation(p) for p in prolongations],
        "contacts": len(intervention.get("contacts", [])),
    }


def dates(debut, fin) -> str:
    """« 24 juillet au 5 novembre 2026 », ou le jour seul quand tout tient en un jour."""
    return jour(debut) if en_date(debut) == en_date(fin) else periode(debut, fin)


def _phrase(intervention: dict, fin: date, suspensions: list, prolongations: list) -> str:
    prevu = f"{compte(intervention['duree_jours'], 'jour')} prévus à partir du {jour(intervention['demarre_le'])}"
    if not suspensions and not prolongations:
        return f"{prevu}. Terme au {jour(intervention['terme'])}, inchangé : aucune suspension, aucune prolongation."
    faits = []
    if suspensions:
        faits.append(compte(len(suspensions), "suspension"))
    if prolongations:
        faits.append(f"{compte(len(prolongations), 'prolongation')} validée{'s' if len(prolongations) > 1 else ''}")
    return f"{prevu}. Terme au {jour(intervention['terme'])}, après {' et '.join(faits)}."


def _dit(intervention: dict, fin: date, suspensions: list, prolongations: list) -> str:
    return (
        f"Frise du cadre temporel, {dates(intervention['demarre_le'], fin)} : "
        f"{compte(intervention['duree_jours'], 'jour')} prévus, {compte(len(suspensions), 'suspension')}, "
        f"{compte(len(prolongations), 'prolongation')}, {compte(len(intervention.get('actions', [])), 'démarche')}, "
        f"{compte(len(intervention.get('contacts', [])), 'contact')} à l’initiative de la personne. Les dates sont aux tableaux."
    )


def _suspension(s: dict) -> dict:
    return {
        "quoi": "Suspension",
        "dates": dates(s["du"], s["au"]) if s.get("au") else f"depuis le {jour(s['du'])}",
        "motif": s.get("motif") or "Non précisé",
        "valide": "Sans objet",
        "terme": jour(s.get("terme")),
    }


def _prolongation(p: dict) -> dict:
    return {
        "quoi": "Prolongation",
        "dates": compte(p["jours"], "jour"),
        "motif": p.get("motif") or "Non précisé",
        "valide": jour_abrege(p.get("validee_le")) or "Non",
        "terme": jour(p.get("terme")),
    }


def _frise(intervention: dict, fin: date) -> dict:
    """Une piste d'intervention, de suspension, de prolongation, puis une par démarche et les contacts de la personne."""
    debut, terme = en_date(intervention["demarre_le"]), en_date(intervention["terme"])
    initial = en_date(intervention.get("terme_avant_prolongation")) or terme
    tenu = {
        "du": debut,
        "au": min(initial, fin),
        "genre": "plein",
        "texte": f"{(min(initial, fin) - debut).days} jours",
    }
    suspendu = [
        {"du": en_date(s["du"]), "au": en_date(s.get("au")) or fin, "genre": "hachure", "texte": ""}
        for s in intervention.get("suspensions", [])
    ]
    prolonge = [{"du": initial, "au": terme, "genre": "tirets"}] if intervention.get("prolongations") else []
    lignes = [
        {"libelle": "Intervention", "fort": True, "segments": [tenu]},
        {"libelle": "Suspension", "segments": suspendu},
        {"libelle": "Prolongation", "segments": prolonge},
        *(_piste(n, a, fin) for n, a in enumerate(intervention.get("actions", []), start=1)),
        {
            "libelle": "Contacts de la personne",
            "vide": "Aucun",
            "points": [{"le": en_date(c), "genre": "losange"} for c in intervention.get("contacts", [])],
        },
    ]
    return graphiques.frise(debut, max(fin, debut), lignes, aujourdhui=fin)


def _piste(n: int, a: dict, fin: date) -> dict:
    """Une démarche : de sa demande à sa réponse (ou à la fin du parcours), retard en pointillé."""
    demandee, attendue = en_date(a.get("demandee_le")), en_date(a.get("attendue_le"))
    recue = en_date((a.get("issue") or {}).get("le"))
    nom = f"{n}. {nom_court(a.get('levier') or a['intitule'])}"
    if demandee is None:
        return {"libelle": nom, "vide": "Non demandée"}
    bout = recue or fin
    segments = [{"du": demandee, "au": min(attendue or bout, bout), "genre": "trait"}]
    if attendue and attendue < bout:
        segments.append({"du": attendue, "au": bout, "genre": "retard"})
    points = [{"le": demandee, "genre": "debut"}]
    points += [{"le": attendue, "genre": "attendu"}] if attendue and attendue <= fin else []
    points.append({"le": bout, "genre": "fin" if recue else "attente"})
    return {"libelle": nom, "segments": segments, "points": points}
