"""Le cadre temporel d'une intervention figée : phrase, frise et tableau des événements. Fonctions pures."""

from datetime import date

from securisation.documents.instantane import nom_court
from securisation.documents.typographie import compte, en_date, jour, jour_abrege, periode
from securisation.socle import graphiques


def cadre_temporel(intervention: dict, fin: date, horizon: date | None = None) -> dict:
    """Phrase, frise (géométrie de `graphiques.frise`), sa description, et les événements qui ont déplacé le terme.

    `fin` : le jour où l'on regarde ; `horizon` : ce que la frise montre après lui (un plan), ou None (un bilan).
    """
    suspensions, prolongations = intervention.get("suspensions", []), intervention.get("prolongations", [])
    return {
        "phrase": _phrase(intervention, fin, suspensions, prolongations),
        "frise": _frise(intervention, fin, horizon or fin),
        "dit": _dit(intervention, horizon or fin, suspensions, prolongations),
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
        jours = compte(_jours_suspendus(intervention, fin), "jour")
        faits.append(f"{compte(len(suspensions), 'suspension')} ({jours})")
    if prolongations:
        mot = f"{compte(len(prolongations), 'prolongation')} validée{'s' if len(prolongations) > 1 else ''}"
        faits.append(f"{mot} ({compte(sum(p['jours'] for p in prolongations), 'jour')})")
    return f"{prevu}. Terme au {jour(intervention['terme'])}, après {' et '.join(faits)}."


def _jours_suspendus(intervention: dict, fin: date) -> int:
    """Jours de suspension écoulés au jour `fin` : ceux que le terme a gagnés."""
    bords = [(en_date(s["du"]), min(en_date(s.get("au")) or fin, fin)) for s in intervention.get("suspensions", [])]
    return sum(max((au - du).days, 0) for du, au in bords)


def _ecoule(intervention: dict, debut: date, au: date) -> str:
    """« 74 jours, dont 14 suspendus » : ce qui s'est passé du début à ce jour."""
    jours, suspendus = compte((au - debut).days, "jour"), _jours_suspendus(intervention, au)
    return f"{jours}, dont {suspendus} suspendu{'s' if suspendus > 1 else ''}" if suspendus else jours


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


def _frise(intervention: dict, fin: date, horizon: date) -> dict:
    """Une piste d'intervention, de suspension, de prolongation, puis une par démarche et les contacts de la personne."""
    debut, terme = en_date(intervention["demarre_le"]), en_date(intervention["terme"])
    initial = en_date(intervention.get("terme_avant_prolongation")) or terme
    tenu = {
        "du": debut,
        "au": min(initial, fin),
        "genre": "plein",
        "texte": _ecoule(intervention, debut, min(initial, fin)),
    }
    reste = [{"du": fin, "au": min(initial, horizon), "genre": "tirets"}] if horizon > fin and initial > fin else []
    suspendu = [
        {"du": en_date(s["du"]), "au": en_date(s.get("au")) or fin, "genre": "hachure", "texte": ""}
        for s in intervention.get("suspensions", [])
    ]
    prolonge = _prolonge(initial, terme, fin) if intervention.get("prolongations") else []
    lignes = [
        {"libelle": "Intervention", "fort": True, "segments": [tenu, *reste]},
        {"libelle": "Suspension", "segments": suspendu},
        {"libelle": "Prolongation", "segments": prolonge},
        *(_piste(n, a, fin, horizon) for n, a in enumerate(intervention.get("actions", []), start=1)),
        {
            "libelle": "Contacts de la personne",
            "vide": "Aucun",
            "points": [{"le": en_date(c), "genre": "losange"} for c in intervention.get("contacts", [])],
        },
    ]
    return graphiques.frise(debut, max(horizon, debut), lignes, aujourdhui=fin)


def _prolonge(initial: date, terme: date, fin: date) -> list[dict]:
    """La prolongation : pleine jusqu'au jour où l'on regarde, en tirets après."""
    passe = [{"du": initial, "au": min(terme, fin), "genre": "plein"}] if fin > initial else []
    return passe + ([{"du": max(initial, fin), "au": terme, "genre": "tirets"}] if terme > fin else [])


def _piste(n: int, a: dict, fin: date, horizon: date) -> dict:
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
    if not recue and attendue and fin < attendue <= horizon:
        segments.append({"du": fin, "au": attendue, "genre": "attente"})
    points = [{"le": demandee, "genre": "debut"}]
    points += [{"le": attendue, "genre": "attendu"}] if attendue and attendue <= horizon else []
    points.append({"le": bout, "genre": "fin" if recue else "attente"})
    return {"libelle": nom, "segments": segments, "points": points}
