"""Un contact peut rester sans réponse, ou se tenir au bureau."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("interventions", "0001_interventions")]

    operations = [
        migrations.AddField(
            model_name="contact",
            name="abouti",
            field=models.BooleanField(default=True, verbose_name="a abouti à un échange"),
        ),
        migrations.AddField(
            model_name="historiquecontact",
            name="abouti",
            field=models.BooleanField(default=True, verbose_name="a abouti à un échange"),
        ),
        migrations.AlterField(
            model_name="contact",
            name="canal",
            field=models.CharField(
                choices=[
                    ("téléphone", "Téléphone"),
                    ("SMS", "SMS"),
                    ("courriel", "Courriel"),
                    ("courrier", "Courrier"),
                    ("visite", "Visite"),
                    ("rendez-vous", "Rendez-vous au bureau"),
                ],
                max_length=12,
                verbose_name="canal",
            ),
        ),
        migrations.AlterField(
            model_name="historiquecontact",
            name="canal",
            field=models.CharField(
                choices=[
                    ("téléphone", "Téléphone"),
                    ("SMS", "SMS"),
                    ("courriel", "Courriel"),
                    ("courrier", "Courrier"),
                    ("visite", "Visite"),
                    ("rendez-vous", "Rendez-vous au bureau"),
                ],
                max_length=12,
                verbose_name="canal",
            ),
        ),
        migrations.AddConstraint(
            model_name="contact",
            constraint=models.CheckConstraint(
                condition=models.Q(("abouti", True), ("de_la_personne", False), _connector="OR"),
                name="contact_sans_reponse_est_le_notre",
                violation_error_message="Un contact venu de la personne est un échange\xa0: il ne reste pas sans réponse.",
            ),
        ),
    ]
