"""La base rendue à neuf après un essai en vraies transactions : ce qui a servi se vide, ce qui n'a pas bougé reste.

Un `flush` recrée les cent trente tables, leurs déclencheurs et tout le référentiel : plus long que la plupart des essais. Ici, une
empreinte dit si le référentiel, les déclencheurs, le mur et les droits sont ceux du début ; alors seules les tables remplies se vident.
Sinon, la base se refait en entier.
"""

from django.core.management import call_command
from django.db import connection, transaction
from django.test import TransactionTestCase

JOURNAL = ("socle_journal", "socle_tete")
# Ce que tout essai trouve d'avance : le référentiel, et ce que Django écrit lui-même.
D_AVANCE = ("annuaire_", "auth_permission", "django_content_type", "django_migrations")
# Toutes les tables, dans l'ordre de leur nom ; une partition se vide avec la sienne.
TABLES = """
SELECT relname, relkind = 'p' OR pg_relation_size(oid) > 0 FROM pg_class
 WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition ORDER BY relname"""
LIENS = "SELECT DISTINCT conrelid::regclass::text, confrelid::regclass::text FROM pg_constraint WHERE contype = 'f'"
# Ce que le schéma promet : déclencheurs, mur, fonctions, droits.
SCHEMA = """
SELECT md5(string_agg(ligne, E'\\n' ORDER BY ligne)) FROM (
 SELECT concat_ws('|', tgrelid, tgname, tgenabled, tgfoid) AS ligne FROM pg_trigger WHERE NOT tgisinternal
 UNION ALL SELECT concat_ws('|', polrelid, polname, polcmd, polqual, polwithcheck) FROM pg_policy
 UNION ALL SELECT concat_ws('|', oid, md5(prosrc), prosecdef, proacl) FROM pg_proc WHERE pronamespace = 'public'::regnamespace
 UNION ALL SELECT concat_ws('|', relname, relrowsecurity, relforcerowsecurity, relacl, relchecks) FROM pg_class
  WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')) x"""


class Neuve:
    """La base telle qu'un essai la trouve : ce qu'elle contient d'avance, et comment y revenir."""

    def __init__(self):
        with connection.cursor() as curseur:
            curseur.execute(LIENS)
            self.liens = set(curseur.fetchall())
            d_avance = [table for table, _ in self._tables(curseur) if table.startswith(D_AVANCE)]
            self.gardees = {table for table in d_avance if self._remplie(curseur, table)}
            self.de_passage = sorted(self._vers(self.gardees) - self.gardees)
            self.empreinte = self._empreinte(curseur)

    @staticmethod
    def _tables(curseur):
        curseur.execute(TABLES)
        return curseur.fetchall()

    @staticmethod
    def _remplie(curseur, table):
        curseur.execute(f'SELECT EXISTS (SELECT 1 FROM "{table}")')
        return curseur.fetchone()[0]

    def _vers(self, tables):
        """Les tables que celles-ci désignent, de proche en proche : les vider par TRUNCATE viderait aussi celles-ci."""
        return self._suivre(tables, self.liens)

    def _depuis(self, tables):
        """Les tables qui désignent celles-ci, de proche en proche : TRUNCATE exige qu'elles se vident ensemble."""
        return self._suivre(tables, {(vers, de) for de, vers in self.liens})

    @staticmethod
    def _suivre(tables, liens):
        atteintes = set(tables)
        while suivantes := {vers for de, vers in liens if de in atteintes} - atteintes:
            atteintes |= suivantes
        return atteintes

    def _empreinte(self, curseur):
        """Ce que la base est avant tout essai : son schéma, et chaque ligne de ce qu'elle contient d'avance."""
        lignes = " UNION ALL ".join(f"SELECT '{t}' || x::text FROM \"{t}\" x" for t in sorted(self.gardees))
        curseur.execute(f"SELECT md5(string_agg(ligne, '' ORDER BY ligne)) FROM ({lignes}) y(ligne)")
        contenu = curseur.fetchone()[0]
        curseur.execute(SCHEMA)
        return contenu, curseur.fetchone()[0]

    def constater(self):
        """Prend pour empreinte la base du moment, refaite en entier."""
        with connection.cursor() as curseur:
            self.empreinte = self._empreinte(curseur)

    def y_revenir(self):
        """Vide ce qui a servi ; faux, sans rien toucher, si ce que la base contient d'avance a bougé."""
        with transaction.atomic(), connection.cursor() as curseur:
            curseur.execute("SELECT set_config('jalon.lecteur', 'systeme', true)")
            if self._empreinte(curseur) != self.empreinte:
                return False
            servies = {table for table, servie in self._tables(curseur) if servie} - self.gardees - {*self.de_passage}
            self._vider(curseur, self._depuis(servies) | {*JOURNAL})
            for table in self.de_passage:
                curseur.execute(f'DELETE FROM "{table}"')
            curseur.execute("SET CONSTRAINTS ALL IMMEDIATE")
            # Ces suppressions ont laissé leur trace.
            traces = {table for table, servie in self._tables(curseur) if servie} - self.gardees - {*self.de_passage}
            self._vider(curseur, self._depuis(traces) | {*JOURNAL})
        return True

    @staticmethod
    def _vider(curseur, tables):
        curseur.execute(f"TRUNCATE {', '.join(sorted(tables))}")


def installer():
    """Remplace le `flush` qui suit chaque essai en vraies transactions ; la base du moment est la base neuve."""
    neuve = Neuve()
    neuve.y_revenir()  # une série interrompue a pu laisser des lignes

    def rendre_a_neuf(essai):
        if not neuve.y_revenir():
            # `post_migrate` remplit de nouveau le référentiel et réinstalle ce que le schéma promet.
            call_command("flush", verbosity=0, interactive=False, reset_sequences=False)
            neuve.constater()

    TransactionTestCase._fixture_teardown = rendre_a_neuf
