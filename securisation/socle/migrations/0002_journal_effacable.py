"""Le journal accepte une charge effacée, un dû garde qui l'a demandé, une écriture sans acteur dit d'où elle vient."""

from django.db import migrations, models

# Une charge effacée n'a plus de sel : son empreinte, gardée, ne se devine plus.
EFFACABLE = """
ALTER TABLE socle_journal ALTER COLUMN sel DROP NOT NULL;
CREATE INDEX socle_journal_effacements ON socle_journal (chaine, seq) WHERE action = 'effacement';
"""
RETOUR = "DROP INDEX socle_journal_effacements"

# Hors de la porte, le motif dit le rôle de base et le programme (la commande et le compte du système qui l'a lancée).
MOTIF = """
CREATE OR REPLACE FUNCTION jalon_motif() RETURNS text LANGUAGE sql STABLE AS
$$ SELECT coalesce(nullif(current_setting('jalon.motif', true), ''),
                   'hors de l''application (' || concat_ws(', ', session_user, nullif(current_setting('application_name'), '')) || ')') $$;
"""


class Migration(migrations.Migration):
    dependencies = [("socle", "0001_socle")]

    operations = [
        migrations.RunSQL(EFFACABLE, RETOUR),
        migrations.RunSQL(MOTIF, migrations.RunSQL.noop),
        migrations.AddField("du", "par", models.BigIntegerField(null=True)),
    ]
