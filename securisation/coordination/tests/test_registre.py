"""Le registre d'accès : chaque lecture et chaque écriture y est, par fonction, dans des mots simples."""

import datetime

import pytest
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from securisation.comptes.models import Reglages
from securisation.coordination.registre import ECRITS, LUS, dire, lire_registre
from securisation.coordination.tests.conftest import PARTENAIRE, partager
from securisation.socle import horloge
from securisation.socle.declencheurs import modeles_suivis
from securisation.socle.journal import inscrire
from securisation.socle.routes import routes

pytestmark = pytest.mark.django_db


def lignes(parcours, **options):
    """{(qui, pourquoi): faits} du registre, tous jours réunis."""
    jours, _ = lire_registre(parcours, **options)
    return {(ligne.qui, ligne.pourquoi): ligne.faits for jour in jours for ligne in jour.lignes}


class TestQui:
    def test_par_fonction_jamais_par_nom(self, parcours, awa, bruno, gaelle, hugo, client):
        for compte in (awa, bruno, gaelle):
            client.force_login(compte)
            assert client.get(parcours.get_absolute_url()).status_code == 200
        inscrire("lecture", parcours=parcours, par=hugo, page="synthese:parcours")
        dites = lignes(parcours)
        assert ("Référente de parcours", "Vous accompagner") in dites
        assert ("Intervenant", "Vous accompagner") in dites
        assert ("Superviseure", "Superviser l’équipe qui vous accompagne") in dites
        assert {pourquoi for _, pourquoi in dites} >= {"Protéger vos données"}
        tout = str(dites)
        assert not any(mot in tout for compte in (awa, bruno, gaelle, hugo) for mot in (compte.nom, compte.email))

    def test_par_nom_si_l_association_l_a_choisi(self, parcours, awa):
        Reglages.objects.update_or_create(pk=1, defaults={"registre_nomme": True})
        assert ("Awa Diarra, référente de parcours", "Vous accompagner") in lignes(parcours)

    def test_un_partenaire_est_nomme(self, parcours_admis, awa, chloe):
        partager(parcours_admis, awa, professionnel=chloe)
        inscrire("lecture", parcours=parcours_admis, par=chloe, page="coordination:partage")
        attendue = (f"Partenaire : {PARTENAIRE}", "L’accord de partage que vous avez donné")
        assert lignes(parcours_admis)[attendue] == ["Lu : ce que vous partagez"]

    def test_qui_n_a_plus_de_role_reste_dit(self, parcours, awa, bruno):
        from securisation.parcours.roles import retirer_role

        inscrire("lecture", parcours=parcours, par=bruno, page="synthese:parcours")
        retirer_role(parcours, bruno, par=awa)
        assert ("Intervenant", "Vous accompagner") in lignes(parcours)

    def test_l_application_se_dit(self, parcours):
        inscrire("creation", parcours=parcours, objet=parcours)
        assert any(qui == "L’application" for qui, _ in lignes(parcours))


class TestQuoi:
    def test_les_lectures_se_comptent(self, parcours, bruno):
        for _ in range(3):
            inscrire("lecture", parcours=parcours, par=bruno, page="diagnostics:axe")
        inscrire("telechargement", parcours=parcours, par=bruno, page="documents:telecharger")
        assert lignes(parcours)["Intervenant", "Vous accompagner"] == [
            "Lu : votre diagnostic (3 fois)",
            "Téléchargé : un document",
        ]

    def test_chaque_modele_d_un_dossier_a_son_mot(self):
        manquants = {modele._meta.label_lower for modele in modeles_suivis()} - set(ECRITS)
        assert manquants == set(), "Écrivez dans ECRITS (coordination/registre.py) le mot que lira la personne."

    def test_chaque_page_d_un_dossier_a_son_mot(self):
        pages = {route.nom for route in routes() if route.acces and route.acces[0] == "objet"}
        sans = {page for page in pages if page not in LUS and page.partition(":")[0] not in LUS}
        assert sans == set(), "Écrivez dans LUS (coordination/registre.py) les mots que lira la personne."

    def test_ses_droits_ne_se_disent_pas_un_partage(self):
        dits = {
            dire("lecture", "", f"coordination:{page}")[1]
            for page in ("droits", "enregistrer_demande", "remettre_copie")
        }
        assert dits == {"vos droits et vos demandes", "une demande sur vos données", "la préparation de votre copie"}

    def test_une_action_inconnue_reste_une_phrase(self):
        assert dire("lecture", "", "") == ("lu", "votre dossier")
        assert dire("modification", "ailleurs.inconnu", "") == ("modifié", "un élément de votre dossier")

    def test_un_refus_n_est_pas_un_acces(self, parcours, bruno):
        inscrire("refus", parcours=parcours, par=bruno, genre="DroitRefuse")
        assert ("Intervenant", "Vous accompagner") not in lignes(parcours)


class TestPeriodes:
    def test_par_mois_puis_la_suite(self, parcours, bruno):
        _vieillir(parcours, 40)
        inscrire("lecture", parcours=parcours, par=bruno, page="synthese:parcours")
        recents, suite = lire_registre(parcours)
        assert [jour.le for jour in recents] == [horloge.aujourd_hui()]
        anciens, fin = lire_registre(parcours, avant=suite)
        assert [jour.le for jour in anciens] == [horloge.aujourd_hui() - datetime.timedelta(days=40)]
        assert fin is None

    def test_rien_au_dela_de_douze_mois(self, parcours):
        _vieillir(parcours, 370)
        assert lire_registre(parcours, jours=365) == ([], None)

    def test_le_nombre_de_requetes_ne_depend_pas_du_nombre_d_acces(
        self, parcours, bruno, django_assert_max_num_queries
    ):
        for rang in range(300):
            inscrire("lecture", parcours=parcours, par=bruno, page=f"diagnostics:{rang % 7}")
        with django_assert_max_num_queries(6):
            jours, _ = lire_registre(parcours)
        assert lignes(parcours)["Intervenant", "Vous accompagner"] == ["Lu : votre diagnostic (300 fois)"]
        assert len(jours) == 1


def _vieillir(parcours, jours):
    """Fait comme si tout ce qui est au journal datait d'autant de jours, à la même heure, même par-dessus un changement d'heure."""
    with connection.cursor() as curseur:
        curseur.execute("ALTER TABLE socle_journal DISABLE TRIGGER USER")
        curseur.execute(
            "UPDATE socle_journal SET quand = (quand AT TIME ZONE %(fuseau)s - make_interval(days => %(jours)s))"
            " AT TIME ZONE %(fuseau)s WHERE chaine = %(chaine)s",
            {"jours": jours, "chaine": parcours.pk, "fuseau": timezone.get_default_timezone_name()},
        )
        curseur.execute("ALTER TABLE socle_journal ENABLE TRIGGER USER")


@pytest.mark.parametrize("jour", ["0001-01-01", "1800-01-01", "9999-12-31", "2026-W01-1", "x"])
def test_un_jour_absurde_dans_l_adresse_n_est_jamais_une_erreur(client, parcours, awa, jour):
    client.force_login(awa)
    assert client.get(reverse("coordination:registre", args=[parcours.uuid]), {"avant": jour}).status_code == 200
