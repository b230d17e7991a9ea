"""Le titre d'un effacement décidé, et le jour des dernières nouvelles tenu par la base."""

from pathlib import Path

from django.db import migrations

EFFACEMENT = Path(__file__).resolve().parent.parent / "sql" / "effacement.sql"


class Migration(migrations.Migration):
    dependencies = [("parcours", "0009_effacement_conservation"), ("socle", "0004_effacement")]

    operations = [migrations.RunSQL(EFFACEMENT.read_text(encoding="utf-8"), migrations.RunSQL.noop)]
