"""L'accord sensible retiré est un titre d'effacement."""

from pathlib import Path

from django.db import migrations

TITRE = Path(__file__).resolve().parent.parent / "sql" / "accord_retire.sql"


class Migration(migrations.Migration):
    dependencies = [
        ("annuaire", "0002_textes_d_accord"),
        ("parcours", "0007_ouverture"),
    ]

    operations = [migrations.RunSQL(TITRE.read_text(encoding="utf-8"), migrations.RunSQL.noop)]
