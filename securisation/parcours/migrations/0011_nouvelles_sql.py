"""Une demande, un accord, un refus ou un retrait de la personne déplacent le début de la durée de conservation."""

from pathlib import Path

from django.db import migrations

NOUVELLES = Path(__file__).resolve().parent.parent / "sql" / "nouvelles.sql"


class Migration(migrations.Migration):
    dependencies = [("parcours", "0010_effacement_sql")]

    operations = [migrations.RunSQL(NOUVELLES.read_text(encoding="utf-8"), migrations.RunSQL.noop)]
