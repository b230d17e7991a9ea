"""Les fonctions qui effacent sous un titre vérifié : historique, charges du journal, citations."""

from pathlib import Path

from django.db import migrations

EFFACEMENT = Path(__file__).resolve().parent.parent / "sql" / "effacement.sql"


class Migration(migrations.Migration):
    dependencies = [("socle", "0003_rythme")]

    operations = [migrations.RunSQL(EFFACEMENT.read_text(encoding="utf-8"), migrations.RunSQL.noop)]
