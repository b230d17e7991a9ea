"""Le journal : ajout seul, chaînes vérifiables, chaque chemin d'écriture vu."""

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction

from securisation.parcours.models import Entourage, Parcours, Personne
from securisation.socle.declencheurs import modeles_suivis
from securisation.socle.journal import inscrire
from securisation.socle.models import Evenement
from securisation.socle.trace import hors_porte
from securisation.socle.verification import verifier

pytestmark = pytest.mark.django_db


def sql(texte, *valeurs):
    with connection.cursor() as curseur:
        curseur.execute(texte, valeurs)
        return curseur.fetchall() if curseur.description else curseur.rowcount


@pytest.fixture
def en_superutilisateur(parcours):
    """Le propriétaire ne peut pas couper les déclencheurs par ce réglage : on retire ceux du journal le temps de la falsification."""
    with connection.cursor() as curseur:
        curseur.execute("ALTER TABLE socle_journal DISABLE TRIGGER USER")
        curseur.execute("ALTER TABLE socle_tete DISABLE TRIGGER USER")
    return parcours


class TestAjoutSeul:
    @pytest.mark.parametrize(
        "acte", ["UPDATE socle_journal SET motif = 'x'", "DELETE FROM socle_journal", "DELETE FROM socle_tete"]
    )
    def test_refuse_de_reecrire(self, parcours, acte):
        with pytest.raises(DatabaseError, match=r"fait preuve|ne se réécrit pas"), transaction.atomic():
            sql(acte)

    def test_refuse_de_reecrire_l_historique(self, parcours):
        with pytest.raises(DatabaseError, match="ne se réécrit pas"), transaction.atomic():
            sql("UPDATE parcours_historiqueparcours SET demande = 'x'")

    def test_le_role_de_l_application_ne_peut_que_lire(self, parcours, settings):
        role = sql("SELECT current_user")[0][0]
        assert settings.ROLE_APPLICATION
        if role == settings.ROLE_APPLICATION:
            pytest.fail(
                "Les essais tournent sans rôle d'application distinct : DATABASE_URL et DATABASE_URL_PROPRIETAIRE."
            )
        for table in ("socle_journal", "socle_tete", "parcours_historiqueparcours"):
            for droit, permis in (
                ("SELECT", True),
                ("INSERT", False),
                ("UPDATE", False),
                ("DELETE", False),
                ("TRUNCATE", False),
            ):
                lu = sql("SELECT has_table_privilege(%s, %s, %s)", settings.ROLE_APPLICATION, table, droit)[0][0]
                assert lu is permis, (table, droit)


class TestVerifier:
    def test_dit_ce_qui_est_verifie(self, parcours, capsys):
        call_command("verifier_journal")
        assert "Journal intact" in capsys.readouterr().out

    def test_un_seul_parcours(self, parcours, capsys):
        call_command("verifier_journal", parcours=parcours.numero)
        assert "1 chaîne, 3 maillons" in capsys.readouterr().out

    def test_un_numero_inconnu(self):
        with pytest.raises(CommandError, match="Aucun parcours"):
            call_command("verifier_journal", parcours="P-1999-0001")

    @pytest.mark.parametrize(
        ("falsification", "trouve"),
        [
            ("UPDATE socle_journal SET charge = '{}' WHERE chaine = %s AND seq = 2", "contenu"),
            ("UPDATE socle_journal SET acteur = 0 WHERE chaine = %s AND seq = 2", "auteur"),
            ("UPDATE socle_journal SET quand = quand - interval '1 hour' WHERE chaine = %s AND seq = 2", "date"),
            ("DELETE FROM socle_journal WHERE chaine = %s AND seq = 2", "maillon 2 manque"),
            (
                "DELETE FROM socle_journal j USING socle_tete t WHERE j.chaine = %s AND (t.chaine, t.seq) = (j.chaine, j.seq)",
                "fin",
            ),
            ("UPDATE socle_tete SET seq = seq - 1 WHERE chaine = %s", "fin"),
        ],
    )
    def test_trouve_et_situe_une_falsification(self, en_superutilisateur, falsification, trouve):
        sql(falsification, en_superutilisateur.pk)
        rupture = verifier().rupture
        assert f"chaîne {en_superutilisateur.pk}" in rupture
        assert trouve in rupture

    def test_trouve_un_historique_change(self, parcours):
        sql("ALTER TABLE parcours_historiqueparcours DISABLE TRIGGER USER")
        sql("UPDATE parcours_historiqueparcours SET demande = 'autre' WHERE id = %s", parcours.pk)
        assert "historique" in verifier(parcours.pk).rupture

    def test_trouve_une_ligne_changee_declencheurs_coupes(self, parcours):
        sql("SET CONSTRAINTS ALL IMMEDIATE")
        sql("ALTER TABLE parcours_parcours DISABLE TRIGGER USER")
        sql("UPDATE parcours_parcours SET demande = 'autre' WHERE id = %s", parcours.pk)
        assert f"parcours.parcours {parcours.pk}" in verifier().rupture

    def test_trouve_un_historique_ajoute(self, parcours):
        sql(
            "INSERT INTO parcours_historiqueentourage (id, uuid, version, cree_le, modifie_le, parcours_id, nom, lien, role, telephone,"
            " history_date, history_type) VALUES (1, gen_random_uuid(), 1, now(), now(), %s, 'x', '', 'PROCHE', '', now(), '+')",
            parcours.pk,
        )
        assert "aucun maillon" in verifier().rupture


def _par_orm(parcours, awa):
    parcours.modifier(par=awa, demande="Autre demande")


def _par_update(parcours, awa):
    with hors_porte("en masse", par=awa):
        Parcours.objects.filter(pk=parcours.pk).en_masse().update(demande="Autre demande")


def _par_bulk_create(parcours, awa):
    with hors_porte("en masse", par=awa):
        moment = parcours.cree_le
        Entourage.objects.en_masse().bulk_create(
            [Entourage(parcours=parcours, nom="A", cree_le=moment, modifie_le=moment)]
        )


def _par_bulk_update(parcours, awa):
    parcours.demande = "Autre demande"
    with hors_porte("en masse", par=awa):
        Parcours.objects.en_masse().bulk_update([parcours], ["demande"])


def _par_sql(parcours, awa):
    with hors_porte("sql", par=awa):
        sql("UPDATE parcours_parcours SET demande = 'sql' WHERE id = %s", parcours.pk)


def _par_copy(parcours, awa):
    with hors_porte("copy", par=awa), connection.cursor() as curseur:
        colonnes = "uuid, version, cree_le, modifie_le, parcours_id, nom, lien, role, telephone"
        # PostgreSQL refuse de verser droit dans une table derrière le mur.
        curseur.execute("CREATE TEMP TABLE versee (LIKE parcours_entourage) ON COMMIT DROP")
        curseur.execute("ALTER TABLE versee ALTER id DROP NOT NULL")
        with curseur.copy(f"COPY versee ({colonnes}) FROM STDIN") as flux:
            flux.write_row((parcours.uuid, 1, parcours.cree_le, parcours.cree_le, parcours.pk, "B", "", "PROCHE", ""))
        curseur.execute(f"INSERT INTO parcours_entourage ({colonnes}) SELECT {colonnes} FROM versee")


def _par_suppression(parcours, awa):
    with hors_porte("effacement", par=awa):
        parcours.declarations.en_masse().delete()
        parcours.attributions.all().delete()


def _par_role(parcours, awa):
    from securisation.parcours.roles import poser_role

    with hors_porte("role", par=awa):
        poser_role(parcours, awa, "coordonnateur")


CHEMINS = [_par_orm, _par_update, _par_bulk_create, _par_bulk_update, _par_sql, _par_copy, _par_suppression, _par_role]


class TestCheminsDEcriture:
    @pytest.mark.parametrize("chemin", CHEMINS, ids=lambda chemin: chemin.__name__.strip("_"))
    def test_chaque_chemin_laisse_acteur_et_motif(self, parcours, awa, chemin):
        avant = Evenement.objects.filter(chaine=parcours.pk).count()
        chemin(parcours, awa)
        nouveaux = Evenement.objects.filter(chaine=parcours.pk).order_by("seq")[avant:]
        assert len(nouveaux) >= 1
        assert {maillon.acteur_id for maillon in nouveaux} == {awa.pk}
        assert all(maillon.motif for maillon in nouveaux)
        assert verifier().rupture == ""

    def test_sans_contexte_le_role_de_base_est_dit(self, parcours):
        sql("SELECT set_config('jalon.acteur', '', true), set_config('jalon.motif', '', true)")
        sql("UPDATE parcours_parcours SET demande = 'shell' WHERE id = %s", parcours.pk)
        dernier = Evenement.objects.filter(chaine=parcours.pk).order_by("-seq").first()
        assert dernier.acteur_id is None
        assert dernier.motif.startswith("hors de l'application")

    def test_chaque_modele_suivi_a_ses_declencheurs(self, parcours):
        suivis = {modele._meta.db_table for modele in modeles_suivis()}
        poses = {ligne[0] for ligne in sql("SELECT tgrelid::regclass::text FROM pg_trigger WHERE tgname = 'tracer'")}
        assert suivis
        assert suivis == poses

    def test_une_suppression_en_cascade_garde_sa_chaine(self, parcours, awa):
        Entourage(parcours=parcours).inscrire(par=awa, nom="Samia")
        with hors_porte("effacement", par=awa):
            sql("DELETE FROM parcours_entourage WHERE parcours_id = %s", parcours.pk)
        assert (
            Evenement.objects.filter(chaine=parcours.pk, action="suppression", modele="parcours.entourage").count() == 1
        )

    def test_la_personne_est_dans_la_chaine_de_son_parcours(self, parcours, awa):
        parcours.personne.modifier(par=awa, commune="Craon")
        assert Evenement.objects.filter(chaine=parcours.pk, modele=Personne._meta.label_lower).count() == 1


class TestInscrire:
    def test_un_texte_hostile_ne_casse_rien(self, parcours, awa):
        inscrire("lecture", parcours=parcours, par=awa, page="\x00\u202e😀'; DROP TABLE--")
        assert verifier().rupture == ""

    def test_hors_parcours_la_chaine_est_celle_de_l_acteur(self, awa):
        inscrire("liste", par=awa)
        assert Evenement.objects.filter(chaine=-awa.pk, action="liste").exists()
