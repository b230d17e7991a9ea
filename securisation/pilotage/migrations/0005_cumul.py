from pathlib import Path

from django.db import migrations

SQL = (Path(__file__).resolve().parent.parent / "sql" / "cumul.sql").read_text(encoding="utf-8")
RETOUR = """
DROP TRIGGER cumuler_les_neufs ON pilotage_fait; DROP TRIGGER cumuler_les_changes ON pilotage_fait;
DROP TRIGGER cumuler_les_partis ON pilotage_fait; DROP FUNCTION pilotage_cumuler(); DROP FUNCTION pilotage_parts(pilotage_fait);
DROP FUNCTION pilotage_departement(text);
"""


class Migration(migrations.Migration):
    dependencies = [("pilotage", "0004_paroles")]
    operations = [migrations.RunSQL(SQL, RETOUR)]
