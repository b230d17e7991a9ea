# ruff: noqa: S608 (le SQL est composé des seuls noms de tables et de colonnes des modèles)
"""Les déclencheurs : l'historique et le journal des écritures, générés depuis les modèles après chaque `migrate`.

Une table suivie (tout modèle qui porte `history`) a une fonction `tracer_<table>` : elle recopie la ligne dans la table
d'historique de django-simple-history et inscrit un maillon au journal du parcours. Aucun chemin d'écriture n'y échappe.
"""

from django.apps import apps
from django.conf import settings
from django.db import connections
from django.utils import timezone

from .trace import modele_parcours

_FONCTION = """
CREATE OR REPLACE FUNCTION tracer_{table}() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    r {table};
    h {histoire};
    genre text;
    champs jsonb := '[]';
    chaines bigint[];
    c bigint;
    lecteur text := coalesce(current_setting('jalon.lecteur', true), '');
BEGIN
    IF TG_OP = 'INSERT' THEN r := NEW; genre := '+';
    ELSIF TG_OP = 'DELETE' THEN r := OLD; genre := '-';
    ELSE
        IF {inchange} THEN RETURN NULL; END IF;
        r := NEW; genre := '~';
        SELECT coalesce(jsonb_agg(n.key ORDER BY n.key), '[]') INTO champs
          FROM jsonb_each(to_jsonb(NEW)) n JOIN jsonb_each(to_jsonb(OLD)) o USING (key)
         WHERE n.value IS DISTINCT FROM o.value AND n.key NOT IN ({tus});
    END IF;
    -- La trace s'écrit derrière le mur (cloison.py), quel que soit le lecteur ; il est rendu à la fin.
    PERFORM set_config('jalon.lecteur', 'systeme', true);
    INSERT INTO {histoire} ({colonnes}, history_date, history_type, history_change_reason, history_user_id)
    VALUES ({valeurs}, clock_timestamp(), genre, jalon_motif(), jalon_acteur()) RETURNING * INTO h;
    {vers_parcours}
    IF chaines IS NULL OR chaines[1] IS NULL THEN chaines := ARRAY[coalesce(-jalon_acteur(), 0)]; END IF;
    FOREACH c IN ARRAY chaines LOOP
        PERFORM jalon_inscrire(c, jalon_acteur(), CASE genre WHEN '+' THEN 'creation' WHEN '-' THEN 'suppression' ELSE 'modification' END,
            jalon_motif(), '{modele}', r.{cle},
            jsonb_build_object('champs', champs, 'histoire', h.history_id, 'empreinte', jalon_empreinte(to_jsonb(h))));
    END LOOP;
    PERFORM set_config('jalon.lecteur', lecteur, true);
    RETURN NULL;
END $$;
REVOKE EXECUTE ON FUNCTION tracer_{table}() FROM PUBLIC;
CREATE OR REPLACE TRIGGER tracer AFTER INSERT OR UPDATE OR DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION tracer_{table}();
CREATE OR REPLACE TRIGGER ajout_seul BEFORE UPDATE OR DELETE OR TRUNCATE ON {histoire}
    FOR EACH STATEMENT EXECUTE FUNCTION jalon_ajout_seul();
"""


def modeles_suivis():
    """Modèles dont chaque écriture laisse une ligne d'historique, dans l'ordre des apps."""
    return [modele for modele in apps.get_models() if hasattr(modele, "history") and hasattr(modele.history, "model")]


def modeles_poses(curseur):
    """Modèles suivis dont la table d'historique existe déjà (une migration peut être en cours de route)."""
    poses = []
    for modele in modeles_suivis():
        curseur.execute("SELECT to_regclass(%s)", [modele.history.model._meta.db_table])
        if curseur.fetchone()[0] is not None:
            poses.append(modele)
    return poses


def _chemin_sql(modele, chemin):
    """Expression PL/pgSQL qui remplit `chaines` ; un parent déjà supprimé est retrouvé par son historique."""
    if chemin == "":
        return f"chaines := ARRAY[r.{modele._meta.pk.column}];"
    tete, *reste = chemin.split("__")
    champ = modele._meta.get_field(tete)
    if champ.one_to_many:
        cible = champ.related_model._meta.db_table
        return f"SELECT array_agg(id ORDER BY id) INTO chaines FROM {cible} WHERE {champ.field.column} = r.id;"
    expression = f"r.{champ.column}"
    for pas in reste:
        parent = champ.related_model
        champ = parent._meta.get_field(pas)
        table, histoire = parent._meta.db_table, parent.history.model._meta.db_table
        expression = (
            f"coalesce((SELECT {champ.column} FROM {table} WHERE id = {expression}), "
            f"(SELECT {champ.column} FROM {histoire} WHERE id = {expression} ORDER BY history_id DESC LIMIT 1))"
        )
    return f"chaines := ARRAY[{expression}];"


def sql_du_modele(modele):
    """Fonction et déclencheurs d'un modèle suivi (texte SQL)."""
    colonnes = [champ.column for champ in modele._meta.concrete_fields]
    calcules = getattr(modele, "champs_calcules", ())
    # Une colonne tenue par la base (clé de tri recopiée) n'est pas un fait du dossier : son seul changement ne laisse pas de trace.
    inchange = "NEW IS NOT DISTINCT FROM OLD"
    if calcules:
        moins = "".join(f" - '{nom}'" for nom in calcules)
        inchange = f"(to_jsonb(NEW){moins}) = (to_jsonb(OLD){moins})"
    return _FONCTION.format(
        inchange=inchange,
        tus=", ".join(f"'{nom}'" for nom in ("version", "modifie_le", *calcules)),
        table=modele._meta.db_table,
        histoire=modele.history.model._meta.db_table,
        colonnes=", ".join(f'"{colonne}"' for colonne in colonnes),
        valeurs=", ".join(f'r."{colonne}"' for colonne in colonnes),
        vers_parcours=_chemin_sql(modele, modele.vers_parcours),
        modele=modele._meta.label_lower,
        cle=modele._meta.pk.column,
    )


def _partitions(curseur):
    """Une partition du journal par année : la précédente, celle-ci et les deux suivantes ; le reste est gardé à part."""
    annee = timezone.localdate().year
    for an in range(annee - 1, annee + 3):
        curseur.execute("SELECT to_regclass(%s)", [f"socle_journal_{an}"])
        if curseur.fetchone()[0] is None:
            curseur.execute(
                f"CREATE TABLE socle_journal_{an} PARTITION OF socle_journal FOR VALUES FROM ('{an}-01-01+00') TO ('{an + 1}-01-01+00')"
            )


def _fermer_les_declencheurs(curseur):
    """Nul que le propriétaire n'attache une fonction de trace à une autre table, ni n'a de table temporaire : la trace ne se forge pas."""
    curseur.execute(
        "SELECT oid::regprocedure::text FROM pg_proc WHERE prosecdef AND prorettype = 'trigger'::regtype "
        "AND pronamespace = 'public'::regnamespace AND proowner = current_user::regrole"
    )
    for (fonction,) in curseur.fetchall():
        curseur.execute(f"REVOKE EXECUTE ON FUNCTION {fonction} FROM PUBLIC")
    curseur.execute("SELECT quote_ident(current_database())")
    curseur.execute(f"REVOKE TEMPORARY ON DATABASE {curseur.fetchone()[0]} FROM PUBLIC")


def _droits(curseur):
    """Le rôle de l'application écrit les dossiers ; le journal et l'historique, il ne peut que les lire."""
    role = settings.ROLE_APPLICATION
    curseur.execute("SELECT 1 FROM pg_roles WHERE rolname = %s AND rolname <> current_user", [role])
    if not role or not curseur.fetchone():
        return
    curseur.execute(f'GRANT USAGE ON SCHEMA public TO "{role}"')
    curseur.execute(f'GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO "{role}"')
    curseur.execute(f'GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO "{role}"')
    curseur.execute("SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'socle_journal'::regclass")
    fermees = ["socle_journal", "socle_tete", *(ligne[0] for ligne in curseur.fetchall())]
    fermees += [modele.history.model._meta.db_table for modele in modeles_poses(curseur)]
    curseur.execute(f'REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON {", ".join(fermees)} FROM "{role}"')


def installer(using="default", **kwargs):
    """(Ré)installe partitions, déclencheurs et droits ; appelée après chaque `migrate`."""
    parcours = modele_parcours()
    with connections[using].cursor() as curseur:
        curseur.execute("SELECT to_regclass('socle_journal'), to_regclass(%s)", [parcours._meta.db_table])
        if None in curseur.fetchone():
            return
        _partitions(curseur)
        for modele in modeles_poses(curseur):
            curseur.execute(sql_du_modele(modele))
        _fermer_les_declencheurs(curseur)
        _droits(curseur)
