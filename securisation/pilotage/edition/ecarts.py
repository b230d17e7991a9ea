"""Ce qui change d'une édition à celle qui la corrige : case par case, dans les mots publiés."""

from securisation.pilotage.edition.lecture import est_montre, valeur_dite

PAS_LA = "non publié"


def ecarts(avant, apres):
    """[{"tableau", "ligne", "avant", "apres"}] entre deux contenus, dans l'ordre du second ; rien d'inchangé."""
    anciens, nouveaux = _cases(avant), _cases(apres)
    suite = [*nouveaux, *(cle for cle in anciens if cle not in nouveaux)]
    trouves = []
    for cle in suite:
        (ou, ancien), (_, neuf) = anciens.get(cle, (None, PAS_LA)), nouveaux.get(cle, (None, PAS_LA))
        if ancien != neuf:
            tableau, ligne = (nouveaux.get(cle) or (ou, ""))[0]
            trouves.append({"tableau": tableau, "ligne": ligne, "avant": ancien, "apres": neuf})
    return trouves


def _cases(contenu):
    """{clé stable: ((titre du tableau, ligne), valeur dite)} de tout ce qui est publié."""
    cases = {}
    for tableau in contenu.get("tableaux", []):
        code, titre = tableau["code"], tableau["titre"]
        if not est_montre(tableau):
            continue
        cases[code, "", ""] = ((titre, "Total"), valeur_dite(tableau.get("total")))
        colonnes = tableau.get("colonnes", [])
        for ligne in tableau.get("lignes", []):
            cases[code, ligne["code"], ""] = ((titre, ligne["libelle"]), valeur_dite(ligne.get("valeur")))
            for colonne, valeur in zip(colonnes, ligne.get("valeurs", []), strict=False):
                ou = (titre, f"{ligne['libelle']}, {colonne['libelle']}")
                cases[code, ligne["code"], colonne["code"]] = (ou, valeur_dite(valeur))
    return cases
