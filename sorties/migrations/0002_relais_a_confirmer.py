"""Les relais nommés dans une sortie ouverte et pas encore confirmés deviennent dus."""

from django.db import migrations

DEVOIR = """
SELECT set_config('jalon.lecteur', 'systeme', true);
INSERT INTO parcours_echeance (parcours_id, nature, source, date, libelle)
SELECT s.parcours_id, 'confirmation', 'risque:' || r.id, s.ouverte_le + 15, 'Confirmer un relais'
  FROM sorties_risque r JOIN sorties_sortie s ON s.id = r.sortie_id JOIN parcours_parcours p ON p.id = s.parcours_id
 WHERE s.etat = 'brouillon' AND p.etat = 'sortie' AND NOT r.assume AND r.relais_confirme_le IS NULL
ON CONFLICT DO NOTHING;
"""


class Migration(migrations.Migration):
    dependencies = [("sorties", "0001_sorties"), ("parcours", "0013_recherche")]

    operations = [migrations.RunSQL(DEVOIR, migrations.RunSQL.noop)]
