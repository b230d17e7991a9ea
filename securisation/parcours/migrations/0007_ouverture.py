"""L'ouverture motivée, la raison d'une restriction, et qui voit quoi, dit à la base (le second mur)."""

import datetime
from pathlib import Path

import django.db.models.deletion
import django.db.models.expressions
import simple_history.models
from django.conf import settings
from django.db import migrations, models

import securisation.socle.trace

VOIT = Path(__file__).resolve().parent.parent / "sql" / "voit.sql"


class Migration(migrations.Migration):
    dependencies = [
        ("parcours", "0006_accords_preuves"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="historiqueparcours",
            name="raison_restriction",
            field=models.CharField(
                blank=True,
                choices=[
                    ("collegue", "La personne travaille ici, ou y a travaillé"),
                    ("proche", "La personne est un proche de quelqu'un d'ici"),
                    ("conflit", "Un autre conflit d'intérêts"),
                    ("souhait", "La personne le demande"),
                ],
                editable=False,
                max_length=10,
                verbose_name="raison de la restriction",
            ),
        ),
        migrations.AddField(
            model_name="parcours",
            name="raison_restriction",
            field=models.CharField(
                blank=True,
                choices=[
                    ("collegue", "La personne travaille ici, ou y a travaillé"),
                    ("proche", "La personne est un proche de quelqu'un d'ici"),
                    ("conflit", "Un autre conflit d'intérêts"),
                    ("souhait", "La personne le demande"),
                ],
                editable=False,
                max_length=10,
                verbose_name="raison de la restriction",
            ),
        ),
        migrations.CreateModel(
            name="HistoriqueOuverture",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID")),
                ("uuid", models.UUIDField(db_index=True, default=securisation.socle.trace.uuid7, editable=False)),
                ("version", models.PositiveIntegerField(default=0, editable=False)),
                ("cree_le", models.DateTimeField(editable=False)),
                ("modifie_le", models.DateTimeField(editable=False)),
                ("history_change_reason", models.TextField(null=True)),
                ("motif", models.TextField(max_length=1000, verbose_name="motif")),
                ("ouverte_le", models.DateTimeField(editable=False, verbose_name="ouvert le")),
                ("jusqu_au", models.DateTimeField(editable=False, verbose_name="lisible jusqu'à")),
                ("refermee_le", models.DateTimeField(blank=True, editable=False, null=True, verbose_name="refermé le")),
                ("history_id", models.BigAutoField(editable=False, primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField(db_index=True)),
                (
                    "history_type",
                    models.CharField(choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1),
                ),
                (
                    "history_user",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "parcours",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="parcours.parcours",
                    ),
                ),
                (
                    "professionnel",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="ouvert par",
                    ),
                ),
            ],
            options={
                "verbose_name": "historical cette ouverture motivée",
                "verbose_name_plural": "historical cette ouverture motivées",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="Ouverture",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("uuid", models.UUIDField(default=securisation.socle.trace.uuid7, editable=False, unique=True)),
                ("version", models.PositiveIntegerField(default=0, editable=False)),
                ("cree_le", models.DateTimeField(editable=False)),
                ("modifie_le", models.DateTimeField(editable=False)),
                ("motif", models.TextField(max_length=1000, verbose_name="motif")),
                ("ouverte_le", models.DateTimeField(editable=False, verbose_name="ouvert le")),
                ("jusqu_au", models.DateTimeField(editable=False, verbose_name="lisible jusqu'à")),
                ("refermee_le", models.DateTimeField(blank=True, editable=False, null=True, verbose_name="refermé le")),
                (
                    "parcours",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="ouvertures", to="parcours.parcours"
                    ),
                ),
                (
                    "professionnel",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="ouvert par",
                    ),
                ),
            ],
            options={
                "verbose_name": "cette ouverture motivée",
                "ordering": ["-ouverte_le", "-pk"],
                "indexes": [models.Index(fields=["professionnel", "parcours", "jusqu_au"], name="ouverture_en_cours")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("jusqu_au__gt", models.F("ouverte_le")),
                            (
                                "jusqu_au__lte",
                                django.db.models.expressions.CombinedExpression(
                                    models.F("ouverte_le"), "+", models.Value(datetime.timedelta(seconds=14400))
                                ),
                            ),
                        ),
                        name="ouverture_courte",
                        violation_error_message="Une ouverture dure quatre heures au plus.",
                    )
                ],
            },
        ),
        migrations.RunSQL(VOIT.read_text(encoding="utf-8"), migrations.RunSQL.noop),
    ]
