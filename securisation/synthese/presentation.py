"""Du dossier lu à ce que la page écrit : étapes et boîte de temps, puis les gestes et les rubriques."""

from django.urls import reverse

from interventions import bornage
from securisation.socle import graphiques, horloge
from securisation.socle.templatetags.jalon import date_breve, date_moyenne
from securisation.synthese.dus import lire_comptes
from securisation.synthese.filtres import lire_filtres
from securisation.synthese.gestes import MOTS, bandeau, brouillon, identite, lier, valide
from securisation.synthese.liste import lire_liste
from securisation.synthese.rubriques import accords, actions, autour, documents, domino, evolution, frise, pieces

# Le cadre de « Mes parcours » que htmx remplace, et son gabarit.
CADRES = {"liste": "synthese/_liste.html", "a-faire": "synthese/_a_faire.html"}
ENCORE = {
    "clos": "Plus rien ne s’y écrit ; une correction s’écrit en additif, et un accord peut encore être retiré.",
    "non_admis": "La demande reste lisible ; la réponse donnée à la personne se note encore, un accord se retire encore.",
}
# Nom, code, et les mots de l'étape : faite, interrompue, jamais ouverte.
ETAPES = [
    ("Diagnostic", "diagnostic", "Validé", "Interrompu", "Non ouvert"),
    ("Intervention", "intervention", "Terminée", "Interrompue", "Non ouverte"),
    ("Sortie", "sortie", "Validée", "Interrompue", "Non ouverte"),
]


def contexte_de_la_liste(professionnel, adresse):
    """Contexte de « Mes parcours » : la liste filtrée, ce qui est dû et son geste, les compteurs qui filtrent. Deux requêtes."""
    filtres = lire_filtres(adresse)
    lignes, suite = lire_liste(professionnel, phase=filtres.phase, temps=filtres.temps, apres=filtres.apres)
    comptes = lire_comptes(professionnel, faire=filtres.faire)
    lier(comptes.a_faire)
    return {
        "jour": horloge.aujourd_hui(),
        "filtres": filtres,
        "lignes": lignes,
        "suivant": filtres.adresse(apres=suite) if suite else "",
        "comptes": comptes,
        "segments": filtres.segments(comptes),
        "temps_comptes": filtres.temps_comptes(comptes),
        "sortes": filtres.sortes(comptes),
        "voir_tout": filtres.adresse(faire="tout"),
        "agenda": reverse("synthese:agenda") if professionnel.equipe_id or professionnel.equipes_supervisees else "",
        "echeances_depassees": comptes.retards,
    }


def contexte_de_la_page(parcours, dossier, professionnel):
    """Contexte du gabarit `synthese/parcours.html`, dossier déjà lu."""
    peut = {mot: parcours.permet(professionnel, mot) for mot in MOTS}
    return {
        "parcours": parcours,
        "personne": parcours.personne,
        "dossier": dossier,
        "peut": peut,
        "identite": identite(parcours, dossier, peut),
        "etapes": etapes(parcours, dossier),
        "temps": boite(parcours, dossier),
        "fige_encore": ENCORE.get(parcours.etat, "Plus rien ne s’y écrit, hors le retrait d’un accord."),
        "bandeau": bandeau(parcours, dossier, peut),
        "evolution": evolution(dossier),
        "actions": actions(parcours, dossier),
        "domino": domino(dossier),
        "frise": frise(parcours, dossier),
        "accords": accords(dossier),
        "autour": autour(dossier),
        "documents": documents(dossier),
        "pieces": pieces(dossier),
    }


def etapes(parcours, dossier):
    """Les trois phases, et où l'on en est, en mots."""
    rangs = {"diagnostic": 0, "intervention": 1, "sortie": 2, "clos": 3}
    ici = rangs.get(parcours.etat, _rang_atteint(dossier))
    suites = _suites(parcours, dossier)
    rendu = []
    for rang, (nom, code, fait, arrete, jamais) in enumerate(ETAPES):
        commencee = rang <= ici
        validee = rang < ici or (code == "diagnostic" and valide(dossier) and not brouillon(dossier))
        if parcours.est_fige:
            etat, mot = ("faite", fait) if validee else ("", arrete if commencee else jamais)
        else:
            etat = "faite" if rang < ici else "ici" if commencee else ""
            mot = fait if validee else "En cours" if commencee else "À venir"
        rendu.append({"nom": nom, "etat": etat, "mot": mot, "suite": suites.get(code, "") if commencee else ""})
    return rendu


def _rang_atteint(dossier):
    return 2 if dossier["sortie"] else 1 if dossier["intervention"] else 0 if dossier["diagnostics"] else -1


def _suites(parcours, dossier):
    fait, intervention, sortie = valide(dossier), dossier["intervention"], dossier["sortie"]
    suites = {}
    if fait:
        debut = ", une version validée " if brouillon(dossier) else ""
        suites["diagnostic"] = f"{debut}le {date_moyenne(fait['valide_le'])}"
    if intervention:
        arret = intervention["terminee_le"] or (sortie and sortie["ouverte_le"]) or parcours.clos_le
        fin = arret or intervention["terme"]
        suites["intervention"] = f", du {date_breve(intervention['demarre_le'])} au {date_breve(fin)}"
    if sortie and sortie["validee_le"]:
        suites["sortie"] = f"le {date_moyenne(sortie['validee_le'])}"
    return suites


def boite(parcours, dossier):
    """La boîte de temps de l'intervention en cours, ou None : la sortie ouverte, ou le parcours interrompu, son temps ne compte plus."""
    intervention = dossier["intervention"]
    if parcours.est_fige or not intervention or intervention["etat"] == "terminee" or dossier["sortie"]:
        return None
    accordees = [p for p in intervention["prolongations"] if p["etat"] == "approuvee"]
    jalons = [{"date": p["decidee_le"], "libelle": f"Prolongation de {p['jours']} j", "fait": True} for p in accordees]
    if not jalons:
        reperes = bornage.jalons(intervention["demarre_le"], intervention["terme"])
        jalons = [{"date": le, "libelle": nom, "fait": le <= horloge.aujourd_hui()} for le, nom in reperes]
    suspensions = [(s["du"], s["au"]) for s in intervention["suspensions"]]
    g = graphiques.boite_de_temps(
        intervention["demarre_le"], intervention["terme"], horloge.aujourd_hui(), jalons, suspensions
    )
    desc = f"Intervention du {date_moyenne(intervention['demarre_le'])} au {date_moyenne(intervention['terme'])}."
    return {"g": g, "terme": intervention["terme"], "suspendue": intervention["etat"] == "suspendue", "desc": desc}


def accueil_ailleurs(compte):
    """La route d'accueil de qui n'a pas de liste de parcours (financeur, partenaire) ; "" pour les autres."""
    if compte.est_financeur:
        return "pilotage:editions"
    return "coordination:partages" if compte.est_partenaire else ""
