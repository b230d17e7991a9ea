"""Une base montée de version : une colonne venue après ne rompt pas ce qui fut scellé avant elle, et ne laisse rien y écrire."""

import re

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
        lues = dernieres_colonnes(modele)
        return lues | {"depart": [departs.get(*paire) for paire in zip(*lues.values(), strict=True)]}

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
    assert "demande" not in dernieres_colonnes(Parcours)["dernieres"]
    sql(f"UPDATE {HISTOIRE} SET demande = '' WHERE history_id = %s", une_ligne())
    base, hors_base = verdicts()
    assert len(base) == 1
    assert base == hors_base


def test_une_colonne_ne_prend_pas_la_place_de_la_ligne(verdicts):
    """Nommée comme l'alias d'une requête, elle porterait la vraie ligne pendant que la table en dit une autre."""
    for table, alias in ((HISTOIRE, "h"), (TABLE, "r")):
        sql(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        sql(f"ALTER TABLE {table} ADD COLUMN {alias} jsonb")
        sql(f"UPDATE {table} x SET {alias} = to_jsonb(x.*) - '{alias}'")
        sql(f"UPDATE {table} SET demande = 'autre'")
    lignes = sql(f"SELECT count(*) FROM {HISTOIRE}")[0][0]
    base, hors_base = verdicts()
    assert base == hors_base
    assert len(base) == min(lignes, verification.RUPTURES_DITES)
    assert any(rupture.startswith("parcours.parcours ") for rupture in verifier().ruptures)


def test_ni_celle_d_une_ligne_veillee(verdicts):
    sql("ALTER TABLE comptes_fonction DISABLE TRIGGER USER")
    sql("ALTER TABLE comptes_fonction ADD COLUMN r jsonb")
    sql("UPDATE comptes_fonction x SET r = to_jsonb(x.*) - 'r'")
    assert verifier().ruptures == []
    sql("UPDATE comptes_fonction SET genre = 'DPO' WHERE genre = 'DIRECTION'")
    assert any(rupture.startswith("comptes.fonction ") for rupture in verifier().ruptures), verifier().ruptures


# -- la règle qui le rend vrai : une colonne suivie s'ajoute avec une valeur simple, qu'elle garde, et ne change ni de type ni de nom

SIMPLES = ("null", '""', "[]", "{}", "false", "true", "0")
SUIVIS = {(m._meta.app_label, m._meta.model_name): m for m in modeles_suivis()}
SUIVIS |= {(cle[0], m.history.model._meta.model_name): m.history.model for cle, m in list(SUIVIS.items())}
DEFONT = (migrations.RemoveField, migrations.RenameField, migrations.RenameModel, migrations.DeleteModel)


def fautes(lues, etat_avant):
    """Les opérations de ces migrations ({(app, nom): migration}) qui feraient mentir l'historique scellé avant elles."""
    for cle, migration in sorted(lues.items()):
        nees = {
            operation.name.lower()
            for operation in migration.operations
            if isinstance(operation, migrations.CreateModel)
        }
        for operation in a_plat(migration.operations):
            nom = (
                getattr(operation, "model_name", "")
                or getattr(operation, "old_name", "")
                or getattr(operation, "name", "")
            )
            modele = (cle[0], nom.lower())
            if modele not in SUIVIS or modele[1] in nees:  # une table qui naît n'a pas de ligne d'avant
                continue
            if isinstance(operation, DEFONT):
                yield f"{cle} retire ou renomme : {operation.describe()}"
            if isinstance(operation, migrations.AddField) and not _tenue(operation, SUIVIS[modele]):
                yield f"{cle} ajoute « {operation.name} » sans valeur simple, ou qui n'est plus la sienne"
            if isinstance(operation, migrations.AlterField) and not _meme_colonne(
                operation, etat_avant(cle).apps.get_model(*modele)
            ):
                yield f"{cle} change la colonne de « {operation.name} »"


def a_plat(operations):
    """Ces opérations, celles que d'autres enferment comprises."""
    for operation in operations:
        dedans = [*getattr(operation, "database_operations", ()), *(getattr(operation, "state_operations", None) or ())]
        yield from a_plat(dedans) if dedans else [operation]


def _tenue(operation, modele):
    """La colonne part d'une valeur simple, la sienne aujourd'hui encore ; nulle si elle peut l'être."""
    depart = "null" if operation.field.is_relation else valeur_de_depart(operation.field)
    champs = {champ.name: champ for champ in modele._meta.concrete_fields}
    if operation.name not in champs or (operation.field.is_relation and not operation.field.null):
        return False
    return (
        depart in SIMPLES
        and valeur_de_depart(champs[operation.name]) == depart
        and (depart == "null" or not operation.field.null)
    )


def _meme_colonne(operation, avant):
    """Le champ ne change ni de type ni de nullité : ses valeurs s'écrivent en JSON comme avant."""
    ancien = avant._meta.get_field(operation.name)
    neuf = operation.field
    if not neuf.is_relation and _sorte(ancien) != _sorte(neuf):
        return False
    return (type(ancien), ancien.null) == (type(neuf), neuf.null) and getattr(ancien, "decimal_places", 0) == getattr(
        neuf, "decimal_places", 0
    )


def _sorte(champ):
    """Le type de la colonne, sans la longueur d'un texte, qui ne change pas comment il s'écrit."""
    return re.sub(r"varchar\(\d+\)", "varchar", champ.db_type(connection))


def test_aucune_migration_ne_fait_mentir_l_historique(db):
    chargeur = MigrationLoader(None)
    lues = chargeur.disk_migrations
    ajouts = [o for m in lues.values() for o in m.operations if isinstance(o, migrations.AddField)]
    assert any(o.model_name == "historiquequalification" for o in ajouts)
    assert list(fautes(lues, lambda cle: chargeur.project_state(cle, at_end=False))) == []


PARCOURS = "historiqueparcours"


@pytest.mark.parametrize(
    "operation",
    [
        migrations.AddField(PARCOURS, "x", models.CharField(default="oui", max_length=9)),
        migrations.AddField(PARCOURS, "restreint", models.BooleanField(null=True, default=False)),
        migrations.AddField("parcours", "origine", models.ForeignKey("annuaire.Origine", models.PROTECT, default=1)),
        migrations.AlterField(PARCOURS, "demande", models.IntegerField()),
        migrations.AlterField(PARCOURS, "demande", models.TextField(null=True)),
        migrations.AlterField(PARCOURS, "demande", models.CharField(max_length=9)),
        migrations.RemoveField(PARCOURS, "demande"),
        migrations.RenameField(PARCOURS, "demande", "attente"),
        migrations.RenameModel("Parcours", "Chemin"),
        migrations.DeleteModel("HistoriqueParcours"),
        migrations.SeparateDatabaseAndState(state_operations=[migrations.RemoveField(PARCOURS, "demande")]),
    ],
)
def test_la_regle_mord(operation):
    migration = migrations.Migration("essai", "parcours")
    migration.operations = [operation]
    etat = MigrationLoader(None).project_state(("parcours", "0015_publics"))
    assert len(list(fautes({("parcours", "essai"): migration}, lambda cle: etat))) == 1
