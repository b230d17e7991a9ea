"""Professionnels, équipes, fonctions, réglages : ce que la base refuse et ce que le modèle répond."""

from datetime import timedelta

import pytest
from django.contrib.auth import authenticate, get_user_model
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError

from securisation.comptes.models import Equipe, Fonction, Professionnel, Reglages, jour_courant

pytestmark = pytest.mark.django_db


@pytest.fixture
def laval():
    return Equipe.objects.create(nom="Équipe A", territoire="Mayenne", places=10)


@pytest.fixture
def nora(laval):
    return Professionnel.objects.create_user("Nora@Exemple.test", prenom="Nora", nom="Le Goff", equipe=laval)


class TestCompte:
    def test_est_le_modele_d_utilisateur(self):
        assert get_user_model() is Professionnel

    def test_range_l_adresse_en_minuscules(self, nora):
        assert nora.email == "nora@exemple.test"

    def test_refuse_la_meme_adresse_dans_une_autre_casse(self, nora):
        with pytest.raises(IntegrityError), transaction.atomic():
            Professionnel.objects.create_user("NORA@exemple.TEST", prenom="Autre", nom="Compte")

    def test_refuse_a_la_base_une_adresse_en_majuscules(self, nora):
        with pytest.raises(IntegrityError), transaction.atomic():
            Professionnel.objects.filter(pk=nora.pk).update(email="NORA@EXEMPLE.TEST")

    def test_refuse_un_compte_sans_adresse(self):
        with pytest.raises(ValueError, match="adresse électronique"):
            Professionnel.objects.create_user("  ", prenom="Sans", nom="Adresse")

    def test_se_connecte_quelle_que_soit_la_casse(self, nora):
        nora.set_password("quatre mots sans rapport")
        nora.save()
        connu = authenticate(request=None, email="NORA@exemple.test", password="quatre mots sans rapport")
        assert connu == nora

    def test_ne_se_supprime_ni_seul_ni_en_nombre(self, nora):
        with pytest.raises(ProtectedError, match="désactivez"):
            nora.delete()
        with pytest.raises(ProtectedError, match="désactivez"):
            Professionnel.objects.all().delete()
        assert Professionnel.objects.filter(pk=nora.pk).exists()

    def test_dit_son_nom_et_ses_initiales(self, nora):
        assert (nora.nom_complet, nora.initiales, str(nora)) == ("Nora Le Goff", "NL", "Nora Le Goff")

    def test_l_identifiant_public_est_un_uuid_ordonne_dans_le_temps(self, nora, laval):
        suivant = Professionnel.objects.create_user("b@exemple.test", prenom="B", nom="B", equipe=laval)
        assert nora.uuid.version == 7
        assert nora.uuid < suivant.uuid

    def test_le_compte_d_installation_est_superutilisateur_sans_fonction(self):
        racine = Professionnel.objects.create_superuser("racine@exemple.test", "x" * 20, prenom="R", nom="R")
        assert racine.is_superuser
        assert racine.is_staff
        assert not racine.a_fonction("DPO")


class TestFonctions:
    def test_s_exerce_entre_ses_dates(self, nora):
        jour = jour_courant()
        Fonction.objects.create(professionnel=nora, genre="DPO", du=jour - timedelta(days=9), au=jour)
        assert nora.a_fonction("DPO")
        assert not nora.a_fonction("DIRECTION")

    @pytest.mark.parametrize(("du", "au"), [(-20, -1), (1, None)])
    def test_ne_s_exerce_ni_apres_ni_avant(self, nora, du, au):
        jour = jour_courant()
        fin = None if au is None else jour + timedelta(days=au)
        Fonction.objects.create(professionnel=nora, genre="DPO", du=jour + timedelta(days=du), au=fin)
        assert not nora.a_fonction("DPO")

    def test_ne_s_exerce_pas_sur_un_compte_ferme(self, nora):
        Fonction.objects.create(professionnel=nora, genre="DPO")
        nora.is_active = False
        assert not nora.a_fonction("DPO")

    def test_le_superviseur_connait_ses_equipes(self, nora, laval):
        Fonction.objects.create(professionnel=nora, genre="SUPERVISEUR", equipe=laval)
        assert nora.equipes_supervisees == [laval.pk]

    def test_sont_lues_en_une_requete(self, nora, laval, django_assert_num_queries):
        Fonction.objects.create(professionnel=nora, genre="SUPERVISEUR", equipe=laval)
        lu = Professionnel.objects.get(pk=nora.pk)
        with django_assert_num_queries(1):
            assert lu.a_fonction("SUPERVISEUR")
            assert lu.equipes_supervisees == [laval.pk]
            assert not lu.is_staff

    def test_une_fonction_confiee_se_voit_sans_relire_le_compte(self, nora):
        assert not nora.a_fonction("ADMINISTRATEUR")
        Fonction.objects.create(professionnel=nora, genre="ADMINISTRATEUR")
        assert nora.a_fonction("ADMINISTRATEUR")

    @pytest.mark.parametrize(
        ("genre", "avec_equipe", "phrase"),
        [
            ("SUPERVISEUR", False, "répond d'une équipe"),
            ("DPO", True, "répond d'une équipe"),
            ("CHEF", False, "choix valide"),
        ],
    )
    def test_refuse_une_fonction_mal_formee(self, nora, laval, genre, avec_equipe, phrase):
        fonction = Fonction(professionnel=nora, genre=genre, equipe=laval if avec_equipe else None)
        with pytest.raises(ValidationError, match=phrase):
            fonction.full_clean()
        with pytest.raises(IntegrityError), transaction.atomic():
            fonction.save()

    def test_refuse_une_fin_avant_le_debut(self, nora):
        jour = jour_courant()
        fonction = Fonction(professionnel=nora, genre="DPO", du=jour, au=jour - timedelta(days=1))
        with pytest.raises(ValidationError, match="ne précède pas"):
            fonction.full_clean()

    def test_refuse_deux_fois_la_meme_fonction_ouverte(self, nora):
        Fonction.objects.create(professionnel=nora, genre="DPO")
        with pytest.raises(IntegrityError), transaction.atomic():
            Fonction.objects.create(professionnel=nora, genre="DPO")

    def test_l_administrateur_tient_les_comptes_et_les_nomenclatures_seulement(self, nora):
        Fonction.objects.create(professionnel=nora, genre="ADMINISTRATEUR")
        assert nora.is_staff
        assert nora.has_perm("comptes.change_professionnel")
        assert nora.has_perm("annuaire.view_facteur")
        assert not nora.has_perm("comptes.delete_professionnel")
        assert not nora.has_perm("parcours.view_parcours")
        assert not nora.has_module_perms("parcours")


class TestReglages:
    def test_ont_des_durees_par_defaut_sans_ligne(self):
        Reglages.objects.all().delete()
        r = Reglages.actuels()
        durees = (r.duree_intervention_jours, r.prolongation_max_jours, r.prolongations_max, r.suspensions_max_jours)
        assert durees == (90, 30, 1, 45)

    def test_n_ont_qu_une_ligne(self):
        Reglages.objects.get_or_create(pk=1)
        with pytest.raises(IntegrityError), transaction.atomic():
            Reglages.objects.create(pk=2)

    @pytest.mark.parametrize(
        "champs", [{"duree_intervention_jours": 0}, {"prolongation_max_jours": 181}, {"suspensions_max_jours": 366}]
    )
    def test_refusent_une_duree_hors_bornes(self, champs):
        with pytest.raises(ValidationError, match="jours"):
            Reglages(**champs).full_clean(validate_unique=False)
