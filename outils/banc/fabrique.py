# ruff: noqa: S608 (le SQL est composé des seuls noms du catalogue de la base)
"""La fabrique : N parcours et leur histoire par SQL, déclencheurs coupés, index et liens reposés ensuite (ce qui prouve les liens)."""

import datetime
import time
from concurrent.futures import ThreadPoolExecutor

import psycopg

from outils.banc import lots, recit
from securisation.comptes.models import Equipe, Fonction, Professionnel
from securisation.socle import horloge

LOT = 20000
LECTEUR = "-c jalon.lecteur=systeme"  # le second mur (`socle/cloison.py`) cache les lignes à qui ne dit pas qui lit
_LIENS = """SELECT conrelid::regclass::text, quote_ident(conname), pg_get_constraintdef(oid) FROM pg_constraint
 WHERE contype = 'f' AND conparentid = 0 AND connamespace = 'public'::regnamespace"""
_INDEX = """SELECT quote_ident(c.relname), pg_get_indexdef(i.indexrelid) FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
 WHERE i.indrelid = ANY(%s::regclass[]) AND NOT i.indisunique AND NOT c.relispartition
   AND NOT EXISTS (SELECT 1 FROM pg_constraint k WHERE k.conindid = i.indexrelid)"""


def professionnels(n):
    """Nombre de comptes qui se partagent les parcours : un pour soixante, vingt au moins, par équipe entière."""
    return max(2, n // 60 // lots.EQUIPES) * lots.EQUIPES


def fabriquer(url, n):
    """Remplit la base neuve `url` (compte propriétaire) de `n` parcours. Rend (lignes d'historique, maillons, secondes)."""
    debut = time.monotonic()
    tables = [faits.classe._meta.db_table for faits in recit.FAITS.values()]
    remplies = [*tables, *(f.classe.history.model._meta.db_table for f in recit.FAITS.values())]
    remplies += ["parcours_echeance", "socle_journal"]
    _ouvrir_les_comptes(professionnels(n))
    with psycopg.connect(url, options=LECTEUR) as base:
        base.execute(lots.OUTILS)
        for table in [*tables, "parcours_echeance"]:
            base.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        base.execute("SET CONSTRAINTS ALL IMMEDIATE")
        liens, index = base.execute(_LIENS).fetchall(), base.execute(_INDEX, [remplies]).fetchall()
        for table, nom, _ in liens:
            base.execute(f"ALTER TABLE {table} DROP CONSTRAINT {nom}")
        for nom, _ in index:
            base.execute(f"DROP INDEX {nom}")
    bornes = [(premier, min(premier + LOT - 1, n)) for premier in range(1, n + 1, LOT)]
    with ThreadPoolExecutor(2) as ouvriers:
        list(ouvriers.map(lambda borne: _remplir(url, borne, professionnels(n) // lots.EQUIPES), bornes))
    return (*_finir(url, tables, liens, index, n), time.monotonic() - debut)


def _ouvrir_les_comptes(pros):
    """Les équipes, leurs professionnels à tour de rôle, puis une superviseure par équipe ; par les modèles, qui savent leurs défauts."""
    equipes = range(1, lots.EQUIPES + 1)
    Equipe.objects.bulk_create(
        Equipe(pk=e, nom=f"Équipe {e}", territoire="Mayenne", association="Association du banc") for e in equipes
    )
    des_pros = {p: (p - 1) % lots.EQUIPES + 1 for p in range(1, pros + 1)} | {pros + e: e for e in equipes}
    communs = {"password": "!", "prenom": "Camille", "metier": "Référente de parcours"}
    Professionnel.objects.bulk_create(
        Professionnel(pk=p, email=f"pro{p}@banc.invalid", nom=f"Banc{p}", equipe_id=equipe, **communs)
        for p, equipe in des_pros.items()
    )
    depuis = horloge.aujourd_hui() - datetime.timedelta(days=400)
    Fonction.objects.bulk_create(
        Fonction(professionnel_id=pros + e, genre=Fonction.Genre.SUPERVISEUR, equipe_id=e, du=depuis) for e in equipes
    )


def _remplir(url, borne, rangs):
    with psycopg.connect(url, options=LECTEUR) as base:
        base.execute("SET work_mem = '128MB'; SET synchronous_commit = off; SET jit = off")
        base.execute(lots.OUTILS)
        valeurs = {"debut": borne[0], "fin": borne[1], "rangs": rangs, "equipes": lots.EQUIPES}
        valeurs |= {"lourds": lots.LOURDS, "lourds_ouverts": lots.LOURDS_OUVERTS}
        base.execute(lots.PREPARER.format(**valeurs))
        base.execute("ANALYZE lot")
        for genre, faits in enumerate(recit.FAITS.values(), 2):
            base.execute(faits.sql(genre))
        base.execute(lots.ECHEANCES)
        for histoire in recit.histoires():
            base.execute(histoire.replace("{debut}", str(borne[0])).replace("{fin}", str(borne[1])))
        base.execute(lots.LECTURES_JOURNAL)
        base.execute(lots.JOURNAL)


def _finir(url, tables, liens, index, n):
    """Repose index et liens, remet les déclencheurs, avance les compteurs, rend les nombres de lignes."""
    with psycopg.connect(url, autocommit=True, options=LECTEUR) as base:
        base.execute("SET maintenance_work_mem = '512MB'")
        for _, definition in index:
            base.execute(definition)
        for table, nom, definition in liens:
            base.execute(f"ALTER TABLE {table} ADD CONSTRAINT {nom} {definition}")
        for table in [*tables, "parcours_echeance"]:
            base.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
        histoires = [f.classe.history.model._meta.db_table for f in recit.FAITS.values()]
        avancer = [(table, "id") for table in tables] + [(table, "history_id") for table in histoires]
        avancer += [("parcours_echeance", "id"), ("comptes_professionnel", "id"), ("comptes_equipe", "id")]
        for table, cle in avancer:
            base.execute(
                f"SELECT setval(pg_get_serial_sequence('{table}', '{cle}'), coalesce(max({cle}), 0) + 1) FROM {table}"
            )
        base.execute("INSERT INTO parcours_compteur VALUES (extract(year FROM CURRENT_DATE), %s)", [n])
        base.execute("VACUUM ANALYZE")
        comptes = [
            base.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in [*histoires, "socle_journal"]
        ]
    return sum(comptes[:-1]), comptes[-1]
