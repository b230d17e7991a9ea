"""La veille : les tables qui ouvrent ou ferment un accès (comptes, fonctions, équipes, moyens de connexion) inscrivent chaque écriture.

Elles ne sont d'aucun dossier et n'ont pas d'historique : le maillon dit les colonnes changées et, pour celles qui font un droit, l'ancienne
et la nouvelle valeur ; le vérificateur compare la dernière à la ligne vivante. Un secret (mot de passe, clé) n'y est qu'un nom de colonne.
"""

from django.apps import apps
from django.db import connections

VEILLES = {}
_FONCTION = """
CREATE OR REPLACE FUNCTION jalon_veiller() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    avant jsonb := CASE WHEN TG_OP = 'INSERT' THEN '{}' ELSE to_jsonb(OLD) END;
    apres jsonb := CASE WHEN TG_OP = 'DELETE' THEN '{}' ELSE to_jsonb(NEW) END;
    dits text[] := TG_ARGV[2]::text[];
    champs jsonb;
BEGIN
    SELECT coalesce(jsonb_agg(cle ORDER BY cle), '[]') INTO champs FROM jsonb_object_keys(avant || apres) cle
     WHERE avant -> cle IS DISTINCT FROM apres -> cle AND cle <> ALL (TG_ARGV[3]::text[]);
    IF TG_OP = 'UPDATE' AND champs = '[]' THEN RETURN NULL; END IF;
    PERFORM jalon_inscrire(coalesce(-jalon_acteur(), 0), jalon_acteur(),
        CASE TG_OP WHEN 'INSERT' THEN 'creation' WHEN 'DELETE' THEN 'suppression' ELSE 'modification' END, jalon_motif(),
        TG_ARGV[0], ((avant || apres) ->> TG_ARGV[1])::bigint,
        jsonb_build_object('champs', champs, 'avant', jalon_veille(avant, dits), 'apres', jalon_veille(apres, dits)));
    RETURN NULL;
END $$;
REVOKE EXECUTE ON FUNCTION jalon_veiller() FROM PUBLIC;
CREATE OR REPLACE FUNCTION jalon_veille(ligne jsonb, dits text[]) RETURNS jsonb LANGUAGE sql IMMUTABLE AS
$$ SELECT coalesce(jsonb_object_agg(key, value ORDER BY key), '{}') FROM jsonb_each(ligne) WHERE key = ANY (dits) $$;
"""
_DECLENCHEUR = """
CREATE OR REPLACE TRIGGER veiller AFTER INSERT OR UPDATE OR DELETE ON {table} FOR EACH ROW
    EXECUTE FUNCTION jalon_veiller('{nom}', '{cle}', '{{{dits}}}', '{{{tus}}}')
"""
# Ce qui existait avant la veille y entre une fois, tel quel.
_REPRENDRE = """
SELECT count(jalon_inscrire(0, NULL, 'creation', 'veille ouverte', %(nom)s, r.{cle}::bigint,
         jsonb_build_object('champs', '[]'::jsonb, 'avant', '{{}}'::jsonb, 'apres', jalon_veille(to_jsonb(r.*), %(dits)s::text[]))))
  FROM {table} r WHERE NOT EXISTS (SELECT 1 FROM socle_journal j WHERE j.modele = %(nom)s AND j.objet = r.{cle} AND j.charge ? 'apres')
"""
_ECARTS = """
SELECT coalesce(r.{cle}, d.objet) FROM {table} r FULL JOIN (
    SELECT DISTINCT ON (objet) objet, charge -> 'apres' AS apres, sel IS NULL AS efface FROM socle_journal
     WHERE modele = %(nom)s AND (charge ? 'apres' OR sel IS NULL) ORDER BY objet, quand DESC, seq DESC) d ON d.objet = r.{cle}
 WHERE d.efface IS NOT TRUE AND jalon_veille(to_jsonb(r.*), %(dits)s::text[]) IS DISTINCT FROM coalesce(d.apres, 'null') ORDER BY 1 LIMIT 20
"""


def veiller(modele, *dits, tus=()):
    """Met la table d'un modèle (« comptes.Fonction ») sous veille. `dits` : colonnes qui font un droit ; `tus` : sans intérêt."""
    VEILLES[modele] = (dits, tus)


def installer(using="default", **kwargs):
    """(Ré)installe la veille ; appelée après chaque `migrate`, quand le journal et la table existent."""
    with connections[using].cursor() as curseur:
        curseur.execute("SELECT to_regprocedure('jalon_inscrire(bigint,bigint,text,text,text,bigint,jsonb)')")
        if curseur.fetchone()[0] is None:
            return
        curseur.execute(_FONCTION)
        for modele, nom, dits, tus in _veilles():
            curseur.execute("SELECT to_regclass(%s)", [modele._meta.db_table])
            if curseur.fetchone()[0] is None:
                continue
            noms = {"table": modele._meta.db_table, "cle": modele._meta.pk.column}
            curseur.execute(_DECLENCHEUR.format(**noms, nom=nom, dits=",".join(dits), tus=",".join(tus)))
            curseur.execute(_REPRENDRE.format(**noms), {"nom": nom, "dits": list(dits)})


def ecarts(curseur):
    """Phrases : les lignes veillées qui ne sont plus ce que dit le journal."""
    for modele, nom, dits, _ in _veilles():
        requete = _ECARTS.format(table=modele._meta.db_table, cle=modele._meta.pk.column)
        curseur.execute(requete, {"nom": nom, "dits": list(dits)})
        for (cle,) in curseur.fetchall():
            yield f"{nom} {cle} : la ligne n'est plus celle que dit le journal."


def _veilles():
    for nom, (dits, tus) in VEILLES.items():
        modele = apps.get_model(nom)
        yield modele, modele._meta.label_lower, dits, tus
