"""Les transitions du diagnostic : chacune réussit, chacune refuse."""

import datetime
import threading

import pytest
from django.core.exceptions import ValidationError
from django.db import connection, connections

from diagnostics.models import BrouillonAxe, Diagnostic, EvaluationAxe, FacteurRetenu
from diagnostics.tests import recits
from securisation.annuaire.models import Facteur
from securisation.documents.models import Document
from securisation.parcours.models import Accord
from securisation.socle import horloge
from securisation.socle.refus import DroitRefuse
from securisation.socle.transitions import AccordManquant, Conflit, EtatRefuse

pytestmark = pytest.mark.django_db
JOUR = datetime.timedelta(days=1)


class TestOuvrir:
    def test_pose_cinq_axes_vides_et_commence_la_phase(self, diagnostic, parcours_admis):
        assert [e.axe.code for e in diagnostic.par_axe()] == ["ADM", "BUD", "LOG", "ORG", "PRO"]
        assert all(e.est_vierge for e in diagnostic.par_axe())
        parcours_admis.refresh_from_db()
        assert (diagnostic.rang, diagnostic.etat, parcours_admis.etat) == (1, "brouillon", "diagnostic")

    def test_refuse_avant_l_admission(self, parcours, awa):
        from securisation.annuaire.models import Finalite

        for code in ("INFORMATION", "ADHESION"):
            accord = Accord(parcours=parcours, finalite=Finalite.objects.get(code=code))
            accord.recueillir(par=awa, le=horloge.aujourd_hui(), mode="oral")
        with pytest.raises(EtatRefuse, match="admission"):
            recits.ouvrir(parcours, awa)

    def test_refuse_sans_adhesion(self, parcours_admis, awa, laisser_finir):
        laisser_finir(parcours_admis, "ADHESION")
        with pytest.raises(AccordManquant):
            recits.ouvrir(parcours_admis, awa)

    def test_refuse_une_intervenante_sans_lien(self, parcours_admis, elsa, gaelle):
        for compte in (elsa, gaelle):
            with pytest.raises(DroitRefuse):
                recits.ouvrir(parcours_admis, compte)

    def test_refuse_un_second_brouillon(self, diagnostic, awa):
        with pytest.raises(EtatRefuse, match="en cours"):
            recits.ouvrir(diagnostic.parcours, awa)

    def test_une_nouvelle_version_reprend_la_derniere(self, rempli, awa):
        rempli.valider(par=awa)
        suivant = recits.ouvrir(rempli.parcours, awa)
        logement = recits.axe(suivant, "LOG")
        assert (suivant.rang, logement.criticite) == (2, 3)
        assert [f.facteur.code for f in logement.facteurs.all()] == ["LOG-01"]
        assert suivant.dominos.count() == rempli.dominos.count() > 0
        assert suivant.parcours.echeances.filter(nature="diagnostic").exists()


class TestCoter:
    def test_garde_niveaux_et_mots(self, diagnostic, bruno):
        logement = recits.axe(diagnostic, "LOG")
        logement.coter(
            par=bruno, version=logement.version, criticite=3, criticite_de_la_personne=4, parole="J'ai honte 🙂"
        )
        relu = EvaluationAxe.objects.get(pk=logement.pk)
        assert (relu.criticite, relu.criticite_de_la_personne, relu.parole) == (3, 4, "J'ai honte 🙂")

    @pytest.mark.parametrize("champ", ["criticite", "criticite_de_la_personne"])
    @pytest.mark.parametrize("niveau", [5, -1, "trois"])
    def test_refuse_un_niveau_hors_de_l_echelle(self, diagnostic, awa, champ, niveau):
        with pytest.raises(ValidationError):
            recits.axe(diagnostic, "LOG").coter(par=awa, **{champ: niveau})

    @pytest.mark.parametrize("champ", ["parole", "points_d_appui"])
    @pytest.mark.parametrize(("texte", "motif"), [("x" * 2001, "2000"), ("a\x00b", "NUL")])
    def test_refuse_un_texte_trop_long_ou_illisible(self, diagnostic, awa, champ, texte, motif):
        with pytest.raises(ValidationError, match=motif):
            recits.axe(diagnostic, "LOG").coter(par=awa, **{champ: texte})

    def test_refuse_un_niveau_et_sans_avis(self, diagnostic, awa):
        with pytest.raises(ValidationError, match="pas les deux"):
            recits.axe(diagnostic, "LOG").coter(par=awa, criticite_de_la_personne=2, sans_avis_de_la_personne=True)

    def test_refuse_une_version_depassee(self, diagnostic, awa, bruno):
        logement = recits.axe(diagnostic, "LOG")
        version = logement.version
        logement.coter(par=bruno, version=version, criticite=2)
        with pytest.raises(Conflit):
            recits.axe(diagnostic, "LOG").coter(par=awa, version=version, criticite=3)

    def test_refuse_apres_validation(self, rempli, awa):
        logement = recits.axe(rempli, "LOG")
        rempli.valider(par=awa)
        with pytest.raises(EtatRefuse, match="validé"):
            logement.coter(par=awa, criticite=0)

    def test_refuse_un_superviseur_et_un_adherent_retire(self, diagnostic, awa, gaelle, laisser_finir):
        with pytest.raises(DroitRefuse):
            recits.axe(diagnostic, "LOG").coter(par=gaelle, criticite=0)
        laisser_finir(diagnostic.parcours, "ADHESION")
        with pytest.raises(AccordManquant):
            recits.axe(diagnostic, "LOG").coter(par=awa, criticite=0)

    def test_n_ouvre_pas_les_autres_champs(self, diagnostic, awa):
        with pytest.raises(TypeError):
            recits.axe(diagnostic, "LOG").coter(par=awa, axe=None)
        with pytest.raises(DroitRefuse):
            EvaluationAxe(diagnostic=diagnostic).preparer(par=awa)


class TestFacteurs:
    def test_retient_modifie_retire(self, diagnostic, awa):
        retenu = recits.retenir(diagnostic, "LOG-01", awa, echeance=horloge.aujourd_hui(), note="Deux loyers")
        retenu.modifier(par=awa, version=retenu.version, constate="document vu")
        assert FacteurRetenu.objects.get().constate == "document vu"
        retenu.retirer(par=awa)
        assert not FacteurRetenu.objects.exists()
        assert FacteurRetenu.history.model.objects.filter(history_type="-").exists()

    def test_retirer_efface_les_suites_qui_partaient_de_lui(self, diagnostic, awa):
        retenu = recits.retenir(diagnostic, "LOG-01", awa)
        recits.examiner(diagnostic, "LOG-01", "LOG-02", awa)
        retenu.retirer(par=awa)
        assert not diagnostic.dominos.exists()

    def test_refuse_un_facteur_d_un_autre_axe(self, diagnostic, awa):
        etranger = FacteurRetenu(evaluation=recits.axe(diagnostic, "LOG"), facteur=Facteur.objects.get(code="BUD-05"))
        with pytest.raises(ValidationError, match="autre axe"):
            etranger.retenir(par=awa, constate="constaté")

    @pytest.mark.parametrize(
        "champs",
        [
            {"constate": ""},
            {"constate": "deviné"},
            {"echeance": datetime.date(1800, 1, 1)},
            {"echeance": datetime.date(9999, 12, 31)},
            {"note": "x" * 1001},
        ],
    )
    def test_refuse_une_saisie_fausse(self, diagnostic, awa, champs):
        with pytest.raises(ValidationError):
            recits.retenir(diagnostic, "LOG-01", awa, **champs)
        assert not FacteurRetenu.objects.exists()

    def test_refuse_deux_fois_le_meme(self, diagnostic, awa):
        recits.retenir(diagnostic, "LOG-01", awa)
        with pytest.raises(ValidationError, match="déjà retenu"):
            recits.retenir(diagnostic, "LOG-01", awa)

    def test_refuse_un_facteur_ferme(self, diagnostic, awa):
        Facteur.objects.filter(code="LOG-01").update(ferme_le=horloge.aujourd_hui())
        with pytest.raises(ValidationError, match="plus proposé"):
            recits.retenir(diagnostic, "LOG-01", awa)

    def test_ce_qui_revele_la_sante_demande_l_accord(self, diagnostic, awa):
        with pytest.raises(AccordManquant, match="santé"):
            recits.retenir(diagnostic, "BUD-04", awa)

    def test_en_reprise_le_facteur_est_garde_et_l_accord_devient_du(self, diagnostic, awa):
        with horloge.reprise_au(horloge.maintenant() + JOUR):
            retenu = recits.retenir(diagnostic, "BUD-04", awa)
        assert retenu.accord_a_recueillir
        assert diagnostic.parcours.echeances.filter(nature="accord", source="SENSIBLE").exists()

    @pytest.mark.parametrize("acte", ["retenir", "modifier", "retirer"])
    def test_refuse_apres_validation_et_a_un_superviseur(self, rempli, awa, gaelle, acte):
        dette = FacteurRetenu.objects.get(evaluation__diagnostic=rempli)
        neuf = FacteurRetenu(evaluation=dette.evaluation, facteur=Facteur.objects.get(code="LOG-09"))
        objet, champs = (neuf, {"constate": "constaté"}) if acte == "retenir" else (dette, {})
        with pytest.raises(DroitRefuse):
            getattr(objet, acte)(par=gaelle, **champs)
        rempli.valider(par=awa)
        with pytest.raises(EtatRefuse):
            getattr(objet, acte)(par=awa, **champs)


class TestDominos:
    def test_examine_un_lien_du_referentiel(self, diagnostic, awa):
        recits.retenir(diagnostic, "LOG-01", awa)
        domino = recits.examiner(diagnostic, "LOG-01", "LOG-02", awa)
        assert (domino.lien.code, domino.retenu) == ("D20", True)
        domino.examiner(par=awa, version=domino.version, retenu=False, note="Bailleur prévenu.")
        assert not diagnostic.dominos.get().retenu

    def test_admet_un_lien_absent_du_referentiel(self, diagnostic, awa):
        recits.retenir(diagnostic, "LOG-12", awa)
        assert recits.examiner(diagnostic, "LOG-12", "BUD-10", awa).lien is None

    def test_refuse_un_depart_non_retenu(self, diagnostic, awa):
        with pytest.raises(ValidationError, match="facteur retenu"):
            recits.examiner(diagnostic, "LOG-01", "LOG-02", awa)

    @pytest.mark.parametrize(
        ("vers", "retenu", "motif"),
        [("LOG-02", False, "motif"), ("LOG-01", True, "lui-même")],
    )
    def test_refuse_un_ecart_sans_motif_ou_une_boucle(self, diagnostic, awa, vers, retenu, motif):
        recits.retenir(diagnostic, "LOG-01", awa)
        with pytest.raises(ValidationError, match=motif):
            recits.examiner(diagnostic, "LOG-01", vers, awa, retenu=retenu)

    def test_refuse_deux_fois_la_meme(self, diagnostic, awa):
        recits.retenir(diagnostic, "LOG-01", awa)
        recits.examiner(diagnostic, "LOG-01", "LOG-02", awa)
        with pytest.raises(ValidationError, match="déjà examinée"):
            recits.examiner(diagnostic, "LOG-01", "LOG-02", awa)

    def test_refuse_un_superviseur_puis_tout_le_monde(self, rempli, awa, gaelle):
        domino = rempli.dominos.first()
        with pytest.raises(DroitRefuse):
            domino.examiner(par=gaelle, retenu=True)
        rempli.valider(par=awa)
        with pytest.raises(EtatRefuse):
            domino.examiner(par=awa, retenu=True)
        with pytest.raises(DroitRefuse):
            domino.oublier(par=awa)


class TestPriorite:
    def test_note_la_priorite_et_le_desaccord(self, diagnostic, bruno):
        diagnostic.noter_priorite(par=bruno, priorite_de_la_personne="Dormir au calme", desaccord_de_la_personne="Non")
        diagnostic.refresh_from_db()
        assert diagnostic.priorite_de_la_personne == "Dormir au calme"

    def test_refuse_une_priorite_et_son_absence(self, diagnostic, awa, gaelle):
        with pytest.raises(ValidationError, match="pas les deux"):
            diagnostic.noter_priorite(par=awa, priorite_de_la_personne="Le bail", sans_priorite=True)
        with pytest.raises(DroitRefuse):
            diagnostic.noter_priorite(par=gaelle, sans_priorite=True)

    def test_refuse_apres_validation(self, rempli, awa):
        rempli.valider(par=awa)
        with pytest.raises(EtatRefuse):
            rempli.noter_priorite(par=awa, priorite_de_la_personne="Autre")


class TestValider:
    def test_fige_pose_les_delais_et_demande_le_document(self, rempli, awa):
        rempli.valider(par=awa, version=rempli.version)
        parcours = rempli.parcours
        dus = dict(parcours.echeances.values_list("nature", "date"))
        assert (rempli.etat, rempli.valide_par, rempli.valide_le) == ("valide", awa, horloge.aujourd_hui())
        assert dus == {"agir": horloge.aujourd_hui() + 7 * JOUR, "intervention": horloge.aujourd_hui() + 15 * JOUR}
        document = Document.objects.get()
        assert (document.genre, document.donnees["diagnostic"]["version"]) == ("diagnostic", 1)

    def test_efface_les_saisies_qu_un_compte_ferme_ne_reprendra_plus(self, rempli, awa, bruno):
        BrouillonAxe.garder(recits.axe(rempli, "LOG"), bruno, saisie={"parole": ["En cours…"]}, version=1)
        bruno.is_active = False
        bruno.save()
        rempli.valider(par=awa)
        assert not BrouillonAxe.objects.exists()

    @pytest.mark.parametrize(("niveau", "jours"), [(2, 30), (3, 7), (4, 3)])
    def test_le_delai_suit_le_niveau(self, rempli, awa, niveau, jours):
        recits.axe(rempli, "LOG").coter(par=awa, criticite=niveau)
        rempli.valider(par=awa)
        assert rempli.parcours.echeances.get(source="axe:LOG").date == horloge.aujourd_hui() + jours * JOUR

    def test_dit_tout_ce_qui_manque(self, diagnostic, awa):
        with pytest.raises(ValidationError) as refus:
            diagnostic.valider(par=awa)
        assert len(refus.value.messages) == 11
        assert diagnostic.etat == "brouillon"

    def test_demande_un_facteur_au_niveau_fragile(self, rempli, awa):
        recits.axe(rempli, "BUD").coter(par=awa, criticite=2)
        assert [m.texte for m in rempli.manques()] == ["Budget : un niveau 2 demande au moins un facteur."]

    def test_demande_que_les_suites_soient_examinees(self, rempli, awa):
        recits.retenir(rempli, "BUD-05", awa)
        with pytest.raises(ValidationError, match="suite possible"):
            rempli.valider(par=awa)

    def test_en_reprise_les_suites_non_examinees_sont_admises(self, rempli, awa):
        recits.retenir(rempli, "BUD-05", awa)
        with horloge.reprise_au(horloge.maintenant() + JOUR):
            rempli.valider(par=awa)
        assert rempli.etat == "valide"

    def test_admet_qui_ne_se_prononce_pas(self, rempli, awa):
        recits.axe(rempli, "BUD").coter(par=awa, criticite_de_la_personne=None, sans_avis_de_la_personne=True)
        rempli.noter_priorite(par=awa, priorite_de_la_personne="", sans_priorite=True)
        assert rempli.manques() == []

    def test_refuse_une_intervenante(self, rempli, bruno):
        with pytest.raises(DroitRefuse):
            rempli.valider(par=bruno)

    def test_refuse_sans_adhesion_et_deux_fois(self, rempli, awa, laisser_finir):
        rempli.valider(par=awa)
        with pytest.raises(EtatRefuse):
            rempli.valider(par=awa)
        suivant = recits.ouvrir(rempli.parcours, awa)
        laisser_finir(rempli.parcours, "ADHESION")
        with pytest.raises(AccordManquant):
            suivant.valider(par=awa)

    def test_une_version_suivante_remplace_et_ne_redit_que_ce_qui_s_aggrave(self, rempli, awa):
        rempli.valider(par=awa)
        rempli.parcours.lever_echeance("agir")
        rempli.parcours.lever_echeance("intervention")
        suivant = recits.ouvrir(rempli.parcours, awa)
        recits.retenir(suivant, "BUD-05", awa)
        recits.examiner(suivant, "BUD-05", "LOG-08", awa)
        recits.axe(suivant, "BUD").coter(par=awa, criticite=2)
        suivant.valider(par=awa)
        rempli.refresh_from_db()
        assert (rempli.etat, suivant.etat) == ("remplace", "valide")
        assert list(suivant.parcours.echeances.values_list("source", flat=True)) == ["axe:BUD"]
        with pytest.raises(DroitRefuse):
            suivant.remplacer(par=awa)

    def test_toute_la_vie_est_au_journal(self, rempli, awa):
        rempli.valider(par=awa)
        motifs = set(rempli.history.values_list("history_change_reason", flat=True))
        assert {"ouvrir", "noter_priorite", "valider"} <= motifs


class TestVisibles:
    def test_le_diagnostic_suit_le_parcours(self, diagnostic, distribution):
        vus = {nom for nom, compte in distribution.items() if Diagnostic.objects.visibles_pour(compte).exists()}
        assert vus == {"awa", "bruno", "gaelle"}


@pytest.mark.django_db(transaction=True)
class TestDeuxALaFois:
    @pytest.mark.parametrize("de_qui", ["awa", "bruno"])
    def test_un_brouillon_en_attente_se_dit_et_ne_se_perd_pas(self, rempli, awa, bruno, de_qui):
        auteur = {"awa": awa, "bruno": bruno}[de_qui]
        evaluation = recits.axe(rempli, "LOG")
        garde = BrouillonAxe.garder(evaluation, auteur, saisie={"parole": ["Je veux rester."]}, version=1)
        with pytest.raises(ValidationError, match=f"{auteur.nom_complet} y a un brouillon"):
            rempli.valider(par=awa)
        garde.refresh_from_db()
        assert garde.saisie == {"parole": ["Je veux rester."]}

    def test_une_seule_validation_gagne(self, rempli, awa):
        issues = []
        depart = threading.Barrier(2)

        def essayer():
            try:
                depart.wait(5)
                Diagnostic.objects.get(pk=rempli.pk).valider(par=awa)
                issues.append("validé")
            except EtatRefuse:
                issues.append("refusé")
            finally:
                connections.close_all()

        fils = [threading.Thread(target=essayer) for _ in range(2)]
        for fil in fils:
            fil.start()
        for fil in fils:
            fil.join(20)
        assert sorted(issues) == ["refusé", "validé"]
        assert Document.objects.count() == 1
        assert connection.is_usable()
