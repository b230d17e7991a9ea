"""Les textes d'accord, par versions ; ce qu'un accord permet et combien de temps il vaut."""

from pathlib import Path

import django.db.models.deletion
from django.db import migrations, models

TEXTES = Path(__file__).resolve().parent.parent / "sql" / "textes.sql"


class Migration(migrations.Migration):
    dependencies = [
        ("annuaire", "0001_initiale"),
    ]

    operations = [
        migrations.AddField(
            model_name="finalite",
            name="permet",
            field=models.CharField(blank=True, max_length=300, verbose_name="ce que cet accord permet"),
        ),
        migrations.AddField(
            model_name="finalite",
            name="validite_jours",
            field=models.PositiveSmallIntegerField(
                blank=True,
                help_text="Durée d'un accord quand aucune fin n'est dite ; vide : sans fin.",
                null=True,
                verbose_name="validité, en jours",
            ),
        ),
        migrations.CreateModel(
            name="TexteAccord",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("version", models.PositiveSmallIntegerField(editable=False, verbose_name="version")),
                ("texte", models.TextField(max_length=4000, verbose_name="texte lu à la personne")),
                (
                    "empreinte",
                    models.CharField(editable=False, max_length=64, verbose_name="empreinte SHA-256 du texte"),
                ),
                ("publie_le", models.DateTimeField(blank=True, editable=False, null=True, verbose_name="publié le")),
                (
                    "propre_a_l_association",
                    models.BooleanField(default=True, editable=False, verbose_name="écrit par l'association"),
                ),
                (
                    "finalite",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="textes",
                        to="annuaire.finalite",
                        verbose_name="finalité",
                    ),
                ),
            ],
            options={
                "verbose_name": "texte d'accord",
                "verbose_name_plural": "textes d'accord",
                "ordering": ["finalite__ordre", "-version"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("finalite", "version"),
                        name="texte_accord_version_unique",
                        violation_error_message="Cette version du texte existe déjà.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("texte", ""), _negated=True),
                        name="texte_accord_ecrit",
                        violation_error_message="Écrivez le texte qui sera lu à la personne.",
                    ),
                ],
            },
        ),
        migrations.RunSQL(TEXTES.read_text(encoding="utf-8"), migrations.RunSQL.noop),
    ]
