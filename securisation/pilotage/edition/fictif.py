"""Des nombres inventés : la démonstration et les essais en vivent, aucune personne n'y est comptée. Toujours les mêmes."""

from securisation.pilotage.attaque import SEUIL
from securisation.pilotage.tableaux import PETIT, PROTEGE

ANNEE_A_PEU_PRES = 0.99
_NIVEAUX = (("3-4", "3–4"), ("2", "2"), ("0-1", "0–1"))
# Par axe : les passages d'un niveau d'entrée (ligne) à un niveau de sortie (colonne), les totaux d'entrée et de sortie.
_FLUX = {
    "ADM": ("Administratif et juridique", [[15, 30, 40], [PROTEGE, PROTEGE, 35], [PETIT, PROTEGE, 20]], [85, 65, 35], [35, 55, 95]),
    "BUD": ("Budget", [[40, 45, 25], [PROTEGE, PROTEGE, 20], [PETIT, PROTEGE, 15]], [105, 50, 30], [55, 75, 55]),
    "LOG": (
        "Logement et conditions matérielles",
        [[15, 25, 25], [PETIT, PROTEGE, 25], [PETIT, PROTEGE, 40]], [65, 60, 60], [25, 70, 90],
    ),
    "ORG": (
        "Organisation fonctionnelle du quotidien",
        [[PETIT, PROTEGE, 15], [15, 25, 30], [PETIT, PROTEGE, 65]], [40, 70, 80], [25, 55, 110],
    ),
    "PRO": (
        "Trajectoire professionnelle ou formation",
        [[35, 35, 15], [PROTEGE, PROTEGE, 20], [PETIT, PROTEGE, 15]], [85, 65, 35], [55, 80, 50],
    ),
}  # fmt: skip
_REPONSES = (("en_cours", "En cours"), ("silence", "Sans réponse"), ("aboutie", "Abouties"), ("refus", "Refus"))
_LEVIERS = (
    ("CAF", "CAF : RSA, prime d’activité, aides au logement", 120, [PETIT, 20, 75, PROTEGE]),
    ("CPAM", "CPAM : droits de base et carte Vitale", 105, [PROTEGE, 15, 80, PETIT]),
    ("CCAS", "CCAS : aide légale, aide facultative, domiciliation", 95, [PROTEGE, PETIT, 60, 15]),
    ("FSL", "Fonds de solidarité pour le logement", 70, [PROTEGE, PETIT, 40, 15]),
    ("SSD", "Service social départemental", 65, [PETIT, PROTEGE, 50, PETIT]),
    ("FS", "France services", 60, [PETIT, PETIT, 50, PETIT]),
    ("MDPH", "MDPH ou MDA", 50, [20, PROTEGE, 15, PETIT]),
    ("BDF", "Banque de France, surendettement", 45, [PROTEGE, PETIT, 25, PETIT]),
)
_LISTES = (
    ("origines", "personnes", "Comment elles sont venues", "recues", "liste", 310, (
        ("OR-01", "Établissement de santé, service social hospitalier", 115), ("OR-03", "DAC", 45),
        ("OR-06", "Service social départemental", 40), ("OR-07", "CCAS ou CIAS", 35), ("OR-20", "La personne elle-même", 30),
        ("OR-09", "France services ou point-justice", 20), ("OR-12", "Bailleur social", PROTEGE),
        ("OR-14", "France Travail, Cap emploi", PETIT),
    )),
    ("qualification", "personnes", "Ce qui a été répondu", "recues", "liste", 310, (
        ("admise", "Admises", 240), ("non_admise", "Non admises, orientées vers un autre service", 55), ("attente", "En attente", PROTEGE),
    )),
    ("orientations", "personnes", "Vers qui les demandes non admises sont orientées", "refuses", "liste", 55, (
        ("SSD", "Service social départemental", 20), ("CCAS", "CCAS : aide légale, aide facultative, domiciliation", 15),
        ("FS", "France services", PROTEGE), ("MDPH", "MDPH ou MDA", PETIT),
    )),
    ("publics", "personnes", "Publics", "accompagnes", "multiple", 240, (
        ("PUB-03", "Personnes précaires ayant un logement", 90), ("PUB-04", "Travailleurs pauvres, indépendants en difficulté", 60),
        ("PUB-06", "Familles monoparentales et parents isolés", 55), ("PUB-21", "Personnes isolées en territoire rural", 50),
        ("PUB-09", "Personnes vieillissantes en situation de précarité", 40), ("PUB-17", "Proches aidants", 15),
        ("PUB-14", "Personnes sous main de justice ou sortant de détention", PETIT),
    )),
    ("territoires", "personnes", "Intercommunalités", "accompagnes", "liste", 240, (
        ("245300223", "Laval Agglomération", 120), ("200048551", "Mayenne Communauté", 55), ("200042182", "Pays de Château-Gontier", 40),
        ("autres", "Autres", 25),
    )),
    ("facteurs", "diagnostic", "Facteurs de rupture à l’entrée", "accompagnes", "multiple", 240, (
        ("ADM-01", "Droits à faire valoir ou à renouveler", 135), ("BUD-01", "Perte ou baisse de ressources", 130),
        ("LOG-01", "Impayé de loyer ou d’énergie", 85), ("PRO-01", "Emploi menacé ou suspendu", 80),
        ("ORG-01", "Quotidien qui ne tient plus seul", 75), ("reserve", "Ce qui révèlerait la santé, réuni", 60),
    )),
    ("dominos", "diagnostic", "Enchaînements surveillés", "accompagnes", "multiple", 240, (
        ("D-1", "Baisse de ressources, puis impayé de loyer", 65), ("D-2", "Droit non renouvelé, puis baisse de ressources", 60),
        ("D-3", "Emploi suspendu, puis baisse de ressources", 45), ("D-4", "Impayé de loyer, puis menace d’expulsion", PROTEGE),
        ("reserve", "Ce qui révèlerait la santé, réuni", PETIT),
    )),
    ("delais", "moyens", "Délais de réponse", "accompagnes", "multiple", 240, (
        ("15", "Quinze jours au plus", 130), ("30", "Seize à trente jours", 95), ("60", "Trente et un à soixante jours", 60),
        ("plus", "Plus de soixante jours", 25), ("sans", "Sans réponse à ce jour", 45),
    )),
    ("substitution", "moyens", "Qui fait les démarches", "accompagnes", "multiple", 240, (
        ("personne", "La personne seule", 120), ("ensemble", "La personne avec le dispositif", 190), ("tiers", "Un tiers mandaté", 30),
        ("dispositif", "Le dispositif seul, écart justifié", 15),
    )),
    ("durees", "temps", "Durée de l’intervention, à la fin du parcours", "fins", "liste", 185, (
        ("30", "Trente jours au plus", 20), ("60", "Trente et un à soixante jours", 45),
        ("90", "Soixante et un à quatre-vingt-dix jours", 60), ("120", "Quatre-vingt-onze à cent vingt jours", 40),
        ("plus", "Plus de cent vingt jours", PROTEGE), ("sans", "Sans intervention", PETIT),
    )),
    ("suspensions", "temps", "Interventions suspendues", "fins", "liste", 185, (
        ("oui", "Au moins une suspension", 25), ("non", "Aucune", 160),
    )),
    ("prolongations", "temps", "Prolongations", "accompagnes", "liste", 240, (
        ("aucune", "Aucune demandée", 175), ("demandee", "Demandée, non approuvée", PETIT), ("approuvee", "Approuvée", 35),
        ("sans", "Sans intervention", PROTEGE),
    )),
    ("sorties", "sorties", "Comment les parcours se sont terminés", "fins", "liste", 185, (
        ("MS-01", "Objectifs atteints, relais de droit commun confirmé", 75),
        ("MS-02", "Objectifs partiellement atteints, relais organisé", 55),
        ("MS-03", "Relais pris par un référent de droit commun", 25), ("MS-04", "Fin du cadre temporel", 15),
        ("MS-05", "Demande de la personne", PETIT), ("MS-06", "Perte de contact, après relances tracées", PROTEGE),
    )),
    ("relais", "sorties", "Relais à la sortie", "fins", "multiple", 185, (
        ("confirme", "Au moins un relais a confirmé", 155), ("nomme", "Un relais nommé n’a pas encore confirmé", 35),
        ("assume", "Un risque assumé, sans relais", PETIT),
    )),
    ("risques", "sorties", "Risques qui restent à la sortie", "fins", "multiple", 185, (
        ("RR-01", "Dépendance à une aide ponctuelle", 45), ("RR-02", "Droit à renouveler dans l’année", 40),
        ("RR-03", "Logement inadapté", PETIT),
    )),
)  # fmt: skip


def contenu(perimetre=None, *, moins=0, periode=None):
    """Un contenu « figures/1 » inventé, à la mesure de `periode` (premier jour, dernier jour ; une année sinon).

    `moins` : ce que l'édition précédente comptait de moins en demandes reçues, dans chacun de leurs tableaux.
    """
    listes = [_liste(*ligne, moins=moins) for ligne in _LISTES]
    tableaux = [
        _nombre("personnes", "Parcours accompagnés", "accompagnes", 240),
        _nombre("demarches", "Démarches engagées", "demarches", 610, "moyens") | {"unite": "démarches"},
        _nombre("demandes", "Demandes reçues", "recues", 310 - moins),
        *(t for t in listes if t["chapitre"] in ("personnes", "diagnostic")),
        *map(_flux, _FLUX),
        _leviers(),
        *(t for t in listes if t["chapitre"] not in ("personnes", "diagnostic")),
        _refuse(),
    ]
    du, au = periode or (None, None)
    if periode and (part := ((au - du).days + 1) / 365) < ANNEE_A_PEU_PRES:
        tableaux = [_a_la_mesure(tableau, part) for tableau in tableaux]
    return {
        "schema": "figures/1",
        "perimetre": perimetre or {},
        "calcule_le": "2026-03-02T09:00:00+01:00",
        "tableaux": tableaux,
        "mots": [
            {"texte": "On m’a expliqué le courrier, et c’est moi qui ai appelé.", "axe": "ADM"},
            {"texte": "Je sais maintenant à qui demander si ça recommence.", "axe": ""},
        ],
    }


def non_joue():
    """Ce que garde une édition fictive : rien n'y est compté, aucune attaque n'y est jouée."""
    return {"publiable": True, "pourquoi": "", "refuses": []}


def rapport():
    """Un rapport d'attaquant inventé, pour les essais."""
    return {
        "cellules": 214, "petites": 24, "exactes": 0, "serrees": 0, "masquees": 27, "publiable": True, "pourquoi": "",
        "refuses": [{
            "code": "departements", "pourquoi": "Un département ne compte que quelques personnes : il se retrouverait par soustraction.",
            "proposition": "Publier les départements réunis, ou une période plus longue.",
        }],
    }  # fmt: skip


def _a_la_mesure(tableau, part):
    """Le même tableau pour une part de l'année ; une ligne où un seul nombre serait caché en cache un second."""
    lignes = [
        ligne | {"valeur": _reduire(ligne["valeur"], part)}
        | ({"valeurs": _jamais_seul([_reduire(v, part) for v in ligne["valeurs"]])} if "valeurs" in ligne else {})
        for ligne in tableau["lignes"]
    ]  # fmt: skip
    if tableau["forme"] == "liste":
        valeurs = _jamais_seul([ligne["valeur"] for ligne in lignes])
        lignes = [ligne | {"valeur": valeur} for ligne, valeur in zip(lignes, valeurs, strict=True)]
    reduit = tableau | {"total": _reduire(tableau["total"], part), "lignes": lignes}
    return reduit | {"totaux": [_reduire(v, part) for v in tableau["totaux"]]} if "totaux" in tableau else reduit


def _reduire(valeur, part):
    if not isinstance(valeur, int):
        return valeur
    return max(15, 5 * round(valeur * part / 5)) if valeur * part >= SEUIL else PETIT


def _jamais_seul(valeurs):
    nombres = [valeur for valeur in valeurs if isinstance(valeur, int)]
    if len(nombres) != len(valeurs) - 1 or not nombres:
        return valeurs
    rang = valeurs.index(min(nombres))
    return [PROTEGE if ou == rang else valeur for ou, valeur in enumerate(valeurs)]


def _base(code, chapitre, titre, univers, forme, total):
    tete = {"code": code, "chapitre": chapitre, "titre": titre, "unite": "parcours", "univers": univers}
    return tete | {"forme": forme, "total": total, "regroupe": False, "refus": ""}


def _liste(code, chapitre, titre, univers, forme, total, lignes, *, moins=0):
    rendues = [{"code": cle, "libelle": libelle, "valeur": valeur} for cle, libelle, valeur in lignes]
    if univers == "recues":
        total -= moins
    if code == "origines":  # « Ce qui a été répondu » : ce qui manquait attendait encore
        rendues[0]["valeur"] -= moins
    return _base(code, chapitre, titre, univers, forme, total) | {"lignes": rendues}


def _flux(code):
    titre, valeurs, entrees, sorties = _FLUX[code]
    lignes = [
        {"code": cle, "libelle": libelle, "valeur": entrees[i], "valeurs": valeurs[i]}
        for i, (cle, libelle) in enumerate(_NIVEAUX)
    ]
    colonnes = [{"code": cle, "libelle": libelle} for cle, libelle in _NIVEAUX]
    base = _base(f"flux-{code}", "diagnostic", titre, "cotes", "flux", 185)
    return base | {"lignes": lignes, "colonnes": colonnes, "totaux": sorties}


def _leviers():
    lignes = [{"code": c, "libelle": nom, "valeur": total, "valeurs": v} for c, nom, total, v in _LEVIERS]
    colonnes = [{"code": cle, "libelle": libelle} for cle, libelle in _REPONSES]
    base = _base("leviers", "moyens", "Leviers mobilisés et réponses reçues", "accompagnes", "croise", 240)
    return base | {"lignes": lignes, "colonnes": colonnes}


def _nombre(code, titre, univers, total, chapitre="personnes"):
    return _base(code, chapitre, titre, univers, "nombre", total) | {"lignes": []}


def _refuse():
    base = _base("departements", "personnes", "Départements", "accompagnes", "liste", None)
    pourquoi = "Un département ne compte que quelques personnes : il se retrouverait par soustraction."
    return base | {"lignes": [], "refus": pourquoi}
