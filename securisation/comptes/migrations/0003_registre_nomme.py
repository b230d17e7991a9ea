"""L'association choisit si le registre d'accès nomme les professionnels."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("comptes", "0002_compte_invite")]

    operations = [
        migrations.AddField(
            model_name="reglages",
            name="registre_nomme",
            field=models.BooleanField(
                default=False,
                help_text="Dans le registre d’accès et la copie remis à la personne ; sinon, leur métier seul.",
                verbose_name="nommer les professionnels",
            ),
        ),
    ]
