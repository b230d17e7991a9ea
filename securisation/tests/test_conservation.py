"""La conservation : ce qui la déplace, ce qui l'annonce, ce qui la lève, archiver."""

import datetime

import pytest
from django.core.exceptions import ValidationError

from interventions.models import Contact
from securisation.parcours.conservation import il_y_a_deux_ans, tenir_le_jour, terme
from securisation.parcours.models import Conservation, Effacement, Parcours
from securisation.socle import horloge
from securisation.socle.refus import DroitRefuse
from securisation.tests.dossiers import au_jour
from securisation.tests.effacements import decider, demander

pytestmark = pytest.mark.django_db
MOTIF = "Un litige avec le bailleur court devant le tribunal."


@pytest.fixture
def ancien(awa, bruno, ouvrir_un_parcours):
    """Un parcours ouvert il y a deux ans moins vingt jours."""
    with au_jour(-711):
        return ouvrir_un_parcours(awa, intervenant=bruno)


@pytest.fixture
def annonce(ancien):
    """Le même, annoncé ce jour."""
    tenir_le_jour()
    return Conservation.objects.get(parcours=ancien)


class TestLeDelai:
    @pytest.mark.parametrize(
        ("nouvelle", "attendu"),
        [("2024-05-10", "2026-05-10"), ("2024-02-29", "2026-03-01"), ("2022-02-28", "2024-02-28")],
    )
    def test_deux_ans_de_date_a_date(self, nouvelle, attendu):
        assert terme(datetime.date.fromisoformat(nouvelle)) == datetime.date.fromisoformat(attendu)

    def test_les_deux_regles_disent_le_meme_jour(self):
        premier = datetime.date(2023, 1, 1)
        for ecart in range(1500):
            nouvelle = premier + datetime.timedelta(days=ecart)
            for jour in (terme(nouvelle) - datetime.timedelta(days=1), terme(nouvelle)):
                assert (nouvelle <= il_y_a_deux_ans(jour)) == (jour >= terme(nouvelle)), (nouvelle, jour)

    def test_court_de_l_ouverture_puis_du_contact_venu_de_la_personne(self, ancien, bruno):
        ancien.refresh_from_db()
        ouvert = ancien.derniere_nouvelle_le
        Contact(parcours=ancien).noter(par=bruno, canal="SMS", de_la_personne=False)
        ancien.refresh_from_db()
        assert ancien.derniere_nouvelle_le == ouvert
        contact = Contact(parcours=ancien).noter(par=bruno, canal="SMS", de_la_personne=True)
        ancien.refresh_from_db()
        assert ancien.derniere_nouvelle_le == contact.le

    def test_ne_laisse_pas_de_trace_pour_une_cle_tenue_par_la_base(self, ancien, bruno):
        avant = Parcours.history.filter(id=ancien.pk).count()
        Contact(parcours=ancien).noter(par=bruno, canal="SMS", de_la_personne=True)
        assert Parcours.history.filter(id=ancien.pk).count() == avant


class TestAnnoncer:
    def test_trente_jours_au_moins_avant(self, annonce):
        assert (annonce.terme - annonce.annonce_le).days >= 30
        assert annonce.parcours.echeances.filter(nature="conservation", date=annonce.terme).exists()

    def test_le_dossier_vit_encore(self, annonce, awa):
        assert Parcours.objects.visibles_pour(awa).filter(pk=annonce.parcours_id).exists()

    def test_deux_passages_n_annoncent_qu_une_fois(self, annonce):
        assert tenir_le_jour()["annonces"] == 0
        assert Conservation.objects.count() == 1

    def test_des_nouvelles_levent_l_annonce(self, annonce, bruno):
        Contact(parcours=annonce.parcours).noter(par=bruno, canal="SMS", de_la_personne=True)
        tenir_le_jour()
        annonce.refresh_from_db()
        assert (annonce.etat, annonce.effacement.etat) == ("leve", "annule")
        assert not annonce.parcours.echeances.filter(nature="conservation").exists()


class TestLeTerme:
    def test_sans_decision_le_dossier_se_ferme_et_attend(self, annonce, awa):
        with au_jour(31):
            tenir_le_jour()
        assert not Parcours.objects.visibles_pour(awa).filter(pk=annonce.parcours_id).exists()
        assert Effacement.objects.get().etat == "demande"

    def test_decide_pendant_le_preavis_il_s_efface_au_terme_pas_avant(self, annonce, gaelle, hugo, travailler):
        decider(annonce.effacement, gaelle, hugo)
        travailler()
        tenir_le_jour()
        assert Parcours.objects.filter(pk=annonce.parcours_id).exists()
        with au_jour(31):
            tenir_le_jour()
            travailler()
        assert not Parcours.objects.filter(pk=annonce.parcours_id).exists()

    def test_un_contact_apres_la_decision_garde_le_dossier(self, annonce, bruno, gaelle, hugo):
        decider(annonce.effacement, gaelle, hugo)
        Contact(parcours=annonce.parcours).noter(par=bruno, canal="SMS", de_la_personne=True)
        with au_jour(31):
            tenir_le_jour()
        annonce.effacement.refresh_from_db()
        assert annonce.effacement.etat == "annule"


class TestArchiver:
    def jusqu_au(self):
        return horloge.aujourd_hui() + datetime.timedelta(days=400)

    def test_garde_le_dossier_hors_de_toutes_les_vues(self, annonce, awa, gaelle, hugo):
        annonce.archiver(par=hugo, motif=MOTIF, jusqu_au=self.jusqu_au())
        assert annonce.effacement.etat == "annule"
        for compte in (awa, gaelle, hugo):
            assert not Parcours.objects.visibles_pour(compte).exists()
        with au_jour(31):
            assert tenir_le_jour()["annonces"] == 0

    def test_a_la_fin_de_l_archivage_un_nouveau_preavis_court(self, annonce, hugo):
        annonce.archiver(par=hugo, motif=MOTIF, jusqu_au=self.jusqu_au())
        with au_jour(401):
            assert tenir_le_jour() | {"leves": 0} == {"leves": 0, "finis": 1, "annonces": 1, "termes": 0}

    @pytest.mark.parametrize(("motif", "ecart"), [("Litige", 400), (MOTIF, 0), (MOTIF, -1), (MOTIF, 4000)])
    def test_demande_un_motif_ecrit_et_une_fin(self, annonce, hugo, motif, ecart):
        fin = horloge.aujourd_hui() + datetime.timedelta(days=ecart)
        with pytest.raises(ValidationError):
            annonce.archiver(par=hugo, motif=motif, jusqu_au=fin)

    def test_ni_le_referent_ni_une_autre_equipe_n_archivent(self, annonce, awa, elsa):
        for compte in (awa, elsa):
            with pytest.raises(DroitRefuse):
                annonce.archiver(par=compte, motif=MOTIF, jusqu_au=self.jusqu_au())


class TestDemandeDeLaPersonne:
    def test_passe_avant_l_annonce(self, annonce, awa, gaelle, hugo):
        effacement = demander(annonce.parcours, par=awa)
        annonce.effacement.refresh_from_db()
        assert (annonce.effacement.etat, effacement.etat) == ("annule", "demande")

    def test_refusee_elle_laisse_l_annonce_reprendre(self, annonce, awa, gaelle):
        demander(annonce.parcours, par=awa).refuser(par=gaelle, motif="Une procédure est en cours.")
        assert tenir_le_jour() == {"leves": 1, "finis": 0, "annonces": 1, "termes": 0}
        assert Effacement.objects.a_decider().filter(parcours=annonce.parcours).count() == 1
