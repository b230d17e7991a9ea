"""De quel côté du second mur est chaque table d'un dossier : c'est dit, et ce qui reste devant est une liste courte."""

import os
import subprocess
import sys

import pytest
from django.apps import apps
from django.conf import settings
from django.db import connection, models

from diagnostics.models import FacteurRetenu
from securisation.parcours.models import Entourage, Parcours, Personne
from securisation.socle.cloison import en_lisant_comme, modeles_cloisonnes, tables_cloisonnees

TEXTES = (models.CharField, models.TextField, models.JSONField, models.BinaryField)
# Devant le mur, chacun pour la raison écrite sur son modèle.
DEVANT = {
    "parcours.Attribution", "parcours.Conservation", "parcours.Demande", "parcours.Echeance", "parcours.Effacement",
    "parcours.Importation", "parcours.LigneImportee", "parcours.Lot", "parcours.Ouverture", "parcours.Parcours", "parcours.Personne",
    "pilotage.Collective", "pilotage.Convention", "pilotage.Edition", "pilotage.EmpreinteDEdition", "pilotage.Fait",
    "pilotage.FichierDEdition", "pilotage.Parole",
    "synthese.Alerte",
}  # fmt: skip


def mene_au_parcours(modele, vus=()):
    """Vrai si une clé étrangère, ou une suite, mène de ce modèle au parcours."""
    for champ in modele._meta.concrete_fields:
        cible = champ.related_model
        if cible is Parcours or (champ.is_relation and cible not in vus and mene_au_parcours(cible, (*vus, modele))):
            return True
    return False


def sans_cote(modeles):
    """Modèles d'un dossier qui portent un texte et ne disent pas de quel côté du mur ils sont."""
    return [
        modele._meta.label
        for modele in modeles
        if mene_au_parcours(modele)
        and any(isinstance(champ, TEXTES) for champ in modele._meta.concrete_fields)
        and not hasattr(modele, "cloisonne")
    ]


def vivants():
    """Les modèles du projet, sans leurs historiques."""
    return [modele for modele in apps.get_models() if not hasattr(modele, "history_type")]


class TestChaqueTable:
    def test_dit_de_quel_cote_elle_est(self):
        assert sans_cote(vivants()) == []

    def test_sans_declaration_elle_est_prise(self):
        oubliee = type("Oubliee", (), {"_meta": Entourage._meta})
        assert sans_cote([oubliee]) == ["parcours.Entourage"]

    def test_devant_le_mur_la_liste_est_courte_et_figee(self):
        assert {m._meta.label for m in vivants() if getattr(m, "cloisonne", True) is False} == DEVANT

    def test_derriere_le_mur_son_historique_y_est_aussi(self):
        tables = tables_cloisonnees()
        for modele in [*modeles_cloisonnes(), Parcours, Personne]:
            if hasattr(modele, "history"):
                assert modele.history.model._meta.db_table in tables

    def test_un_enfant_suit_son_parent(self):
        lit, ecrit = tables_cloisonnees()[FacteurRetenu._meta.db_table]
        assert "diagnostics_evaluationaxe" in lit
        assert "jalon_ecrit" in ecrit


class TestLeLecteurDUnProcessus:
    """Ce qu'une connexion neuve peut lire, selon le programme qui l'ouvre."""

    @pytest.mark.parametrize(
        ("programme", "lecteur"),
        [
            (["/x/gunicorn/__main__.py", "securisation.wsgi"], ""),
            (["manage.py", "runserver"], ""),
            (["manage.py", "verifier_journal"], "systeme"),
            (["/x/celery/__main__.py", "worker"], "systeme"),
        ],
        ids=lambda valeur: valeur[-1] if isinstance(valeur, list) else None,
    )
    def test_un_processus_web_ne_lit_rien_sans_la_porte(self, programme, lecteur):
        texte = (
            f"import sys; sys.argv = {programme!r}\n"
            "from securisation import settings; print(settings.DATABASES['default']['OPTIONS']['options'])"
        )
        env = os.environ | {"SECRET_KEY": "x" * 50}
        fait = subprocess.run(
            [sys.executable, "-c", texte], capture_output=True, text=True, env=env, cwd=settings.BASE_DIR
        )
        assert fait.stdout.strip().endswith(f"-c jalon.lecteur={lecteur}"), fait.stderr


@pytest.mark.django_db
class TestLeLecteurSeJoint:
    """À la première requête du bloc, quelle que soit la façon dont elle s'écrit."""

    @pytest.mark.parametrize(
        ("texte", "valeurs"),
        [("SELECT 7", None), ("SELECT %s", [7]), ("SELECT %(n)s", {"n": 7}), ("SELECT 7 WHERE 'a' LIKE 'a%%'", [])],
    )
    def test_sans_une_requete_de_plus(self, texte, valeurs, awa, django_assert_num_queries):
        with en_lisant_comme(awa), django_assert_num_queries(1), connection.cursor() as curseur:
            curseur.execute(texte, valeurs)
            assert curseur.fetchall() == [(7,)]
        assert self.lecteur() == str(awa.pk)

    def test_a_un_lot(self, awa):
        with en_lisant_comme(awa), connection.cursor() as curseur:
            curseur.executemany("UPDATE socle_du SET essais = %s WHERE id = %s", [(0, 0), (0, 1)])
        assert self.lecteur() == str(awa.pk)

    def test_a_un_curseur_garde_par_la_base(self, awa):
        with en_lisant_comme(awa):
            assert list(Parcours.objects.iterator()) == []
        assert self.lecteur() == str(awa.pk)

    def test_meme_si_le_bloc_ne_demande_rien(self, awa):
        with en_lisant_comme(awa):
            pass
        assert self.lecteur() == str(awa.pk)

    def lecteur(self):
        with connection.cursor() as curseur:
            curseur.execute("SELECT jalon_lecteur()")
            return curseur.fetchone()[0]
