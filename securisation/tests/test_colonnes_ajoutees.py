"""Une base montée de version : une colonne venue après ne rompt pas ce qui fut scellé avant elle, et ne laisse rien y écrire."""

import json

import pytest
from django.db import connection, migrations, models
from django.db.migrations.loader import MigrationLoader

from outils import verifier_hors_ligne as hors_ligne
from securisation.parcours.models import Parcours
from securisation.socle import extrait, verification
from securisation.socle.declencheurs import modeles_suivis
from securisation.socle.verification import dernieres_colonnes, valeur_de_depart, verifier
from securisation.tests.preuves.alterations import extraire, journal_ancre, ouvrir_les_ancres

TABLE, HISTOIRE = "parcours_parcours", "parcours_historiqueparcours"
# Ce que chaque sorte de colonne met aux lignes d'avant elle.
SORTES = {
    "varchar NOT NULL DEFAULT ''": '""',
    "integer": "null",
    "boolean NOT NULL DEFAULT true": "true",
    "varchar[] NOT NULL DEFAULT '{}'": "[]",
    "jsonb NOT NULL DEFAULT '{}'": "{}",
}
TEXTE = "varchar NOT NULL DEFAULT ''"


def sql(texte, *valeurs):
    """Joue ce SQL."""
    with connection.cursor() as curseur:
        curseur.execute(texte, valeurs or None)
        return curseur.fetchall() if curseur.description else []


@pytest.fixture
def ajouter(monkeypatch):
    """Ajoute cette colonne au modèle et à son historique, comme une migration et le champ qu'elle apporte."""
    departs = {}

    def dites(modele):
        return {nom: departs.get(nom, depart) for nom, depart in dernieres_colonnes(modele).items()}

    for module in (verification, extrait):
        monkeypatch.setattr(module, "dernieres_colonnes", dites)

    def faire(nom, sorte):
        departs[nom] = SORTES[sorte]
        for table in (TABLE, HISTOIRE):
            sql(f"ALTER TABLE {table} ADD COLUMN {nom} {sorte}")

    return faire


@pytest.fixture
def verdicts(db, settings, tmp_path, awa, bruno):
    """Deux dossiers écrits et ancrés dans une base que plus rien ne garde ; rend ce qu'en disent les deux vérificateurs."""
    ouvrir_les_ancres(settings, tmp_path)
    journal_ancre(awa, bruno)
    sql("SET CONSTRAINTS ALL IMMEDIATE")
    sql(f"ALTER TABLE {HISTOIRE} DISABLE TRIGGER USER")
    cles = hors_ligne.lire_cles(f"{settings.CLE_ANCRES}.pub")

    def rendre():
        lignes = extraire()
        ancres = hors_ligne.lire_ancres(settings.ANCRES, cles, lignes[0]["extrait"]["ancre"])
        return [sorted(r for r in ruptures if "historique (" in r) for ruptures in (
            verifier().ruptures, hors_ligne.verifier(lignes, ancres).ruptures,
        )]  # fmt: skip

    assert rendre() == [[], []]
    return rendre


def une_ligne():
    """La clé d'une ligne d'historique déjà scellée."""
    return sql(f"SELECT min(history_id) FROM {HISTOIRE}")[0][0]


@pytest.mark.parametrize("sorte", SORTES)
def test_une_colonne_ajoutee_ne_rompt_rien(verdicts, ajouter, sorte):
    ajouter("venue_apres", sorte)
    assert verdicts() == [[], []]


def test_plusieurs_colonnes_venues_l_une_apres_l_autre(verdicts, ajouter, awa):
    for rang, sorte in enumerate(SORTES):
        ajouter(f"venue_{rang}", sorte)
        Parcours.objects.first().modifier(par=awa, demande=f"Demande {rang}")  # scellée avec les colonnes du moment
        sql("SET CONSTRAINTS ALL IMMEDIATE")
    assert verdicts() == [[], []]


@pytest.mark.parametrize("valeur", ["x", "0", " "])
def test_une_ligne_d_avant_remplie_apres_coup_se_voit(verdicts, ajouter, valeur):
    ajouter("venue_apres", TEXTE)
    sql(f"UPDATE {HISTOIRE} SET venue_apres = %s WHERE history_id = %s", valeur, une_ligne())
    base, hors_base = verdicts()
    assert len(base) == 1
    assert base == hors_base


def test_une_ligne_d_avant_changee_ailleurs_se_voit(verdicts, ajouter):
    ajouter("venue_apres", TEXTE)
    sql(f"UPDATE {HISTOIRE} SET demande = 'autre' WHERE history_id = %s", une_ligne())
    base, hors_base = verdicts()
    assert len(base) == 1
    assert base == hors_base


def test_une_ligne_scellee_avec_la_colonne_puis_videe_se_voit(verdicts, ajouter, awa):
    ajouter("venue_apres", TEXTE)
    sql(f"ALTER TABLE {HISTOIRE} ALTER venue_apres SET DEFAULT 'dite'")
    Parcours.objects.first().modifier(par=awa, demande="Trois loyers de retard.")
    sql("SET CONSTRAINTS ALL IMMEDIATE")
    assert verdicts() == [[], []]
    sql(f"UPDATE {HISTOIRE} SET venue_apres = '' WHERE venue_apres = 'dite'")
    base, hors_base = verdicts()
    assert len(base) == 1
    assert base == hors_base


def test_une_colonne_qui_n_est_pas_la_derniere_ne_se_retire_pas(verdicts):
    """Vider une colonne d'origine n'est pas l'avoir ajoutée."""
    assert "demande" not in dernieres_colonnes(Parcours)
    sql(f"UPDATE {HISTOIRE} SET demande = '' WHERE history_id = %s", une_ligne())
    base, hors_base = verdicts()
    assert len(base) == 1
    assert base == hors_base


def test_un_texte_se_relit_au_signe_pres():
    valeurs = {"a": 'x"\\\n\u2028é', "b": [1, {"c": "}, "}], "d": 1.5, "e": ""}
    texte = json.dumps(valeurs, ensure_ascii=False)
    assert list(hors_ligne._valeurs(texte)) == list(valeurs)
    assert "{" + ", ".join(f'"{cle}": {v}' for cle, v in hors_ligne._valeurs(texte).items()) + "}" == texte
    assert hors_ligne._valeurs("{}") == {}


# -- la règle qui le rend vrai : une colonne suivie s'ajoute avec une valeur simple, qu'elle garde, et ne se retire ni ne se renomme


def fautes(lues, historiques):
    """Les opérations de ces migrations ({(app, nom): migration}) qui feraient mentir l'historique scellé avant elles."""
    for (app, nom), migration in sorted(lues.items()):
        for operation in migration.operations:
            modele = (app, getattr(operation, "model_name", "").lower())
            if modele not in historiques:
                continue
            if isinstance(operation, migrations.RemoveField | migrations.RenameField):
                yield f"{app}.{nom} retire ou renomme « {modele[1]} »."
            if isinstance(operation, migrations.AddField) and not _tenue(operation, historiques[modele]):
                yield f"{app}.{nom} ajoute « {operation.name} » sans valeur simple, ou qui n'est plus la sienne."


def _tenue(operation, historique):
    """La colonne part d'une valeur que les deux vérificateurs connaissent, aujourd'hui encore."""
    depart = "null" if operation.field.is_relation else valeur_de_depart(operation.field)
    champs = {champ.name: champ for champ in historique._meta.concrete_fields}
    return (
        depart in hors_ligne.DEPARTS and operation.name in champs and valeur_de_depart(champs[operation.name]) == depart
    )


HISTORIQUES = {(m._meta.app_label, m.history.model._meta.model_name): m.history.model for m in modeles_suivis()}


def test_aucune_migration_ne_fait_mentir_l_historique():
    lues = MigrationLoader(None).disk_migrations
    ajouts = [o for m in lues.values() for o in m.operations if isinstance(o, migrations.AddField)]
    assert any(o.model_name == "historiquequalification" for o in ajouts)
    assert list(fautes(lues, HISTORIQUES)) == []


@pytest.mark.parametrize(
    "operation",
    [
        migrations.AddField("historiqueparcours", "x", models.CharField(default="oui", max_length=9)),
        migrations.AddField("historiqueparcours", "x", models.IntegerField(default=1)),
        migrations.RemoveField("historiqueparcours", "demande"),
        migrations.RenameField("historiqueparcours", "demande", "attente"),
    ],
)
def test_la_regle_mord(operation):
    migration = migrations.Migration("essai", "parcours")
    migration.operations = [operation]
    assert len(list(fautes({("parcours", "essai"): migration}, HISTORIQUES))) == 1
