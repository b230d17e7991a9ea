"""Le jour où le dossier d'une demande est reçu complet : le silence se compte de là."""

from django.db import migrations, models

CHAMP = {"blank": True, "null": True, "verbose_name": "dossier complet reçu le"}


class Migration(migrations.Migration):
    dependencies = [("interventions", "0004_contacts_nouvelles")]

    operations = [
        migrations.AddField(model_name="action", name="complet_le", field=models.DateField(**CHAMP)),
        migrations.AddField(model_name="historiqueaction", name="complet_le", field=models.DateField(**CHAMP)),
        migrations.AddConstraint(
            model_name="action",
            constraint=models.CheckConstraint(
                condition=models.Q(("complet_le", None))
                | models.Q(("complet_le__gte", models.F("ns2_sollicite_le")), ("ns2_sollicite_le__isnull", False)),
                name="action_complete_apres_demande",
                violation_error_message="Le dossier est complet au plus tôt le jour de la demande.",
            ),
        ),
    ]
