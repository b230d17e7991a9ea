"""Les règles de la maison : chacune lit un fichier et rend ses fautes ; `test_maison.py` prouve qu'elles tiennent et qu'elles mordent."""

import ast
import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

RACINE = Path(__file__).resolve().parents[2]
MAISON = ("securisation", "diagnostics", "interventions", "sorties", "outils", "templates", "static", "docs")
DEHORS = re.compile(r"(^|/)(vendor|fonts|icones|__pycache__)/")
ETENDUES = {".py", ".html", ".css", ".js", ".sql"}


@dataclass(frozen=True)
class Source:
    """Un fichier du projet : son chemin depuis la racine, et son texte."""

    chemin: str
    texte: str

    @cached_property
    def arbre(self):
        """L'arbre syntaxique d'un fichier Python."""
        return ast.parse(self.texte, self.chemin)

    @property
    def est_python(self):
        """Vrai pour un module Python."""
        return self.chemin.endswith(".py")

    @property
    def est_un_test(self):
        """Vrai pour un test, ou ce qui ne sert qu'aux tests."""
        return "/tests/" in self.chemin or self.chemin == "conftest.py"

    @property
    def est_engendre(self):
        """Vrai pour ce qu'un outil écrit : les migrations de Django."""
        return "/migrations/" in self.chemin

    @property
    def est_une_page(self):
        """Vrai pour un gabarit montré par un navigateur (ni PDF, ni courriel)."""
        hors = "/pdf/" in self.chemin or "/email/" in self.chemin or "/courriels/" in self.chemin
        return self.chemin.startswith("templates/") and self.chemin.endswith(".html") and not hors


def sources():
    """Tous les fichiers écrits à la main, dans l'ordre des chemins."""
    racines = [RACINE / nom for nom in MAISON]
    fichiers = [chemin for racine in racines for chemin in sorted(racine.rglob("*")) if chemin.suffix in ETENDUES]
    fichiers += [RACINE / "manage.py", RACINE / "conftest.py"]
    relatifs = [chemin.relative_to(RACINE).as_posix() for chemin in fichiers]
    return [Source(nom, (RACINE / nom).read_text(encoding="utf-8")) for nom in relatifs if not DEHORS.search(nom)]


# -- pièces de lecture


def fonctions(source):
    """Toutes les fonctions et méthodes d'un module."""
    return [noeud for noeud in ast.walk(source.arbre) if isinstance(noeud, (ast.FunctionDef, ast.AsyncFunctionDef))]


def lignes_du_corps(fonction):
    """Lignes du corps, docstring non comprise."""
    corps = fonction.body[1:] if ast.get_docstring(fonction) is not None else fonction.body
    return corps[-1].end_lineno - corps[0].lineno + 1 if corps else 0


def decorateurs(fonction):
    """Noms des décorateurs, avec ou sans arguments (« transition », « acces »)."""
    return {nom_de(d.func if isinstance(d, ast.Call) else d) for d in fonction.decorator_list}


def nom_de(noeud):
    """Dernier nom d'une expression pointée (« models.CharField » → « CharField »)."""
    return getattr(noeud, "attr", getattr(noeud, "id", ""))


def importes(source):
    """Modules importés, avec leur ligne."""
    for noeud in ast.walk(source.arbre):
        if isinstance(noeud, ast.Import):
            yield from ((alias.name, noeud.lineno) for alias in noeud.names)
        elif isinstance(noeud, ast.ImportFrom) and not noeud.level:
            yield noeud.module, noeud.lineno


def chercher(source, motif, phrase):
    """Une faute par ligne où ce motif se lit."""
    for rang, ligne in enumerate(source.texte.splitlines(), 1):
        if re.search(motif, ligne):
            yield f"{source.chemin}:{rang} {phrase}"


# -- tailles


def vue_de_quinze_lignes(source):
    """Une vue tient en 15 lignes."""
    if source.chemin.endswith("/views.py"):
        for fonction in fonctions(source):
            if (longueur := lignes_du_corps(fonction)) > 15:
                yield f"{source.chemin}:{fonction.lineno} {fonction.name} : {longueur} lignes (15 au plus)"


def transition_de_quinze_lignes(source):
    """Le corps d'une transition tient en 15 lignes."""
    if source.est_python and not source.est_un_test:
        for fonction in fonctions(source):
            if "transition" in decorateurs(fonction) and (longueur := lignes_du_corps(fonction)) > 15:
                yield f"{source.chemin}:{fonction.lineno} {fonction.name} : {longueur} lignes (15 au plus)"


def fonction_de_trente_lignes(source):
    """Une fonction tient en 30 lignes, docstring non comprise."""
    if source.est_python and not source.est_engendre:
        for fonction in fonctions(source):
            if (longueur := lignes_du_corps(fonction)) > 30:
                yield f"{source.chemin}:{fonction.lineno} {fonction.name} : {longueur} lignes (30 au plus)"


def fichier_de_quatre_cents_lignes(source):
    """Un fichier écrit à la main tient en 400 lignes."""
    longueur = len(source.texte.splitlines())
    if not source.est_engendre and longueur > 400:
        yield f"{source.chemin} : {longueur} lignes (400 au plus)"


# -- où vont les choses


def pas_d_objects_dans_une_vue(source):
    """Une vue ne compose pas de requête : la porte de lecture et les querysets le font."""
    if source.chemin.endswith("/views.py"):
        for noeud in ast.walk(source.arbre):
            if isinstance(noeud, ast.Attribute) and noeud.attr in ("objects", "_default_manager", "_base_manager"):
                yield f"{source.chemin}:{noeud.lineno} .{noeud.attr} dans une vue"


GUARDIAN = {"securisation/parcours/roles.py", "securisation/parcours/models/attribution.py"}


def guardian_a_sa_place(source):
    """Seuls les rôles écrivent par guardian ; nulle part `get_objects_for_user`."""
    if source.est_python and not source.est_engendre:
        for module, ligne in importes(source):
            if module.split(".")[0] == "guardian" and source.chemin not in GUARDIAN:
                yield f"{source.chemin}:{ligne} guardian importé hors des rôles"
        if source.chemin != "securisation/tests/maison.py":
            yield from chercher(source, r"get_objects_for_user", "get_objects_for_user ouvre aux superutilisateurs")


def weasyprint_a_sa_place(source):
    """Une seule machine PDF, dans son processus à part."""
    if source.est_python and source.chemin != "securisation/documents/rendu.py":
        for module, ligne in importes(source):
            if module.split(".")[0] == "weasyprint":
                yield f"{source.chemin}:{ligne} weasyprint importé hors de la machine"


# Chaque fichier qui rend du HTML sans l'échapper, et pourquoi il le peut.
SANS_ECHAPPER = {}


def rien_sans_echapper(source):
    """Aucun texte n'est déclaré sûr hors de la liste."""
    motif = r"\|\s*safe\b|\bsafeseq\b|autoescape off|\bmark_safe\b|\bSafeString\b|\bSafeText\b"
    if source.chemin not in SANS_ECHAPPER and not source.est_un_test:
        yield from chercher(source, motif, "texte déclaré sûr")


def ni_style_ni_script_en_ligne(source):
    """La politique de contenu refuse styles et scripts en ligne : les pages n'en ont pas."""
    if source.est_une_page:
        motif = r"<style\b|\sstyle\s*=|\son[a-z]+\s*=\s*[\"']|javascript:|\s(?:data-)?hx-on"
        yield from chercher(source, motif, "style ou geste en ligne")
        for balise in re.findall(r"<script\b[^>]*>", source.texte):
            if "src=" not in balise and 'type="application/json"' not in balise:
                yield f"{source.chemin} script en ligne : {balise}"


def l_etat_change_par_une_transition(source):
    """`etat` ne s'affecte que dans un modèle ou dans la porte d'écriture."""
    if not source.est_python or source.est_un_test or source.est_engendre or _dans_un_modele(source):
        return
    for noeud in ast.walk(source.arbre):
        cibles = noeud.targets if isinstance(noeud, ast.Assign) else [getattr(noeud, "target", None)]
        for cible in cibles if isinstance(noeud, (ast.Assign, ast.AugAssign, ast.AnnAssign)) else ():
            if isinstance(cible, ast.Attribute) and cible.attr == "etat":
                yield f"{source.chemin}:{noeud.lineno} etat affecté hors d'une transition"


# Ce qui s'enregistre sans être un fait d'un dossier : comptes, référentiel, administration.
SAVE_PERMIS = (
    "securisation/socle/", "securisation/comptes/", "securisation/annuaire/",
)  # fmt: skip


def rien_ne_s_enregistre_ailleurs(source):
    """`.save()` et `.create()` n'ont pas leur place hors des modèles, du socle, des comptes et du référentiel."""
    permis = source.chemin.startswith(SAVE_PERMIS) and not source.chemin.endswith("/views.py")
    if not source.est_python or source.est_un_test or source.est_engendre or _dans_un_modele(source) or permis:
        return
    for noeud in ast.walk(source.arbre):
        acte = noeud.func if isinstance(noeud, ast.Call) and isinstance(noeud.func, ast.Attribute) else None
        ecrit = acte is not None and acte.attr in {"save", "create", "bulk_create", "update_or_create", "get_or_create"}
        if ecrit and not _est_une_image(noeud):
            yield f"{source.chemin}:{noeud.lineno} .{acte.attr}() hors de la porte d'écriture"


def _est_une_image(appel):
    """« image.save(vers, "JPEG") » : le format en toutes lettres ; Django n'y met que des mots-clés ou des booléens."""
    textes = [isinstance(valeur, ast.Constant) and isinstance(valeur.value, str) for valeur in appel.args]
    return appel.func.attr == "save" and textes[1:2] == [True]


def _dans_un_modele(source):
    dossier = source.chemin.rsplit("/", 1)[0]
    return (
        source.chemin.endswith("/models.py")
        or "/models" in dossier
        or source.chemin.startswith(("securisation/socle/transitions.py", "outils/"))
    )


HEURE_PERMISE = ("securisation/socle/horloge.py", "securisation/socle/outbox.py", "securisation/comptes/")


def une_seule_horloge(source):
    """L'heure d'un dossier vient de l'horloge, qui sait rejouer le passé."""
    permis = source.chemin.startswith(HEURE_PERMISE) or source.est_un_test or source.chemin.startswith("outils/")
    if source.est_python and not permis and not source.est_engendre:
        yield from chercher(
            source, r"timezone\.now\b|datetime\.now\(|date\.today\(|time\.time\(", "heure hors de l'horloge"
        )


def la_file_se_reveille_par_l_outbox(source):
    """Aucun `delay()` : ce qui est dû est une ligne, la file n'est qu'un réveil."""
    if source.est_python and not source.est_un_test and source.chemin != "securisation/socle/outbox.py":
        yield from chercher(source, r"\.(delay|apply_async|send_task)\(", "tâche lancée hors de l'outbox")


def les_droits_par_la_table(source):
    """Ni `is_superuser` ni `is_staff` pour permettre un acte : la table des droits le dit."""
    permis = source.chemin.startswith("securisation/comptes/") or source.est_un_test or source.est_engendre
    if source.chemin.endswith((".py", ".html")) and not permis and not source.chemin.startswith("outils/"):
        yield from chercher(
            source, r"\bis_superuser\b|\bis_staff\b|\bhas_perm\b|\bperms\.", "droit lu hors de la table"
        )


def aucune_requete_versee_dans_un_acte(source):
    """Le contenu d'une requête ne se déverse jamais dans un appel : les champs sont nommés."""
    if source.est_python and not source.est_un_test:
        yield from chercher(source, r"\*\*\s*request\.|\*\*dict\(request\.|csrf_exempt", "requête versée dans un appel")


def un_nom_vient_d_ou_il_est_defini(source):
    """Un module ne réexporte pas le nom d'un autre : chacun l'importe de là où il est écrit."""
    if source.est_python and not source.est_un_test:
        yield from chercher(source, r"\bimport (\w+) as \1\b", "nom réexporté")


def aucun_test_saute(source):
    """Un contrôle sauté compte comme manqué."""
    if source.est_python and source.est_un_test and not source.chemin.endswith("maison.py"):
        motif = r"pytest\.(skip|importorskip|xfail)\b|mark\.(skip|skipif|xfail)\b|unittest\.skip|assert True\b"
        yield from chercher(source, motif, "test sauté ou vide")


def un_composant_dit_ses_parametres(source):
    """Un gabarit partagé s'ouvre par un commentaire qui dit ses paramètres."""
    ouverture = r"\s*({%\s*(load|extends) [^%]*%}\s*)*({#|{%\s*comment)"
    if source.chemin.startswith("templates/composants/") and not re.match(ouverture, source.texte):
        yield f"{source.chemin} : aucun commentaire d'ouverture"


def ce_qui_est_public_se_dit(source):
    """Module, classe ou fonction publique : une docstring."""
    if not source.est_python or source.est_engendre:
        return
    if source.texte.strip() and ast.get_docstring(source.arbre) is None:
        yield f"{source.chemin} : module sans docstring"
    if source.est_un_test and "/test_" in source.chemin:
        return
    for noeud in source.arbre.body:
        nomme = isinstance(noeud, (ast.FunctionDef, ast.ClassDef)) and not noeud.name.startswith("_")
        if nomme and ast.get_docstring(noeud) is None and not _est_un_reglage(noeud):
            yield f"{source.chemin}:{noeud.lineno} {noeud.name} : sans docstring"


def _est_un_reglage(noeud):
    """Une commande de gestion se dit par son `help`, une application par son nom, un queryset par ses méthodes."""
    noms = {nom_de(base) for base in getattr(noeud, "bases", ())}
    return bool(noms & {"BaseCommand", "AppConfig"}) or noeud.name.endswith("QuerySet")


# Les pièces de chaque app (architecture), et les calculs nommés d'après ce qu'ils calculent.
PIECES = {
    "apps", "models", "querysets", "forms", "views", "urls", "pdf", "tasks", "admin", "migrations", "management",
    "templatetags", "tests", "__init__", "sql", "donnees",
}  # fmt: skip
CALCULS = {
    "securisation/socle": (
        "acces ancrage cloison confirmation controles copie declencheurs effacement entetes envois extrait flots "
        "formulaires graphiques horloge journal journaux outbox refus routes rythme trace "
        "tableur transitions typographie veille verification"
    ),
    "securisation/comptes": (
        "absences adaptateurs appareils arrets backends connexion contexte controles courriels demonstration fonctions "
        "intergiciels liens_agenda motsdepasse reglages retour saisies sessions signaux"
    ),
    "securisation/annuaire": "catalogue chargement facile garde glossaire lexique pliage presentation referentiel termes territoire",
    "securisation/documents": (
        "antivirus atelier controles copie etabli facile genres instantane machine numerisation pannes partenaire rendu sceau scellement "
        "typographie verification"
    ),
    "securisation/parcours": (
        "accords attestation consequences conservation copie delais droits effacement importation ouvertures presentation "
        "rendez_vous retraits roles"
    ),
    "securisation/coordination": "consequences copie fabrique invitations liaison partage personne registre",
    "securisation/synthese": (
        "agenda aide alertes contact copie documents dossier dus export filtres gestes historique liste lots mots piste presentation "
        "recherche reprise reserves resume rubriques surveillance"
    ),
    "securisation/pilotage": (
        "attaque calcul chiffres collectives consequences conventions copie direction divulgation edition faits mots programme "
        "reperes sommaire tableaux"
    ),
    "diagnostics": "comparaison consequences copie dominos entretien facile instantane nomenclature presentation saisie",
    "interventions": (
        "bornage cadre consequences contacts copie courriers echeances facile instantane pieces plan reserve silences substitution"
    ),
    "sorties": "consequences copie facile instantane presentation reserve risques_dus",
}


def une_app_n_a_que_ses_pieces(source):
    """Une app n'ajoute pas de pièce : un calcul se nomme, et son nom est dans la liste."""
    for app, calculs in CALCULS.items():
        if source.est_python and source.chemin.startswith(f"{app}/"):
            piece = source.chemin.removeprefix(f"{app}/").split("/")[0].removesuffix(".py")
            if piece not in PIECES | set(calculs.split()):
                yield f"{source.chemin} : « {piece} » n'est ni une pièce de l'architecture ni un calcul nommé"
