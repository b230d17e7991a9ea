"""Chaque acte sur une action ou un contact : ce qu'il fait, et chacun de ses refus."""

import datetime

import pytest
from django.core.exceptions import ValidationError

from interventions.models import Action, Contact, Derogation, Prolongation, Suspension
from interventions.tests.conftest import au_jour, demarrer, jour
from securisation.annuaire.models import Facteur, Levier, ModeAction
from securisation.socle.refus import DroitRefuse
from securisation.socle.trace import hors_porte
from securisation.socle.transitions import AccordManquant, Conflit, EtatRefuse

pytestmark = pytest.mark.django_db


def echeance(parcours, nature):
    return parcours.echeances.filter(nature=nature).values_list("date", flat=True).first()


def ouvrir_la_sortie(action, awa):
    with hors_porte("la sortie s'ouvre", par=awa):
        action.intervention.parcours.commencer_sortie(par=awa)


@pytest.fixture
def autres_valeurs(db):
    """De quoi faire d'une action une autre."""
    return {
        "levier": Levier.objects.get(code="L-CAF"),
        "mode": ModeAction.objects.get(code="MA-4"),
        "facteur": Facteur.objects.get(code="LOG-08"),
        "intitule": "Une autre démarche",
    }


@pytest.fixture
def non_sollicitee(intervention, awa, reponses, motif_non_sollicite):
    """Une action dont le levier n'a pas été sollicité."""
    reponses |= {"ns2_sollicite_le": None, "ns2_motif": motif_non_sollicite, "reponse_attendue_le": None}
    return Action(intervention=intervention).inscrire(par=awa, **reponses)


class TestInscrireUneAction:
    def test_doit_une_reponse_et_acquitte_l_axe(self, diagnostique, awa, reponses):
        assert diagnostique.echeances.filter(nature="agir", source="axe:LOG").exists()
        action = Action(intervention=demarrer(diagnostique, awa)).inscrire(par=awa, **reponses)
        assert echeance(diagnostique, "reponse") == jour(40)
        assert action.etat == Action.Etat.OUVERTE
        assert set(diagnostique.echeances.filter(nature="agir").values_list("source", flat=True)) == {"axe:BUD"}

    def test_sans_relais_un_risque_est_du_au_terme(self, intervention, awa, reponses):
        Action(intervention=intervention).inscrire(par=awa, **(reponses | {"ns4_relais": ""}))
        assert intervention.parcours.echeances.get(nature="relais").date == jour(90)

    def test_la_sortie_ouverte_le_relais_n_est_plus_du(self, intervention, awa, reponses, issues):
        action = Action(intervention=intervention).inscrire(par=awa, **(reponses | {"ns4_relais": ""}))
        with hors_porte("la sortie s'ouvre", par=awa):
            intervention.parcours.commencer_sortie(par=awa)
        action.noter_issue(par=awa, issue=issues["DEM-OK"], issue_le=jour())
        assert not intervention.parcours.echeances.filter(nature="relais").exists()

    def test_cette_dette_suit_le_terme(self, intervention, awa, gaelle, reponses):
        Action(intervention=intervention).inscrire(par=awa, **(reponses | {"ns4_relais": ""}))
        Prolongation(intervention=intervention).demander(par=awa, jours=30, motif="Report.").approuver(par=gaelle)
        assert intervention.parcours.echeances.get(nature="relais").date == jour(120)

    def test_accepte_un_levier_hors_de_ses_axes(self, intervention, awa, reponses):
        from securisation.annuaire.models import Levier

        ecole = Levier.objects.get(code="L-ECOLE")
        assert "LOG" not in ecole.axes
        assert Action(intervention=intervention).inscrire(par=awa, **(reponses | {"levier": ecole})).pk

    def test_accepte_un_levier_non_sollicite_avec_son_motif(self, intervention, awa, reponses, motif_non_sollicite):
        reponses |= {"ns2_sollicite_le": None, "ns2_motif": motif_non_sollicite, "reponse_attendue_le": None}
        action = Action(intervention=intervention).inscrire(par=awa, **reponses)
        assert not intervention.parcours.echeances.filter(nature="reponse", source=action.source).exists()

    REPONSES_QUI_NE_TIENNENT_PAS = [
        ({"intitule": ""}, "vide"),
        ({"intitule": "x" * 301}, "300"),
        ({"ns1": "non"}, "ce qui a été cherché"),
        ({"ns1": "peut-être"}, "choix"),
        ({"ns2_sollicite_le": None}, "l’un des deux"),
        ({"ns2_sollicite_le": datetime.date(1800, 1, 1)}, "période possible"),
        ({"ns2_sollicite_le": datetime.date(2999, 1, 1)}, "avenir"),
        ({"reponse_attendue_le": datetime.date(9999, 12, 31)}, "période possible"),
        ({"reponse_attendue_le": None}, "attendue"),
        ({"reponse_attendue_le": datetime.date(2020, 1, 1)}, "avant la demande"),
        ({"ns3": "le dispositif seul"}, "justifiez"),
        ({"ns5": True}, "orientez"),
    ]

    def test_refuse_une_reponse_qui_ne_tient_pas(self, intervention, awa, reponses):
        for champs, mot in self.REPONSES_QUI_NE_TIENNENT_PAS:
            with pytest.raises(ValidationError, match=mot):
                Action(intervention=intervention).inscrire(par=awa, **(reponses | champs))
            assert not Action.objects.exists()

    def test_refuse_un_levier_a_la_fois_sollicite_et_non(self, intervention, awa, reponses, motif_non_sollicite):
        with pytest.raises(ValidationError, match="l’un des deux"):
            Action(intervention=intervention).inscrire(par=awa, **(reponses | {"ns2_motif": motif_non_sollicite}))

    def test_refuse_un_facteur_d_un_autre_axe(self, intervention, awa, reponses):
        autre = Facteur.objects.get(code="BUD-05")
        with pytest.raises(ValidationError, match="autre axe"):
            Action(intervention=intervention).inscrire(par=awa, **(reponses | {"facteur": autre}))

    def test_refuse_un_facteur_non_retenu(self, intervention, awa, reponses):
        autre = Facteur.objects.get(code="LOG-08")
        with pytest.raises(ValidationError, match="retenu au diagnostic"):
            Action(intervention=intervention).inscrire(par=awa, **(reponses | {"facteur": autre}))

    def test_refuse_apres_le_terme(self, intervention, awa, reponses):
        with au_jour(91), pytest.raises(EtatRefuse, match="échue"):
            Action(intervention=intervention).inscrire(par=awa, **reponses)

    def test_accepte_le_jour_du_terme(self, intervention, awa, reponses):
        with au_jour(90):
            assert (
                Action(intervention=intervention)
                .inscrire(par=awa, **(reponses | {"reponse_attendue_le": jour(120)}))
                .pk
            )

    def test_refuse_pendant_une_suspension(self, intervention, awa, reponses):
        Suspension(intervention=intervention).suspendre(par=awa, motif="Absence.")
        with pytest.raises(EtatRefuse, match="suspendue"):
            Action(intervention=intervention).inscrire(par=awa, **reponses)

    def test_refuse_une_fois_la_sortie_ouverte(self, intervention, awa, reponses):
        from securisation.socle.trace import hors_porte

        with hors_porte("ouvrir la sortie pour l'essai", par=awa):
            intervention.parcours.commencer_sortie(par=awa)
        with pytest.raises(EtatRefuse, match="sortie est ouverte"):
            Action(intervention=intervention).inscrire(par=awa, **reponses)

    def test_refuse_sans_adhesion(self, intervention, awa, reponses, laisser_finir):
        laisser_finir(intervention.parcours, "ADHESION")
        with pytest.raises(AccordManquant):
            Action(intervention=intervention).inscrire(par=awa, **reponses)

    @pytest.mark.parametrize("qui", ["gaelle", "elsa", "chloe"])
    def test_refuse_qui_n_agit_pas_sur_ce_parcours(self, intervention, distribution, reponses, qui):
        with pytest.raises(DroitRefuse):
            Action(intervention=intervention).inscrire(par=distribution[qui], **reponses)

    def test_une_intervenante_agit(self, intervention, bruno, reponses):
        assert Action(intervention=intervention).inscrire(par=bruno, **reponses).pk


class TestModifierUneAction:
    def test_nommer_un_relais_leve_la_dette(self, intervention, awa, reponses):
        action = Action(intervention=intervention).inscrire(par=awa, **(reponses | {"ns4_relais": ""}))
        action.modifier(par=awa, ns4_relais="Service social départemental")
        assert not intervention.parcours.echeances.filter(nature="relais").exists()

    def test_apres_le_terme_le_levier_ne_change_plus(self, action, awa):
        from securisation.annuaire.models import Levier

        with au_jour(91):
            action.modifier(par=awa, ns4_relais="CCAS")
            with pytest.raises(EtatRefuse, match="échue"):
                action.modifier(par=awa, levier=Levier.objects.get(code="L-CAF"))

    @pytest.mark.parametrize("nom", ["levier", "mode", "intitule", "facteur"])
    def test_changer_l_action_demande_l_adhesion(self, action, awa, autres_valeurs, nom, laisser_finir):
        laisser_finir(action.intervention.parcours, "ADHESION")
        action.modifier(par=awa, ns4_relais="CCAS")
        with pytest.raises(AccordManquant):
            action.modifier(par=awa, **{nom: autres_valeurs[nom]})

    def test_apres_le_terme_l_intitule_ne_change_plus(self, action, awa):
        with au_jour(91), pytest.raises(EtatRefuse, match="échue"):
            action.modifier(par=awa, intitule="Une autre démarche")

    def test_pendant_la_sortie_l_intitule_ne_change_plus(self, action, awa):
        ouvrir_la_sortie(action, awa)
        with pytest.raises(EtatRefuse, match="sortie est ouverte"):
            action.modifier(par=awa, intitule="Une autre démarche")

    def test_refuse_une_version_depassee(self, action, awa):
        version = action.version
        action.modifier(par=awa, version=version, intitule="Un")
        with pytest.raises(Conflit):
            Action.objects.get(pk=action.pk).modifier(par=awa, version=version, intitule="Deux")

    def test_refuse_le_soin(self, action, awa):
        with pytest.raises(ValidationError, match="orientez"):
            action.modifier(par=awa, ns5=True)

    def test_refuse_qui_n_agit_pas(self, action, gaelle):
        with pytest.raises(DroitRefuse):
            action.modifier(par=gaelle, intitule="Autre")


class TestNoterUneIssue:
    def test_une_reponse_clot_l_action(self, action, awa, issues):
        action.noter_issue(par=awa, issue=issues["DEM-OK"], issue_le=jour(), issue_note="Aide de 620 euros.")
        assert action.etat == Action.Etat.CLOSE
        assert echeance(action.intervention.parcours, "reponse") is None

    def test_un_silence_la_laisse_en_cours_et_due(self, action, awa, issues):
        action.noter_issue(par=awa, issue=issues["DEM-SIL"], issue_note="Deux mois sans réponse.")
        assert (action.etat, action.issue_le) == (Action.Etat.OUVERTE, None)
        assert echeance(action.intervention.parcours, "reponse") == jour(40)

    def test_une_relance_redate_la_reponse(self, action, awa, issues):
        action.noter_issue(par=awa, issue=issues["DEM-INC"], issue_le=jour(), reponse_attendue_le=jour(60))
        assert echeance(action.intervention.parcours, "reponse") == jour(60)

    def test_se_note_apres_le_terme(self, action, awa, issues):
        with au_jour(95):
            assert action.noter_issue(par=awa, issue=issues["DEM-OK"], issue_le=jour(95)).etat == Action.Etat.CLOSE

    def test_se_corrige(self, action, awa, issues):
        action.noter_issue(par=awa, issue=issues["DEM-OK"], issue_le=jour())
        action.noter_issue(par=awa, issue=issues["DEM-ATT"])
        assert action.etat == Action.Etat.OUVERTE
        assert echeance(action.intervention.parcours, "reponse") == jour(40)

    def test_une_action_close_ne_se_rouvre_pas_apres_le_terme(self, action, awa, issues):
        action.noter_issue(par=awa, issue=issues["DEM-OK"], issue_le=jour())
        with au_jour(91):
            with pytest.raises(EtatRefuse, match="échue"):
                action.noter_issue(par=awa, issue=issues["DEM-ATT"])
            action.noter_issue(par=awa, issue=issues["DEM-REF"], issue_le=jour(91))
        assert (action.etat, action.issue.code) == (Action.Etat.CLOSE, "DEM-REF")

    def test_elle_se_rouvre_sous_derogation_mais_pas_sans_adhesion(self, action, awa, gaelle, issues, laisser_finir):
        action.noter_issue(par=awa, issue=issues["DEM-OK"], issue_le=jour())
        with au_jour(91):
            Derogation(intervention=action.intervention).accorder(par=gaelle, motif="Erreur.", jusqu_au=jour(95))
            assert action.noter_issue(par=awa, issue=issues["DEM-ATT"]).etat == Action.Etat.OUVERTE
            action.noter_issue(par=awa, issue=issues["DEM-OK"], issue_le=jour(91))
            laisser_finir(action.intervention.parcours, "ADHESION")
            with pytest.raises(AccordManquant):
                action.noter_issue(par=awa, issue=issues["DEM-ATT"])

    def test_pendant_la_sortie_une_issue_ne_fait_que_clore(self, action, awa, issues):
        ouvrir_la_sortie(action, awa)
        with pytest.raises(EtatRefuse, match="pour clore"):
            action.noter_issue(par=awa, issue=issues["DEM-SIL"])
        action.noter_issue(par=awa, issue=issues["DEM-OK"], issue_le=jour())
        with pytest.raises(EtatRefuse, match="sortie est ouverte"):
            action.noter_issue(par=awa, issue=issues["DEM-ATT"])
        assert action.etat == Action.Etat.CLOSE

    @pytest.mark.parametrize("code", ["DEM-OK", "DEM-REF", "DEM-ATT", "DEM-SIL"])
    def test_un_levier_jamais_sollicite_n_a_pas_de_reponse(self, non_sollicitee, awa, issues, code):
        with pytest.raises(ValidationError, match="date de la demande"):
            non_sollicitee.noter_issue(par=awa, issue=issues[code], issue_le=jour())
        assert non_sollicitee.issue_id is None

    def test_une_demarche_jamais_demandee_s_abandonne(self, non_sollicitee, awa, issues):
        non_sollicitee.noter_issue(par=awa, issue=issues["DEM-ABN"], issue_le=jour())
        assert non_sollicitee.etat == Action.Etat.CLOSE

    @pytest.mark.parametrize("code", ["DEM-REF", "DEM-INC"])
    def test_refuse_une_fin_ou_une_piece_reclamee_sans_date(self, action, awa, issues, code):
        with pytest.raises(ValidationError, match="date de cette réponse"):
            action.noter_issue(par=awa, issue=issues[code])
        assert action.issue_id is None

    @pytest.mark.parametrize("ecart", [-1, 1, 3000])
    def test_refuse_une_date_hors_de_la_demarche(self, action, awa, issues, ecart):
        with pytest.raises(ValidationError, match="demande à aujourd’hui"):
            action.noter_issue(par=awa, issue=issues["DEM-OK"], issue_le=jour(ecart))

    def test_refuse_qui_n_agit_pas(self, action, elsa, issues):
        with pytest.raises(DroitRefuse):
            action.noter_issue(par=elsa, issue=issues["DEM-ATT"])


class TestNoterUnContact:
    def test_se_rattache_a_l_intervention(self, intervention, bruno):
        contact = Contact(parcours=intervention.parcours).noter(par=bruno, canal="téléphone", de_la_personne=True)
        assert (contact.intervention, contact.le, contact.par) == (intervention, jour(), bruno)
        assert list(Contact.objects.de_la_personne()) == [contact]

    def test_se_note_avant_l_intervention(self, parcours_admis, awa):
        assert Contact(parcours=parcours_admis).noter(par=awa, canal="visite").intervention is None

    def test_se_note_pendant_une_suspension_et_apres_le_terme(self, intervention, awa):
        Suspension(intervention=intervention).suspendre(par=awa, motif="Absence.")
        with au_jour(200):
            assert Contact(parcours=intervention.parcours).noter(par=awa, canal="SMS").pk

    @pytest.mark.parametrize("ecart", [-1, 1, 2_000_000])
    def test_refuse_une_date_impossible(self, intervention, awa, ecart):
        with pytest.raises(ValidationError, match="entre la réception"):
            Contact(parcours=intervention.parcours).noter(par=awa, canal="SMS", le=jour(ecart))

    def test_un_contact_venu_de_la_personne_a_sa_reponse(self, intervention, awa):
        with pytest.raises(ValidationError, match="est un échange"):
            Contact(parcours=intervention.parcours).noter(par=awa, canal="SMS", de_la_personne=True, abouti=False)

    def test_refuse_un_canal_inconnu(self, intervention, awa):
        with pytest.raises(ValidationError):
            Contact(parcours=intervention.parcours).noter(par=awa, canal="pigeon")

    def test_refuse_qui_ne_suit_pas_le_parcours(self, intervention, gaelle):
        with pytest.raises(DroitRefuse):
            Contact(parcours=intervention.parcours).noter(par=gaelle, canal="SMS")
