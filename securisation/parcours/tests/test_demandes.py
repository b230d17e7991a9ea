"""Les demandes de la personne : délai d'un mois, prolongation, réponse, limitation, opposition."""

import datetime

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from securisation.annuaire.models import Finalite
from securisation.parcours import delais
from securisation.parcours.models import Accord, Demande, Parcours
from securisation.parcours.roles import attribuer_role
from securisation.socle import horloge
from securisation.socle.refus import DroitRefuse
from securisation.socle.transitions import EtatRefuse, TraitementLimite

pytestmark = pytest.mark.django_db
HIER = datetime.timedelta(days=1)


def demander(parcours, par, genre="acces", **champs):
    """Une demande enregistrée."""
    valeurs = {"genre": genre, "recue_le": horloge.aujourd_hui(), "moyen": "oral", "texte": "Corriger la commune."}
    return Demande(parcours=parcours).enregistrer(par=par, **(valeurs | champs))


def repondre(demande, par, decision="acceptee", **champs):
    """La réponse donnée aujourd'hui."""
    valeurs = {"decision": decision, "reponse": "C'est fait.", "repondue_le": horloge.aujourd_hui()}
    return demande.repondre(par=par, **(valeurs | champs))


class TestDelais:
    @pytest.mark.parametrize(
        ("recue", "due"),
        [
            ("2026-01-31", "2026-02-28"),
            ("2028-01-31", "2028-02-29"),
            ("2026-12-15", "2027-01-15"),
            ("2026-08-31", "2026-09-30"),
        ],
    )
    def test_un_mois_de_quantieme_a_quantieme(self, recue, due):
        assert delais.echeance(datetime.date.fromisoformat(recue)).isoformat() == due

    def test_la_prolongation_compte_trois_mois_de_la_reception(self):
        assert delais.echeance(datetime.date(2026, 11, 30), prolongee=True) == datetime.date(2027, 2, 28)

    @given(st.dates(datetime.date(2000, 1, 1), datetime.date(2099, 1, 1)))
    def test_jamais_plus_d_un_mois_ni_moins_de_vingt_huit_jours(self, jour):
        assert 28 <= (delais.echeance(jour) - jour).days <= 31
        assert 89 <= (delais.echeance(jour, prolongee=True) - jour).days <= 92


class TestEnregistrer:
    def test_le_delai_court_du_jour_de_la_demande(self, parcours, awa):
        il_y_a_dix_jours = horloge.aujourd_hui() - 10 * HIER
        demande = demander(parcours, awa, recue_le=il_y_a_dix_jours)
        assert demande.echeance == delais.echeance(il_y_a_dix_jours)
        du = parcours.echeances.get(nature="demande")
        assert (du.date, du.source) == (demande.echeance, f"demande:{demande.pk}")

    @pytest.mark.parametrize(
        "champs", [{"recue_le": datetime.date(2100, 1, 1)}, {"genre": "rectification", "texte": " "}]
    )
    def test_refuse_l_impossible(self, parcours, awa, champs):
        with pytest.raises(ValidationError):
            demander(parcours, awa, **champs)
        assert not parcours.demandes.exists()

    def test_un_parcours_clos_recoit_encore_une_demande(self, parcours, awa):
        parcours.interrompre(par=awa, motif="souhait")
        demander(parcours, awa)
        parcours.refresh_from_db()
        assert parcours.echeances.get().nature == "demande"

    def test_la_fin_d_un_parcours_laisse_due_la_reponse(self, parcours, awa):
        demander(parcours, awa)
        parcours.interrompre(par=awa, motif="souhait")
        assert [due.nature for due in parcours.echeances.all()] == ["demande"]

    @pytest.mark.parametrize("fin", ["retrait", "refus"])
    def test_retirer_son_adhesion_laisse_due_la_reponse(self, parcours_admis, awa, fin):
        demande = demander(parcours_admis, awa)
        if fin == "retrait":
            parcours_admis.accords.get(finalite__code="ADHESION").retirer(par=awa)
        else:
            refus = Accord(parcours=parcours_admis, finalite=Finalite.objects.get(code="ADHESION"))
            refus.refuser(par=awa, le=horloge.aujourd_hui())
        parcours_admis.refresh_from_db()
        assert parcours_admis.motif_interruption == "adhesion_retiree"
        dus = parcours_admis.echeances.values_list("nature", "date")
        assert (list(dus), parcours_admis.echeance) == ([("demande", demande.echeance)], demande.echeance)

    def test_refuse_qui_n_a_pas_de_role(self, parcours, elsa, hugo):
        for autre in (elsa, hugo):
            with pytest.raises(DroitRefuse):
                demander(parcours, autre)

    @pytest.mark.parametrize("genre", ["limitation", "opposition", "effacement"])
    def test_la_meme_demande_ne_court_pas_deux_fois(self, parcours, awa, genre):
        demander(parcours, awa, genre)
        with pytest.raises(ValidationError):
            demander(parcours, awa, genre)


class TestProlonger:
    def test_deux_mois_de_plus_avec_un_motif(self, parcours, awa, hugo):
        demande = demander(parcours, awa).prolonger(par=hugo, motif_prolongation="Trois dossiers à réunir.")
        assert demande.echeance == delais.mois_apres(demande.recue_le, 3)
        assert parcours.echeances.get(nature="demande").date == demande.echeance

    def test_une_fois_seulement_et_jamais_sans_motif(self, parcours, awa, hugo):
        demande = demander(parcours, awa)
        with pytest.raises(ValidationError):
            demande.prolonger(par=hugo, motif_prolongation="  ")
        demande.prolonger(par=hugo, motif_prolongation="Complexe.")
        with pytest.raises(ValidationError):
            demande.prolonger(par=hugo, motif_prolongation="Encore.")

    def test_trop_tard_une_fois_le_mois_passe(self, parcours, awa, hugo):
        demande = demander(parcours, awa, recue_le=horloge.aujourd_hui() - 40 * HIER)
        with pytest.raises(ValidationError):
            demande.prolonger(par=hugo, motif_prolongation="Complexe.")

    def test_revient_au_delegue_seul(self, parcours, awa, gaelle):
        demande = demander(parcours, awa)
        for autre in (awa, gaelle):
            with pytest.raises(DroitRefuse):
                demande.prolonger(par=autre, motif_prolongation="Complexe.")


class TestRepondre:
    def test_la_demande_et_la_reponse_sont_datees(self, parcours, awa):
        demande = repondre(demander(parcours, awa, recue_le=horloge.aujourd_hui() - 3 * HIER), awa)
        assert (demande.etat, demande.repondue_le, demande.repondue_par) == ("repondue", horloge.aujourd_hui(), awa)
        assert not parcours.echeances.filter(nature="demande").exists()
        with pytest.raises(EtatRefuse):
            repondre(demande, awa)

    @pytest.mark.parametrize("ecart", [-4, 1])
    def test_ni_avant_la_demande_ni_demain(self, parcours, awa, ecart):
        demande = demander(parcours, awa, recue_le=horloge.aujourd_hui() - 3 * HIER)
        with pytest.raises(ValidationError):
            repondre(demande, awa, repondue_le=horloge.aujourd_hui() + ecart * HIER)

    def test_un_refus_revient_au_delegue(self, parcours, awa, gaelle, hugo):
        demande = demander(parcours, awa)
        for autre in (awa, gaelle):
            with pytest.raises(DroitRefuse):
                repondre(demande, autre, "refusee")
        assert repondre(demande, hugo, "refusee").decision == "refusee"

    def test_refuse_un_intervenant(self, parcours, awa, bruno):
        demande = demander(parcours, bruno)
        with pytest.raises(DroitRefuse):
            repondre(demande, bruno)

    def test_retirer_sa_demande_leve_l_echeance(self, parcours, awa):
        demander(parcours, awa).retirer(par=awa)
        assert not parcours.echeances.filter(nature="demande").exists()

    @pytest.mark.parametrize("genre", ["limitation", "opposition"])
    def test_ce_qui_vaut_ne_se_retire_pas_mais_se_leve(self, parcours, awa, bruno, genre):
        """Un intervenant la retirait seul, sans motif : elle se lève par qui en a le droit, puis se retire."""
        demande = demander(parcours, bruno, genre)
        for compte in (bruno, awa):
            with pytest.raises(ValidationError, match="elle se lève"):
                demande.retirer(par=compte)
        with pytest.raises(DroitRefuse):
            demande.lever(par=bruno, motif_levee="Elle y renonce.")
        with pytest.raises(ValidationError):
            demande.lever(par=awa, motif_levee=" ")
        demande.refresh_from_db()
        assert demande.a_effet
        demande.lever(par=awa, motif_levee="Elle y renonce, ce matin, par téléphone.").retirer(par=bruno)
        parcours.refresh_from_db()
        parcours.personne.refresh_from_db()
        assert (demande.etat, demande.a_effet) == ("retiree", False)
        assert (parcours.limite_le, parcours.personne.opposition_le) == (None, None)


class TestLimitation:
    def test_gele_l_ecriture_hors_actes_de_protection(self, parcours_admis, awa, bruno):
        demander(parcours_admis, awa, "limitation")
        parcours = Parcours.objects.get(pk=parcours_admis.pk)
        with pytest.raises(TraitementLimite):
            parcours.personne.modifier(par=awa, commune="Rennes")
        with pytest.raises(TraitementLimite):
            parcours.modifier(par=awa, demande="Autre chose")
        assert "modifier" not in parcours.possibles(awa)
        attribuer_role(parcours, bruno, "lecteur", par=awa)
        parcours.restreindre(par=awa, restreint=True, motif="À sa demande")
        demander(parcours, awa, "rectification")
        adhesion = parcours.accords.get(finalite__code="ADHESION").retirer(par=awa)
        assert adhesion.retire_le == horloge.aujourd_hui()

    def test_se_leve_avec_un_motif(self, parcours_admis, awa):
        demande = repondre(demander(parcours_admis, awa, "limitation"), awa)
        assert demande.a_effet
        with pytest.raises(ValidationError):
            demande.lever(par=awa, motif_levee=" ")
        demande.lever(par=awa, motif_levee="Informée le jour même.")
        assert (demande.a_effet, demande.levee_le) == (False, horloge.aujourd_hui())
        Parcours.objects.get(pk=parcours_admis.pk).personne.modifier(par=awa, commune="Rennes")
        with pytest.raises(ValidationError):
            demande.lever(par=awa, motif_levee="Encore.")

    def test_un_refus_la_leve(self, parcours, awa, hugo):
        repondre(demander(parcours, awa, "limitation"), hugo, "refusee")
        parcours.refresh_from_db()
        assert parcours.limite_le is None

    def test_une_demande_d_acces_n_a_rien_a_lever(self, parcours, awa):
        demande = repondre(demander(parcours, awa), awa)
        with pytest.raises(ValidationError):
            demande.lever(par=awa, motif_levee="Rien.")

    def test_ne_permet_plus_que_de_proteger_a_qui_en_avait_le_droit(self, parcours, awa, elsa):
        """Ce que demandent les boutons : le rôle, et la limitation."""
        mots = ("modifier_personne", "prevoir_rendez_vous", "retirer_accord")
        assert [parcours.permet(awa, mot) for mot in mots] == [True, True, True]
        demander(parcours, awa, "limitation")
        limite = Parcours.objects.get(pk=parcours.pk)
        assert [limite.permet(awa, mot) for mot in mots] == [False, False, True]
        assert not any(limite.permet(elsa, mot) for mot in mots)

    def test_personne_ne_limite_sans_demande(self, parcours, awa):
        for acte in (parcours.limiter, parcours.ne_plus_limiter, parcours.personne.s_opposer):
            with pytest.raises(DroitRefuse):
                acte(par=awa)


class TestOpposition:
    def test_sort_des_chiffres_a_venir_et_retire_l_accord(self, parcours_admis, awa):
        statistiques = Accord(parcours=parcours_admis, finalite=Finalite.objects.get(code="STATISTIQUES"))
        statistiques.recueillir(par=awa, le=horloge.aujourd_hui(), mode="oral")
        assert parcours_admis in Parcours.objects.pour_les_chiffres()
        demande = demander(parcours_admis, awa, "opposition")
        assert parcours_admis not in Parcours.objects.pour_les_chiffres()
        statistiques.refresh_from_db()
        assert statistiques.retire_le == horloge.aujourd_hui()
        repondre(demande, awa).lever(par=awa, motif_levee="Elle le souhaite.")
        assert parcours_admis in Parcours.objects.pour_les_chiffres()


class TestVisibles:
    def test_le_delegue_les_voit_toutes_sans_voir_les_parcours(self, parcours, awa, hugo, elsa, chloe):
        demande = demander(parcours, awa)
        assert list(Demande.objects.visibles_pour(hugo)) == [demande]
        assert not Parcours.objects.visibles_pour(hugo).exists()
        assert list(Demande.objects.visibles_pour(awa)) == [demande]
        for autre in (elsa, chloe):
            assert not Demande.objects.visibles_pour(autre).exists()

    def test_un_delegue_dont_le_compte_est_ferme_ne_voit_rien(self, parcours, awa, hugo):
        demander(parcours, awa)
        hugo.is_active = False
        assert not Demande.objects.visibles_pour(hugo).exists()
