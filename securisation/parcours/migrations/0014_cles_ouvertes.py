"""Les noms à ligature ou à apostrophe courbe prennent leur nouvelle clé : « Lecœur » répond à « lecoeur »."""

from django.db import migrations

ANCIENNES = """
SELECT id, prenom || ' ' || nom || ' ' || pseudonyme, cle FROM parcours_personne
 WHERE prenom || nom || pseudonyme ~ '[œŒæÆßøØłŁđĐı]|[‘’‐‑–—]'
"""


def refaire(apps, schema_editor):
    """Par la clé d'aujourd'hui, ligne à ligne : elles sont peu nombreuses."""
    from securisation.parcours.models.personne import cle_de_recherche

    with schema_editor.connection.cursor() as curseur:
        curseur.execute(ANCIENNES)
        for ident, noms, avant in curseur.fetchall():
            if (cle := cle_de_recherche(noms)[:260]) != avant:
                curseur.execute("UPDATE parcours_personne SET cle = %s WHERE id = %s", [cle, ident])


class Migration(migrations.Migration):
    dependencies = [("parcours", "0013_recherche")]

    operations = [migrations.RunPython(refaire, migrations.RunPython.noop)]
