"""Les actes de la sortie, et ce qu'ils refusent."""

from threading import Barrier, Thread

import pytest
from django.core.exceptions import ValidationError
from django.db import connection

from securisation.annuaire.models import Facteur, RisqueResiduel
from securisation.documents.models import Document
from securisation.parcours.models import Parcours
from securisation.socle import horloge
from securisation.socle.refus import DroitRefuse
from securisation.socle.transitions import AccordManquant, Conflit, EtatRefuse
from sorties.models import Additif, Risque, Sortie
from sorties.tests.conftest import (
    aboutir,
    completer,
    inscrire_action,
    inscrire_risque,
    jour,
    recoter_partout,
)


def textes(sortie):
    return [manque.texte for manque in sortie.manques()]


class TestOuvrir:
    def test_cree_une_cote_par_axe_de_l_entree(self, sortie):
        assert [c.axe.code for c in sortie.par_axe()] == ["ADM", "BUD", "LOG", "ORG", "PRO"]
        assert [c.entree.criticite for c in sortie.par_axe()] == [1, 3, 3, 1, 1]
        assert sortie.parcours.etat == Parcours.Etat.SORTIE

    def test_remplace_les_echeances_de_l_intervention(self, action, en_intervention, awa):
        Sortie(parcours=en_intervention).ouvrir(par=awa)
        assert sorted(en_intervention.echeances.values_list("nature", flat=True)) == ["reponse", "sortie"]

    def test_se_fait_apres_le_terme(self, en_intervention, awa):
        from interventions.tests.conftest import au_jour

        with au_jour(120):
            assert Sortie(parcours=en_intervention).ouvrir(par=awa).ouverte_le == jour(120)

    def test_refuse_avant_l_intervention(self, parcours_admis, awa):
        with pytest.raises(EtatRefuse, match="pendant l'intervention"):
            Sortie(parcours=parcours_admis).ouvrir(par=awa)

    def test_refuse_une_seconde_sortie(self, sortie, awa):
        with pytest.raises(EtatRefuse):
            Sortie(parcours=sortie.parcours).ouvrir(par=awa)

    def test_refuse_sur_un_diagnostic_en_brouillon(self, en_intervention, awa):
        from diagnostics.models import Diagnostic

        Diagnostic(parcours=en_intervention).ouvrir(par=awa)
        with pytest.raises(EtatRefuse, match="version 2 du diagnostic") as refus:
            Sortie(parcours=en_intervention).ouvrir(par=awa)
        assert "validez d'abord" in refus.value.que_faire

    def test_refuse_un_intervenant_et_une_inconnue(self, en_intervention, bruno, elsa):
        for compte in (bruno, elsa):
            with pytest.raises(DroitRefuse):
                Sortie(parcours=en_intervention).ouvrir(par=compte)


class TestRecoter:
    def test_note_les_deux_niveaux_et_les_mots(self, sortie, bruno):
        cotation = sortie.par_axe()[0]
        cotation.recoter(par=bruno, criticite=2, criticite_de_la_personne=0, parole="C'est réglé.")
        cotation.refresh_from_db()
        assert (cotation.criticite, cotation.criticite_de_la_personne, cotation.parole) == (2, 0, "C'est réglé.")

    @pytest.mark.parametrize("niveau", [5, -1])
    def test_refuse_un_niveau_hors_de_l_echelle(self, sortie, awa, niveau):
        with pytest.raises(ValidationError, match="de 0 à 4"):
            sortie.par_axe()[0].recoter(par=awa, criticite=niveau)

    def test_refuse_un_niveau_et_pas_d_avis(self, sortie, awa):
        with pytest.raises(ValidationError, match="pas les deux"):
            sortie.par_axe()[0].recoter(par=awa, criticite_de_la_personne=1, sans_avis_de_la_personne=True)

    def test_refuse_un_texte_trop_long_ou_illisible(self, sortie, awa):
        for parole in ("a" * 2001, "a\x00b"):
            with pytest.raises(ValidationError):
                sortie.par_axe()[0].recoter(par=awa, parole=parole)

    def test_refuse_une_version_depassee(self, sortie, awa):
        cotation = sortie.par_axe()[0]
        cotation.recoter(par=awa, version=cotation.version, criticite=1)
        with pytest.raises(Conflit):
            cotation.recoter(par=awa, version=cotation.version - 1, criticite=2)

    def test_refuse_une_inconnue_et_une_superviseure(self, sortie, elsa, gaelle):
        for compte in (elsa, gaelle):
            with pytest.raises(DroitRefuse):
                sortie.par_axe()[0].recoter(par=compte, criticite=1)

    def test_refuse_un_parcours_clos(self, validee, awa):
        with pytest.raises(EtatRefuse, match="clos"):
            validee.par_axe()[0].recoter(par=awa, criticite=1)


class TestNoter:
    def test_le_cadre_la_parole_et_la_remise(self, complete):
        complete.refresh_from_db()
        assert complete.motif.code == "SOR-02"
        assert complete.parole_de_la_personne == "Je sais qui appeler."
        assert complete.remis_a_la_personne == ["bilan"]

    def test_refuse_des_mots_et_pas_de_mots(self, sortie, awa):
        with pytest.raises(ValidationError, match="pas les deux"):
            sortie.noter_parole(par=awa, parole_de_la_personne="Oui.", sans_parole=True)

    def test_refuse_une_copie_et_aucune(self, sortie, awa):
        with pytest.raises(ValidationError, match="pas les deux"):
            sortie.noter_remise(par=awa, remis_a_la_personne=["bilan", "aucune copie"])

    def test_refuse_un_document_inconnu(self, sortie, awa):
        with pytest.raises(ValidationError):
            sortie.noter_remise(par=awa, remis_a_la_personne=["autre"])

    @pytest.mark.parametrize(
        ("acte", "champs"),
        [
            ("noter_cadre", {"evaluateur_identique": True}),
            ("noter_parole", {"sans_parole": True}),
            ("noter_remise", {"remis_a_la_personne": ["bilan"]}),
        ],
    )
    def test_refuse_une_inconnue_puis_un_parcours_clos(self, complete, awa, elsa, acte, champs):
        with pytest.raises(DroitRefuse):
            getattr(complete, acte)(par=elsa, **champs)
        complete.valider(par=awa)
        with pytest.raises(EtatRefuse):
            getattr(complete, acte)(par=awa, **champs)


class TestRisque:
    def test_s_inscrit_se_modifie_se_retire(self, sortie, bruno):
        risque = inscrire_risque(sortie, bruno, relais_confirme_le=None)
        assert [*risque.manques()] == [
            "Maintien dans le logement conditionné au respect d'un plan : "
            "le relais « Service social départemental » n'a pas confirmé."
        ]
        risque.modifier(par=bruno, relais_confirme_le=jour())
        assert risque.est_complet
        risque.retirer(par=bruno)
        assert not sortie.risques.exists()

    def test_s_assume_avec_un_motif(self, sortie, awa):
        risque = inscrire_risque(
            sortie, awa, assume=True, relais="", relais_confirme_le=None, motif="Liste d'attente de six mois."
        )
        assert risque.est_complet

    @pytest.mark.parametrize(
        "champs",
        [
            {"relais": "", "relais_confirme_le": None},
            {"assume": True, "motif": "Sans relais."},
            {"assume": True, "relais": "", "relais_confirme_le": None, "motif": ""},
            {"motif": "Un motif et un relais."},
        ],
    )
    def test_refuse_ni_relais_ni_motif_ou_les_deux(self, sortie, awa, champs):
        with pytest.raises(ValidationError, match="l'un des deux"):
            inscrire_risque(sortie, awa, **champs)

    def test_refuse_un_facteur_d_un_autre_axe(self, sortie, awa):
        with pytest.raises(ValidationError, match="autre axe"):
            inscrire_risque(sortie, awa, facteur="BUD-05")

    def test_refuse_un_facteur_jamais_retenu(self, sortie, awa):
        with pytest.raises(ValidationError, match="retenu au diagnostic"):
            inscrire_risque(sortie, awa, facteur="LOG-06")

    def test_refuse_la_demarche_d_un_autre_parcours(self, action, sortie, awa):
        risque = Risque(sortie=sortie)
        action.intervention_id += 1
        champs = {"risque": RisqueResiduel.objects.get(code="RR-07"), "relais": "Service social"}
        with pytest.raises(ValidationError, match="autre parcours"):
            risque.inscrire(par=awa, action=action, **champs)

    @pytest.mark.parametrize("ecart", [1, 30])
    def test_refuse_une_confirmation_dans_l_avenir(self, sortie, awa, ecart):
        with pytest.raises(ValidationError, match="dans l'avenir"):
            inscrire_risque(sortie, awa, relais_confirme_le=jour(ecart))

    @pytest.mark.parametrize("annee", [1800, 9999])
    def test_refuse_une_date_impossible(self, sortie, awa, annee):
        with pytest.raises(ValidationError, match="2000 et 2100"):
            inscrire_risque(sortie, awa, echeance=jour().replace(year=annee))

    def test_refuse_sans_accord_un_risque_qui_revele_la_sante(self, sortie, awa):
        with pytest.raises(AccordManquant, match="révèle"):
            inscrire_risque(sortie, awa, code="RR-17", facteur=None)

    def test_reprend_ce_risque_et_doit_l_accord(self, sortie, awa):
        with horloge.reprise_au(horloge.maintenant()):
            inscrire_risque(sortie, awa, code="RR-17", facteur=None)
        assert sortie.parcours.echeances.filter(nature="accord", source="SENSIBLE").exists()

    def test_refuse_une_inconnue(self, sortie, awa, elsa):
        risque = inscrire_risque(sortie, awa)
        for acte in (lambda: inscrire_risque(sortie, elsa), lambda: risque.modifier(par=elsa, relais="X")):
            with pytest.raises(DroitRefuse):
                acte()
        with pytest.raises(DroitRefuse):
            risque.retirer(par=elsa)

    def test_refuse_un_parcours_clos(self, complete, awa):
        risque = inscrire_risque(complete, awa)
        complete.valider(par=awa)
        for acte in (risque.modifier, risque.retirer):
            with pytest.raises(EtatRefuse, match="clos"):
                acte(par=awa)
        with pytest.raises(EtatRefuse, match="clos"):
            inscrire_risque(complete, awa)


class TestManques:
    def test_nomme_tout_ce_qu_une_sortie_vide_doit(self, sortie):
        dus = textes(sortie)
        assert len(dus) == 14
        assert "Logement et conditions matérielles : le niveau de sortie n'est pas coté." in dus
        assert "Le motif de sortie n'est pas choisi." in dus
        assert "Ce qui est remis à la personne n'est pas noté." in dus

    def test_une_sortie_complete_ne_doit_rien(self, complete):
        assert textes(complete) == []

    def test_une_demarche_en_attente_doit_un_risque(self, action, en_intervention, awa):
        sortie = completer(Sortie(parcours=en_intervention).ouvrir(par=awa), awa)
        assert textes(sortie) == ["« Dossier FSL maintien » : la réponse ou son effet reste à venir."]
        inscrire_risque(sortie, awa)
        assert textes(sortie) == []

    def test_une_demarche_sans_relais_doit_un_risque(self, en_intervention, awa):
        action = aboutir(inscrire_action(en_intervention, awa, ns4_relais=""), awa)
        sortie = completer(Sortie(parcours=en_intervention).ouvrir(par=awa), awa)
        assert textes(sortie) == ["« Dossier FSL maintien » : personne ne prend le relais."]
        inscrire_risque(sortie, awa, facteur=None, action=action)
        assert textes(sortie) == []

    def test_une_demarche_aboutie_et_relayee_ne_doit_rien(self, action, en_intervention, awa):
        aboutir(action, awa)
        assert textes(completer(Sortie(parcours=en_intervention).ouvrir(par=awa), awa)) == []

    def test_un_axe_critique_doit_un_risque(self, complete, awa):
        recoter_partout(complete, awa, LOG=3)
        assert len(textes(complete)) == 1
        inscrire_risque(complete, awa)
        assert textes(complete) == []

    def test_un_axe_fragile_aggrave_doit_un_risque(self, complete, awa):
        recoter_partout(complete, awa, ADM=2)
        assert len(textes(complete)) == 1

    def test_un_axe_fragile_en_mieux_le_propose_seulement(self, complete, awa):
        from sorties.risques_dus import risques_dus

        recoter_partout(complete, awa, LOG=2)
        assert textes(complete) == []
        dus = [du for du in risques_dus(complete, complete.par_axe(), []) if not du.facteur]
        assert [du.axe.code for du in dus] == ["LOG"]

    def test_un_facteur_sans_demarche_ni_risque_se_propose(self, action, en_intervention, awa):
        from sorties.risques_dus import risques_dus

        def proposes():
            dus = risques_dus(sortie, sortie.par_axe(), sortie.liste_des_risques())
            return [(du.facteur.code, du.exige) for du in dus if du.facteur]

        aboutir(action, awa)
        sortie = completer(Sortie(parcours=en_intervention).ouvrir(par=awa), awa)
        assert proposes() == [("BUD-05", False)]
        assert textes(sortie) == []
        inscrire_risque(sortie, awa, code="RR-04", facteur="BUD-05")
        assert proposes() == []

    def test_un_relais_qui_n_a_pas_confirme_manque(self, complete, awa):
        inscrire_risque(complete, awa, relais_confirme_le=None, signal_d_alerte="")
        assert len(textes(complete)) == 2


class TestValider:
    def test_clot_le_parcours_et_demande_le_bilan(self, complete, awa):
        complete.valider(par=awa)
        parcours = Parcours.objects.get(pk=complete.parcours_id)
        assert (complete.etat, complete.validee_le, complete.validee_par) == ("validee", jour(), awa)
        assert (parcours.etat, parcours.clos_le, parcours.intervention.etat) == ("clos", jour(), "terminee")
        assert not parcours.echeances.exists()
        document = Document.objects.get(parcours=parcours, genre="bilan")
        assert document.etat == "demande"
        assert document.donnees["schema"] == "bilan/1"

    def test_refuse_en_disant_ce_qui_manque(self, sortie, awa):
        with pytest.raises(ValidationError) as refus:
            sortie.valider(par=awa)
        assert refus.value.messages == textes(sortie)
        assert sortie.etat == Sortie.Etat.BROUILLON
        assert not Document.objects.filter(genre="bilan").exists()

    def test_refuse_un_intervenant_et_une_inconnue(self, complete, bruno, elsa):
        for compte in (bruno, elsa):
            with pytest.raises(DroitRefuse):
                complete.valider(par=compte)

    def test_refuse_deux_fois(self, validee, awa):
        with pytest.raises(EtatRefuse):
            validee.valider(par=awa)

    def test_ferme_une_suspension_en_cours(self, en_intervention, awa):
        from interventions.models import Suspension

        Suspension(intervention=en_intervention.intervention).suspendre(par=awa, motif="Absence annoncée.")
        sortie = completer(Sortie(parcours=en_intervention).ouvrir(par=awa), awa)
        sortie.valider(par=awa)
        assert not sortie.parcours.intervention.suspensions.filter(au=None).exists()


@pytest.mark.django_db(transaction=True)
class TestDeuxValidationsALaFois:
    def test_une_seule_gagne(self, complete, awa):
        depart, issues = Barrier(3), []

        def valider():
            try:
                depart.wait()
                Sortie.objects.get(pk=complete.pk).valider(par=awa)
                issues.append("validée")
            except EtatRefuse:
                issues.append("refusée")
            finally:
                connection.close()

        fils = [Thread(target=valider) for _ in range(3)]
        for fil in fils:
            fil.start()
        for fil in fils:
            fil.join()
        assert sorted(issues) == ["refusée", "refusée", "validée"]
        assert Document.objects.filter(genre="bilan").count() == 1


class TestEcrireUnAdditif:
    def test_s_ajoute_a_un_parcours_clos(self, validee, awa):
        Additif(sortie=validee).ecrire(par=awa, motif="Date erronée", texte="Le relais a confirmé le 3.")
        additif = validee.additifs.get()
        assert (additif.par, additif.le) == (awa, jour())
        assert Sortie.objects.get(pk=validee.pk).version == validee.version

    def test_refuse_avant_la_validation(self, complete, awa):
        with pytest.raises(EtatRefuse, match="après la validation"):
            Additif(sortie=complete).ecrire(par=awa, motif="Trop tôt", texte="Rien.")

    @pytest.mark.parametrize("champs", [{"motif": "", "texte": "Oui."}, {"motif": "Oui", "texte": ""}])
    def test_refuse_sans_texte_ou_sans_motif(self, validee, awa, champs):
        with pytest.raises(ValidationError):
            Additif(sortie=validee).ecrire(par=awa, **champs)

    def test_refuse_un_intervenant(self, validee, bruno):
        with pytest.raises(DroitRefuse):
            Additif(sortie=validee).ecrire(par=bruno, motif="Motif", texte="Texte.")


class TestInstantane:
    def test_donne_un_bilan_que_la_page_du_document_sait_lire(self, action, en_intervention, awa):
        from sorties.instantane import instantane
        from sorties.pdf import contexte

        sortie = Sortie(parcours=en_intervention).ouvrir(par=awa)
        inscrire_risque(completer(sortie, awa), awa)
        sortie.valider(par=awa)
        donnees = Document.objects.get(genre="bilan").donnees
        lu = contexte(donnees)
        assert {k: v for k, v in donnees.items() if k != "document"} == instantane(sortie)
        assert [r["relais"] for r in lu["risques"]] == ["Service social départemental"]
        assert [a["intitule"] for a in lu["actions"]] == ["Dossier FSL maintien"]
        assert [(a["entree"], a["sortie"]) for a in lu["axes"]] == [(1, 1), (3, 1), (3, 1), (1, 1), (1, 1)]

    def test_un_facteur_d_une_version_plus_recente_reste_citable(self, sortie):
        assert list(sortie.facteurs_constates()) == list(
            Facteur.objects.filter(code__in=["BUD-05", "LOG-01"]).order_by("code")
        )
