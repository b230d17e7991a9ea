"""Le délai et l'effet du silence de chaque levier, avec leur source ; les modèles de courrier."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("annuaire", "0002_textes_d_accord"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ModeleCourrier",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.CharField(max_length=40, unique=True, verbose_name="code")),
                ("libelle", models.CharField(max_length=300, verbose_name="libellé")),
                ("ordre", models.PositiveIntegerField(default=0, verbose_name="ordre")),
                (
                    "ferme_le",
                    models.DateField(
                        blank=True, help_text="Un code fermé n'est plus proposé.", null=True, verbose_name="fermé le"
                    ),
                ),
                ("relecture", models.CharField(blank=True, max_length=40, verbose_name="relecture")),
                ("relu_le", models.DateField(blank=True, editable=False, null=True, verbose_name="relu le")),
                (
                    "champs_corriges",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=60),
                        blank=True,
                        default=list,
                        editable=False,
                        size=None,
                        verbose_name="champs corrigés",
                    ),
                ),
                (
                    "propre_a_l_association",
                    models.BooleanField(default=False, editable=False, verbose_name="ajouté par l'association"),
                ),
                (
                    "usage",
                    models.CharField(
                        choices=[("demande", "Demande"), ("relance", "Relance"), ("recours", "Recours")],
                        max_length=10,
                        verbose_name="usage",
                    ),
                ),
                ("objet", models.CharField(max_length=200, verbose_name="objet")),
                (
                    "corps",
                    models.TextField(
                        help_text="Mots remplis par le dossier : {personne}, {destinataire}, {demande}, {date_demande}, {date_reponse}, {delai}, {date_silence}, {effet}, {source}, {dernier_jour}",
                        max_length=4000,
                        verbose_name="texte",
                    ),
                ),
            ],
            options={
                "verbose_name": "modèle de courrier",
                "verbose_name_plural": "modèles de courrier",
                "ordering": ["ordre", "code"],
                "abstract": False,
            },
        ),
        migrations.AddField(
            model_name="levier",
            name="delai_verifie_par",
            field=models.ForeignKey(
                blank=True,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="délai vérifié par",
            ),
        ),
        migrations.AddField(
            model_name="levier",
            name="recours_aupres",
            field=models.CharField(blank=True, max_length=200, verbose_name="contester auprès de"),
        ),
        migrations.AddField(
            model_name="levier",
            name="recours_mois",
            field=models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="délai pour contester, en mois"),
        ),
        migrations.AddField(
            model_name="levier",
            name="silence_effet",
            field=models.CharField(
                blank=True,
                choices=[("rejet", "rejet"), ("accord", "accord")],
                max_length=10,
                verbose_name="le silence vaut",
            ),
        ),
        migrations.AddField(
            model_name="levier",
            name="silence_mois",
            field=models.PositiveSmallIntegerField(
                blank=True,
                help_text="Vide : délai non renseigné, rien ne se calcule.",
                null=True,
                verbose_name="délai de réponse, en mois",
            ),
        ),
        migrations.AddField(
            model_name="levier",
            name="silence_source",
            field=models.CharField(
                blank=True,
                help_text="L'article ou la page officielle qui le dit.",
                max_length=300,
                verbose_name="source du délai",
            ),
        ),
        migrations.AlterField(
            model_name="levier",
            name="delai_verifie_le",
            field=models.DateField(blank=True, editable=False, null=True, verbose_name="délai vérifié le"),
        ),
        migrations.AddConstraint(
            model_name="levier",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("silence_effet", ""), ("silence_mois", None)),
                    models.Q(
                        ("silence_effet__in", ["rejet", "accord"]),
                        ("silence_mois__range", (1, 24)),
                        models.Q(("silence_source", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="levier_silence_source",
                violation_error_message="Un délai de silence (de 1 à 24 mois) dit ce que vaut le silence, et la source qui le dit.",
            ),
        ),
        migrations.AddConstraint(
            model_name="levier",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("recours_mois", None),
                    models.Q(("recours_mois__range", (1, 24)), ("silence_effet", "rejet")),
                    _connector="OR",
                ),
                name="levier_recours_d_un_rejet",
                violation_error_message="Un délai pour contester (de 1 à 24 mois) suit un silence qui vaut rejet.",
            ),
        ),
        migrations.AddField(
            model_name="modelecourrier",
            name="relu_par",
            field=models.ForeignKey(
                blank=True,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="relu par",
            ),
        ),
    ]
