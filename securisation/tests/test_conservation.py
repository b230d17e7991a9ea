"""La conservation : ce qui la déplace, ce qui l'annonce, ce qui la lève, archiver."""

import datetime

import pytest
from django.core.exceptions import ValidationError

from interventions.models import Contact
from securisation.annuaire.models import Finalite
from securisation.parcours.conservation import il_y_a_deux_ans, tenir_le_jour, terme
from securisation.parcours.models import Accord, Conservation, Demande, Effacement, Parcours
from securisation.socle import horloge
from securisation.socle.cloison import lire_comme
from securisation.socle.refus import DroitRefuse
from securisation.socle.trace import hors_porte
from securisation.socle.transitions import EtatRefuse
from securisation.tests.dossiers import au_jour
from securisation.tests.effacements import decider, demander

pytestmark = pytest.mark.django_db
MOTIF = "Un litige avec le bailleur court devant le tribunal."


def demande_de_la_personne(parcours, par, genre="acces"):
    """Une demande de la personne, reçue aujourd'hui."""
    champs = {"recue_le": horloge.aujourd_hui(), "moyen": "courrier", "texte": ""}
    return Demande(parcours=parcours).enregistrer(par=par, genre=genre, **champs)


def nouvelle(parcours):
    """Le jour des dernières nouvelles, tel que la base le tient."""
    return Parcours.objects.values_list("derniere_nouvelle_le", flat=True).get(pk=parcours.pk)


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

    def test_une_demande_de_la_personne_est_une_nouvelle(self, ancien, awa):
        demande = demande_de_la_personne(ancien, awa)
        assert nouvelle(ancien) == demande.recue_le
        with au_jour(5):
            demande.retirer(par=awa)
            assert nouvelle(ancien) == horloge.aujourd_hui()

    def test_un_accord_recueilli_refuse_ou_retire_est_une_nouvelle(self, ancien, awa):
        jours = []
        with au_jour(-300):
            information = Accord(parcours=ancien, finalite=Finalite.objects.get(code="INFORMATION"))
            information.recueillir(par=awa, le=horloge.aujourd_hui(), mode="remise en main propre")
            jours.append(nouvelle(ancien) == horloge.aujourd_hui())
        with au_jour(-200):
            contact = Accord(parcours=ancien, finalite=Finalite.objects.get(code="CONTACT"))
            contact.recueillir(par=awa, le=horloge.aujourd_hui(), canal="SMS", mode="lu à voix haute")
            jours.append(nouvelle(ancien) == horloge.aujourd_hui())
        with au_jour(-100):
            contact.retirer(par=awa)
            jours.append(nouvelle(ancien) == horloge.aujourd_hui())
        refus = Accord(parcours=ancien, finalite=Finalite.objects.get(code="STATISTIQUES"))
        refus.refuser(par=awa, le=horloge.aujourd_hui(), mode="oral")
        assert [*jours, nouvelle(ancien) == horloge.aujourd_hui()] == [True] * 4

    def test_la_plus_recente_compte_quel_que_soit_l_ordre_d_ecriture(self, ancien, awa, bruno):
        demande = demande_de_la_personne(ancien, awa)
        Contact(parcours=ancien).noter(
            par=bruno, canal="SMS", de_la_personne=True, le=demande.recue_le - datetime.timedelta(days=3)
        )
        assert nouvelle(ancien) == demande.recue_le
        with hors_porte("essai"):
            Demande.objects.en_masse().filter(pk=demande.pk).delete()
        assert nouvelle(ancien) == demande.recue_le - datetime.timedelta(days=3)

    def test_le_delegue_qui_repond_sans_voir_le_dossier_n_avance_pas_le_terme(self, ancien, awa, bruno, hugo):
        with au_jour(-10):
            demande = demande_de_la_personne(ancien, awa)
        contact = Contact(parcours=ancien).noter(par=bruno, canal="SMS", de_la_personne=True)
        with lire_comme(hugo):
            assert not Contact.objects.filter(pk=contact.pk).exists()
            demande.prolonger(par=hugo, motif_prolongation="Trois dossiers à réunir.")
            assert not Contact.objects.filter(pk=contact.pk).exists()
        assert nouvelle(ancien) == contact.le

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

    def test_une_demande_de_la_personne_leve_l_annonce(self, annonce, awa):
        demande_de_la_personne(annonce.parcours, awa)
        assert tenir_le_jour() == {"leves": 1, "finis": 0, "annonces": 0, "termes": 0}
        annonce.refresh_from_db()
        assert (annonce.etat, annonce.effacement.etat) == ("leve", "annule")


class TestLimitation:
    """Traitement limité : les données ne sont que conservées (RGPD, article 18.2) ; la conservation n'annonce ni n'efface rien."""

    @pytest.fixture
    def limite(self, annonce, awa, gaelle, hugo):
        """Un effacement annoncé, décidé à deux, puis le traitement limité à la demande de la personne."""
        decider(annonce.effacement, gaelle, hugo)
        demande_de_la_personne(annonce.parcours, awa, "limitation")
        annonce.refresh_from_db()
        return annonce

    def test_limiter_leve_l_annonce_aussitot(self, limite):
        assert (limite.etat, limite.effacement.etat) == ("leve", "annule")
        assert not limite.parcours.echeances.filter(nature="conservation").exists()

    def test_rien_ne_s_annonce_ni_ne_s_efface_tant_qu_elle_court(self, limite, travailler):
        for jours in (1, 31, 3 * 365):
            with au_jour(jours):
                assert set(tenir_le_jour().values()) == {0}
                travailler()
        assert Parcours.objects.get(pk=limite.parcours_id).limite_le is not None

    def test_levee_le_delai_ordinaire_reprend(self, limite, awa):
        Demande.objects.get().lever(par=awa, motif_levee="Elle y renonce.")
        assert tenir_le_jour()["annonces"] == 0
        with au_jour(2 * 365 - 20):
            assert tenir_le_jour()["annonces"] == 1

    def test_un_dossier_limite_sans_qu_on_l_ait_leve_attend(self, annonce, gaelle, hugo):
        """Même si l'annonce était restée ouverte : le terme n'y fait rien, le passage la lève."""
        decider(annonce.effacement, gaelle, hugo)
        with hors_porte("essai"):
            Parcours.objects.en_masse().filter(pk=annonce.parcours_id).update(limite_le=horloge.aujourd_hui())
        with au_jour(31):
            assert tenir_le_jour() == {"leves": 1, "finis": 0, "annonces": 0, "termes": 0}

    def test_un_contact_se_note_encore_et_compte(self, limite, bruno):
        with au_jour(40):
            contact = Contact(parcours=limite.parcours).noter(par=bruno, canal="SMS", de_la_personne=True)
        assert nouvelle(limite.parcours) == contact.le


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

    def test_relancer_ne_devance_pas_le_terme(self, annonce, gaelle, hugo, travailler):
        decider(annonce.effacement, gaelle, hugo)
        with pytest.raises(EtatRefuse, match="attend la fin du préavis"):
            annonce.effacement.relancer(par=hugo)
        travailler()
        assert Parcours.objects.filter(pk=annonce.parcours_id, effacement_le=None).exists()

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

    def test_refusee_elle_reste_une_nouvelle_et_l_annonce_reprend_deux_ans_apres(self, annonce, awa, gaelle):
        demander(annonce.parcours, par=awa).refuser(par=gaelle, motif="Une procédure est en cours.")
        assert tenir_le_jour() == {"leves": 1, "finis": 0, "annonces": 0, "termes": 0}
        assert not Effacement.objects.a_decider().filter(parcours=annonce.parcours).exists()
        with au_jour(2 * 365 - 20):
            assert tenir_le_jour() == {"leves": 0, "finis": 0, "annonces": 1, "termes": 0}
            assert Effacement.objects.a_decider().filter(parcours=annonce.parcours).count() == 1
