"""Les actions que le code pose au journal, lues dans ses sources : chaque appel en Python, chaque inscription en SQL."""

import ast
import re
from functools import cache
from pathlib import Path

RACINE = Path(__file__).resolve().parents[2]
DOSSIERS = ("securisation", "diagnostics", "interventions", "sorties")
INSCRIVENT = {"inscrire": 0, "valeurs_du_maillon": 0, "inscrire_une_lecture": 1, "montrer": 1}  # rang de l'action
PORTES = ("acces", "acces_liste", "acces_fonction", "_rendre_et_inscrire")
# Ce qui passe plus loin l'action reçue : la porte et la fonction du journal elles-mêmes.
RELAIS = {"securisation/socle/acces.py", "securisation/socle/journal.py", "securisation/socle/rythme.py"}
SQL = re.compile(r"jalon_inscrire\(([^;]*)")


@cache
def actions_posees():
    """{action: fichiers qui la posent} ; lève AssertionError pour une action que les sources ne disent pas."""
    posees, muettes = {}, []
    for fichier in _sources("py"):
        nom, texte = str(fichier.relative_to(RACINE)), fichier.read_text(encoding="utf-8")
        lues, inconnues = dites(texte)
        muettes += [f"{nom}, ligne {ligne}" for ligne in inconnues if nom not in RELAIS]
        for action in lues | en_sql(texte):
            posees.setdefault(action, set()).add(nom)
    for fichier in _sources("sql"):
        for action in en_sql(fichier.read_text(encoding="utf-8")):
            posees.setdefault(action, set()).add(str(fichier.relative_to(RACINE)))
    assert not muettes, f"Une action posée se lit dans les sources : {muettes}"
    return posees


def _sources(suffixe):
    trouves = (fichier for dossier in DOSSIERS for fichier in (RACINE / dossier).rglob(f"*.{suffixe}"))
    return sorted(f for f in trouves if not {"tests", "migrations"} & set(f.parts))


def dites(texte):
    """(actions, lignes où l'action ne se lit pas) d'une source Python."""
    arbre = ast.parse(texte)
    lues, inconnues = set(), []
    for fonction, appel in _appels(arbre):
        for valeur in _valeurs(appel):
            trouvees = _mots(valeur, fonction, arbre)
            lues |= trouvees
            if not trouvees and isinstance(valeur, ast.expr):
                inconnues.append(valeur.lineno)
    for fonction in ast.walk(arbre):
        if isinstance(fonction, ast.FunctionDef) and fonction.name in PORTES:
            lues |= _par_defaut(fonction)
    return lues - {""}, inconnues


def _appels(arbre, fonction=None):
    """(fonction qui contient, appel) de chaque appel."""
    for noeud in ast.iter_child_nodes(arbre):
        if isinstance(noeud, ast.Call):
            yield fonction, noeud
        yield from _appels(noeud, noeud if isinstance(noeud, ast.FunctionDef) else fonction)


def _valeurs(appel):
    """L'expression de l'action, si cet appel en pose une ; celle d'une porte est son mot-clé `action`."""
    nom, arguments = _nom(appel.func), appel.args
    if nom == "partial" and arguments and _nom(arguments[0]) in INSCRIVENT:
        nom, arguments = _nom(arguments[0]), arguments[1:]
    elif isinstance(appel.func, ast.Attribute) and nom != "montrer" and _nom(appel.func.value) != "journal":
        return  # une méthode du même nom : inscrire une personne, un risque
    if nom in INSCRIVENT and len(arguments) > INSCRIVENT[nom]:
        yield arguments[INSCRIVENT[nom]]
    if nom in (*INSCRIVENT, *PORTES):
        yield from (cle.value for cle in appel.keywords if cle.arg == "action")


def _nom(noeud):
    return getattr(noeud, "id", None) or getattr(noeud, "attr", "")


def _mots(valeur, fonction, arbre):
    """Les mots que cette expression peut valoir : écrits là, gardés dans une variable, ou reçus de qui appelle."""
    if isinstance(valeur, ast.Constant) and isinstance(valeur.value, str):
        return {valeur.value}
    if isinstance(valeur, ast.IfExp):
        return _mots(valeur.body, fonction, arbre) | _mots(valeur.orelse, fonction, arbre)
    if not isinstance(valeur, ast.Name) or fonction is None:
        return set()
    gardes = (n.value for n in ast.walk(fonction) if isinstance(n, ast.Assign) and _nom(n.targets[0]) == valeur.id)
    return set().union(*(_mots(garde, fonction, arbre) for garde in gardes), *_recus(valeur.id, fonction, arbre))


def _recus(nom, fonction, arbre):
    """Les mots passés à ce paramètre par les appels de cette fonction, dans le même fichier."""
    parametres = [a.arg for a in fonction.args.args if a.arg != "self"]
    for _, appel in _appels(arbre):
        if nom in parametres and _nom(appel.func) == fonction.name and len(appel.args) > parametres.index(nom):
            yield _mots(appel.args[parametres.index(nom)], None, arbre)


def _par_defaut(fonction):
    clefs = zip(fonction.args.kwonlyargs, fonction.args.kw_defaults, strict=True)
    return {valeur.value for clef, valeur in clefs if clef.arg == "action" and valeur is not None}


def en_sql(texte):
    """Les actions des inscriptions écrites en SQL dans ce texte : un mot, ou les issues d'un CASE."""
    return {mot for appel in SQL.findall(texte) for mot in _issues(_troisieme(appel))}


def _troisieme(arguments):
    """Le troisième argument d'un appel, parenthèses comprises."""
    niveau, morceaux = 0, [""]
    for signe in arguments:
        niveau += {"(": 1, ")": -1}.get(signe, 0)
        if signe == "," and not niveau:
            morceaux.append("")
        else:
            morceaux[-1] += signe
    return morceaux[2].strip() if len(morceaux) > 2 else ""


def _issues(argument):
    if argument.startswith("CASE"):
        return re.findall(r"(?:THEN|ELSE) '([^']+)'", argument)
    return re.findall(r"^'([^']+)'$", argument)
