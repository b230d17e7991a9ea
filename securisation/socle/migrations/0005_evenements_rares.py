"""L'index des événements rares range d'abord par action : un export se trouve sans relire chaque recherche."""

from django.db import migrations

RARES = "WHERE action <> ALL (ARRAY['creation', 'modification', 'suppression', 'lecture', 'liste'])"
POSER = f"""
DROP INDEX socle_journal_rares;
CREATE INDEX socle_journal_rares ON socle_journal (action, quand, chaine, seq) {RARES};
"""
RETIRER = f"""
DROP INDEX socle_journal_rares;
CREATE INDEX socle_journal_rares ON socle_journal (quand, chaine, seq) {RARES};
"""


class Migration(migrations.Migration):
    dependencies = [("socle", "0004_effacement")]

    operations = [migrations.RunSQL(POSER, RETIRER)]
