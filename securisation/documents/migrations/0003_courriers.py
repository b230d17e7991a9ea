"""Plusieurs courriers valent à la fois : un courrier n'en remplace pas un autre."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("documents", "0002_annules"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="document",
            name="documents_un_seul_valable",
        ),
        migrations.AddConstraint(
            model_name="document",
            constraint=models.UniqueConstraint(
                condition=models.Q(("etat", "produit"), models.Q(("genre__in", ("courrier",)), _negated=True)),
                fields=("parcours", "genre"),
                name="documents_un_seul_valable",
                violation_error_message="Un document du même genre est déjà valable.",
            ),
        ),
    ]
