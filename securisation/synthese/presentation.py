"""Du dossier lu à ce que la page écrit : étapes et boîte de temps, puis les gestes et les rubriques."""

from securisation.parcours.models import Parcours
from securisation.socle import graphiques, horloge
from securisation.socle.templatetags.jalon import date_breve, date_moyenne
from securisation.synthese.gestes import MOTS, bandeau, identite, valide
from securisation.synthese.rubriques import accords, actions, autour, documents, domino, evolution, frise

ENCORE = {
    "clos": "Plus rien ne s’y écrit ; une correction s’écrit en additif.",
    "non_admis": "La demande et la réponse donnée à la personne restent lisibles.",
}
ETAPES = [("Diagnostic", "diagnostic"), ("Intervention", "intervention"), ("Sortie", "sortie")]


def contexte_de_la_page(parcours, dossier, professionnel):
    """Contexte du gabarit `synthese/parcours.html`, dossier déjà lu."""
    peut = {mot: Parcours.autorise(professionnel, mot, parcours) for mot in MOTS}
    return {
        "parcours": parcours,
        "personne": parcours.personne,
        "dossier": dossier,
        "peut": peut,
        "identite": identite(parcours, dossier, peut),
        "etapes": etapes(parcours, dossier),
        "temps": boite(dossier),
        "fige_encore": ENCORE.get(parcours.etat, "Plus rien ne s’y écrit."),
        "bandeau": bandeau(parcours, dossier, peut),
        "evolution": evolution(dossier),
        "actions": actions(parcours, dossier),
        "domino": domino(dossier),
        "frise": frise(parcours, dossier),
        "accords": accords(dossier),
        "autour": autour(dossier),
        "documents": documents(dossier),
    }


def etapes(parcours, dossier):
    """Les trois phases, et où l'on en est, en mots."""
    rangs = {"diagnostic": 0, "intervention": 1, "sortie": 2, "clos": 3}
    ici = rangs.get(parcours.etat, _rang_atteint(dossier))
    suites = _suites(dossier)
    rendu = []
    for rang, (nom, code) in enumerate(ETAPES):
        etat = "faite" if rang < ici else "ici" if rang == ici and not parcours.est_fige else ""
        mot = {"faite": "Terminé" if code != "sortie" else "Validée", "ici": "En cours", "": "À venir"}[etat]
        rendu.append({"nom": nom, "etat": etat, "mot": mot, "suite": suites.get(code) if etat else ""})
    return rendu


def _rang_atteint(dossier):
    return 2 if dossier["sortie"] else 1 if dossier["intervention"] else 0 if dossier["diagnostics"] else -1


def _suites(dossier):
    fait, intervention, sortie = valide(dossier), dossier["intervention"], dossier["sortie"]
    suites = {}
    if fait:
        suites["diagnostic"] = f"le {date_moyenne(fait['valide_le'])}"
    if intervention:
        fin = intervention["terminee_le"] or intervention["terme"]
        suites["intervention"] = f", du {date_breve(intervention['demarre_le'])} au {date_breve(fin)}"
    if sortie and sortie["validee_le"]:
        suites["sortie"] = f"le {date_moyenne(sortie['validee_le'])}"
    return suites


def boite(dossier):
    """La boîte de temps de l'intervention en cours, ou None."""
    intervention = dossier["intervention"]
    if not intervention or intervention["etat"] == "terminee":
        return None
    accordees = [p for p in intervention["prolongations"] if p["etat"] == "approuvee"]
    jalons = [{"date": p["decidee_le"], "libelle": f"Prolongation de {p['jours']} j", "fait": True} for p in accordees]
    suspensions = [(s["du"], s["au"]) for s in intervention["suspensions"]]
    g = graphiques.boite_de_temps(
        intervention["demarre_le"], intervention["terme"], horloge.aujourd_hui(), jalons, suspensions
    )
    desc = f"Intervention du {date_moyenne(intervention['demarre_le'])} au {date_moyenne(intervention['terme'])}."
    return {"g": g, "terme": intervention["terme"], "suspendue": intervention["etat"] == "suspendue", "desc": desc}
