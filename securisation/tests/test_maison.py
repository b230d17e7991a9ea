"""Les règles de la maison tiennent, et chacune mord : un contre-exemple injecté la fait parler."""

import ast
import inspect
import tomllib

import grimp
import pytest
from django.apps import apps
from django.conf import settings
from django.contrib import admin
from django.db import models

from securisation.parcours.models import Parcours, Personne
from securisation.socle import acces
from securisation.socle.controles import sans_acces
from securisation.socle.routes import routes
from securisation.socle.trace import Trace
from securisation.socle.transitions import REGISTRE
from securisation.tests import maison
from securisation.tests.maison import RACINE, Source

APPS = ["diagnostics", "interventions", "sorties", *(nom for nom in settings.INSTALLED_APPS if "securisation." in nom)]
LIGNES = "\n".join(f"    a = {rang}" for rang in range(31))

# Chaque règle et un fichier qui l'enfreint.
CONTRE_EXEMPLES = {
    maison.vue_de_quinze_lignes: ("sorties/views.py", f"def f(request):\n{LIGNES}"),
    maison.transition_de_quinze_lignes: ("sorties/models.py", f"@transition(de=[])\ndef f(self):\n{LIGNES}"),
    maison.fonction_de_trente_lignes: ("sorties/cadre.py", f"def f():\n{LIGNES}"),
    maison.fichier_de_quatre_cents_lignes: ("static/app.css", "a {}\n" * 401),
    maison.pas_d_objects_dans_une_vue: ("sorties/views.py", "Sortie.objects.all()"),
    maison.guardian_a_sa_place: ("sorties/models.py", "def f():\n    from guardian.shortcuts import assign_perm"),
    maison.weasyprint_a_sa_place: ("sorties/pdf.py", "import weasyprint"),
    maison.rien_sans_echapper: ("templates/sorties/detail.html", "{{ sortie.parole|safe }}"),
    maison.ni_style_ni_script_en_ligne: ("templates/sorties/detail.html", '<p style="color: red">'),
    maison.l_etat_change_par_une_transition: ("sorties/views.py", "sortie.etat = 'validee'"),
    maison.rien_ne_s_enregistre_ailleurs: ("sorties/views.py", "form.save()"),
    maison.une_seule_horloge: ("sorties/models.py", "self.validee_le = timezone.now()"),
    maison.la_file_se_reveille_par_l_outbox: ("sorties/models.py", "produire.delay(self.pk)"),
    maison.les_droits_par_la_table: ("sorties/views.py", "if request.user.is_superuser: pass"),
    maison.aucune_requete_versee_dans_un_acte: ("sorties/views.py", "sortie.ouvrir(**request.POST.dict())"),
    maison.un_nom_vient_d_ou_il_est_defini: ("sorties/cadre.py", "from diagnostics.dominos import court as court"),
    maison.aucun_test_saute: ("sorties/tests/test_vues.py", "@pytest.mark.skip\ndef test_x(): pass"),
    maison.un_composant_dit_ses_parametres: ("templates/composants/x.html", "<p>{{ texte }}</p>"),
    maison.ce_qui_est_public_se_dit: ("sorties/cadre.py", '"""Cadre."""\n\ndef cadrer(): pass'),
    maison.une_app_n_a_que_ses_pieces: ("sorties/utils.py", ""),
}
# D'autres formes de la même faute, qui doivent être prises aussi.
VARIANTES = [
    (maison.pas_d_objects_dans_une_vue, "sorties/views.py", "Sortie._default_manager.all()"),
    (maison.guardian_a_sa_place, "sorties/views.py", "import guardian.shortcuts"),
    (maison.weasyprint_a_sa_place, "sorties/pdf.py", "def f():\n    from weasyprint.urls import URLFetcher"),
    (maison.rien_sans_echapper, "securisation/socle/templatetags/x.py", "mark_safe(texte)"),
    (maison.rien_sans_echapper, "templates/x.html", "{% autoescape off %}"),
    (maison.ni_style_ni_script_en_ligne, "templates/x.html", "<script>alert(1)</script>"),
    (maison.ni_style_ni_script_en_ligne, "templates/x.html", '<a onclick="f()">'),
    (maison.ni_style_ni_script_en_ligne, "templates/x.html", '<a href="javascript:f()">'),
    (maison.ni_style_ni_script_en_ligne, "templates/x.html", "<style>p {}</style>"),
    (maison.l_etat_change_par_une_transition, "sorties/tasks.py", "a = sortie.etat = 'x'"),
    (maison.rien_ne_s_enregistre_ailleurs, "sorties/tasks.py", "Sortie.objects.create(parcours=p)"),
    (maison.rien_ne_s_enregistre_ailleurs, "sorties/tasks.py", "sortie.save(False)"),
    (maison.une_seule_horloge, "sorties/cadre.py", "debut = date.today()"),
    (maison.ce_qui_est_public_se_dit, "sorties/cadre.py", "import ast"),
]
# Ce qui ressemble à une faute et n'en est pas une.
INNOCENTS = [
    (maison.vue_de_quinze_lignes, "sorties/views.py", "def f(request):\n" + "    a = 1\n" * 15),
    (maison.ni_style_ni_script_en_ligne, "templates/x.html", '<script src="/static/app.js" defer></script>'),
    (maison.ni_style_ni_script_en_ligne, "templates/sorties/pdf/bilan.html", "<style>p {}</style>"),
    (maison.rien_ne_s_enregistre_ailleurs, "sorties/models.py", "super().save()"),
    (maison.rien_ne_s_enregistre_ailleurs, "sorties/cadre.py", 'image.save(rendu, "JPEG", quality=80)'),
    (maison.un_composant_dit_ses_parametres, "templates/composants/x.html", "{% load jalon %}{# texte : la phrase #}"),
    (maison.une_seule_horloge, "securisation/socle/horloge.py", "timezone.now()"),
]
SOURCES = maison.sources()


def nom_de_la_regle(valeur):
    """Nom d'une règle, pour lire le rapport."""
    return getattr(valeur, "__name__", None)


class TestReglesDesFichiers:
    @pytest.mark.parametrize("regle", CONTRE_EXEMPLES, ids=nom_de_la_regle)
    def test_le_projet_la_tient(self, regle):
        assert [faute for source in SOURCES for faute in regle(source)] == []

    @pytest.mark.parametrize("regle", CONTRE_EXEMPLES, ids=nom_de_la_regle)
    def test_elle_mord(self, regle):
        assert list(regle(Source(*CONTRE_EXEMPLES[regle]))) != []

    @pytest.mark.parametrize(("regle", "chemin", "texte"), VARIANTES, ids=nom_de_la_regle)
    def test_elle_mord_aussi_sur(self, regle, chemin, texte):
        assert list(regle(Source(chemin, texte))) != []

    @pytest.mark.parametrize(("regle", "chemin", "texte"), INNOCENTS, ids=nom_de_la_regle)
    def test_elle_laisse(self, regle, chemin, texte):
        assert list(regle(Source(chemin, texte))) == []

    def test_toutes_les_regles_sont_eprouvees(self):
        regles = [objet for nom, objet in vars(maison).items() if _est_une_regle(nom, objet)]
        assert set(regles) == set(CONTRE_EXEMPLES)

    def test_chaque_dossier_du_projet_est_lu(self):
        lus = {source.chemin.split("/")[0] for source in SOURCES}
        assert {"securisation", "diagnostics", "interventions", "sorties", "outils", "templates", "static"} <= lus
        assert len(SOURCES) > 250

    def test_les_listes_de_la_maison_ne_gardent_rien_de_trop(self):
        chemins = {source.chemin for source in SOURCES}
        assert (maison.GUARDIAN | set(maison.SANS_ECHAPPER)) - chemins == set()
        for app, calculs in maison.CALCULS.items():
            presents = {piece.stem for piece in (RACINE / app).iterdir()}
            assert set(calculs.split()) - presents == set(), app


def _est_une_regle(nom, objet):
    if not inspect.isfunction(objet) or objet.__module__ != maison.__name__ or nom.startswith("_"):
        return False
    return (
        "yield" in inspect.getsource(objet)
        and list(inspect.signature(objet).parameters) == ["source"]
        and nom != "importes"
    )


# -- les adresses

PUBLIQUES = {
    "synthese:accessibilite",  # une déclaration d'accessibilité se lit sans compte
    "comptes:demo",
    "coordination:arriver",
    "synthese:flux_agenda",
    "documents:verifier",  # un document se vérifie par qui l'a en main, sans compte
    "account_login",
    "mfa_authenticate",
    "mfa_login_webauthn",
    "account_inactive",
    "account_logout",
    "account_reset_password",
    "account_reset_password_from_key",
}


class TestAdresses:
    def test_chaque_vue_declare_son_acces(self):
        assert sans_acces() == []

    def test_les_routes_publiques_sont_celles_de_la_liste(self):
        ouvertes = {r.nom for r in routes() if r.acces and r.acces[0] == "public"}
        assert ouvertes == PUBLIQUES
        assert len(PUBLIQUES) <= 12

    def test_nulle_part_ailleurs_la_connexion_n_est_levee(self):
        levees = {r.nom for r in routes() if getattr(r.vue, "login_required", True) is False}
        # La page de connexion de l'administration est celle de l'application.
        assert levees - PUBLIQUES <= {"admin:login"}

    def test_l_administration_ne_montre_aucun_dossier(self):
        assert [modele._meta.label for modele in admin.site._registry if est_d_un_dossier(modele)] == []

    def test_un_dossier_dans_l_administration_est_pris(self):
        assert est_d_un_dossier(Parcours)

    def test_aucune_adresse_ne_porte_une_cle_interne(self):
        avec_numero = {r.nom for r in routes() if ("pk", "IntConverter") in [(n, g.__name__) for n, g in r.parametres]}
        # Les clés de sécurité de son propre compte, qu'allauth nomme par leur rang.
        assert avec_numero == {"mfa_edit_webauthn", "mfa_remove_webauthn"}


# -- les modèles

HORS_TRACE = {
    "coordination.FichierDeCopie": "octets d'une copie remise : leur empreinte est dans la copie suivie ; retirés après sept jours",
    "parcours.Attribution": "ligne guardian : historique propre, écrite par roles.py seul",
    "parcours.Echeance": "calculée de faits eux-mêmes suivis",
    "diagnostics.BrouillonAxe": "saisie en cours d'un seul auteur, effacée dès qu'il enregistre",
    "parcours.LigneImportee": "sort d'une ligne d'un tableau déposé, vu de qui l'a déposé, effacé après trente jours",
    "interventions.FichierDePiece": "octets d'une pièce jointe : leur empreinte est sur la pièce suivie",
    "parcours.PreuveAccord": "octets d'un papier signé : leur empreinte est sur l'accord suivi",
    "documents.Fichier": "octets d'un document : leur empreinte est dans le document suivi",
    "synthese.LigneDeLot": "où en est un parcours dans un lot ; le document qui en sort est suivi, la ligne purgée après trente jours",
    "pilotage.Fait": "des codes refaits d'un dossier suivi, sans un mot : il part avec lui et se refait",
    "pilotage.EmpreinteDEdition": "un nombre par parcours compté : écrit au contrôle, jamais récrit, détaché du dossier effacé",
    "synthese.Alerte": "née du journal, regardée par une transition qui s'y inscrit ; dans le dossier, qui elle cite la lirait",
}


def est_d_un_dossier(modele, vus=()):
    """Vrai si une suite de liens mène de ce modèle à un parcours ou à une personne."""
    if modele in (Parcours, Personne):
        return True
    liens = [c for c in modele._meta.concrete_fields if c.is_relation and c.related_model not in (*vus, modele)]
    return any(est_d_un_dossier(lien.related_model, (*vus, modele)) for lien in liens)


def modeles_du_projet():
    """Modèles des apps du projet, tables d'historique exceptées."""
    noms = {app.split(".")[-1] for app in APPS}
    modeles = [modele for modele in apps.get_models() if modele._meta.app_label in noms]
    return [modele for modele in modeles if not modele.__name__.startswith("Historique")]


class TestModeles:
    def test_un_fait_d_un_dossier_laisse_sa_trace(self):
        nus = {m._meta.label for m in modeles_du_projet() if est_d_un_dossier(m) and not issubclass(m, Trace)}
        assert nus == set(HORS_TRACE)

    def test_un_modele_injecte_est_pris(self):
        class Note(models.Model):  # noqa: DJ008 (modèle d'essai)
            parcours = models.ForeignKey(Parcours, models.CASCADE, related_name="+")

            class Meta:
                app_label = "essai"
                managed = False

        del apps.all_models["essai"]
        apps.clear_cache()
        assert est_d_un_dossier(Note)
        assert not issubclass(Note, Trace)

    def test_aucun_lien_multiple_n_echappe_a_l_historique(self):
        suivis = [modele for modele in modeles_du_projet() if issubclass(modele, Trace)]
        assert [modele._meta.label for modele in suivis if modele._meta.local_many_to_many] == []

    def test_un_fait_se_nomme_par_un_numero(self):
        """`__str__` finit dans l'administration, les courriels et les traces : aucun texte saisi n'y passe."""
        for modele in [modele for modele in modeles_du_projet() if issubclass(modele, Trace)]:
            textes = [c for c in modele._meta.concrete_fields if isinstance(c, (models.CharField, models.TextField))]
            saisis = {champ.name: "CANARI" for champ in textes if champ.editable}
            assert "CANARI" not in str(modele(**saisis)), modele._meta.label

    def test_chaque_contrainte_parle_francais(self):
        """Une contrainte qu'une saisie peut violer dit quoi faire, dans une phrase à elle."""
        muettes = [
            f"{modele._meta.label}.{contrainte.name}"
            for modele in modeles_du_projet()
            if issubclass(modele, Trace)
            for contrainte in modele._meta.constraints
            if contrainte.violation_error_message in (None, models.BaseConstraint.default_violation_error_message)
        ]
        assert muettes == []

    def test_les_migrations_ont_un_nom(self):
        numeros = [chemin.stem for app in APPS for chemin in _dossier(app).glob("migrations/0*.py")]
        assert numeros
        assert [nom for nom in numeros if "auto" in nom or nom.endswith("_initial")] == []


class TestTransitions:
    def test_chaque_acte_dit_ce_qu_il_fait(self):
        assert [f"{regle.modele}.{regle.nom}" for regle in REGISTRE if not regle.doc.endswith(".")] == []

    def test_qui_agit_se_nomme_toujours_par(self):
        for regle in REGISTRE:
            corps = inspect.unwrap(getattr(apps.get_model(regle.modele), regle.nom))
            parametres = inspect.signature(corps).parameters
            assert parametres["par"].kind is inspect.Parameter.KEYWORD_ONLY, regle


# -- les étages


def couches():
    """Les couches du contrat, de haut en bas : une liste de paquets par étage."""
    contrat = tomllib.loads((RACINE / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]
    separees = [ligne.replace("|", ":").split(":") for ligne in contrat["contracts"][0]["layers"]]
    return [{nom.strip(" ()") for nom in couche} for couche in separees]


@pytest.fixture(scope="module")
def graphe():
    """Les imports du projet, ceux des fonctions compris."""
    return grimp.build_graph("securisation", "diagnostics", "interventions", "sorties", cache_dir=None)


class TestEtages:
    ORDRE = "synthese sorties interventions diagnostics parcours documents annuaire comptes socle"

    def test_le_contrat_nomme_chaque_app_dans_l_ordre(self):
        nommees = [nom for couche in couches() for nom in couche]
        assert set(APPS) <= set(nommees)
        suite = [mot for couche in couches() for nom in couche if (mot := nom.split(".")[-1]) in self.ORDRE.split()]
        assert suite == self.ORDRE.split()

    def test_chaque_module_de_securisation_a_son_etage(self):
        nommes = {nom for couche in couches() for nom in couche}
        presents = {f"securisation.{piece.stem}" for piece in (RACINE / "securisation").iterdir()}
        assert {nom for nom in presents if not nom.endswith("__")} - nommes == set()

    def test_les_imports_descendent(self, graphe):
        assert remontees(graphe) == set()

    @pytest.mark.parametrize(
        ("de", "vers"),
        [
            ("securisation.socle.trace", "securisation.parcours.models"),
            ("diagnostics.models", "interventions.models"),
            ("interventions.models", "sorties.models"),
            ("securisation.parcours.models", "securisation.synthese.views"),
            ("sorties.models", "securisation.settings"),
        ],
    )
    def test_un_import_qui_monte_est_pris(self, graphe, de, vers):
        graphe.add_import(importer=de, imported=vers)
        try:
            assert remontees(graphe) != set()
        finally:
            graphe.remove_import(importer=de, imported=vers)


def remontees(graphe):
    """Dépendances qui montent d'un étage, directes ou non."""
    etages = [{nom for nom in couche if nom in graphe.modules} for couche in couches()]
    return graphe.find_illegal_dependencies_for_layers(layers=[grimp.Layer(*e, independent=False) for e in etages if e])


class TestReglages:
    def test_chaque_reglage_de_l_environnement_est_documente(self):
        texte = (RACINE / "docs" / "configuration.md").read_text(encoding="utf-8")
        assert [nom for nom in sorted(noms_de_l_environnement()) if f"`{nom}`" not in texte] == []


def noms_de_l_environnement():
    """Variables d'environnement que lisent les réglages."""
    source = Source("settings.py", (RACINE / "securisation" / "settings.py").read_text(encoding="utf-8"))
    for noeud in ast.walk(source.arbre):
        lit = isinstance(noeud, ast.Call) and ast.unparse(noeud.func) in ("_oui", "_liste", "os.environ.get")
        if lit and isinstance(noeud.args[0], ast.Constant):
            yield noeud.args[0].value


def _dossier(app):
    return RACINE / app.replace(".", "/")


def test_chaque_genre_d_acces_est_connu():
    """La porte de lecture n'a que cinq entrées ; une sixième demande de revoir la matrice d'accès."""
    assert {route.acces[0] for route in routes() if route.acces} <= {"objet", "liste", "fonction", "connecte", "public"}
    assert {nom for nom in vars(acces) if nom.startswith("acces")} == {
        "acces",
        "acces_liste",
        "acces_fonction",
        "acces_connecte",
        "acces_public",
    }
