"""La fin d'une intervention : une seule date, dite pareil partout, et plus rien qui compte après elle."""

import pytest

from interventions.models import Intervention
from interventions.tests.conftest import au_jour, jour
from securisation.parcours.models import Parcours
from securisation.socle.templatetags.jalon import date_breve, date_moyenne
from securisation.socle.trace import hors_porte
from securisation.tests import dossiers
from sorties.models import Sortie

pytestmark = pytest.mark.django_db
COMPTEURS = ("avant la fin de l’intervention", "avant le terme à ce jour", "Échue", "Dernier jour", "Suspendue</span>")


@pytest.fixture
def objets(awa, bruno):
    """Une intervention démarrée aujourd'hui pour 90 jours."""
    return dossiers.en_intervention(awa, bruno)


@pytest.fixture
def en_awa(client, awa):
    client.force_login(awa)
    return client


def ouvrir_la_sortie(objets, par, ecart):
    with au_jour(ecart):
        objets[Parcours].refresh_from_db()
        return Sortie(parcours=objets[Parcours]).ouvrir(par=par)


def lues(client, objets, ecart):
    """(vue d'ensemble, page de l'intervention) telles qu'on les lit ce jour-là."""
    with au_jour(ecart):
        return [client.get(objets[nom].get_absolute_url()).text for nom in (Parcours, Intervention)]


class TestSortieOuverte:
    @pytest.mark.parametrize("vue_le", [84, 90, 97])
    def test_l_intervention_a_fini_le_jour_de_son_ouverture(self, en_awa, objets, awa, vue_le):
        ouvrir_la_sortie(objets, awa, 80)
        ensemble, page = lues(en_awa, objets, vue_le)
        with au_jour(vue_le):
            fin, terme = date_breve(jour(80)), date_moyenne(jour(90))
        assert f"au {fin}" in ensemble
        assert f"Terminée le {fin}" in page and "Sortie en cours" in page
        assert f"10\xa0jours avant le terme du {terme}" in page
        assert not [compteur for compteur in COMPTEURS if compteur in page]
        assert "Aujourd’hui</text>" not in page

    def test_ce_qui_restait_ne_s_y_dessine_plus(self, en_awa, objets, awa, gaelle):
        demande = dossiers.Prolongation(intervention=objets[Intervention]).demander(par=awa, jours=20, motif="Report.")
        demande.approuver(par=gaelle)
        assert "Prolongation</li>" in lues(en_awa, objets, 80)[1]
        ouvrir_la_sortie(objets, awa, 80)
        page = lues(en_awa, objets, 84)[1]
        assert "Prolongation</li>" not in page and "Préparer la sortie</text>" not in page
        assert "30\xa0jours avant le terme" in page

    def test_une_prolongation_en_attente_n_y_demande_plus_de_decision(self, en_awa, objets, awa):
        dossiers.Prolongation(intervention=objets[Intervention]).demander(par=awa, jours=20, motif="Report.")
        assert "Une prolongation est demandée" in lues(en_awa, objets, 80)[1]
        ouvrir_la_sortie(objets, awa, 80)
        assert "Une prolongation est demandée" not in lues(en_awa, objets, 84)[1]


class TestApresLaFin:
    @pytest.mark.parametrize("vue_le", [94, 106, 300])
    def test_l_ecart_au_terme_est_fige(self, en_awa, objets, awa, vue_le):
        sortie = ouvrir_la_sortie(objets, awa, 90)
        with au_jour(94), hors_porte("valider la sortie pour l'essai", par=awa):
            sortie.parcours.intervention.terminer(par=awa)
        page = lues(en_awa, objets, vue_le)[1]
        assert page.count("4\xa0jours après le terme du") >= 2
        assert not [compteur for compteur in (*COMPTEURS, "depuis") if compteur in page.partition("t-actions")[0]]

    def test_le_jour_du_terme_se_dit(self, en_awa, objets, awa):
        ouvrir_la_sortie(objets, awa, 90)
        assert "le jour du terme" in lues(en_awa, objets, 100)[1]

    def test_une_reponse_qui_n_est_pas_venue_n_est_plus_en_retard(self, en_awa, objets, awa):
        assert "Réponse en retard" in lues(en_awa, objets, 40)[1]
        with au_jour(50):
            objets[Parcours].refresh_from_db()
            objets[Parcours].interrompre(par=awa, motif="souhait")
        page = lues(en_awa, objets, 60)[1]
        assert "Restées ouvertes" in page and "Réponse attendue le" in page
        assert not [mot for mot in ("en retard", "Réponse attendue depuis", "depuis 60") if mot in page]

    def test_un_parcours_interrompu_pendant_une_suspension_n_attend_plus_rien(self, en_awa, awa, bruno):
        suspendu = dossiers.suspendue(awa, bruno)
        with au_jour(10):
            suspendu[Parcours].refresh_from_db()
            suspendu[Parcours].interrompre(par=awa, motif="souhait")
        page = lues(en_awa, suspendu, 40)[1]
        with au_jour(40):
            assert f"Interrompue le {date_breve(jour(10))}" in page
        assert "90\xa0jours avant le terme" in page
        assert not [compteur for compteur in (*COMPTEURS, "Intervention suspendue") if compteur in page]
