import django.contrib.postgres.fields
from django.db import migrations, models

# Le déclencheur nomme la colonne : il se refait autour d'elle. D'une empreinte d'avant, on ne sait pas l'univers : elle vaut pour tous.
_DECLENCHEUR = """
CREATE TRIGGER empreinte_figee BEFORE UPDATE ON pilotage_empreintededition FOR EACH ROW
    WHEN (NEW.parcours_id IS NOT NULL OR (NEW.id, NEW.edition_id, NEW.{colonne}, NEW.accompagne)
          IS DISTINCT FROM (OLD.id, OLD.edition_id, OLD.{colonne}, OLD.accompagne))
    EXECUTE FUNCTION pilotage_empreinte_figee();
"""
ALLER = """
DROP TRIGGER empreinte_figee ON pilotage_empreintededition;
DROP INDEX pilotage_empreinte_une_par_parcours;
ALTER TABLE pilotage_empreintededition ALTER COLUMN empreinte TYPE bigint[] USING array_fill(empreinte, ARRAY[6]);
ALTER TABLE pilotage_empreintededition RENAME COLUMN empreinte TO empreintes;
CREATE UNIQUE INDEX pilotage_empreinte_une_par_parcours ON pilotage_empreintededition (edition_id, parcours_id)
    INCLUDE (empreintes, accompagne);
""" + _DECLENCHEUR.format(colonne="empreintes")
RETOUR = """
DROP TRIGGER empreinte_figee ON pilotage_empreintededition;
DROP INDEX pilotage_empreinte_une_par_parcours;
ALTER TABLE pilotage_empreintededition RENAME COLUMN empreintes TO empreinte;
ALTER TABLE pilotage_empreintededition ALTER COLUMN empreinte TYPE bigint USING hashtextextended(empreinte::text, 0);
CREATE UNIQUE INDEX pilotage_empreinte_une_par_parcours ON pilotage_empreintededition (edition_id, parcours_id)
    INCLUDE (empreinte, accompagne);
""" + _DECLENCHEUR.format(colonne="empreinte")


class Migration(migrations.Migration):
    dependencies = [
        ("pilotage", "0007_sel"),
    ]

    operations = [
        migrations.RunSQL(
            ALLER,
            RETOUR,
            state_operations=[
                migrations.RemoveConstraint(model_name="empreintededition", name="pilotage_empreinte_une_par_parcours"),
                migrations.RenameField("empreintededition", "empreinte", "empreintes"),
                migrations.AlterField(
                    "empreintededition",
                    "empreintes",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(null=True),
                        editable=False,
                        size=None,
                        verbose_name="empreintes de ce qui est compté de lui",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="empreintededition",
                    constraint=models.UniqueConstraint(
                        fields=("edition", "parcours"),
                        include=("empreintes", "accompagne"),
                        name="pilotage_empreinte_une_par_parcours",
                        violation_error_message="Ce parcours a déjà son empreinte dans cette édition.",
                    ),
                ),
            ],
        ),
    ]
