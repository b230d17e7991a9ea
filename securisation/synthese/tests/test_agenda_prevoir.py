"""L'agenda, la fin de semaine et le rendez-vous qui s'y fixe : rien de dû ne disparaît, le jour cliqué est déjà rempli."""

import datetime

import pytest
from django.urls import reverse

from securisation.parcours.models import RendezVous
from securisation.parcours.models.rendez_vous import a_l_heure
from securisation.socle import horloge
from securisation.socle.models import Evenement
from securisation.synthese.agenda.filtres import lire_filtres
from securisation.synthese.tests.test_agenda import JOUR, page, prevoir

pytestmark = pytest.mark.django_db
VENDREDI = datetime.date(2026, 11, 20)


@pytest.mark.parametrize("rang", [1, 2], ids=["samedi", "dimanche"])
class TestLaFinDeSemaine:
    @pytest.fixture(autouse=True)
    def un_jour_de_fin_de_semaine(self, rang):
        with horloge.reprise_au(a_l_heure(VENDREDI + rang * JOUR, datetime.time(10))):
            yield

    def test_la_semaine_montree_est_celle_qui_vient(self):
        filtres = lire_filtres({})
        assert (filtres.du, filtres.lu_du) == (VENDREDI + 3 * JOUR, VENDREDI + JOUR)
        assert filtres.adresse() == "?"
        assert filtres.decale(-1) == "?jour=2026-11-16"
        liste = lire_filtres({"vue": "liste"})
        assert (liste.du, liste.lu_du) == (horloge.aujourd_hui(), horloge.aujourd_hui())
        # D'une vue à l'autre, chacune a son jour.
        assert (filtres.adresse(vue="liste"), liste.adresse(vue="semaine")) == ("?vue=liste", "?")
        assert lire_filtres({"jour": horloge.aujourd_hui().isoformat()}).du == datetime.date(2026, 11, 16)

    def test_ce_qui_est_du_ce_jour_la_se_lit_encore(self, parcours, awa, client):
        parcours.poser_echeance("terme", horloge.aujourd_hui(), "Fin de la mesure")
        prevoir(parcours, awa, jour=VENDREDI + 2 * JOUR, heure=15, lieu="Repas partagé")
        prevoir(parcours, awa, jour=VENDREDI + 4 * JOUR, lieu="Mairie")
        prevoir(parcours, awa, jour=VENDREDI, lieu="Antenne close")
        client.force_login(awa)
        contexte = client.get(reverse("synthese:agenda")).context
        assert {m["e"].jour for m in contexte["week_end"]} == {horloge.aujourd_hui(), VENDREDI + 2 * JOUR}
        assert not any(m["e"].jour < VENDREDI + 3 * JOUR for j in contexte["jours"] for m in j["elements"])
        texte = page(client)
        assert texte.index("Ce week-end") < texte.index("Repas partagé") < texte.index("Mairie")
        assert "Antenne close" not in texte
        # La semaine qui finit montre ses sept jours dès qu'un samedi ou un dimanche porte quelque chose.
        finit = client.get(reverse("synthese:agenda") + contexte["aujourd_hui"]).context
        assert len(finit["jours"]) == 7 and finit["week_end"] == []
        assert "Antenne close" in page(client, jour=horloge.aujourd_hui().isoformat())

    def test_sans_rien_le_bandeau_n_y_est_pas(self, parcours, awa, client):
        client.force_login(awa)
        assert "Ce week-end" not in page(client)


class TestPrevoir:
    """Fixer un rendez-vous depuis l'agenda : avec qui, puis le formulaire du parcours."""

    def test_le_jour_clique_est_rempli_et_l_on_revient_a_l_agenda(self, parcours, awa, client):
        client.force_login(awa)
        demain = horloge.aujourd_hui() + JOUR
        assert f"/agenda/prevoir/?jour={demain.isoformat()}" in page(client, jour=demain.isoformat())
        (ligne,) = client.get(reverse("synthese:prevoir"), {"jour": demain.isoformat()}).context["lignes"]
        formulaire = client.get(ligne["url"])
        assert formulaire.context["form"]["jour"].value() == f"{demain:%d/%m/%Y}"
        assert f'href="{reverse("synthese:prevoir")}"' in formulaire.text
        champs = {"genre": "rendez_vous", "jour": f"{demain:%d/%m/%Y}", "duree": 60, "professionnels": [awa.pk]}
        manque = client.post(ligne["url"], champs | {"lieu": "Mairie"})
        assert manque.status_code == 422 and "Mairie" in manque.text
        fait = client.post(ligne["url"], champs | {"heure": "10h"})
        assert fait.url == f"{reverse('synthese:agenda')}?jour={demain.isoformat()}"
        assert RendezVous.objects.get().parcours == parcours

    def test_un_jour_passe_ne_se_propose_pas(self, parcours, awa, client):
        client.force_login(awa)
        passe = horloge.aujourd_hui() - 14 * JOUR
        assert "/agenda/prevoir/?jour=" not in page(client, jour=passe.isoformat())

    def test_seulement_les_siens(self, parcours, awa, bruno, gaelle, elsa, client):
        attendus = {awa: 1, bruno: 1, gaelle: 0, elsa: 0}
        for compte, nombre in attendus.items():
            client.force_login(compte)
            for q in ({}, {"q": parcours.numero}):
                lues = client.get(reverse("synthese:prevoir"), q).context["lignes"]
                assert len(lues) == nombre, (compte, q)
        client.force_login(elsa)
        assert client.get(reverse("parcours:prevoir_rendez_vous", args=[parcours.uuid])).status_code == 404

    def test_la_recherche_garde_le_jour_et_s_inscrit(self, parcours, awa, client):
        client.force_login(awa)
        reponse = client.get(reverse("synthese:prevoir"), {"q": "diallo", "jour": "2026-11-24"})
        assert '<input type="hidden" name="jour" value="2026-11-24">' in reponse.text
        assert reponse.context["lignes"][0]["url"].endswith("?de=agenda&jour=24%2F11%2F2026")
        assert Evenement.objects.get(action="recherche").charge["numeros"] == [parcours.numero]

    @pytest.mark.parametrize("jour", ["x", "2026-13-40", "<script>", "'; DROP", "9" * 300])
    def test_un_jour_hostile_est_ignore(self, parcours, awa, client, jour):
        client.force_login(awa)
        (ligne,) = client.get(reverse("synthese:prevoir"), {"jour": jour}).context["lignes"]
        assert ligne["url"].endswith("?de=agenda")

    def test_le_partenaire_va_a_ses_partages(self, chloe, client):
        client.force_login(chloe)
        assert client.get(reverse("synthese:prevoir")).status_code in (302, 404)
