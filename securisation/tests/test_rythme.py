"""Un lecteur en masse est ralenti, puis arrêté à cinquante dossiers dans l'heure ; il peut dire pourquoi ; une saisie passe toujours."""

import datetime
import threading
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import pytest
from django.db import connection, transaction
from django.urls import reverse

from interventions.models import Contact
from securisation.parcours.models import Parcours
from securisation.socle import horloge, rythme
from securisation.socle.models import Evenement, LectureRecente
from securisation.synthese.models import Alerte

pytestmark = pytest.mark.django_db
JUSTIFIER = "synthese:justifier"
MOTIF = "Relecture trimestrielle des parcours de l'équipe, avant le comité."


@pytest.fixture
def presse(settings, client, awa, monkeypatch):
    """Awa connectée, le rythme tenu comme en production, l'attente notée au lieu d'être faite."""
    settings.RYTHME_DES_LECTURES = True
    attentes = []
    monkeypatch.setattr(rythme.time, "sleep", attentes.append)
    client.attentes = attentes
    client.force_login(awa)
    return client


def deja_ouverts(compte, nombre, il_y_a=datetime.timedelta(minutes=5)):
    """Fait comme si ce compte avait ouvert ces autres dossiers il y a cinq minutes."""
    moment = horloge.maintenant() - il_y_a
    LectureRecente.objects.bulk_create(
        LectureRecente(acteur=compte.pk, chaine=10**6 + rang + int(il_y_a.total_seconds()) * 1000, vu_le=moment)
        for rang in range(nombre)
    )


def ouvrir(client, parcours):
    """La page de ce parcours."""
    return client.get(parcours.get_absolute_url())


class TestArret:
    def test_s_arrete_au_cinquante_et_unieme(self, presse, parcours, awa, ouvrir_un_parcours):
        deja_ouverts(awa, 49)
        autre = ouvrir_un_parcours(awa, nom="Roche")
        assert ouvrir(presse, parcours).status_code == 200
        avant = Evenement.objects.filter(chaine=autre.pk).count()
        refus = ouvrir(presse, autre)
        assert refus.status_code == 429
        assert autre.personne.nom not in refus.text
        assert reverse(JUSTIFIER) in refus.text
        assert Evenement.objects.filter(chaine=autre.pk).count() == avant
        assert Evenement.objects.filter(action="refus", charge__genre="TropDeLectures", acteur=awa).count() == 1

    def test_ce_qui_est_deja_ouvert_le_reste(self, presse, parcours, awa):
        assert ouvrir(presse, parcours).status_code == 200
        deja_ouverts(awa, 60)
        for _ in range(3):
            assert ouvrir(presse, parcours).status_code == 200
        assert presse.get(reverse("synthese:historique", args=[parcours.uuid])).status_code == 200

    def test_l_heure_glisse(self, presse, parcours, awa):
        deja_ouverts(awa, 60, datetime.timedelta(minutes=61))
        assert ouvrir(presse, parcours).status_code == 200

    def test_un_autre_compte_n_est_pas_touche(self, presse, parcours, awa, bruno, client):
        deja_ouverts(awa, 60)
        client.force_login(bruno)
        assert ouvrir(client, parcours).status_code == 200

    def test_la_liste_ne_compte_pas(self, presse, parcours, awa):
        deja_ouverts(awa, 60)
        for _ in range(5):
            assert presse.get("/").status_code == 200
        assert LectureRecente.objects.filter(acteur=awa.pk).count() == 60

    def test_une_fiche_et_ses_pages_comptent_une_fois(self, presse, parcours, awa):
        ouvrir(presse, parcours)
        for route in ("parcours:roles", "parcours:modifier_personne", "synthese:historique"):
            assert presse.get(reverse(route, args=[parcours.uuid])).status_code == 200
        assert LectureRecente.objects.filter(acteur=awa.pk).count() == 1

    def test_la_superviseure_aussi_s_arrete(self, presse, parcours, gaelle):
        deja_ouverts(gaelle, 50)
        presse.force_login(gaelle)
        assert ouvrir(presse, parcours).status_code == 429


class TestSaisie:
    def test_un_envoi_qui_enregistre_passe_toujours(self, presse, parcours_admis, awa):
        deja_ouverts(awa, 60)
        envoi = {
            "canal": "SMS",
            "le": f"{horloge.aujourd_hui():%d/%m/%Y}",
            "note": "Rappel fait.",
            "de_la_personne": "non",
            "abouti": "on",
        }
        reponse = presse.post(reverse("interventions:noter_contact", args=[parcours_admis.uuid]), envoi)
        assert reponse.status_code == 302
        assert Contact.objects.filter(parcours=parcours_admis).count() == 1

    def test_un_envoi_a_corriger_revient_si_le_dossier_etait_ouvert(self, presse, parcours, awa):
        ouvrir(presse, parcours)
        LectureRecente.objects.filter(acteur=awa.pk).update(vu_le=horloge.maintenant() - datetime.timedelta(hours=3))
        deja_ouverts(awa, 60)
        envoi = {
            "nom": "",
            "prenom": "",
            "pseudonyme": "",
            "foyer": "Deux enfants.",
            "version": parcours.personne.version,
        }
        reponse = presse.post(reverse("parcours:modifier_personne", args=[parcours.uuid]), envoi)
        assert reponse.status_code == 422
        assert "Deux enfants." in reponse.text

    def test_un_envoi_vide_ne_sert_pas_a_lire(self, presse, parcours, awa):
        deja_ouverts(awa, 60)
        reponse = presse.post(reverse("parcours:modifier_personne", args=[parcours.uuid]), {"version": 0})
        assert reponse.status_code == 429
        assert parcours.personne.nom not in reponse.text


class TestRalenti:
    @pytest.mark.parametrize(("rang", "secondes"), [(1, 0), (34, 0), (35, 0.125), (42, 1.0), (50, 2.0), (90, 2.0)])
    def test_croit_jusqu_a_deux_secondes(self, rang, secondes):
        assert rythme.attente(rang) == pytest.approx(secondes)

    def test_attend_une_fois_par_dossier_neuf_apres_la_transaction(self, presse, parcours, awa):
        deja_ouverts(awa, 40)
        ouvrir(presse, parcours)
        ouvrir(presse, parcours)
        assert presse.attentes == [pytest.approx(rythme.attente(41))]

    def test_n_attend_pas_dans_les_essais_ordinaires(self, client, parcours, awa, monkeypatch):
        monkeypatch.setattr(rythme.time, "sleep", lambda duree: pytest.fail("une attente"))
        deja_ouverts(awa, 80)
        client.force_login(awa)
        assert ouvrir(client, parcours).status_code == 200


class TestJustifier:
    def test_un_motif_ecrit_rouvre_et_avertit(self, presse, parcours, awa, hugo):
        deja_ouverts(awa, 50)
        assert ouvrir(presse, parcours).status_code == 429
        assert presse.get(reverse(JUSTIFIER)).status_code == 200
        assert presse.post(reverse(JUSTIFIER), {"motif": MOTIF}).status_code == 302
        assert ouvrir(presse, parcours).status_code == 200
        alerte = Alerte.objects.visibles_pour(hugo).get()
        assert (alerte.regle, alerte.dit, alerte.acteur) == ("justifiee", MOTIF, awa)
        assert Evenement.objects.filter(action="justification", acteur=awa).count() == 1

    def test_un_motif_trop_court_ne_rouvre_rien(self, presse, parcours, awa):
        deja_ouverts(awa, 50)
        assert presse.post(reverse(JUSTIFIER), {"motif": "besoin"}).status_code == 422
        assert ouvrir(presse, parcours).status_code == 429
        assert not Alerte.objects.exists()

    def test_cinquante_de_plus_pas_davantage(self, presse, parcours, awa):
        deja_ouverts(awa, 100)
        presse.post(reverse(JUSTIFIER), {"motif": MOTIF})
        assert ouvrir(presse, parcours).status_code == 429

    def test_quatre_fois_par_jour_au_plus(self, presse, awa):
        for _ in range(rythme.PAR_JOUR):
            assert presse.post(reverse(JUSTIFIER), {"motif": MOTIF}).status_code == 302
        refus = presse.post(reverse(JUSTIFIER), {"motif": MOTIF})
        assert refus.status_code == 422
        assert "quatre fois en un jour" in refus.text


def test_compter_ne_coute_pas_une_requete_de_plus(presse, parcours, awa, django_assert_max_num_queries):
    with django_assert_max_num_queries(1):
        demande = SimpleNamespace(method="GET")
        rythme.inscrire_une_lecture(demande, "lecture", parcours=parcours, objet=parcours, par=awa, page="essai")
    assert Evenement.objects.filter(chaine=parcours.pk, action="lecture").count() == 1


def test_la_purge_oublie_hier(parcours, awa):
    deja_ouverts(awa, 3, datetime.timedelta(hours=25))
    deja_ouverts(awa, 2)
    assert rythme.lectures_recentes() == 3
    assert LectureRecente.objects.count() == 2


def test_le_compte_se_lit_par_sa_cle(awa):
    deja_ouverts(awa, 200)
    with connection.cursor() as curseur:
        curseur.execute("SET LOCAL enable_seqscan = off")
        curseur.execute("EXPLAIN SELECT count(*) FROM socle_rythme WHERE acteur = %s AND vu_le > now()", [awa.pk])
        assert any("socle_rythme_pkey" in ligne for (ligne,) in curseur.fetchall())


def test_un_parcours_ferme_ne_compte_pas(presse, parcours, elsa):
    presse.force_login(elsa)
    assert ouvrir(presse, parcours).status_code == 404
    assert not LectureRecente.objects.filter(acteur=elsa.pk).exists()
    assert Parcours.objects.filter(pk=parcours.pk).exists()


@pytest.mark.django_db(transaction=True)
def test_des_lectures_ouvertes_ensemble_se_comptent_juste(awa, settings):
    """Douze onglets ouverts d'un coup à quarante-cinq dossiers : cinq passent, pas un de plus."""
    settings.RYTHME_DES_LECTURES = True
    deja_ouverts(awa, 45)
    depart = threading.Barrier(12)

    def lire(rang):
        demande = SimpleNamespace(method="GET")
        try:
            with transaction.atomic():
                depart.wait()
                rythme.inscrire_une_lecture(demande, "lecture", parcours=2 * 10**6 + rang, par=awa)
        except rythme.TropDeLectures:
            return 0
        finally:
            connection.close()
        return 1

    with ThreadPoolExecutor(12) as fils:
        assert sum(fils.map(lire, range(12))) == 5


@pytest.mark.django_db(transaction=True)
def test_des_justifications_envoyees_ensemble_se_comptent_juste(awa):
    """Douze envois d'un coup : quatre passent, pas un de plus."""
    depart = threading.Barrier(12)

    def demander(_):
        try:
            with transaction.atomic():
                depart.wait()
                return rythme.elargir(awa)
        finally:
            connection.close()

    with ThreadPoolExecutor(12) as fils:
        assert sum(fils.map(demander, range(12))) == rythme.PAR_JOUR
