"""Le rythme des lectures, et ce que la piste d'audit lit du journal : le temps, puis les événements rares."""

from pathlib import Path

from django.db import migrations, models

RYTHME = Path(__file__).resolve().parent.parent / "sql" / "rythme.sql"
RETOUR = """
DROP FUNCTION jalon_lire(bigint, bigint, text, text, text, bigint, jsonb, interval, integer);
"""
# L'acteur et le temps ont déjà leur index. Un refus ou un export se trouve sans relire un million de lectures.
PISTE = """
CREATE INDEX socle_journal_quand ON socle_journal (quand, chaine, seq);
CREATE INDEX socle_journal_rares ON socle_journal (quand, chaine, seq)
    WHERE action <> ALL (ARRAY['creation', 'modification', 'suppression', 'lecture', 'liste']);
"""
RETOUR_PISTE = "DROP INDEX socle_journal_quand; DROP INDEX socle_journal_rares"


class Migration(migrations.Migration):
    dependencies = [
        ("socle", "0002_journal_effacable"),
    ]

    operations = [
        migrations.CreateModel(
            name="LectureRecente",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "acteur", "chaine", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("acteur", models.BigIntegerField()),
                ("chaine", models.BigIntegerField()),
                ("vu_le", models.DateTimeField()),
            ],
            options={
                "db_table": "socle_rythme",
            },
        ),
        migrations.CreateModel(
            name="Elargissement",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("acteur", models.BigIntegerField()),
                ("accorde_le", models.DateTimeField()),
            ],
            options={
                "db_table": "socle_elargissement",
                "indexes": [models.Index(fields=["acteur", "accorde_le"], name="elargissement_d_un_compte")],
            },
        ),
        migrations.RunSQL(RYTHME.read_text(encoding="utf-8"), RETOUR),
        migrations.RunSQL(PISTE, RETOUR_PISTE),
    ]
