"""Lire un contenu protégé : ce que la page, le PDF et le classeur montrent, et les phrases. Fonctions pures.

Toute phrase et tout dessin se calculent des nombres publiés, et se taisent quand il en manque un.
"""

from datetime import date

from securisation.pilotage.tableaux import PETIT, PROTEGE
from securisation.socle.graphiques import flux
from securisation.socle.graphiques.mesures import texte
from securisation.socle.templatetags.jalon import date_moyenne, nombre

ENSEMBLE = 4  # au-delà, les lignes « ≤ 10 » d'un tableau se disent ensemble
MOTS = {PETIT: "≤ 10", PROTEGE: "protégé"}
CHAPITRES = {
    "personnes": "Les personnes, et comment elles sont venues",
    "diagnostic": "Ce que les diagnostics ont trouvé",
    "flux": "Niveaux à l’entrée et à la sortie",
    "moyens": "Leviers mobilisés et réponses reçues",
    "temps": "Le temps de l’intervention",
    "sorties": "Comment les parcours se sont terminés",
}
# Ce que dit le bloc « L'essentiel » : tableau, ligne (« » : son total), intitulé, précision. Un tableau absent ou refusé se tait.
ESSENTIEL = (
    ("demandes", "", "Demandes reçues", "sur la période"),
    ("personnes", "", "Parcours accompagnés", "un parcours est l’accompagnement d’une personne"),
    ("sorties", "", "Parcours terminés", "sur la période"),
    ("demarches", "", "Démarches engagées", "auprès des services de droit commun"),
    ("relais", "confirme", "Sorties avec un relais confirmé", "par celui qui prend la suite"),
    ("prolongations", "approuvee", "Prolongations approuvées", "toutes motivées et plafonnées"),
)
LIRE = (
    ("« ≤ 10 »", "de zéro à dix. Un si petit nombre pourrait permettre de reconnaître quelqu’un."),
    ("« protégé »", "ce nombre n’est pas publié : il permettrait d’en retrouver un plus petit par soustraction."),
    (
        "Arrondi",
        "chaque nombre, et chaque total, est arrondi à 5 près séparément. Un total peut différer de la somme de ses lignes.",
    ),
)
METHODE = (
    "Les nombres comptent des parcours : l’accompagnement d’une personne, de son orientation à sa sortie, d’après le dossier que "
    "tiennent les professionnels.",
    "Les mêmes parcours donnent toujours le même nombre, dans cette édition comme dans les autres.",
    "Les personnes qui se sont opposées aux statistiques ne sont pas comptées.",
    "Ce qui révèle la santé n’est dit qu’en une seule ligne, jamais en détail. Aucune moyenne n’est publiée.",
    "Avant de paraître, chaque édition est attaquée par un calcul qui la combine à toutes celles déjà publiées, de tous les "
    "financeurs, pour vérifier qu’aucun petit nombre ne s’en déduit.",
    "Une édition publiée ne change plus. Une correction est une nouvelle édition, qui dit ce qui change.",
)
NE_DIT_PAS = (
    "Le dispositif s’engage sur les moyens, pas sur les résultats : un niveau qui baisse ou qui monte ne mesure pas à lui seul son effet.",
    "Les personnes n’ont pas été comparées à d’autres qui n’auraient pas été accompagnées.",
    "Les cinq axes ne s’additionnent pas et ne forment jamais une moyenne ni une note.",
    "Rien n’y classe des professionnels, des équipes ou des partenaires. Un refus ou un silence ne dit pas qui en est cause.",
    "Un territoire ou un public avec peu de nombres n’est pas forcément un territoire avec peu de besoins.",
)
ATTAQUE = METHODE[4]
NON_JOUEE = "Édition fictive : nombres inventés, attaque non jouée."
FICTIVE = "Nombres inventés pour la démonstration : ils ne comptent aucune personne réelle."


def methode(edition):
    """La méthode d'une édition ; une édition fictive n'a pas été attaquée, et ne le dit pas."""
    return tuple(NON_JOUEE if phrase == ATTAQUE else phrase for phrase in METHODE) if edition.fictive else METHODE


def valeur_dite(valeur):
    """« 85 », « ≤ 10 », « protégé », « – » quand le tableau n'en a pas."""
    return MOTS.get(valeur, "–") if not _publie(valeur) else nombre(valeur)


def environ(valeur):
    """« environ 85 », ou le mot de ce qui n'est pas publié."""
    return f"environ {nombre(valeur)}" if _publie(valeur) else valeur_dite(valeur)


def est_montre(tableau):
    """Vrai si le tableau est publié."""
    return not tableau.get("refus")


def _publie(valeur):
    return isinstance(valeur, int) and not isinstance(valeur, bool)


def titre_de(edition):
    """« Sécurisation des parcours post-santé, année 2025 »."""
    return f"Sécurisation des parcours post-santé, {periode_dite(edition.du, edition.au)}"


def periode_dite(du, au):
    """« année 2025 » pour une année entière, sinon « du 1 mars au 30 juin 2025 »."""
    if (du.month, du.day, au.month, au.day) == (1, 1, 12, 31) and du.year == au.year:
        return f"année {du.year}"
    return jours(du, au)


def jours(du, au):
    """« du 1 mars 2025 au 30 juin 2025 »."""
    return f"du {date_moyenne(du)} au {date_moyenne(au)}"


def fiche(definition):
    """Ce que l'édition couvre, en mots : la convention figée avec elle."""
    convention, libelles, cles = definition["convention"], definition["libelles"], definition["cles"]
    du, au = (date.fromisoformat(convention[cle]) for cle in ("du", "au"))
    territoire = [*libelles["equipes"], *libelles["departements"]]
    return {
        "financeur": convention["financeur"],
        "convention": convention["numero"],
        "convention_periode": jours(du, au),
        "du": date.fromisoformat(cles["du"]),
        "au": date.fromisoformat(cles["au"]),
        "territoire": territoire or ["Tout le territoire de l’association"],
        "objet_paye": convention["objet_paye"],
        "objectifs": libelles["objectifs"],
        "publics": libelles["publics"],
        "origines": libelles["origines"],
    }


def presenter(contenu, titres=None, cles=ESSENTIEL):
    """Le contenu prêt à montrer : {"essentiel", "chapitres": [{code, titre, tableaux}], "refuses"}.

    `titres` : les chapitres d'un autre rapport que l'édition (code → titre) ; `cles` : ce que dit son bloc « L'essentiel ».
    """
    tableaux = contenu.get("tableaux", [])
    montres = [_tableau(tableau) for tableau in tableaux if est_montre(tableau) and not _est_deja_dit(tableau, cles)]
    chapitres = [
        {"code": code, "titre": titre, "tableaux": [t for t in montres if t["chapitre"] == code]}
        for code, titre in (titres or CHAPITRES).items()
    ]
    return {
        "essentiel": _essentiel(tableaux, cles),
        "chapitres": [chapitre for chapitre in chapitres if chapitre["tableaux"]],
        "refuses": _refuses(tableaux),
        "mots": [mot["texte"] for mot in contenu.get("mots", [])],
    }


SORT_D_UN_TABLEAU = ("code", "chapitre", "titre", "unite", "forme", "regroupe", "total", "colonnes", "lignes", "totaux")
SORT_D_UNE_LIGNE = ("code", "libelle", "valeur", "valeurs")


def publie(contenu):
    """Ce qui sort d'un contenu en pièce jointe : ce que la page dit, rien de plus.

    D'une ligne réunie, ni ses codes (l'attaquant seul les lit) ; d'un tableau refusé, son titre et sa raison ; d'une phrase, son texte.
    """
    sorti = {
        "tableaux": [_publie_du_tableau(tableau) for tableau in contenu["tableaux"] if est_montre(tableau)],
        "refuses": _refuses(contenu["tableaux"]),
    }
    return sorti | ({"mots": [mot["texte"] for mot in contenu["mots"]]} if "mots" in contenu else {})


def _refuses(tableaux):
    return [{"titre": t["titre"], "pourquoi": t["refus"]} for t in tableaux if not est_montre(t)]


def _publie_du_tableau(tableau):
    sorti = {nom: tableau[nom] for nom in SORT_D_UN_TABLEAU if tableau.get(nom) not in (None, [])}
    if "lignes" in sorti:
        lignes = sorti["lignes"]
        sorti["lignes"] = [{nom: ligne[nom] for nom in SORT_D_UNE_LIGNE if nom in ligne} for ligne in lignes]
    return sorti


def _est_deja_dit(tableau, cles):
    """Vrai pour un nombre seul, que « L'essentiel » dit déjà."""
    return tableau["forme"] == "nombre" and any(code == tableau["code"] for code, *_ in cles)


def _essentiel(tableaux, cles):
    par_code = {tableau["code"]: tableau for tableau in tableaux if est_montre(tableau)}
    lues = [(fiche, _lu(par_code.get(fiche[0]), fiche[1])) for fiche in cles]
    return [
        {"titre": titre, "valeur": environ(valeur), "precision": precision}
        for (_, _, titre, precision), valeur in lues
        if valeur is not None
    ]


def _lu(tableau, ligne):
    """La valeur d'une ligne de ce tableau, ou son total ; None s'il n'est pas publié ou n'a pas cette ligne."""
    if tableau is None or not ligne:
        return tableau and tableau.get("total")
    return next((rangee.get("valeur") for rangee in tableau["lignes"] if rangee["code"] == ligne), None)


def _tableau(tableau):
    """Un tableau et de quoi le montrer selon sa forme."""
    forme = tableau["forme"]
    montre = {
        "code": tableau["code"],
        "chapitre": "flux" if forme == "flux" else tableau.get("chapitre", "personnes"),
        "forme": forme,
        "titre": tableau["titre"],
        "unite": tableau.get("unite", "parcours"),
        "regroupe": bool(tableau.get("regroupe")),
        "total": valeur_dite(tableau.get("total")),
        "environ": environ(tableau.get("total")),
        **_partager(tableau, _lignes(tableau)),
        "colonnes": [colonne["libelle"] for colonne in tableau.get("colonnes", [])],
    }
    if forme == "flux":
        montre |= {"dessin": dessin(tableau), "phrase": phrase_de_flux(tableau), "courts": _courts(tableau)}
        montre["totaux"] = [valeur_dite(valeur) for valeur in tableau.get("totaux", [])]
    return montre


def _lignes(tableau):
    lignes = tableau.get("lignes", [])
    plus_grand = max((ligne["valeur"] for ligne in lignes if _publie(ligne.get("valeur"))), default=0)
    entier = tableau.get("total") if _publie(tableau.get("total")) else 0
    repere = max(entier if tableau["forme"] in ("liste", "multiple") else 0, plus_grand)
    noms = [colonne["libelle"] for colonne in tableau.get("colonnes", [])]
    return [
        {
            "libelle": ligne["libelle"],
            "valeur": valeur_dite(ligne.get("valeur")),
            "environ": environ(ligne.get("valeur")),
            "part": round(100 * ligne["valeur"] / repere) if repere and _publie(ligne.get("valeur")) else None,
            "barre": texte(2 * (100 * ligne["valeur"] / repere)) if repere and _publie(ligne.get("valeur")) else "",
            "cases": [
                {"colonne": nom, "valeur": valeur_dite(valeur), "publie": _publie(valeur)}
                for nom, valeur in zip(noms, ligne.get("valeurs", []), strict=False)
            ],
        }
        for ligne in lignes
    ]


def _partager(tableau, lignes):
    """Les lignes à montrer une à une et, quand il y en a beaucoup, celles de zéro à dix, dites ensemble sous le tableau."""
    petites = [rang for rang, ligne in enumerate(tableau.get("lignes", [])) if ligne.get("valeur") == PETIT]
    if tableau["forme"] == "flux" or len(petites) <= ENSEMBLE:
        return {"lignes": lignes, "petites": []}
    return {
        "lignes": [ligne for rang, ligne in enumerate(lignes) if rang not in petites],
        "petites": [lignes[rang]["libelle"] for rang in petites],
    }


def _courts(tableau):
    """Les classes en quelques signes (« 3–4 ») : celles du code quand le libellé est long."""
    return [
        (ligne["libelle"] if len(ligne["libelle"]) <= 5 else str(ligne["code"])).replace("-", "–")
        for ligne in tableau["lignes"]
    ]


def dessin(tableau):
    """La géométrie du flux, des seuls nombres publiés ; None quand aucun passage ne l'est."""
    passages = [[v if _publie(v) else None for v in ligne["valeurs"]] for ligne in tableau["lignes"]]
    departs = [ligne["valeur"] if _publie(ligne["valeur"]) else None for ligne in tableau["lignes"]]
    arrivees = [v if _publie(v) else None for v in tableau["totaux"]]
    return flux(_courts(tableau), passages, departs, arrivees)


def phrase_de_flux(tableau):
    """Ce que le flux dit en une phrase, du premier constat que les nombres publiés permettent ; "" sinon."""
    haut, *reste = tableau["lignes"]
    entrees, (restes, *descendus) = haut["valeur"], haut["valeurs"]
    quoi, e = ("personnes", "e") if tableau.get("unite") == "personnes" else ("parcours", "")
    debut = f"Sur environ {valeur_dite(entrees)} {quoi} entré{e}s au niveau critique ou de rupture,"
    if _publie(entrees) and all(map(_publie, descendus)) and sum(descendus) <= entrees:
        return f"{debut} environ {nombre(sum(descendus))} sont sorti{e}s à un niveau plus bas."
    if _publie(entrees) and _publie(restes):
        return f"{debut} environ {nombre(restes)} y étaient encore à la sortie."
    bas = reste[-1] if reste else None
    if bas and _publie(bas["valeur"]) and _publie(bas["valeurs"][-1]):
        return (
            f"Environ {nombre(bas['valeur'])} {quoi} étaient à 0 ou 1 à l’entrée ; "
            f"environ {nombre(bas['valeurs'][-1])} l’étaient encore à la sortie."
        )
    return ""


def rapport_dit(rapport, registre):
    """Le rapport de l'attaquant en phrases : [{"chiffre", "texte", "ton"}] ; `registre` : éditions contre lesquelles il a joué."""
    lu = {cle: int(rapport.get(cle) or 0) for cle in ("cellules", "petites", "masquees", "exactes", "serrees")}
    return [
        {"chiffre": lu["cellules"], "texte": "cases calculées, totaux compris.", "ton": ""},
        {"chiffre": lu["petites"], "texte": "comptent de zéro à dix parcours : elles s’écrivent « ≤ 10 ».", "ton": ""},
        {"chiffre": lu["masquees"], "texte": "autres sont protégées, pour qu’aucune petite ne se retrouve.", "ton": ""},
        {
            "chiffre": registre,
            "texte": "éditions déjà publiées, de tous les financeurs, ont été combinées à celle-ci par l’attaquant.",
            "ton": "",
        },
        {
            "chiffre": lu["exactes"],
            "texte": "petites cases retrouvées exactement par l’attaquant.",
            "ton": "late" if lu["exactes"] else "ok",
        },
        {
            "chiffre": lu["serrees"],
            "texte": "petites cases devinées à moins de cinq près.",
            "ton": "late" if lu["serrees"] else "ok",
        },
    ]
