"""Un document dépend d'accords : il s'annule quand l'un d'eux cesse."""

import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("documents", "0001_documents"),
    ]

    operations = [
        migrations.AddField(
            model_name="document",
            name="finalites",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=20),
                blank=True,
                default=list,
                editable=False,
                size=None,
                verbose_name="accords dont il dépend",
            ),
        ),
        migrations.AddField(
            model_name="historiquedocument",
            name="finalites",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=20),
                blank=True,
                default=list,
                editable=False,
                size=None,
                verbose_name="accords dont il dépend",
            ),
        ),
        migrations.AlterField(
            model_name="document",
            name="etat",
            field=models.CharField(
                choices=[
                    ("demande", "En préparation"),
                    ("produit", "Prêt"),
                    ("echec", "Échec"),
                    ("remplace", "Remplacé"),
                    ("annule", "Annulé"),
                ],
                default="demande",
                editable=False,
                max_length=10,
                verbose_name="état",
            ),
        ),
        migrations.AlterField(
            model_name="historiquedocument",
            name="etat",
            field=models.CharField(
                choices=[
                    ("demande", "En préparation"),
                    ("produit", "Prêt"),
                    ("echec", "Échec"),
                    ("remplace", "Remplacé"),
                    ("annule", "Annulé"),
                ],
                default="demande",
                editable=False,
                max_length=10,
                verbose_name="état",
            ),
        ),
    ]
