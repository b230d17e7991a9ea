"""« Noter un contact » de partout : avec qui (les siens seulement), et ce qui suit aussitôt."""

import pytest
from django.urls import reverse

from interventions.models import Contact
from securisation.parcours.roles import attribuer_role
from securisation.socle import horloge
from securisation.socle.models import Evenement
from securisation.synthese.contact.presentation import PROPOSES
from securisation.tests import dossiers
from securisation.tests.distribution import construire_parcours
from securisation.tests.dossiers import Parcours

pytestmark = pytest.mark.django_db
AVEC_QUI = "/contacts/noter/"
CE_CONTACT = {"canal": "téléphone", "de_la_personne": "oui", "le": f"{horloge.aujourd_hui():%d/%m/%Y}"}


@pytest.fixture
def ouvrir(client):
    """`ouvrir(awa, q="diallo")` : la page « Avec qui ? », et les noms qu'elle propose dans l'ordre."""

    def lire(par, **demande):
        client.force_login(par)
        reponse = client.get(AVEC_QUI, demande)
        assert reponse.status_code == 200
        return [ligne["nom"] for ligne in reponse.context["lignes"]]

    return lire


def noter(parcours, **champs):
    return reverse("interventions:noter_contact", args=[parcours.uuid], **champs)


class TestAvecQui:
    def test_les_derniers_lus_d_abord_puis_les_echeances(self, ouvrir, client, awa):
        suivis = [construire_parcours(awa, prenom="Léa", nom=f"Nom{rang:02d}") for rang in range(12)]
        client.force_login(awa)
        for parcours in (suivis[11], suivis[3]):
            client.get(parcours.get_absolute_url())
        noms = ouvrir(awa)
        assert noms[:2] == ["Léa Nom03", "Léa Nom11"]
        assert len(noms) == len(set(noms)) == PROPOSES

    def test_la_recherche_ne_trouve_que_les_siens_et_s_inscrit(self, ouvrir, awa, bruno, gaelle, elsa):
        parcours = construire_parcours(awa, intervenant=bruno, prenom="Élodie", nom="Roche")
        for q in ("roche elodie", "ELODIE", parcours.numero, "06 39 98 20 06"):
            assert ouvrir(bruno, q=q) == ["Élodie Roche"], q
        # La superviseure voit ce parcours et n'y note rien ; l'équipe d'à côté ne le voit pas.
        assert ouvrir(gaelle, q="roche") == ouvrir(gaelle) == ouvrir(elsa, q="roche") == []
        trace = Evenement.objects.filter(action="recherche", acteur=bruno).order_by("quand").first()
        assert trace.charge["page"] == "synthese:contact" and trace.charge["numeros"] == [parcours.numero]

    def test_ni_un_lecteur_ni_un_parcours_clos(self, ouvrir, awa, bruno):
        lu, clos = construire_parcours(awa, nom="Lecture"), construire_parcours(awa, nom="Finie")
        attribuer_role(lu, bruno, "lecteur", par=awa)
        attribuer_role(clos, bruno, "intervenant", par=awa)
        clos.interrompre(par=awa, motif="souhait")
        assert ouvrir(bruno) == []
        assert ouvrir(bruno, q="Finie") == []

    @pytest.mark.parametrize("q", ["%", "'; DROP TABLE x --", "\u202e", "a" * 500, "<script>", "P-", "0"])
    def test_une_question_hostile_ne_rend_rien_et_ne_casse_rien(self, ouvrir, awa, q):
        construire_parcours(awa)
        assert ouvrir(awa, q=q) in ([], ["Fatou Diallo"])

    def test_le_partenaire_va_a_ses_partages(self, client, chloe):
        client.force_login(chloe)
        assert client.get(AVEC_QUI).status_code in (302, 404)

    def test_la_page_coute_peu_quel_que_soit_le_journal(self, client, awa, django_assert_max_num_queries):
        for rang in range(9):
            client.force_login(awa)
            client.get(construire_parcours(awa, nom=f"N{rang}").get_absolute_url())
        with django_assert_max_num_queries(12):
            client.get(AVEC_QUI)


class TestEtEnsuite:
    def test_en_intervention_l_action_le_rendez_vous_et_la_piece_suivent(self, client, distribution):
        awa = distribution["awa"]
        parcours = dossiers.en_intervention(awa, distribution["bruno"])[Parcours]
        client.force_login(awa)
        attendues = {
            "": parcours.get_absolute_url(),
            "action": reverse("interventions:choisir_facteur", args=[parcours.intervention.uuid]),
            "rendez-vous": reverse("parcours:prevoir_rendez_vous", args=[parcours.uuid]) + "?genre=rendez_vous",
            "piece": reverse("interventions:verser_piece", args=[parcours.uuid]),
        }
        for suite, adresse in attendues.items():
            reponse = client.post(noter(parcours), CE_CONTACT | {"ensuite": suite})
            assert (reponse.status_code, reponse.url) == (302, adresse), suite
            assert client.get(adresse).status_code == 200, suite
        visite = client.post(noter(parcours), CE_CONTACT | {"canal": "visite", "ensuite": "rendez-vous"})
        assert visite.url.endswith("?genre=visite")

    def test_rien_de_ce_qui_serait_refuse_n_est_offert(self, client, awa, parcours):
        client.force_login(awa)
        page = client.get(noter(parcours)).text
        assert 'value="action"' not in page and 'value="piece"' not in page
        refuse = client.post(noter(parcours), CE_CONTACT | {"ensuite": "action", "note": "Rappeler jeudi."})
        assert refuse.status_code == 422 and "Rappeler jeudi." in refuse.text
        assert not Contact.objects.exists()

    def test_le_canal_prefere_est_coche_d_avance_et_se_dit(self, client, awa, parcours):
        parcours.personne.modifier(par=awa, canal_prefere="SMS")
        client.force_login(awa)
        page = client.get(noter(parcours)).text
        assert "La personne préfère : SMS." in page
        assert client.get(noter(parcours)).context["form"]["canal"].value() == "SMS"

    @pytest.mark.parametrize(("dite", "cochee"), [("oui", "oui"), ("non", "non"), ("", None), ("peut-etre", None)])
    def test_l_initiative_dite_au_choix_de_la_personne_est_cochee(self, dite, cochee, client, awa, parcours):
        client.force_login(awa)
        liens = {i["mot"]: i["url"] for i in client.get(AVEC_QUI).context["lignes"][0]["directs"]}
        assert liens == {
            "De sa part": noter(parcours) + "?de=partout&initiative=oui",
            "De notre part": noter(parcours) + "?de=partout&initiative=non",
        }
        page = client.get(noter(parcours), {"de": "partout", "initiative": dite})
        assert page.context["form"]["de_la_personne"].value() == cochee
        assert not Contact.objects.exists()

    def test_le_retour_mene_au_choix_de_la_personne(self, client, awa, parcours):
        client.force_login(awa)
        assert f'href="{AVEC_QUI}"' in client.get(noter(parcours) + "?de=partout").text
        fait = client.post(noter(parcours) + "?de=partout", CE_CONTACT)
        assert fait.url == parcours.get_absolute_url()
