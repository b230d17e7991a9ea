"""Une édition en tableaux : une feuille pour lire ces nombres, puis une par tableau, dans l'ordre de la page."""

from securisation.pilotage.edition import lecture, lisible
from securisation.socle.tableur import Feuille, ecrire
from securisation.socle.templatetags.jalon import date_moyenne

LIRE = "Lire ces nombres"


def produire(edition, genre):
    """Les tableaux (tableur.Fichier) d'une édition, en « csv » (les feuilles s'y suivent, chacune sous son titre), « xlsx » ou « ods »."""
    return ecrire(genre, feuilles(edition))


def feuilles(edition):
    """Les feuilles d'une édition ; rien qui ne soit déjà publié sur sa page."""
    contenu = lisible.contenu(edition)
    tableaux = contenu["tableaux"]
    codes = {t["code"]: _chapitre(t) for t in tableaux}
    ordonnes = sorted(tableaux, key=lambda t: list(lecture.CHAPITRES).index(codes[t["code"]]))
    mots = [[mot["texte"]] for mot in contenu["mots"]]
    citees = [Feuille("Mots des personnes", ["Citée avec l’accord de la personne"], mots)] if mots else []
    return [_feuille_a_lire(edition), *des_tableaux(ordonnes), *citees]


def des_tableaux(tableaux):
    """Les feuilles des tableaux montrés, dans leur ordre ; ceux qui n'ont qu'un total tiennent sur une seule."""
    montres = [t for t in tableaux if lecture.est_montre(t)]
    nombres = [t for t in montres if t["forme"] == "nombre"]
    suite = [_feuille_des_nombres(nombres)] if nombres else []
    return [*suite, *(_feuille(t) for t in montres if t["forme"] != "nombre")]


def _chapitre(tableau):
    return "flux" if tableau["forme"] == "flux" else tableau.get("chapitre", "personnes")


def _feuille_a_lire(edition):
    """Ce que c'est, ce qui est couvert, comment lire un nombre, la méthode et les limites."""
    fiche = lecture.fiche(edition.definition)
    lignes = [["Édition", edition.numero], ["Titre", lecture.titre_de(edition)]]
    if edition.fictive:
        lignes.append(["Attention", lecture.FICTIVE])
    lignes += [
        ["Publiée le", date_moyenne(edition.publiee_le)],
        ["Financeur", fiche["financeur"]],
        ["Convention", f"{fiche['convention']}, {fiche['convention_periode']}"],
        ["Période", f"du {date_moyenne(fiche['du'])} au {date_moyenne(fiche['au'])}"],
        ["Territoire", " ; ".join(fiche["territoire"])],
        ["Publics qui comptent", " ; ".join(fiche["publics"]) or "Tous"],
        ["Origines qui comptent", " ; ".join(fiche["origines"]) or "Toutes"],
        ["Objectifs du PRAPS", " ; ".join(fiche["objectifs"]) or "Aucun"],
    ]
    if edition.corrige:
        lignes.append(["Remplace", f"{edition.corrige.numero} : {edition.mot}"])
    lignes += [[mot, sens] for mot, sens in lecture.LIRE]
    lignes += [["Méthode", phrase] for phrase in lecture.methode(edition)]
    lignes += [["Ce que ces nombres ne disent pas", phrase] for phrase in lecture.NE_DIT_PAS]
    lignes += [
        ["Tableau non publié", f"{t['titre']} : {t['refus']}"]
        for t in edition.contenu["tableaux"]
        if not lecture.est_montre(t)
    ]
    return Feuille(LIRE, ["Quoi", "Texte"], lignes)


def _case(valeur):
    """Un nombre publié reste un nombre ; le reste se dit en toutes lettres."""
    return valeur if isinstance(valeur, int) and not isinstance(valeur, bool) else lecture.valeur_dite(valeur)


def _feuille_des_nombres(tableaux):
    lignes = [[t["titre"], t.get("unite", "parcours"), _case(t.get("total"))] for t in tableaux]
    return Feuille("En nombres", ["Quoi", "Unité", "Nombre"], lignes, [lecture.LIRE[2][1].capitalize()])


def _feuille(tableau):
    colonnes = [colonne["libelle"] for colonne in tableau.get("colonnes", [])]
    notes = [tableau["titre"], f"Unité : {tableau.get('unite', 'parcours')}."]
    if tableau["forme"] == "flux":
        colonnes = [f"Sortie {libelle}" for libelle in colonnes]
        notes.append("Une ligne par niveau d’entrée, une colonne par niveau de sortie.")
    if tableau["forme"] == "multiple":
        notes.append("Un même parcours peut compter sur plusieurs lignes.")
    if tableau.get("regroupe"):
        notes.append("Lignes regroupées : le détail aurait permis de reconnaître quelqu’un.")
    lignes = [
        [ligne["libelle"], _case(ligne.get("valeur")), *map(_case, ligne.get("valeurs", []))]
        for ligne in tableau["lignes"]
    ]
    lignes.append(["Total", _case(tableau.get("total")), *map(_case, tableau.get("totaux", []))])
    premiere = "Entrée" if tableau["forme"] == "flux" else "Ligne"
    return Feuille(tableau["titre"], [premiere, "Total", *colonnes], lignes, notes)
