"""Les alertes : ce qui en lève une, ce qui n'en lève pas, et comment le délégué les regarde."""

import datetime

import pytest
from django.db import connection
from django.urls import reverse

from securisation.parcours.models import Entourage
from securisation.socle import horloge, journal
from securisation.socle.refus import DroitRefuse
from securisation.synthese import alertes, surveillance
from securisation.synthese.models import Alerte, Controle

pytestmark = pytest.mark.django_db
HEURE = datetime.timedelta(hours=1)
NOTE = "Vu avec sa superviseure : relecture d'équipe prévue ce jour-là."
_LIRE = """
INSERT INTO socle_journal (chaine, seq, quand, acteur, action, charge, sel, empreinte_charge, precedente, empreinte)
SELECT %s, 100000 + coalesce(max(seq), 0), %s, %s, 'lecture', '{}', '', '', '', '' FROM socle_journal WHERE chaine = %s
"""


def a_lu(compte, chaine, quand):
    """Pose une lecture à ce moment, sans passer par la chaîne d'empreintes : seule la surveillance la relit."""
    with connection.cursor() as curseur:
        curseur.execute(_LIRE, [chaine, quand, compte.pk, chaine])


def levees():
    """{(règle, compte)} des alertes, après un passage."""
    surveillance.surveiller()
    return {(alerte.regle, alerte.acteur.prenom) for alerte in Alerte.objects.select_related("acteur")}


@pytest.fixture
def jour():
    """Un midi récent, à l'heure de l'association : ce que l'on y lit n'est pas de nuit."""
    midi = horloge.maintenant().replace(hour=11, minute=0, second=0, microsecond=0)
    return midi if midi < horloge.maintenant() - 2 * HEURE else midi - datetime.timedelta(days=1)


@pytest.fixture(autouse=True)
def depuis_deux_jours(jour):
    """La surveillance a passé pour la dernière fois il y a trois jours."""
    from securisation.synthese.models import Veille

    Veille.noter(jour - datetime.timedelta(days=3))


class TestNombreux:
    def test_trente_dossiers_dans_l_heure(self, awa, bruno, jour):
        for rang in range(30):
            a_lu(awa, 10**6 + rang, jour + datetime.timedelta(seconds=rang))
            a_lu(bruno, 10**6, jour + datetime.timedelta(seconds=rang))
        assert levees() == {("nombreux", "Awa")}
        assert Alerte.objects.get().nombre == 30

    def test_trente_dossiers_en_deux_heures_n_alertent_pas(self, awa, jour):
        for rang in range(30):
            a_lu(awa, 10**6 + rang, jour - 2 * HEURE + rang * datetime.timedelta(minutes=4))
        assert levees() == set()

    def test_ne_se_leve_qu_une_fois_et_grandit_tant_qu_on_ne_l_a_pas_regardee(self, awa, hugo, jour):
        for rang in range(30):
            a_lu(awa, 10**6 + rang, jour)
        levees()
        alerte = Alerte.objects.get()
        a_lu(awa, 10**6 + 31, jour + datetime.timedelta(minutes=1))
        surveillance.Veille.noter(jour - HEURE)
        surveillance.surveiller()
        alerte.refresh_from_db()
        assert (Alerte.objects.count(), alerte.nombre) == (1, 31)
        alerte.regarder(par=hugo, note=NOTE)
        surveillance.Veille.noter(jour - HEURE)
        surveillance.surveiller()
        assert Alerte.objects.get().etat == "regardee"


class TestNuit:
    @pytest.mark.parametrize(
        ("heures", "alerte"), [(22, True), (23.5, True), (2, True), (5.9, True), (6, False), (21.9, False)]
    )
    def test_de_vingt_deux_heures_a_six_heures(self, awa, jour, heures, alerte):
        minuit = horloge.timezone.localtime(jour - datetime.timedelta(days=1)).replace(hour=0, minute=0)
        a_lu(awa, 10**6, minuit + heures * HEURE)
        assert levees() == ({("nuit", "Awa")} if alerte else set())

    def test_une_astreinte_notee_explique_les_suivantes(self, awa, hugo, jour):
        minuit = horloge.timezone.localtime(jour - datetime.timedelta(days=2)).replace(hour=0, minute=0)
        a_lu(awa, 10**6, minuit + 2 * HEURE)
        levees()
        astreinte = (jour + datetime.timedelta(days=3)).date()
        Alerte.objects.get().regarder(par=hugo, note=NOTE, astreinte_jusqu_au=astreinte)
        a_lu(awa, 10**6, minuit + 26 * HEURE)
        surveillance.Veille.noter(minuit)
        surveillance.surveiller()
        assert Alerte.objects.count() == 1


class TestProche:
    def test_meme_nom_de_famille(self, ouvrir_un_parcours, awa, bruno, jour):
        parcours = ouvrir_un_parcours(awa, nom="KELLERMANN", prenom="Ana")
        a_lu(bruno, parcours.pk, jour)
        a_lu(awa, parcours.pk, jour)
        assert levees() == {("proche", "Bruno")}
        alerte = Alerte.objects.get()
        assert alerte.parcours == parcours
        assert parcours.numero in alertes.fait(alerte)
        assert "KELLERMANN" not in alertes.fait(alerte)

    def test_cite_dans_l_entourage(self, parcours, awa, bruno, jour):
        Entourage(parcours=parcours).inscrire(par=awa, nom="Bruno Kellermann", lien="cousin")
        a_lu(bruno, parcours.pk, jour)
        assert levees() == {("proche", "Bruno")}

    def test_le_dossier_d_un_collegue(self, ouvrir_un_parcours, awa, elsa, jour):
        parcours = ouvrir_un_parcours(awa, nom=elsa.nom, prenom=elsa.prenom)
        a_lu(awa, parcours.pk, jour)
        assert levees() == {("proche", "Awa")}

    def test_sans_nom_personne_n_est_proche(self, ouvrir_un_parcours, awa, jour):
        parcours = ouvrir_un_parcours(awa, nom="", prenom="", pseudonyme="L-12")
        a_lu(awa, parcours.pk, jour)
        assert levees() == set()

    def test_liens(self):
        assert list(surveillance.liens("Zoé", "Petit", "Zoe", "PETIT", "Zoé Petit|", set())) == ["nom", "entourage"]
        assert list(surveillance.liens("Zoé", "Petit", "", "", None, {""})) == []


class TestRecherche:
    def chercher(self, compte, fois, termes="Mme Martin", numeros=("P-2026-0001",)):
        for _ in range(fois):
            journal.inscrire("recherche", par=compte, termes=termes, numeros=list(numeros))

    def test_cinq_fois_sans_ouvrir(self, awa, bruno):
        self.chercher(awa, 5)
        self.chercher(bruno, 4)
        assert levees() == {("recherche", "Awa")}
        assert "Martin" not in "".join(map(str, Alerte.objects.values_list().get()))

    def test_ouvrir_ce_qui_est_montre_suffit(self, parcours, awa):
        self.chercher(awa, 5, numeros=[parcours.numero])
        journal.inscrire("lecture", parcours=parcours, objet=parcours, par=awa)
        assert ("recherche", "Awa") not in levees()

    def test_un_terme_de_deux_lettres_ne_dit_rien(self, awa):
        self.chercher(awa, 6, termes="ma")
        assert levees() == set()

    def test_un_contenu_efface_ne_casse_rien(self, awa):
        for _ in range(5):
            journal.inscrire("recherche", par=awa, effacee=True)
        assert levees() == set()


@pytest.fixture
def alerte(parcours, awa):
    """Une alerte de nuit, à regarder."""
    moment = horloge.maintenant()
    Alerte.lever("nuit", acteur=awa.pk, cle="2026-11-22", nombre=2, du=moment - HEURE, au=moment)
    return Alerte.objects.get()


class TestRegarder:
    def test_au_delegue_seul(self, client, distribution, alerte):
        for nom, compte in distribution.items():
            client.force_login(compte)
            attendu = {200} if nom == "hugo" else {403, 404}
            for adresse in (reverse("synthese:alertes"), reverse("synthese:alerte", args=[alerte.uuid])):
                assert client.get(adresse).status_code in attendu, nom

    def test_avec_une_note(self, client, alerte, hugo):
        client.force_login(hugo)
        adresse = reverse("synthese:alerte", args=[alerte.uuid])
        assert client.post(adresse, {"note": "", "version": 0}).status_code == 422
        assert client.post(adresse, {"note": NOTE, "version": 0}).status_code == 302
        alerte.refresh_from_db()
        assert (alerte.etat, alerte.note, alerte.regardee_par) == ("regardee", NOTE, hugo)
        assert NOTE.split(" :")[0] in client.get(adresse).text
        assert client.post(adresse, {"note": NOTE, "version": 1}).status_code == 409

    def test_un_formulaire_perime_n_ecrase_rien(self, client, alerte, hugo):
        Alerte.objects.filter(pk=alerte.pk).update(version=3)
        client.force_login(hugo)
        reponse = client.post(reverse("synthese:alerte", args=[alerte.uuid]), {"note": NOTE, "version": 0})
        assert reponse.status_code == 409
        assert NOTE in reponse.text.replace("&#x27;", "'")

    def test_le_droit_est_celui_du_delegue(self, alerte, gaelle):
        with pytest.raises(DroitRefuse):
            alerte.regarder(par=gaelle, note=NOTE)

    def test_nul_ne_ferme_l_alerte_qui_le_vise(self, client, alerte, hugo):
        Alerte.objects.filter(pk=alerte.pk).update(acteur=hugo)
        client.force_login(hugo)
        adresse = reverse("synthese:alerte", args=[alerte.uuid])
        page = client.get(adresse)
        assert page.status_code == 200
        assert "un autre délégué" in page.text and "Marquer comme regardée" not in page.text
        refus = client.post(adresse, {"note": NOTE, "version": 0})
        assert (refus.status_code, "un autre délégué" in refus.text) == (403, True)
        alerte.refresh_from_db()
        assert (alerte.etat, alerte.note) == ("a_regarder", "")

    @pytest.mark.parametrize(("jours", "statut"), [(31, 302), (32, 422)])
    def test_une_astreinte_se_note_pour_un_mois_au_plus(self, client, alerte, hugo, jours, statut):
        client.force_login(hugo)
        jour = horloge.aujourd_hui() + datetime.timedelta(days=jours)
        envoi = {"note": NOTE, "version": 0, "astreinte_jusqu_au": f"{jour:%d/%m/%Y}"}
        assert client.post(reverse("synthese:alerte", args=[alerte.uuid]), envoi).status_code == statut

    def test_une_inconnue_est_introuvable(self, client, hugo):
        client.force_login(hugo)
        assert client.get(reverse("synthese:alerte", args=["00000000-0000-7000-8000-000000000000"])).status_code == 404

    def test_le_menu_dit_ce_qui_reste(self, client, alerte, hugo, gaelle):
        client.force_login(hugo)
        assert alertes.a_regarder(hugo) == 1
        assert "à regarder" in client.get("/").text
        assert alertes.a_regarder(gaelle) == 0
        client.force_login(gaelle)
        assert reverse("synthese:alertes") not in client.get("/").text

    def test_mene_a_la_piste_filtree(self, client, alerte, hugo, awa):
        journal.inscrire("lecture", parcours=10**6, par=awa)
        client.force_login(hugo)
        traits = client.get(alertes.dans_la_piste(alerte)).context["traits"]
        assert {trait.qui for trait in traits} == {"Awa Diarra"}

    def test_chaque_regle_se_dit(self, client, hugo, awa, parcours):
        moment = horloge.maintenant()
        for rang, (regle, sorte) in enumerate(
            [
                ("nombreux", ""),
                ("nuit", ""),
                ("recherche", ""),
                ("justifiee", ""),
                *(("proche", mot) for mot in ("nom", "entourage", "collegue")),
            ]
        ):
            cle = f"{sorte}:{rang}"
            Alerte.lever(
                regle, acteur=awa.pk, cle=cle, nombre=3, du=moment, au=moment, parcours=parcours.pk if sorte else None
            )
        client.force_login(hugo)
        page = client.get(reverse("synthese:alertes")).text
        assert page.count("Awa Diarra") == 7
        assert "{" not in page.partition("<main")[2]
        for alerte in Alerte.objects.all():
            assert client.get(reverse("synthese:alerte", args=[alerte.uuid])).status_code == 200


def test_la_verification_garde_son_resultat(parcours):
    dernier = surveillance.controler()
    assert (dernier.rupture, dernier.maillons > 0) == ("", True)
    Controle.objects.filter(pk=dernier.pk).update(maillons=surveillance.MILLION + 1)
    assert surveillance.controler().pk == dernier.pk
