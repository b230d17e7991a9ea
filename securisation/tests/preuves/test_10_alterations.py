"""Cible 10 : dix mille altérations du journal trouvées et situées, un million d'événements vérifiés en une minute, aucune fourche."""

import random
import threading
import time

import psycopg
import pytest
from django.conf import settings as reglages
from django.db import connection

from outils import verifier_hors_ligne as hors_ligne
from securisation.socle.extrait import photographie
from securisation.socle.verification import verifier
from securisation.tests.preuves.alterations import (
    GENRES,
    Extrait,
    extraire_avant_l_inscription,
    journal_ancre,
    ouvrir_les_ancres,
    situee,
)

SECONDES = 60


@pytest.mark.preuve(10)
def test_chaque_alteration_est_trouvee_et_situee(preuve, settings, tmp_path, distribution):
    """En mémoire, sur un extrait ; `test_ancres.py` rejoue chaque genre dans la base et tient les deux verdicts égaux."""
    ouvrir_les_ancres(settings, tmp_path)
    journal_ancre(distribution["awa"], distribution["bruno"])
    extrait = Extrait(extraire_avant_l_inscription())
    cles = hors_ligne.lire_cles(f"{settings.CLE_ANCRES}.pub")
    ancres = hors_ligne.lire_ancres(settings.ANCRES, cles, extrait.lignes[0]["extrait"]["ancre"])
    assert hors_ligne.verifier(extrait.lignes, ancres).ruptures == []
    nombre, des, manquees = preuve.taille(400, 10_080), random.Random(10), {}
    for rang in range(nombre):
        genre = GENRES[rang % len(GENRES)]
        lignes, *attendu = genre(extrait, des)
        ruptures = hors_ligne.verifier(lignes, ancres).ruptures
        if not situee(ruptures, *attendu):
            manquees.setdefault(genre.__name__, []).append((attendu, ruptures[:2]))
    assert manquees == {}
    preuve.dire(
        f"{nombre} altérations de {len(GENRES)} genres, {nombre} trouvées et situées",
        cible="≥ 10 000 altérations, toutes trouvées et situées",
        atteinte=nombre >= preuve.taille(400, 10_000) and not manquees,
    )


# Autant de chaînes que de parcours d'une grande association ; un maillon sur trois scelle une ligne d'historique.
PREPARER = """
CREATE FUNCTION pg_temp.suivant(avant bytea, ec bytea, c bigint, s bigint, q timestamptz) RETURNS bytea LANGUAGE sql AS
$$ SELECT jalon_maillon(avant, ec, c, s, q, NULL, 1::bigint, 'lecture', '', 'parcours.personne', 1::bigint) $$;
CREATE AGGREGATE pg_temp.enchainer(bytea, bigint, bigint, timestamptz) (sfunc = pg_temp.suivant, stype = bytea, initcond = '');
CREATE TEMP TABLE histoires ON COMMIT DROP AS SELECT 0::bigint AS id, 0::bigint AS history_id, ''::text AS empreinte LIMIT 0;
WITH h AS (INSERT INTO parcours_historiquepersonne ({colonnes}, history_date, history_type)
  SELECT {valeurs}, now(), '-' FROM generate_series(1, %(chaines)s) c, generate_series(3, %(rangs)s, 3) s RETURNING *)
INSERT INTO histoires SELECT id, history_id, jalon_empreinte(to_jsonb(h)) FROM h;
WITH e AS MATERIALIZED (
    SELECT c + 10000000::bigint AS chaine, s::bigint AS seq, now() + interval '1 second' * s AS quand, uuid_send(gen_random_uuid()) AS sel,
           CASE WHEN h.id IS NULL THEN '{{"page": "synthese:parcours"}}'::jsonb
                ELSE jsonb_build_object('champs', '["commune"]'::jsonb, 'histoire', h.history_id, 'empreinte', h.empreinte) END AS charge
      FROM generate_series(1, %(chaines)s) c CROSS JOIN generate_series(1, %(rangs)s) s
      LEFT JOIN histoires h ON h.id = c::bigint * 1000000 + s),
m AS (SELECT *, sha256(sel || convert_to(charge::text, 'UTF8')) AS ec FROM e),
n AS (SELECT *, pg_temp.enchainer(ec, chaine, seq, quand) OVER (PARTITION BY chaine ORDER BY seq) AS maillon FROM m),
j AS (INSERT INTO socle_journal
    SELECT chaine, seq, quand, NULL, 1, 'lecture', '', 'parcours.personne', 1, charge, sel, ec,
           coalesce(lag(maillon) OVER (PARTITION BY chaine ORDER BY seq), ''::bytea), maillon FROM n RETURNING chaine, seq, empreinte)
INSERT INTO socle_tete SELECT chaine, seq, empreinte FROM j WHERE seq = %(rangs)s;
"""


def remplir(chaines, rangs):
    """Écrit `chaines` × `rangs` événements justes, un tiers avec sa ligne d'historique."""
    from securisation.parcours.models import Personne

    colonnes = {champ.column: champ for champ in Personne._meta.concrete_fields}
    valeurs = dict.fromkeys(colonnes, "''") | {
        "id": "c::bigint * 1000000 + s",
        "uuid": "gen_random_uuid()",
        "version": "1",
    }
    for nom, champ in colonnes.items():
        genre = champ.get_internal_type()
        if genre == "DateTimeField":
            valeurs[nom] = "now()"
        elif champ.null:
            valeurs[nom] = "NULL"
        elif genre == "BooleanField":
            valeurs[nom] = "false"
    mesure = {"chaines": chaines, "rangs": rangs}
    noms = ", ".join(f'"{nom}"' for nom in colonnes)
    ordres = PREPARER.format(colonnes=noms, valeurs=", ".join(valeurs[nom] for nom in colonnes))
    with connection.cursor() as curseur:
        for ordre in ordres.split(";\n")[:-1]:
            curseur.execute(ordre, mesure)
        curseur.execute("ANALYZE socle_journal")


@pytest.mark.preuve(10)
@pytest.mark.django_db
def test_un_million_d_evenements_se_verifie_en_une_minute(preuve):
    """La durée n'est jugée qu'à pleine taille : en petit, seul le compte l'est."""
    chaines, rangs = preuve.taille(20, 10_000), preuve.taille(15, 100)
    remplir(chaines, rangs)
    depart = time.monotonic()
    compte = verifier()
    secondes = time.monotonic() - depart
    assert compte.rupture == ""
    juges = secondes <= SECONDES or chaines < 10_000
    preuve.dire(
        f"{compte.maillons} événements vérifiés en {secondes:.0f} s",
        cible=f"1 000 000 d'événements en ≤ {SECONDES} s",
        atteinte=compte.maillons >= chaines * rangs and compte.lignes_d_historique >= chaines * (rangs // 3) and juges,
    )


class Ecrivains:
    """Des écrivains simultanés, chacun sur sa vraie connexion et sous le rôle de l'application, dans quelques chaînes communes."""

    PREMIERE, CHAINES, FOIS = 20_000_000, 4, 25

    def __init__(self, nombre):
        self.nombre, self.erreurs = nombre, []
        self.depart = threading.Barrier(nombre)

    def ecrire(self):
        """Lance tout le monde à la fois et attend."""
        fils = [threading.Thread(target=self._un_ecrivain, args=(rang,)) for rang in range(self.nombre)]
        for fil in fils:
            fil.start()
        for fil in fils:
            fil.join()

    def _un_ecrivain(self, rang):
        try:
            with psycopg.connect(**self._adresse(), autocommit=True) as lien:
                lien.execute(f'SET ROLE "{reglages.ROLE_APPLICATION}"')
                self.depart.wait(30)
                for fois in range(self.FOIS):
                    chaine = self.PREMIERE + (rang + fois) % self.CHAINES
                    ordre = "SELECT jalon_inscrire(%s, NULL, 'lecture', '', '', NULL, jsonb_build_object('ecrivain', %s::int))"
                    lien.execute(ordre, [chaine, rang])
        except Exception as erreur:
            self.erreurs.append(type(erreur).__name__)

    @staticmethod
    def _adresse():
        tout = connection.get_connection_params()
        return {nom: tout[nom] for nom in ("dbname", "user", "host", "port", "password", "options") if tout.get(nom)}

    def nettoyer(self):
        """Retire ces chaînes d'essai : ce que seul le propriétaire peut faire, déclencheurs coupés."""
        with psycopg.connect(**self._adresse()) as lien:
            for table in ("socle_journal", "socle_tete"):
                lien.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
                lien.execute(f"DELETE FROM {table} WHERE chaine >= %s", [self.PREMIERE])
                lien.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")


@pytest.mark.preuve(10)
def test_des_ecrivains_simultanes_ne_font_aucune_fourche(preuve, django_db_setup, django_db_blocker):
    """Hors de la transaction d'essai : les écrivains se voient et s'attendent comme dans la vie."""
    ecrivains = Ecrivains(preuve.taille(8, 64))
    with django_db_blocker.unblock():
        try:
            ecrivains.ecrire()
            with photographie():
                comptes = [verifier(ecrivains.PREMIERE + rang) for rang in range(ecrivains.CHAINES)]
        finally:
            connection.close()
            ecrivains.nettoyer()
    maillons = sum(compte.maillons for compte in comptes)
    fourches = sum(len(compte.ruptures) for compte in comptes)
    preuve.dire(
        f"{ecrivains.nombre} écrivains, {maillons} maillons, {fourches} fourche",
        cible="64 écrivains, 0 fourche",
        atteinte=not ecrivains.erreurs and fourches == 0 and maillons == ecrivains.nombre * ecrivains.FOIS,
    )
