"""Ce qu'une demande d'effacement laisse lire : la date de la personne, qui peut encore décider, ce qui part, ce qui reste dû."""

import datetime

import pytest
from django.urls import reverse

from securisation.coordination.personne import effaces
from securisation.parcours import delais
from securisation.parcours.effacement.inventaire import AUTRES, FAMILLES, partira
from securisation.parcours.effacement.presentation import certificat as lire_le_certificat
from securisation.parcours.effacement.presentation import consequences, fiche
from securisation.parcours.models import Demande, Effacement
from securisation.socle import horloge
from securisation.socle.refus import DroitRefuse
from securisation.socle.templatetags.jalon import date_longue, date_moyenne
from securisation.socle.trace import hors_porte
from securisation.tests.effacements import decider, demander, effacer, executer

pytestmark = pytest.mark.django_db


@pytest.fixture
def demande_la_veille(parcours, awa):
    """Un effacement que la personne a demandé deux jours avant que sa demande soit enregistrée."""
    recue_le = horloge.aujourd_hui() - datetime.timedelta(days=2)
    Demande(parcours=parcours).enregistrer(par=awa, genre="effacement", recue_le=recue_le, moyen="oral")
    return Effacement(parcours=parcours).demander(par=awa)


def lire(client, compte, nom, *cles):
    client.force_login(compte)
    return client.get(reverse(nom, args=cles))


class TestLaDate:
    def test_est_celle_de_la_personne_pas_celle_de_la_saisie(self, demande_la_veille, client, gaelle, hugo):
        jour = horloge.aujourd_hui() - datetime.timedelta(days=2)
        assert horloge.debut_du_jour(jour) == demande_la_veille.demande_le
        page = lire(client, hugo, "parcours:effacement", demande_la_veille.uuid).content.decode()
        assert date_longue(jour) in page
        fait = executer(decider(demande_la_veille, gaelle, hugo))
        assert lire_le_certificat(fait)["demande_le"].date() == jour
        page = lire(client, hugo, "parcours:certificat", fait.uuid).content.decode()
        assert f"Demande de la personne, le {date_moyenne(jour)}" in page

    def test_dite_au_moment_de_demander_est_gardee(self, parcours, awa):
        jour = horloge.aujourd_hui() - datetime.timedelta(days=9)
        fait = Effacement(parcours=parcours).demander(par=awa, recue_le=jour, moyen="oral")
        assert fait.demande_le == horloge.debut_du_jour(jour)
        assert parcours.demandes.get().recue_le == jour


class TestQuiDecideEncore:
    def test_qui_a_accepte_ne_refuse_plus(self, parcours, client, awa, gaelle, hugo):
        demande = demander(parcours, par=awa)
        assert fiche(demande, gaelle)["a_refuser"]
        demande.accepter(par=gaelle)
        assert not fiche(demande, gaelle)["a_refuser"]
        assert fiche(demande, hugo)["a_refuser"]
        page = lire(client, gaelle, "parcours:effacement", demande.uuid).content.decode()
        assert "Refuser l’effacement" not in page
        assert lire(client, gaelle, "parcours:refuser_effacement", demande.uuid).status_code == 403
        with pytest.raises(DroitRefuse):
            demande.refuser(par=gaelle, motif="Finalement non.")

    def test_la_page_nomme_le_parcours_et_dit_en_verbes_ce_qui_part(self, parcours, client, awa, gaelle, hugo):
        demande = demander(parcours, par=awa)
        for compte, verbe in ((gaelle, "Accepter"), (hugo, "Ordonner")):
            page = lire(client, compte, "parcours:decider_effacement", demande.uuid).content.decode()
            assert f"{verbe} l’effacement du parcours {parcours.numero}" in page
            assert "fiche de la personne sera effacée" in page
            if compte == gaelle:
                demande.accepter(par=gaelle)

    def test_chaque_famille_a_son_verbe(self):
        assert partira("éléments de diagnostic", 13) == "éléments de diagnostic seront effacés"
        assert partira("copie ou invitation", 1) == "copie ou invitation sera effacée"
        noms = [*FAMILLES.values(), AUTRES]
        suites = consequences(dict.fromkeys(noms, 2))
        assert all("seront effacé" in suite["texte"] for suite in suites[: len(noms)])

    def test_aucune_table_d_un_dossier_n_est_dite_ligne(self, parcours, awa):
        inventaire = demander(parcours, par=awa).inventaire
        assert inventaire
        assert AUTRES not in inventaire


class TestQuandCEstFini:
    def test_la_page_ne_parle_plus_de_decider(self, parcours, client, awa, gaelle, hugo):
        phrase = "Personne n’a besoin d’ouvrir le dossier"
        demande = demander(parcours, par=awa)
        assert phrase in lire(client, hugo, "parcours:effacement", demande.uuid).content.decode()
        executer(decider(demande, gaelle, hugo))
        assert phrase not in lire(client, hugo, "parcours:effacement", demande.uuid).content.decode()
        assert fiche(demande, hugo)["etapes"][-1]["meta"].endswith("écrits")

    def test_le_telechargement_du_registre_dit_son_format(self, client, hugo):
        assert "(fichier .jsonl)" in lire(client, hugo, "parcours:effacements").content.decode()


class TestLesPagesDesDroits:
    def test_la_trace_d_une_demande_effacee_reste_au_delegue_sans_contenu(
        self, demande_la_veille, parcours, client, gaelle, hugo
    ):
        page = lire(client, hugo, "coordination:demande", parcours.demandes.get().uuid)
        assert page.context["decision"]["mot"] == "Suivre l’effacement"
        fait = executer(decider(demande_la_veille, gaelle, hugo))
        client.force_login(hugo)
        suites = client.get(reverse("coordination:tableau"), {"vue": "repondues"}).content.decode()
        du = delais.echeance(horloge.aujourd_hui() - datetime.timedelta(days=2))
        assert fait.numero in suites
        assert reverse("parcours:certificat", args=[fait.uuid]) in suites
        assert f"à dire à la personne avant le {date_moyenne(du)}" in suites
        assert parcours.numero not in suites
        assert fait.numero not in client.get(reverse("coordination:tableau")).content.decode()

    def test_une_fin_de_conservation_ne_laisse_aucune_reponse_due(self, parcours, client, awa, gaelle, hugo):
        fait = effacer(parcours, par=awa, gaelle=gaelle, hugo=hugo)
        assert [trace["effacement"] for trace in effaces.traces(hugo)] == [fait]
        with hors_porte("essai"):
            Effacement.objects.en_masse().filter(pk=fait.pk).update(origine="conservation")
        assert effaces.traces(hugo) == []

    def test_la_demande_mene_a_la_decision(self, parcours, client, awa, gaelle, hugo):
        effacement = demander(parcours, par=awa)
        demande = parcours.demandes.get()
        adresse = reverse("parcours:decider_effacement", args=[effacement.uuid])
        assert adresse not in lire(client, hugo, "coordination:demande", demande.uuid).content.decode()
        effacement.accepter(par=gaelle)
        assert adresse in lire(client, hugo, "coordination:demande", demande.uuid).content.decode()

    def test_l_ouverture_motivee_porte_le_numero(self, parcours, client, awa, hugo):
        demande = Demande(parcours=parcours)
        demande.enregistrer(par=awa, genre="acces", recue_le=horloge.aujourd_hui(), moyen="oral")
        page = lire(client, hugo, "coordination:demande", demande.uuid).content.decode()
        assert f"{reverse('parcours:ouvrir_par_motif')}?numero={parcours.numero}" in page

    @pytest.mark.parametrize("genre", Demande.Genre.values)
    def test_la_suite_n_est_jamais_un_titre_vide(self, genre, parcours, client, awa, gaelle, hugo):
        demande = Demande(parcours=parcours)
        texte = "Mon nom est mal écrit."
        demande.enregistrer(par=awa, genre=genre, recue_le=horloge.aujourd_hui(), moyen="oral", texte=texte)
        for compte in (awa, gaelle, hugo):
            page = lire(client, compte, "coordination:demande", demande.uuid).content.decode()
            cadre = page.partition('id="t-suite"')[2].partition("</section>")[0]
            assert not cadre or "<li>" in cadre or "ouverture motivée" in cadre
