"""La preuve d'un accord : texte lu, témoin, interprète, papier numérisé ; les documents qu'un partage nomme."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("annuaire", "0002_textes_d_accord"),
        ("parcours", "0005_demandes"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="PreuveAccord",
            fields=[
                (
                    "accord",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="preuve",
                        serialize=False,
                        to="parcours.accord",
                    ),
                ),
                (
                    "genre",
                    models.CharField(
                        choices=[("application/pdf", "PDF"), ("image/jpeg", "Image")],
                        max_length=20,
                        verbose_name="genre",
                    ),
                ),
                ("contenu", models.BinaryField(verbose_name="contenu")),
            ],
            options={
                "verbose_name": "papier numérisé",
                "verbose_name_plural": "papiers numérisés",
            },
        ),
        migrations.AddField(
            model_name="accord",
            name="documents",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=40),
                blank=True,
                default=list,
                size=None,
                verbose_name="documents",
            ),
        ),
        migrations.AddField(
            model_name="accord",
            name="empreinte_du_texte",
            field=models.CharField(blank=True, editable=False, max_length=64, verbose_name="empreinte du texte lu"),
        ),
        migrations.AddField(
            model_name="accord",
            name="interprete",
            field=models.CharField(blank=True, max_length=60, verbose_name="interprète, en"),
        ),
        migrations.AddField(
            model_name="accord",
            name="preuve_sha256",
            field=models.CharField(
                blank=True, editable=False, max_length=64, verbose_name="empreinte du papier numérisé"
            ),
        ),
        migrations.AddField(
            model_name="accord",
            name="temoin",
            field=models.CharField(blank=True, max_length=120, verbose_name="témoin"),
        ),
        migrations.AddField(
            model_name="accord",
            name="texte",
            field=models.ForeignKey(
                blank=True,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="annuaire.texteaccord",
                verbose_name="texte lu",
            ),
        ),
        migrations.AddField(
            model_name="historiqueaccord",
            name="documents",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=40),
                blank=True,
                default=list,
                size=None,
                verbose_name="documents",
            ),
        ),
        migrations.AddField(
            model_name="historiqueaccord",
            name="empreinte_du_texte",
            field=models.CharField(blank=True, editable=False, max_length=64, verbose_name="empreinte du texte lu"),
        ),
        migrations.AddField(
            model_name="historiqueaccord",
            name="interprete",
            field=models.CharField(blank=True, max_length=60, verbose_name="interprète, en"),
        ),
        migrations.AddField(
            model_name="historiqueaccord",
            name="preuve_sha256",
            field=models.CharField(
                blank=True, editable=False, max_length=64, verbose_name="empreinte du papier numérisé"
            ),
        ),
        migrations.AddField(
            model_name="historiqueaccord",
            name="temoin",
            field=models.CharField(blank=True, max_length=120, verbose_name="témoin"),
        ),
        migrations.AddField(
            model_name="historiqueaccord",
            name="texte",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to="annuaire.texteaccord",
                verbose_name="texte lu",
            ),
        ),
        migrations.AlterField(
            model_name="accord",
            name="accorde",
            field=models.BooleanField(default=True, editable=False, verbose_name="accordé"),
        ),
        migrations.AlterField(
            model_name="historiqueaccord",
            name="accorde",
            field=models.BooleanField(default=True, editable=False, verbose_name="accordé"),
        ),
        migrations.AddIndex(
            model_name="accord",
            index=models.Index(
                condition=models.Q(("accorde", True), ("retire_le", None)), fields=["jusqu_au"], name="accord_qui_finit"
            ),
        ),
        migrations.AddConstraint(
            model_name="accord",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("mode", "oral avec témoin"), _negated=True),
                    models.Q(("temoin", ""), _negated=True),
                    _connector="OR",
                ),
                name="accord_temoin_nomme",
                violation_error_message="Un accord oral nomme son témoin.",
            ),
        ),
        migrations.AddConstraint(
            model_name="accord",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("accorde", True), models.Q(("jusqu_au", None), ("retire_le", None)), _connector="OR"
                ),
                name="accord_refus_sans_suite",
                violation_error_message="Un refus n'a ni fin ni retrait.",
            ),
        ),
    ]
