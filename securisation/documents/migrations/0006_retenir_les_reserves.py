"""Les documents produits d'un dossier repris sans l'accord qui couvre leurs lignes réservées : le travailleur les retient, une fois.

Pas ici : l'historique s'écrit par des déclencheurs, récrits seulement après la dernière migration.
"""

from django.db import migrations

INSCRIRE = """
INSERT INTO socle_du (genre, ids, du_le, essais, erreur)
SELECT 'retenir_les_reserves', '{}', now(), 0, '' WHERE EXISTS (SELECT FROM documents_document)
ON CONFLICT (genre, ids) WHERE fait_le IS NULL DO NOTHING
"""


class Migration(migrations.Migration):
    dependencies = [("documents", "0005_sceau"), ("socle", "0002_journal_effacable")]

    operations = [migrations.RunSQL(INSCRIRE, migrations.RunSQL.noop)]
