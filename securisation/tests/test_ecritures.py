"""La matrice des écritures : chaque chemin qui mène à une table × chaque modèle suivi laisse sa ligne d'historique et son maillon.

`test_journal.py` tient le journal lui-même ; ici, on vérifie qu'aucun chemin, sur aucun modèle, ne passe à côté.
"""

import datetime

import pytest
from django.core.management import call_command
from django.db import models

from securisation.comptes.models import Fonction, Professionnel
from securisation.parcours.models import Attribution, Conservation, Effacement, Parcours
from securisation.socle import horloge, outbox
from securisation.socle.models import Du, Evenement
from securisation.socle.trace import hors_porte
from securisation.socle.veille import VEILLES
from securisation.socle.verification import verifier
from securisation.tests import dossiers
from securisation.tests.ecritures import (
    CHEMINS,
    MOTIF,
    SUIVIS,
    annulee,
    brut,
    dernier,
    effacer,
    nouveaux,
    par_copy,
    par_delete_sql,
    par_shell,
    par_update_sql,
    sql,
    table,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def objets(distribution):
    """Un objet de chaque modèle suivi."""
    return un_de_chaque(distribution)


def un_de_chaque(distribution):
    """Deux dossiers, dont l'un finit sa conservation : {modèle: objet}."""
    tous = dossiers.construire("suspendue", distribution) | dossiers.construire("clos", distribution)
    terme = horloge.aujourd_hui() + datetime.timedelta(days=31)
    with hors_porte("essai", par=distribution["awa"]):
        fin = Conservation(parcours=tous[Parcours]).annoncer(par=distribution["awa"], terme=terme)
    ajouts = {Conservation: fin, Effacement: fin.effacement, Attribution: tous[Parcours].attributions.first()}
    sql("SET CONSTRAINTS ALL IMMEDIATE")
    sql("SET CONSTRAINTS ALL DEFERRED")
    return tous | ajouts


class TestMatrice:
    def test_vingt_chemins_sont_essayes(self):
        """Vingt ici, plus la cascade, les liens multiples et l'écriture sans contexte."""
        assert len(CHEMINS) == 20

    def test_chaque_modele_suivi_est_essaye(self, objets):
        assert set(SUIVIS) <= set(objets)
        assert len(SUIVIS) >= 20

    @pytest.mark.parametrize("chemin", [par_update_sql, par_copy, par_delete_sql], ids=lambda chemin: chemin.__name__)
    def test_sans_contexte_le_role_de_base_est_dit(self, chemin, objets):
        """Un shell, une tâche qui oublie qui agit : l'écriture est là, et dite hors de l'application."""
        sql("SELECT set_config('jalon.acteur', '', true), set_config('jalon.motif', '', true)")
        for modele in SUIVIS:
            avant = dernier()
            with annulee():
                chemin(modele.objects.get(pk=objets[modele].pk))
                ajoutes = nouveaux(avant, modele)
                assert ajoutes, modele
                assert {maillon.acteur_id for maillon in ajoutes} == {None}, modele
                assert all(maillon.motif.startswith("hors de l'application") for maillon in ajoutes), modele

    def test_le_motif_d_un_acte_ne_deborde_pas_sur_le_suivant(self, objets, awa):
        for motif in ("premier", "second"):
            avant = dernier()
            with hors_porte(motif, par=awa):
                sql("UPDATE parcours_parcours SET demande = %s WHERE id = %s", motif, objets[Parcours].pk)
            assert {maillon.motif for maillon in nouveaux(avant, Parcours)} == {motif}


def cascades():
    """(parent, lien, enfant) : ce que la suppression d'un parent suivi entraîne chez un enfant suivi."""
    for enfant in SUIVIS:
        for lien in enfant._meta.concrete_fields:
            if lien.is_relation and lien.related_model in SUIVIS and lien.remote_field.on_delete is models.CASCADE:
                yield lien.related_model, lien, enfant


class TestCascade:
    def test_ce_qu_une_suppression_entraine_laisse_sa_trace(self, objets, awa):
        """Les enfants partent avant leur parent, ou après lui (clés différées) : la chaîne du parcours est retrouvée."""
        jouees, manques = 0, []
        for parent, lien, enfant in cascades():
            with annulee():
                objet = enfant.objects.get(pk=objets[enfant].pk)
                tuteur = getattr(objet, lien.name)
                if tuteur is None:
                    tuteur = parent.objects.get(pk=objets[parent].pk)
                    brut(enfant).filter(pk=objet.pk).update(**{lien.name: tuteur})
                voulu = [(_chaine_de(objet), "suppression", awa.pk)]
                for ordre in ((objet, tuteur), (tuteur, objet)):
                    jouees += 1
                    if _traces_de_la_suppression(ordre, enfant, objet, awa) != voulu:
                        manques.append((parent.__name__, lien.name, enfant.__name__, ordre[0] is objet))
        assert manques == []
        assert jouees >= 50

    def test_aucun_lien_ne_se_vide_en_silence(self):
        """Ce qui disparaît entraîne, retient, ou vide un lien par une mise à jour que le déclencheur voit."""
        muets = (models.SET_DEFAULT, models.DO_NOTHING)
        liens = [(m, c) for m in SUIVIS for c in m._meta.concrete_fields if c.is_relation]
        dits = {f"{m._meta.label}.{c.name}" for m, c in liens if c.remote_field.on_delete in muets}
        assert dits == {"parcours.Effacement.parcours"}  # le registre des effacements survit au dossier


def _traces_de_la_suppression(ordre, enfant, objet, par):
    avant = dernier()
    with annulee(), hors_porte(MOTIF, par=par):
        for ligne in ordre:
            effacer(ligne)
        ajoutes = [maillon for maillon in nouveaux(avant, enfant) if maillon.objet == objet.pk]
        return [(m.chaine, m.action, m.acteur_id) for m in ajoutes]


def _chaine_de(objet):
    objet = getattr(objet, "content_object", objet)
    return objet.pk if isinstance(objet, Parcours) else objet.parcours_de_rattachement.pk


class TestDroitsDeLaBase:
    @pytest.mark.parametrize("modele", SUIVIS, ids=lambda modele: modele._meta.label)
    def test_l_application_ne_vide_aucune_table_et_ne_touche_pas_l_historique(self, modele, settings, db):
        """TRUNCATE échappe aux déclencheurs de ligne : le rôle de l'application ne l'a pas."""
        role, histoire = settings.ROLE_APPLICATION, modele.history.model._meta.db_table
        interdits = [(table(modele), "TRUNCATE"), (table(modele), "TRIGGER")]
        interdits += [(histoire, droit) for droit in ("INSERT", "UPDATE", "DELETE", "TRUNCATE", "TRIGGER")]
        for nom, droit in interdits:
            assert sql("SELECT has_table_privilege(%s, %s, %s)", role, nom, droit) == [(False,)], (nom, droit)

    def test_l_application_ne_peut_pas_taire_les_declencheurs(self, settings, db):
        role = settings.ROLE_APPLICATION
        assert sql("SELECT rolsuper, rolbypassrls FROM pg_roles WHERE rolname = %s", role) == [(False, False)]
        proprietaires = sql("SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname = 'public'")
        assert (role,) not in proprietaires
        assert call_command("check", verbosity=0) is None


class TestComptes:
    """Les tables des accès n'ont pas d'historique : leur maillon dit les valeurs, et le vérificateur les compare à la ligne."""

    def dits(self, avant):
        neufs = Evenement.objects.filter(modele__startswith="comptes.").order_by("chaine", "seq")
        return [(m.modele, m.action, m.acteur_id) for m in neufs if m.seq > avant.get(m.chaine, 0)]

    def test_fermer_un_compte_par_n_importe_quel_chemin_se_voit(self, awa, gaelle):
        for geste in (
            lambda: Professionnel.objects.filter(pk=awa.pk).update(is_active=False),
            lambda: sql("UPDATE comptes_professionnel SET is_superuser = true WHERE id = %s", awa.pk),
            lambda: sql("UPDATE comptes_professionnel SET equipe_id = NULL WHERE id = %s", awa.pk),
        ):
            avant = dernier()
            with hors_porte("essai", par=gaelle):
                geste()
            assert self.dits(avant) == [("comptes.professionnel", "modification", gaelle.pk)]
        assert verifier().ruptures == []

    def test_un_lien_multiple_se_voit(self, awa, gaelle):
        """m2m : un groupe, une permission donnés à un compte."""
        from django.contrib.auth.models import Group, Permission

        with hors_porte("essai", par=gaelle):
            avant, groupe = dernier(), Group.objects.create(name="Essai")
            awa.groups.add(groupe)
            awa.user_permissions.set(Permission.objects.all()[:2])
            groupe.permissions.add(Permission.objects.first())
            awa.groups.clear()
        assert [dit[1] for dit in self.dits(avant)] == ["creation", "creation", "creation", "suppression"]
        assert Evenement.objects.filter(modele="auth.group_permissions", acteur=gaelle.pk).count() == 1

    def test_chaque_lien_multiple_d_un_modele_suivi_ou_veille_est_veille(self):
        from django.apps import apps

        modeles = [*SUIVIS, *(apps.get_model(nom) for nom in VEILLES)]
        liens = {lien.remote_field.through._meta.label for modele in modeles for lien in modele._meta.many_to_many}
        assert liens
        assert liens <= set(VEILLES)

    def test_une_fonction_dit_ce_qu_elle_ouvre(self, awa, gaelle):
        with hors_porte("essai", par=gaelle):
            fonction = Fonction.objects.create(professionnel=awa, genre="DIRECTION")
        inscrit = Evenement.objects.filter(modele="comptes.fonction", objet=fonction.pk).latest("seq")
        assert inscrit.charge["apres"]["genre"] == "DIRECTION"
        assert inscrit.charge["avant"] == {}

    def test_aucun_secret_n_entre_au_journal(self, awa):
        awa.set_password("un secret bien gardé !")
        awa.save()
        inscrit = Evenement.objects.filter(modele="comptes.professionnel", objet=awa.pk).order_by("quand").last()
        assert inscrit.charge["champs"] == ["password"]
        assert awa.password not in str(inscrit.charge)

    def test_une_derniere_connexion_ne_fait_pas_de_maillon(self, awa):
        avant = dernier()
        Professionnel.objects.filter(pk=awa.pk).update(last_login=horloge.maintenant())
        assert self.dits(avant) == []

    def test_un_droit_change_declencheurs_coupes_se_trouve(self, awa):
        sql("SET CONSTRAINTS ALL IMMEDIATE")
        sql("ALTER TABLE comptes_professionnel DISABLE TRIGGER USER")
        sql("UPDATE comptes_professionnel SET is_superuser = true WHERE id = %s", awa.pk)
        assert verifier().ruptures == [
            f"comptes.professionnel {awa.pk} : la ligne n'est plus celle que dit le journal."
        ]


class TestQuiAgit:
    def test_le_travailleur_agit_pour_qui_a_demande(self, parcours, awa):
        with hors_porte("essai", par=awa):
            outbox.devoir("essai_d_ecriture", modele="parcours.Parcours", cle=parcours.pk)
        sql("SELECT set_config('jalon.acteur', '', true), set_config('jalon.motif', '', true)")
        du = Du.objects.latest("pk")
        assert (du.par, outbox.solder(du.pk)) == (awa.pk, True)
        inscrit = Evenement.objects.filter(chaine=parcours.pk).latest("seq")
        assert (inscrit.acteur_id, inscrit.motif) == (awa.pk, "travail : essai d ecriture")

    def test_une_commande_dit_son_nom_et_le_compte_du_systeme(self, parcours):
        sql("SET LOCAL application_name = 'manage.py shell par root'")
        sql("SELECT set_config('jalon.acteur', '', true), set_config('jalon.motif', '', true)")
        with annulee():
            par_shell(parcours.attributions.first())
            inscrit = Evenement.objects.filter(chaine=parcours.pk).latest("seq")
        role = sql("SELECT session_user")[0][0]
        assert inscrit.motif == f"hors de l'application ({role}, manage.py shell par root)"
        assert inscrit.acteur_id is None

    def test_la_connexion_dit_le_programme(self, settings):
        assert " par " in settings.DATABASES["default"]["OPTIONS"]["application_name"]

    def test_un_envoi_dit_qui_agit_meme_hors_d_une_transition(self, client, awa, settings):
        client.force_login(awa, backend=settings.AUTHENTICATION_BACKENDS[0])
        client.post("/parcours/ouvrir/", {})
        assert sql("SELECT jalon_acteur(), jalon_motif() LIKE 'page %%'") == [(awa.pk, True)]


class TestRecherche:
    def test_s_inscrit_avec_ses_termes_et_les_numeros_montres(self, client, parcours, awa, settings):
        client.force_login(awa, backend=settings.AUTHENTICATION_BACKENDS[0])
        for termes in ("diallo", "personne-de-ce-nom"):
            client.get("/recherche/", {"q": termes})
        client.get("/")
        lues = Evenement.objects.filter(chaine=-awa.pk, action__in=["recherche", "liste"]).order_by("seq")
        dits = [(lue.action, lue.charge.get("termes"), lue.charge.get("numeros")) for lue in lues]
        assert dits == [
            ("recherche", "diallo", [parcours.numero]),
            ("recherche", "personne-de-ce-nom", []),
            ("liste", None, None),
        ]
        assert not Evenement.objects.filter(motif__icontains="diallo").exists()
