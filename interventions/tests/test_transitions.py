"""Chaque acte de l'intervention : ce qu'il fait, et chacun de ses refus."""

import pytest
from django.core.exceptions import ValidationError

from interventions.models import Action, Derogation, Intervention, Prolongation, Suspension
from interventions.tests.conftest import au_jour, demarrer, jour
from securisation.comptes.models import Reglages
from securisation.parcours.models import DeclarationInteret, Parcours
from securisation.parcours.roles import attribuer_role
from securisation.socle.refus import DroitRefuse
from securisation.socle.transitions import AccordManquant, EtatRefuse

pytestmark = pytest.mark.django_db


def echeance(parcours, nature):
    return parcours.echeances.filter(nature=nature).values_list("date", flat=True).first()


class TestDemarrer:
    def test_calcule_le_terme_et_le_doit(self, diagnostique, awa):
        intervention = demarrer(diagnostique, awa)
        assert (intervention.demarre_le, intervention.terme) == (jour(), jour(90))
        assert echeance(diagnostique, "terme") == jour(90)
        diagnostique.refresh_from_db()
        assert diagnostique.etat == Parcours.Etat.INTERVENTION

    def test_trace_l_absence_de_conflit(self, intervention, awa):
        declaration = DeclarationInteret.objects.filter(parcours=intervention.parcours).latest("pk")
        assert (declaration.professionnel, declaration.absence_de_conflit) == (awa, True)

    def test_prend_la_duree_de_l_association(self, diagnostique, awa):
        assert demarrer(diagnostique, awa, duree_jours=None).duree_jours == Reglages.actuels().duree_intervention_jours

    def test_refuse_un_conflit_declare(self, diagnostique, awa):
        with pytest.raises(ValidationError, match="autre référent"):
            demarrer(diagnostique, awa, declaration_absence_conflit_interet=False)

    @pytest.mark.parametrize("duree", [0, 91, 366])
    def test_refuse_une_duree_hors_bornes(self, diagnostique, awa, duree):
        with pytest.raises(ValidationError, match="durée"):
            demarrer(diagnostique, awa, duree_jours=duree)

    def test_admet_en_reprise_une_duree_d_avant(self, diagnostique, awa):
        with au_jour(0):
            assert demarrer(diagnostique, awa, duree_jours=120).terme == jour(120)

    def test_refuse_sans_objectif(self, diagnostique, awa):
        with pytest.raises(ValidationError):
            demarrer(diagnostique, awa, objectif="")

    def test_refuse_sans_diagnostic_valide(self, parcours_admis, awa):
        with pytest.raises(EtatRefuse, match="diagnostic validé"):
            demarrer(parcours_admis, awa)

    def test_refuse_sans_adhesion(self, diagnostique, awa, laisser_finir):
        laisser_finir(diagnostique, "ADHESION")
        with pytest.raises(AccordManquant):
            demarrer(diagnostique, awa)

    @pytest.mark.parametrize("qui", ["bruno", "gaelle", "elsa", "chloe"])
    def test_refuse_qui_ne_conduit_pas_le_parcours(self, diagnostique, distribution, qui):
        with pytest.raises(DroitRefuse):
            demarrer(diagnostique, distribution[qui])

    def test_refuse_une_seconde_intervention(self, intervention, awa):
        with pytest.raises(EtatRefuse):
            demarrer(intervention.parcours, awa)

    def test_le_terme_ne_se_saisit_pas(self, diagnostique, awa):
        with pytest.raises(TypeError):
            demarrer(diagnostique, awa, terme=jour(400))


class TestEchue:
    def test_le_jour_du_terme_elle_court_encore(self, intervention):
        with au_jour(90):
            assert (intervention.est_echue, intervention.jours_restants) == (False, 0)

    def test_le_lendemain_elle_est_echue(self, intervention):
        with au_jour(93):
            assert (intervention.est_echue, intervention.jours_restants) == (True, -3)

    def test_personne_ne_perd_son_acces(self, intervention, awa):
        with au_jour(400):
            assert Intervention.objects.visibles_pour(awa).exists()


class TestSuspendre:
    def suspendre(self, intervention, par, **champs):
        return Suspension(intervention=intervention).suspendre(par=par, motif="Absence annoncée.", **champs)

    def test_arrete_le_temps(self, intervention, awa):
        self.suspendre(intervention, awa)
        assert intervention.etat == Intervention.Etat.SUSPENDUE
        assert (echeance(intervention.parcours, "terme"), echeance(intervention.parcours, "reprise")) == (
            None,
            jour(45),
        )

    def test_la_reprise_deplace_le_terme(self, intervention, awa):
        suspension = self.suspendre(intervention, awa)
        with au_jour(14):
            suspension.reprendre(par=awa)
        intervention.refresh_from_db()
        assert (intervention.etat, intervention.terme) == (Intervention.Etat.EN_COURS, jour(104))
        assert (echeance(intervention.parcours, "terme"), echeance(intervention.parcours, "reprise")) == (
            jour(104),
            None,
        )

    def test_le_terme_montre_avance_chaque_jour(self, intervention, awa):
        self.suspendre(intervention, awa)
        with au_jour(10):
            assert (intervention.terme_a_ce_jour, intervention.jours_restants) == (jour(100), 90)

    def test_au_dela_du_plafond_le_temps_recommence_a_courir(self, intervention, awa):
        suspension = self.suspendre(intervention, awa)
        with au_jour(136):
            assert (intervention.terme_a_ce_jour, intervention.est_echue) == (jour(135), True)
            suspension.reprendre(par=awa)
        intervention.refresh_from_db()
        assert intervention.terme == jour(135)

    def test_refuse_quand_le_plafond_est_pris(self, intervention, awa):
        suspension = self.suspendre(intervention, awa)
        with au_jour(45):
            suspension.reprendre(par=awa)
            intervention.refresh_from_db()
            with pytest.raises(ValidationError, match=r"45.+jours"):
                self.suspendre(intervention, awa)

    def test_refuse_une_seconde_suspension_en_meme_temps(self, intervention, awa):
        self.suspendre(intervention, awa)
        with pytest.raises(EtatRefuse, match="suspendue"):
            self.suspendre(intervention, awa)

    def test_refuse_un_chevauchement(self, intervention, awa):
        suspension = self.suspendre(intervention, awa)
        with au_jour(10):
            suspension.reprendre(par=awa)
        intervention.refresh_from_db()
        with au_jour(12), pytest.raises(ValidationError, match="couvre déjà"):
            self.suspendre(intervention, awa, du=jour(5))

    @pytest.mark.parametrize("du", [-1, 1, -3000, 2_000_000])
    def test_refuse_un_debut_hors_de_l_intervention(self, intervention, awa, du):
        with pytest.raises(ValidationError, match="entre le démarrage"):
            self.suspendre(intervention, awa, du=jour(du))

    def test_refuse_sans_motif(self, intervention, awa):
        with pytest.raises(ValidationError):
            Suspension(intervention=intervention).suspendre(par=awa, motif="")
        intervention.refresh_from_db()
        assert intervention.etat == Intervention.Etat.EN_COURS

    def test_refuse_apres_le_terme(self, intervention, awa):
        with au_jour(91), pytest.raises(EtatRefuse, match="échue"):
            self.suspendre(intervention, awa)

    def test_refuse_une_intervenante(self, intervention, bruno):
        with pytest.raises(DroitRefuse):
            self.suspendre(intervention, bruno)

    @pytest.mark.parametrize("ecart, mot", [(-1, "précède"), (1, "avenir")])
    def test_la_reprise_se_date_entre_la_suspension_et_aujourd_hui(self, intervention, awa, ecart, mot):
        suspension = self.suspendre(intervention, awa)
        with pytest.raises(ValidationError, match=mot):
            suspension.reprendre(par=awa, au=jour(ecart))

    def test_ne_se_reprend_pas_deux_fois(self, intervention, awa):
        suspension = self.suspendre(intervention, awa)
        suspension.reprendre(par=awa)
        with pytest.raises(EtatRefuse, match="déjà terminée"):
            suspension.reprendre(par=awa)

    def test_s_arreter_n_est_pas_un_acte_de_l_ecran(self, intervention, awa):
        suspension = self.suspendre(intervention, awa)
        with pytest.raises(DroitRefuse):
            suspension.arreter(par=awa)


class TestProlonger:
    def demander(self, intervention, par, jours=30, motif="Commission reportée."):
        return Prolongation(intervention=intervention).demander(par=par, jours=jours, motif=motif)

    def test_la_demande_attend_le_superviseur(self, intervention, awa):
        prolongation = self.demander(intervention, awa)
        assert (prolongation.etat, prolongation.demandee_par) == (Prolongation.Etat.DEMANDEE, awa)
        assert echeance(intervention.parcours, "prolongation") == jour(7)
        assert intervention.terme == jour(90)

    def test_l_approbation_deplace_le_terme(self, intervention, awa, gaelle):
        prolongation = self.demander(intervention, awa).approuver(par=gaelle)
        intervention.refresh_from_db()
        assert (prolongation.decidee_par, intervention.terme, intervention.terme_initial) == (
            gaelle,
            jour(120),
            jour(90),
        )
        assert (echeance(intervention.parcours, "terme"), echeance(intervention.parcours, "prolongation")) == (
            jour(120),
            None,
        )

    def test_s_ajoute_a_une_suspension_en_cours(self, intervention, awa, gaelle):
        suspension = Suspension(intervention=intervention).suspendre(par=awa, motif="Absence.")
        self.demander(intervention, awa).approuver(par=gaelle)
        with au_jour(10):
            suspension.reprendre(par=awa)
        intervention.refresh_from_db()
        assert intervention.terme == jour(130)

    def test_le_refus_se_motive_et_laisse_le_terme(self, intervention, awa, gaelle):
        prolongation = self.demander(intervention, awa)
        with pytest.raises(ValidationError, match="se motive"):
            prolongation.refuser(par=gaelle, motif_decision="  ")
        prolongation.refuser(par=gaelle, motif_decision="Le relais est en place.")
        intervention.refresh_from_db()
        assert (prolongation.etat, intervention.terme) == (Prolongation.Etat.REFUSEE, jour(90))
        assert self.demander(intervention, awa, jours=10).jours == 10

    @pytest.mark.parametrize("jours", [0, 31, 400])
    def test_refuse_des_jours_hors_bornes(self, intervention, awa, jours):
        with pytest.raises(ValidationError, match="prolongation dure"):
            self.demander(intervention, awa, jours=jours)

    def test_refuse_sans_motif(self, intervention, awa):
        with pytest.raises(ValidationError):
            self.demander(intervention, awa, motif="")

    def test_refuse_une_seconde(self, intervention, awa, gaelle):
        self.demander(intervention, awa)
        with pytest.raises(EtatRefuse, match="nombre de prolongations"):
            self.demander(intervention, awa)

    def test_refuse_apres_le_terme(self, intervention, awa):
        with au_jour(91), pytest.raises(EtatRefuse, match="avant"):
            self.demander(intervention, awa)

    def test_une_demande_faite_a_temps_se_decide_apres_le_terme(self, intervention, awa, gaelle):
        with au_jour(89):
            prolongation = self.demander(intervention, awa)
        with au_jour(92):
            prolongation.approuver(par=gaelle)
            intervention.refresh_from_db()
            assert (intervention.terme, intervention.est_echue) == (jour(120), False)

    def test_refuse_sans_adhesion(self, intervention, awa, laisser_finir):
        laisser_finir(intervention.parcours, "ADHESION")
        with pytest.raises(AccordManquant):
            self.demander(intervention, awa)

    def test_refuse_une_intervenante(self, intervention, bruno):
        with pytest.raises(DroitRefuse):
            self.demander(intervention, bruno)

    @pytest.mark.parametrize("qui", ["awa", "bruno", "elsa", "hugo"])
    def test_seul_un_superviseur_de_l_equipe_decide(self, intervention, awa, distribution, qui):
        prolongation = self.demander(intervention, awa)
        with pytest.raises(DroitRefuse):
            prolongation.approuver(par=distribution[qui])

    def test_le_superviseur_ne_decide_pas_de_sa_demande(self, intervention, awa, gaelle):
        attribuer_role(intervention.parcours, gaelle, "coordonnateur", par=awa)
        prolongation = self.demander(intervention, gaelle)
        with pytest.raises(DroitRefuse, match="propre demande"):
            prolongation.approuver(par=gaelle)
        with pytest.raises(DroitRefuse, match="propre demande"):
            prolongation.refuser(par=gaelle, motif_decision="Non.")

    def test_ne_se_decide_qu_une_fois(self, intervention, awa, gaelle):
        prolongation = self.demander(intervention, awa).approuver(par=gaelle)
        with pytest.raises(EtatRefuse):
            prolongation.refuser(par=gaelle, motif_decision="Trop tard.")


class TestDeroger:
    def accorder(self, intervention, par, ecart=105, **champs):
        donnees = {"motif": "Un rendez-vous décisif est fixé.", "jusqu_au": jour(ecart)}
        return Derogation(intervention=intervention).accorder(par=par, **(donnees | champs))

    def test_permet_une_action_apres_le_terme(self, intervention, awa, gaelle, reponses):
        with au_jour(91):
            self.accorder(intervention, gaelle)
            assert Action(intervention=intervention).inscrire(par=awa, **reponses).pk

    def test_ne_vaut_plus_apres_sa_date(self, intervention, awa, gaelle, reponses):
        with au_jour(91):
            self.accorder(intervention, gaelle, 95)
        with au_jour(96), pytest.raises(EtatRefuse, match="échue"):
            Action(intervention=intervention).inscrire(par=awa, **reponses)

    def test_refuse_avant_le_terme(self, intervention, gaelle):
        with pytest.raises(EtatRefuse, match="pas échue"):
            self.accorder(intervention, gaelle)

    @pytest.mark.parametrize("ecart", [90, 107, 5000])
    def test_refuse_une_duree_hors_bornes(self, intervention, gaelle, ecart):
        with au_jour(91), pytest.raises(ValidationError, match="15 jours"):
            self.accorder(intervention, gaelle, ecart)

    def test_refuse_sans_motif(self, intervention, gaelle):
        with au_jour(91), pytest.raises(ValidationError):
            self.accorder(intervention, gaelle, motif="")

    @pytest.mark.parametrize("qui", ["awa", "bruno", "elsa"])
    def test_refuse_qui_ne_supervise_pas(self, intervention, distribution, qui):
        with au_jour(91), pytest.raises(DroitRefuse):
            self.accorder(intervention, distribution[qui])


class TestTerminer:
    def test_n_est_pas_un_acte_de_l_ecran(self, intervention, awa):
        for acte in (intervention.terminer, intervention.relancer_le_temps, intervention.deplacer_le_terme):
            with pytest.raises((DroitRefuse, EtatRefuse)):
                acte(par=awa)
        with pytest.raises(DroitRefuse):
            intervention.arreter_le_temps(par=awa, du=jour())

    def test_ferme_la_suspension_et_ce_qui_est_du(self, intervention, awa):
        from securisation.socle.trace import hors_porte

        suspension = Suspension(intervention=intervention).suspendre(par=awa, motif="Absence.")
        with hors_porte("valider la sortie pour l'essai", par=awa):
            intervention.terminer(par=awa)
        suspension.refresh_from_db()
        assert (intervention.etat, intervention.terminee_le, suspension.au) == ("terminee", jour(), jour())
        assert not intervention.parcours.echeances.filter(nature__in=["terme", "reprise"]).exists()
        with au_jour(200):
            assert intervention.est_echue is False
