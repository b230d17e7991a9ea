"""Un professionnel qui change d'équipe perd ses rôles sur les parcours de l'ancienne."""

from pathlib import Path

from django.db import migrations

CHANGEMENT = Path(__file__).resolve().parent.parent / "sql" / "changement_d_equipe.sql"


class Migration(migrations.Migration):
    dependencies = [
        ("comptes", "0001_comptes"),
        ("parcours", "0002_importation"),
    ]

    operations = [migrations.RunSQL(CHANGEMENT.read_text(encoding="utf-8"), migrations.RunSQL.noop)]
