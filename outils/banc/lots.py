# ruff: noqa: S608 (le SQL est composé des seuls noms de tables et de colonnes des modèles)
"""Le SQL d'un lot de parcours : les faits, leur historique, puis le journal qui les scelle, chaîne par chaîne.

Les clés se calculent (une évaluation a pour clé parcours × 8 + rang) : aucune lecture en retour, et chaque chaîne se retrouve.
"""

from dataclasses import dataclass

from django.apps import apps

# Les quatorze premiers dossiers sont ceux que l'on mesure : cinq axes, vingt contacts, six actions, une longue histoire.
LOURDS, LOURDS_OUVERTS, EQUIPES = 14, 10, 10
VERSIONS, LECTURES = 50, 1000
OUTILS = """
CREATE FUNCTION pg_temp.cle(genre bigint, i bigint) RETURNS uuid LANGUAGE sql IMMUTABLE AS
$$ SELECT overlay(overlay(md5(genre::text || '/' || i::text) placing lpad(to_hex(1767225600000 + i), 12, '0') from 1 for 12)
                  placing '7' from 13 for 1)::uuid $$;
CREATE FUNCTION pg_temp.tire(i bigint, graine bigint, borne bigint) RETURNS int LANGUAGE sql IMMUTABLE AS
$$ SELECT ((hashint8(i * 31 + graine) & 1073741823) % borne)::int $$;
CREATE FUNCTION pg_temp.mot(i bigint, graine bigint, mots text[]) RETURNS text LANGUAGE sql IMMUTABLE AS
$$ SELECT mots[1 + pg_temp.tire(i, graine, cardinality(mots))] $$;
CREATE FUNCTION pg_temp.suivant(avant bytea, charge bytea, chaine bigint, seq bigint, quand timestamptz, acteur bigint, action text,
                                motif text, modele text, objet bigint) RETURNS bytea LANGUAGE sql AS
$$ SELECT jalon_maillon(avant, charge, chaine, seq, quand, NULL, acteur, action, motif, modele, objet) $$;
CREATE AGGREGATE pg_temp.enchainer(bytea, bigint, bigint, timestamptz, bigint, text, text, text, bigint)
    (sfunc = pg_temp.suivant, stype = bytea, initcond = '');
CREATE TEMP TABLE lot (i bigint PRIMARY KEY, etat text, equipe bigint, referent bigint, intervenant bigint, recue date,
                       debut timestamptz, echeance date, lourd boolean);
CREATE TEMP TABLE evenement (chaine bigint, quand timestamptz, acteur bigint, action text, motif text, modele text, objet bigint,
                             charge jsonb, sel bytea);
CREATE TEMP TABLE ref_facteur AS
    SELECT axe_id, id, row_number() OVER (PARTITION BY axe_id ORDER BY ordre, code) AS rang
      FROM annuaire_facteur WHERE NOT revele_la_sante;
CREATE TEMP TABLE ref_axe AS SELECT id, code, row_number() OVER (ORDER BY ordre, code) AS n FROM annuaire_axe;
"""
PREPARER = """
TRUNCATE lot; TRUNCATE evenement;
INSERT INTO lot
SELECT i, etat, equipe, referent, intervenant, recue, (recue - 3)::timestamp AT TIME ZONE 'UTC' + interval '6 hours',
       CASE WHEN etat = ANY('{{clos,interrompu,non_admis}}') THEN DATE '9999-12-31'
            WHEN etat = 'oriente' THEN recue + 7
            WHEN etat = 'intervention' THEN recue + 130
            ELSE CURRENT_DATE - 4 + pg_temp.tire(i, 3, 20) END, i <= {lourds}
  FROM (SELECT i, etat, CASE WHEN i <= {lourds} THEN 1 ELSE i % {equipes} + 1 END AS equipe,
               CASE WHEN i <= {lourds} THEN 1 ELSE (i / {equipes} % {rangs}) * {equipes} + i % {equipes} + 1 END AS referent,
               CASE WHEN i <= {lourds} THEN {equipes} + 1
                    ELSE ((i / {equipes} + 1) % {rangs}) * {equipes} + i % {equipes} + 1 END AS intervenant,
               CURRENT_DATE - CASE etat WHEN 'oriente' THEN 1 + pg_temp.tire(i, 1, 10) WHEN 'admis' THEN 5 + pg_temp.tire(i, 1, 20)
                   WHEN 'diagnostic' THEN 15 + pg_temp.tire(i, 1, 30)
                   WHEN 'intervention' THEN CASE WHEN i <= {lourds} THEN 90 ELSE 41 + pg_temp.tire(i, 1, 95) END
                   WHEN 'sortie' THEN 120 + pg_temp.tire(i, 1, 20) ELSE 150 + pg_temp.tire(i, 1, 170) END AS recue
          FROM (SELECT i, CASE WHEN i <= {lourds_ouverts} THEN 'intervention' WHEN i <= {lourds} THEN 'clos' WHEN t < 20 THEN 'oriente'
                    WHEN t < 30 THEN 'admis' WHEN t < 50 THEN 'diagnostic' WHEN t < 65 THEN 'intervention' WHEN t < 68 THEN 'sortie'
                    WHEN t < 73 THEN 'clos' WHEN t < 80 THEN 'interrompu' ELSE 'non_admis' END AS etat
                  FROM (SELECT i, pg_temp.tire(i, 2, 100) AS t FROM generate_series({debut}::bigint, {fin}::bigint) i) a) b) c
"""


@dataclass
class Faits:
    """Un modèle suivi à remplir : clés = parcours × `pas` + rang, ses valeurs par champ, ses lignes (`source` : l = lot, n = rang)."""

    modele: str
    pas: int
    valeurs: dict
    source: str = "lot l CROSS JOIN (VALUES (0)) s(n)"
    minute: str = "0"
    motif: str = ""
    sans_trace: tuple = ()

    @property
    def classe(self):
        """La classe Django."""
        return apps.get_model(self.modele)

    def sql(self, genre):
        """INSERT des faits."""
        cle = f"l.i * {self.pas} + s.n"
        trace = {"uuid": f"pg_temp.cle({genre}, {cle})", "version": "1", "cree_le": "l.debut", "modifie_le": "l.debut"}
        colonnes, valeurs = [], []
        for champ in self.classe._meta.concrete_fields:
            colonnes.append(f'"{champ.column}"')
            valeur = self.valeurs.get(champ.column) or {"id": cle, "parcours_id": "l.i", **trace}.get(champ.column)
            valeurs.append(valeur or _defaut(champ))
        return f"INSERT INTO {self.classe._meta.db_table} ({', '.join(colonnes)}) SELECT {', '.join(valeurs)} FROM {self.source}"

    def histoire(self, *, minute=None, motif=None, genre="+", rang="0", de="", ou="", places=64, **remplacements):
        """INSERT d'une génération d'historique et de ses événements. `rang` : numéro de la version, moins de `places`."""
        table, histoire = self.classe._meta.db_table, self.classe.history.model._meta.db_table
        colonnes = [champ.column for champ in self.classe._meta.concrete_fields]
        valeurs = ", ".join(str(remplacements.get(colonne, f't."{colonne}"')) for colonne in colonnes)
        action = {"+": "creation", "~": "modification"}[genre]
        champs = ", ".join(f"'{nom}'" for nom in remplacements if nom != "version" and genre == "~")
        champs = f"jsonb_build_array({champs})"
        return f"""
WITH h AS (INSERT INTO {histoire} ({", ".join(f'"{c}"' for c in colonnes)}, history_id, history_date, history_type,
        history_change_reason, history_user_id)
    SELECT {valeurs}, t.id * {places} + {rang}, l.debut + interval '1 minute' * ({minute or self.minute}) + interval '1 ms' * (t.id % 997),
           '{genre}', '{motif or self.motif}', l.referent
      FROM lot l JOIN {table} t ON t.id / {self.pas} = l.i {de}
     WHERE t.id BETWEEN {{debut}} * {self.pas} AND {{fin}} * {self.pas} + {self.pas - 1} {ou} RETURNING *)
INSERT INTO evenement SELECT h.id / {self.pas}, h.history_date, h.history_user_id, '{action}', h.history_change_reason,
       '{self.modele.lower()}', h.id, jsonb_build_object('champs', {champs}, 'histoire', h.history_id,
       'empreinte', jalon_empreinte(to_jsonb(h))), uuid_send(gen_random_uuid()) FROM h"""


def _defaut(champ):
    """Valeur d'une colonne que rien ne remplit : celle du modèle s'il en dit une constante, sinon une valeur vide."""
    if champ.null:
        return "NULL"
    genre = champ.get_internal_type()
    if isinstance(champ.default, bool | int):
        return str(champ.default).lower()
    return {"BooleanField": "false", "ArrayField": "'{}'", "DateField": "l.recue"}.get(genre, "''")


JOURNAL = """
WITH e AS MATERIALIZED (SELECT *, row_number() OVER (PARTITION BY chaine ORDER BY quand, modele, objet) AS seq,
                               sha256(sel || convert_to(charge::text, 'UTF8')) AS ec FROM evenement),
     m AS (SELECT e.*, pg_temp.enchainer(ec, chaine, seq, quand, acteur, action, motif, modele, objet)
                           OVER (PARTITION BY chaine ORDER BY seq) AS maillon FROM e),
     j AS (INSERT INTO socle_journal
           SELECT chaine, seq, quand, NULL, acteur, action, motif, modele, objet, charge, sel, ec,
                  coalesce(lag(maillon) OVER (PARTITION BY chaine ORDER BY seq), ''::bytea), maillon FROM m
           RETURNING chaine, seq, empreinte)
INSERT INTO socle_tete SELECT DISTINCT ON (chaine) chaine, seq, empreinte FROM j ORDER BY chaine, seq DESC
"""
LECTURES_JOURNAL = f"""
INSERT INTO evenement SELECT i, debut + interval '1 minute' * (1000 + 60 * n), referent, 'lecture', '', 'parcours.parcours', i,
       jsonb_build_object('page', 'synthese:parcours'), uuid_send(gen_random_uuid()) FROM lot, generate_series(1, {LECTURES}) n WHERE lourd
"""
ECHEANCES = """
INSERT INTO parcours_echeance (id, parcours_id, nature, source, date, libelle)
SELECT i, i, CASE etat WHEN 'oriente' THEN 'qualification' WHEN 'intervention' THEN 'terme' ELSE etat END, '', echeance,
       CASE etat WHEN 'oriente' THEN 'Qualifier la demande' WHEN 'intervention' THEN 'Terme de l''intervention'
                 WHEN 'sortie' THEN 'Terminer et valider la sortie' ELSE 'Ouvrir puis valider le diagnostic' END
  FROM lot WHERE echeance < DATE '9999-01-01'
"""
