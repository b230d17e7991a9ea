from pathlib import Path

import django.db.models.deletion
from django.db import migrations, models

SQL = (Path(__file__).resolve().parent.parent / "sql" / "empreintes.sql").read_text(encoding="utf-8")
RETOUR = """
DROP TRIGGER empreintes_ajoutees ON pilotage_empreintededition; DROP TRIGGER empreintes_retirees ON pilotage_empreintededition;
DROP TRIGGER empreinte_figee ON pilotage_empreintededition;
DROP FUNCTION pilotage_empreintes_figees(); DROP FUNCTION pilotage_empreinte_figee();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("parcours", "0015_publics"),
        ("pilotage", "0005_cumul"),
    ]

    operations = [
        migrations.CreateModel(
            name="EmpreinteDEdition",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "empreinte",
                    models.BigIntegerField(editable=False, verbose_name="empreinte de ce qui est compté de lui"),
                ),
                ("accompagne", models.BooleanField(editable=False, verbose_name="compté parmi les accompagnés")),
                (
                    "edition",
                    models.ForeignKey(
                        db_index=False,
                        editable=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="empreintes",
                        to="pilotage.edition",
                        verbose_name="édition",
                    ),
                ),
                (
                    "parcours",
                    models.ForeignKey(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="parcours.parcours",
                    ),
                ),
            ],
            options={
                "verbose_name": "empreinte d'un parcours dans une édition",
                "verbose_name_plural": "empreintes des parcours dans les éditions",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("edition", "parcours"),
                        include=("empreinte", "accompagne"),
                        name="pilotage_empreinte_une_par_parcours",
                        violation_error_message="Ce parcours a déjà son empreinte dans cette édition.",
                    )
                ],
            },
        ),
        migrations.RunSQL(SQL, RETOUR),
    ]
