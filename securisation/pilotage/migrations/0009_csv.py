from django.db import migrations, models

# Une édition déjà parue reçoit le sien : le travail produit ce qui manque, et rien d'autre ne change. Au nom de qui l'a publiée.
RATTRAPER = """
INSERT INTO socle_du (genre, ids, par, du_le, essais, erreur)
SELECT 'produire_edition', jsonb_build_object('edition', e.id), e.publiee_par_id, now(), 0, ''
FROM pilotage_edition e
WHERE e.etat IN ('publiee', 'remplacee')
  AND NOT EXISTS (SELECT FROM pilotage_fichierdedition f WHERE f.edition_id = e.id AND f.genre = 'csv')
ON CONFLICT (genre, ids) WHERE fait_le IS NULL DO NOTHING;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("pilotage", "0008_empreintes_par_univers"),
        ("socle", "0002_journal_effacable"),
    ]

    operations = [
        migrations.AlterField(
            model_name="fichierdedition",
            name="genre",
            field=models.CharField(
                choices=[
                    ("pdf", "PDF"),
                    ("csv", "Tableaux CSV"),
                    ("xlsx", "Classeur XLSX"),
                    ("ods", "Classeur ODS"),
                ],
                max_length=4,
                verbose_name="genre",
            ),
        ),
        migrations.RunSQL(RATTRAPER, migrations.RunSQL.noop),
    ]
