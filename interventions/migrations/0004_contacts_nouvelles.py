"""Le dernier contact venu de la personne se compare à ses demandes et à ses accords : la plus récente des nouvelles compte."""

from pathlib import Path

from django.db import migrations

NOUVELLES = Path(__file__).resolve().parent.parent / "sql" / "contacts_nouvelles.sql"


class Migration(migrations.Migration):
    dependencies = [("interventions", "0003_nouvelles_de_la_personne"), ("parcours", "0011_nouvelles_sql")]

    operations = [migrations.RunSQL(NOUVELLES.read_text(encoding="utf-8"), migrations.RunSQL.noop)]
