# ruff: noqa: S608 (le SQL est composé des seuls noms de tables et de colonnes des modèles)
"""Le second mur : PostgreSQL lui-même ne rend, des tables sensibles, que les lignes des parcours que le lecteur voit.

Le lecteur est un réglage de la transaction, `jalon.lecteur` : vide, rien ne se lit ; `systeme`, tout (tâches, commandes) ;
la clé d'un compte, ce qu'il voit ; `parcours:<clé>`, ce seul parcours, sans y écrire. Qui voit quoi est dans la base :
`jalon_voit()` et `jalon_ecrit()`, posées par l'app du parcours.
"""

from contextlib import contextmanager

from django.apps import apps
from django.core.exceptions import ImproperlyConfigured
from django.db import connection, connections
from psycopg.pq import TransactionStatus

from .declencheurs import modeles_poses

SYSTEME = "systeme"
_POSER = "SELECT current_setting('jalon.lecteur', true), set_config('jalon.lecteur', %s, true)"
_JOINDRE = "SELECT set_config('jalon.lecteur', '{lecteur}', true); "
_OUVRIR = """
ALTER TABLE {table} DISABLE ROW LEVEL SECURITY, NO FORCE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS lire ON {table}; DROP POLICY IF EXISTS ajouter ON {table};
DROP POLICY IF EXISTS changer ON {table}; DROP POLICY IF EXISTS retirer ON {table};
"""
_FERMER = """
CREATE POLICY lire ON {table} FOR SELECT USING ({lit});
CREATE POLICY ajouter ON {table} FOR INSERT WITH CHECK ({ecrit});
CREATE POLICY changer ON {table} FOR UPDATE USING ({ecrit}) WITH CHECK ({ecrit});
CREATE POLICY retirer ON {table} FOR DELETE USING ({ecrit});
ALTER TABLE {table} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
"""
# Lu une fois par requête, non par ligne : les tâches et les commandes ne paient pas le mur.
_EN_SYSTEME = "(SELECT jalon_lecteur()) = 'systeme'"


class HorsDUneTransaction(Exception):
    """Le lecteur vaut pour une transaction : hors d'elle, il ne vaudrait que pour une requête. Une faute de programme."""


class Lecture:
    """Un lecteur posé. Tel quel, il vaut jusqu'à la fin de la transaction ; dans un `with`, jusqu'à la fin du bloc."""

    def __init__(self, lecteur):
        if not connection.in_atomic_block:
            raise HorsDUneTransaction("Ouvrez une transaction avant de dire à la base qui lit.")
        self.avant = self._poser(lecteur)

    @staticmethod
    def _poser(lecteur):
        with connection.cursor() as curseur:
            curseur.execute(_POSER, [lecteur])
            return curseur.fetchone()[0] or ""

    def __enter__(self):
        return self

    def __exit__(self, *erreur):
        # Une transaction en échec ne se reprend qu'en annulant, ce qui rend aussi le lecteur d'avant.
        if connection.connection.info.transaction_status != TransactionStatus.INERROR:
            self._poser(self.avant)


def lire_comme(par):
    """La suite de la transaction ne lit que ce que ce compte voit ; personne de connecté : rien."""
    return Lecture(str(par.pk or ""))


@contextmanager
def en_lisant_comme(par):
    """`lire_comme`, joint à la première requête du bloc : la porte de lecture n'a pas un aller-retour de plus à la base."""
    lecteur, pose = str(int(par.pk)) if par.pk else "", []

    def joindre(execute, sql, params, many, context):
        if pose:
            return execute(sql, params, many, context)
        pose.append(True)
        if many or getattr(context["cursor"].cursor, "name", None):
            # Un lot ou un curseur gardé par la base ne se joint à rien.
            Lecture(lecteur)
            return execute(sql, params, many, context)
        resultat = execute(_JOINDRE.format(lecteur=lecteur) + sql, params, many, context)
        context["cursor"].nextset()
        return resultat

    with connection.execute_wrapper(joindre):
        yield
    if not pose:
        Lecture(lecteur)


def lire_un_parcours(parcours):
    """La suite ne lit que ce parcours (instance ou clé) et n'écrit dans aucun dossier : page d'un invité, copie pour la personne."""
    return Lecture(f"parcours:{getattr(parcours, 'pk', parcours)}")


def lire_en_systeme():
    """La suite lit tous les dossiers ; réservé à ce que l'application fait d'elle-même, après avoir vérifié le droit."""
    return Lecture(SYSTEME)


# -- le mur, engendré après chaque `migrate`


def modeles_cloisonnes():
    """Modèles d'un dossier dont la table est derrière le mur (`cloisonne = True`)."""
    return [modele for modele in apps.get_models() if getattr(modele, "cloisonne", False)]


def tables_cloisonnees():
    """{table: (lire, écrire)} : les deux conditions SQL de chaque table sensible et de sa table d'historique."""
    tables = {}
    for modele in modeles_cloisonnes():
        tables[modele._meta.db_table] = (_lit(modele, False), f"{_EN_SYSTEME} OR jalon_ecrit({_parcours_de(modele)})")
        if hasattr(modele, "history"):
            tables[_table(modele, True)] = (_lit(modele, True), _EN_SYSTEME)
    # L'historique ne s'écrit que par les déclencheurs, qui se disent système le temps d'une ligne.
    for modele in apps.get_models():
        if getattr(modele, "histoire_cloisonnee", False):
            tables[_table(modele, True)] = (_lit_seule(modele), _EN_SYSTEME)
    return tables


def _table(modele, histoire):
    return (modele.history.model if histoire else modele)._meta.db_table


def _lit(modele, histoire):
    """Se lit la ligne dont le parcours se voit, ou dont le parent se lit : lui-même est derrière le mur."""
    tete, *reste = modele.vers_parcours.split("__")
    champ = modele._meta.get_field(tete)
    if not reste:
        return f"{_EN_SYSTEME} OR jalon_voit({champ.column})"
    if not champ.related_model.cloisonne:
        raise ImproperlyConfigured(f"{modele._meta.label} se lit par {champ.related_model._meta.label}, hors du mur.")
    # L'historique suit celui de ses parents, qui ne s'efface pas avec eux.
    table = _table(champ.related_model, histoire)
    lien = f"{_table(modele, histoire)}.{champ.column}"
    return f"{_EN_SYSTEME} OR (SELECT true FROM {table} x WHERE x.{champ.target_field.column} = {lien} LIMIT 1)"


def _lit_seule(modele):
    """L'historique d'une table que la recherche parcourt : celui du parcours, ou de ce dont un parcours visible dépend."""
    if not modele.vers_parcours:
        return f"{_EN_SYSTEME} OR jalon_voit(id)"
    lien = modele._meta.get_field(modele.vers_parcours)
    parcours, cle = lien.related_model._meta.db_table, f"{_table(modele, True)}.id"
    return f"{_EN_SYSTEME} OR (SELECT true FROM {parcours} x WHERE x.{lien.field.column} = {cle} AND jalon_voit(x.id) LIMIT 1)"


def _parcours_de(modele):
    """Expression SQL : la clé du parcours d'une ligne."""
    tete, *reste = modele.vers_parcours.split("__")
    champ = modele._meta.get_field(tete)
    expression = f"{modele._meta.db_table}.{champ.column}"
    for pas in reste:
        parent = champ.related_model
        cle = champ.target_field.column
        champ = parent._meta.get_field(pas)
        expression = f"(SELECT x.{champ.column} FROM {parent._meta.db_table} x WHERE x.{cle} = {expression})"
    return expression


def installer(using="default", **kwargs):
    """(Ré)installe le mur ; appelée après chaque `migrate`, quand la base sait qui voit quoi."""
    with connections[using].cursor() as curseur:
        curseur.execute("SELECT to_regproc('jalon_voit')")
        if curseur.fetchone()[0] is None:
            return
        connues = tables_cloisonnees()
        suivies = [_table(modele, histoire) for modele in modeles_poses(curseur) for histoire in (False, True)]
        for table in dict.fromkeys([*suivies, *connues]):
            curseur.execute("SELECT to_regclass(%s)", [table])
            if curseur.fetchone()[0] is not None:
                # D'un seul envoi : la table n'est jamais ouverte entre deux.
                curseur.execute(_OUVRIR.format(table=table) + _sql_du_mur(table, connues))


def _sql_du_mur(table, connues):
    if table not in connues:
        return ""
    lit, ecrit = connues[table]
    return _FERMER.format(table=table, lit=lit, ecrit=ecrit)
