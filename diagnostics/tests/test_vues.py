"""Les pages du diagnostic : ce qu'elles montrent, ce qu'elles enregistrent, ce qu'elles refusent."""

import datetime
import re
import uuid

import pytest
from django.urls import reverse

from diagnostics.models import BrouillonAxe, Diagnostic, FacteurRetenu
from diagnostics.tests import recits
from diagnostics.tests.recits import page, saisie
from securisation.annuaire.models import Finalite
from securisation.documents.models import Document
from securisation.parcours.models import Accord
from securisation.socle.trace import hors_porte

pytestmark = pytest.mark.django_db
# Session et compte, porte de lecture et journal compris.
REQUETES = {"detail": 20, "suites": 15, "relire": 21}
REQUETES |= {"ouvrir": 9, "parole": 9, "valider": 11, "suite": 14, "accord": 16, "lecture": 20}


class TestOuvrir:
    def test_confirme_puis_ouvre_une_seule_fois(self, chez, awa, parcours_admis):
        navigateur, adresse = chez(awa), page("ouvrir", parcours_admis)
        assert "Ouvrir le diagnostic" in navigateur.get(adresse).content.decode()
        envoi = {"jeton": str(uuid.uuid4())}
        reponses = [navigateur.post(adresse, envoi) for _ in range(2)]
        diagnostic = Diagnostic.objects.get()
        assert [r["Location"] for r in reponses] == [diagnostic.get_absolute_url()] * 2
        assert navigateur.get(adresse)["Location"] == diagnostic.get_absolute_url()

    def test_sans_adhesion_dit_quoi_faire(self, chez, awa, parcours_admis):
        parcours_admis.accords.get(finalite__code="ADHESION").retirer(par=awa)
        envoi = {"jeton": str(uuid.uuid4())}
        assert chez(awa).post(page("ouvrir", parcours_admis), envoi).status_code == 409

    def test_une_autre_equipe_ne_voit_rien(self, chez, elsa, parcours_admis, rempli):
        navigateur = chez(elsa)
        logement = recits.axe(rempli, "LOG")
        adresses = [page("ouvrir", parcours_admis)]
        adresses += [page(nom, rempli) for nom in ("detail", "suites", "parole", "relire", "valider")]
        adresses += [page(nom, logement) for nom in ("axe", "brouillon", "abandonner")]
        adresses += [page("suite", rempli.dominos.first())]
        assert {navigateur.get(adresse).status_code for adresse in adresses} == {404}
        assert {navigateur.post(adresse).status_code for adresse in adresses} == {404}


class TestListeDeTaches:
    def test_dit_ou_en_est_chaque_axe(self, chez, awa, diagnostic, logement, django_assert_num_queries):
        logement.coter(par=awa, criticite=1, criticite_de_la_personne=1)
        navigateur = chez(awa)
        navigateur.get(page("detail", diagnostic))
        with django_assert_num_queries(REQUETES["detail"]):
            reponse = navigateur.get(page("detail", diagnostic))
        texte = reponse.content.decode()
        assert "1 · À surveiller. La personne place cet axe à 1 aussi." in texte
        assert texte.count("À commencer") == 4
        assert "Il reste quatre axes à terminer." in texte

    def test_la_relecture_n_est_ici_que_lorsqu_elle_est_la_suivante(self, chez, awa, diagnostic):
        def reste():
            return chez(awa).get(page("detail", diagnostic)).context["finales"][1]["etat"]

        assert reste() == "a_faire"
        recits.remplir(diagnostic, awa)
        assert reste() == "ici"
        texte = chez(awa).get(page("detail", diagnostic)).content.decode()
        assert texte.count(f'href="{page("relire", diagnostic)}"') == 2

    def test_un_brouillon_d_un_autre_jour_dit_lequel(self, chez, awa, diagnostic, logement):
        chez(awa).post(page("brouillon", logement), saisie(logement))
        garde = BrouillonAxe.objects.get()
        garde.enregistre_le = datetime.datetime(2026, 3, 2, 9, 30, tzinfo=datetime.UTC)
        garde.save()
        for adresse in (page("detail", diagnostic), page("axe", logement)):
            texte = chez(awa).get(adresse).content.decode().replace("\u00a0", " ")
            assert "Brouillon enregistré le 2 mars 2026 à 10 h 30" in texte

    def test_le_superviseur_lit_sans_bouton(self, chez, gaelle, diagnostic):
        texte = chez(gaelle).get(page("detail", diagnostic)).content.decode()
        assert "Noter sa priorité" not in texte
        assert chez(gaelle).get(page("axe", recits.axe(diagnostic, "LOG"))).status_code == 403


class TestSuites:
    def test_se_retient_d_un_geste_depuis_l_axe(self, chez, awa, diagnostic, logement):
        recits.retenir(diagnostic, "LOG-01", awa)
        envoi = saisie(logement, "LOG-01", suite="D20", parole="Gardés")
        chez(awa).post(page("axe", logement), envoi)
        assert diagnostic.dominos.get().lien.code == "D20"
        assert "Gardés" in chez(awa).get(page("axe", logement)).content.decode()

    def test_propose_examine_et_dessine(self, chez, awa, diagnostic, django_assert_num_queries):
        recits.retenir(diagnostic, "LOG-01", awa)
        navigateur, adresse = chez(awa), page("suites", diagnostic)
        assert 'id="s-D20"' in navigateur.get(adresse).content.decode()
        assert navigateur.post(adresse, {"de": "LOG-01", "vers": "LOG-02", "retenu": "oui"}).status_code == 302
        with django_assert_num_queries(REQUETES["suites"]):
            texte = navigateur.get(adresse).content.decode()
        assert 'id="s-D20"' not in texte
        assert "chart-domino" in texte
        assert "Dette locative peut mener à\u00a0: procédure d’expulsion en cours." in texte

    def test_se_lisent_sans_code_ni_note_de_travail(self, chez, awa, diagnostic, logement):
        recits.retenir(diagnostic, "LOG-01", awa)
        for adresse in (page("suites", diagnostic), page("axe", logement)):
            texte = chez(awa).get(adresse).content.decode()
            assert "Hypothèse professionnelle, à moyen terme" in texte
            assert "quasi mécanique" not in texte
            assert "lien D20" not in texte

    def test_l_image_dit_comment_on_le_sait(self, chez, awa, diagnostic):
        recits.retenir(diagnostic, "LOG-01", awa, constate="dit par la personne")
        recits.examiner(diagnostic, "LOG-01", "LOG-02", awa)
        texte = chez(awa).get(page("suites", diagnostic)).content.decode()
        assert "Dit par la personne" in texte
        assert "Constaté" not in texte

    def test_ecarter_ouvre_le_motif(self, chez, awa, diagnostic):
        recits.retenir(diagnostic, "LOG-01", awa)
        navigateur, adresse = chez(awa), page("suites", diagnostic)
        assert "<details open" not in " ".join(
            navigateur.get(adresse).content.decode().replace(' class="mt-3"', "").split()
        )
        ouverte = navigateur.get(adresse, {"ecarter": "D20"}).content.decode()
        refusee = navigateur.post(adresse, {"de": "LOG-01", "vers": "LOG-02", "retenu": "non"}).content.decode()
        for texte in (ouverte, refusee):
            assert re.search(r"<details[^>]* open", texte)
            assert "(facultatif)" not in texte

    def test_ecarter_demande_un_motif(self, chez, awa, diagnostic):
        recits.retenir(diagnostic, "LOG-01", awa)
        navigateur, adresse = chez(awa), page("suites", diagnostic)
        reponse = navigateur.post(adresse, {"de": "LOG-01", "vers": "LOG-02", "retenu": "non"})
        assert reponse.status_code == 422
        assert "demande un motif" in reponse.content.decode()
        navigateur.post(adresse, {"de": "LOG-01", "vers": "LOG-02", "retenu": "non", "note": "Bailleur prévenu."})
        assert not diagnostic.dominos.get().retenu

    @pytest.mark.parametrize(
        ("envoi", "statut"),
        [
            ({"de": "XXX-01", "vers": "LOG-02", "retenu": "oui"}, 404),
            ({"vers": "LOG-02", "retenu": "oui"}, 404),
            ({"de": "LOG-02", "vers": "LOG-03", "retenu": "oui"}, 422),
            ({"de": "LOG-01", "vers": "LOG-01", "retenu": "oui"}, 422),
            ({"de": "LOG-01", "vers": "LOG-02"}, 422),
            ({"de": "LOG-01", "vers": "LOG-02", "retenu": "oui", "note": "x" * 1001}, 422),
        ],
    )
    def test_refuse_une_mauvaise_saisie(self, chez, awa, diagnostic, envoi, statut):
        recits.retenir(diagnostic, "LOG-01", awa)
        assert chez(awa).post(page("suites", diagnostic), envoi).status_code == statut
        assert not diagnostic.dominos.exists()

    def test_se_revoit(self, chez, awa, rempli):
        domino = rempli.dominos.first()
        navigateur = chez(awa)
        assert "peut mener à" in navigateur.get(page("suite", domino)).content.decode()
        envoi = {"version": domino.version, "retenu": "non", "note": "Dette soldée."}
        assert navigateur.post(page("suite", domino), envoi).status_code == 302
        domino.refresh_from_db()
        assert not domino.retenu


class TestParole:
    def test_se_note_et_se_refuse_en_double(self, chez, awa, diagnostic):
        navigateur, adresse = chez(awa), page("parole", diagnostic)
        envoi = {"version": diagnostic.version, "priorite_de_la_personne": "Le bail"}
        assert navigateur.post(adresse, envoi | {"sans_priorite": "on"}).status_code == 422
        assert navigateur.post(adresse, envoi).status_code == 302
        diagnostic.refresh_from_db()
        assert diagnostic.priorite_de_la_personne == "Le bail"


class TestValider:
    def test_la_relecture_dit_ce_qui_manque(self, chez, awa, diagnostic):
        texte = chez(awa).get(page("relire", diagnostic)).content.decode()
        assert "points restent à compléter" in texte
        assert "Valider ce diagnostic" not in texte
        reponse = chez(awa).post(page("valider", diagnostic), {"version": diagnostic.version})
        assert reponse.status_code == 422
        assert "Budget : le niveau n’est pas coté." in reponse.content.decode()

    def test_un_brouillon_en_attente_se_dit_a_la_confirmation(self, chez, awa, rempli):
        BrouillonAxe.garder(recits.axe(rempli, "LOG"), awa, saisie={"parole": ["Je veux rester."]}, version=1)
        envoi = {"version": rempli.version, "jeton": str(uuid.uuid4())}
        reponse = chez(awa).post(page("valider", rempli), envoi)
        assert reponse.status_code == 422
        assert (
            "Awa Diarra y a un brouillon. Ouvrez l’axe, puis enregistrez-le ou effacez-le." in reponse.content.decode()
        )
        assert BrouillonAxe.objects.exists()

    def test_relit_confirme_et_mene_au_document(self, chez, awa, rempli, django_assert_num_queries):
        navigateur = chez(awa)
        navigateur.get(page("relire", rempli))
        with django_assert_num_queries(REQUETES["relire"]):
            assert "Valider ce diagnostic" in navigateur.get(page("relire", rempli)).content.decode()
        assert "figée" in navigateur.get(page("valider", rempli)).content.decode()
        reponse = navigateur.post(page("valider", rempli), {"version": rempli.version, "jeton": str(uuid.uuid4())})
        assert reponse["Location"] == reverse("documents:suivi", args=[Document.objects.get().uuid])
        texte = navigateur.get(page("detail", rempli)).content.decode()
        assert "Cette version est figée" in texte
        assert "Nouvelle version" in texte

    def test_une_echeance_se_lit_comme_une_echeance(self, chez, awa, diagnostic):
        recits.retenir(diagnostic, "LOG-01", awa, echeance=datetime.date(2026, 12, 15))
        texte = chez(awa).get(page("relire", diagnostic)).content.decode().replace("\u00a0", " ")
        assert "Constaté, échéance le 15 décembre 2026" in texte

    def test_puis_l_intervention_se_demarre_depuis_la_lecture(self, chez, awa, gaelle, rempli):
        rempli.valider(par=awa)
        assert "Démarrer l’intervention" in chez(awa).get(page("detail", rempli)).content.decode()
        assert "Démarrer l’intervention" not in chez(gaelle).get(page("detail", rempli)).content.decode()

    def test_une_intervenante_relit_mais_ne_valide_pas(self, chez, bruno, rempli):
        assert "revient au référent" in chez(bruno).get(page("relire", rempli)).content.decode()
        assert chez(bruno).post(page("valider", rempli), {"version": rempli.version}).status_code == 403

    def test_une_seconde_validation_est_refusee(self, chez, awa, rempli):
        version = rempli.version
        rempli.valider(par=awa)
        assert chez(awa).post(page("valider", rempli), {"version": version}).status_code == 409

    def test_pendant_la_sortie_se_refuse_sans_rien_poser(self, chez, awa, rempli):
        with hors_porte("essai"):
            rempli.parcours.etat = rempli.parcours.Etat.SORTIE
            rempli.parcours.save()
        navigateur = chez(awa)
        assert "Valider ce diagnostic" not in navigateur.get(page("relire", rempli)).content.decode()
        assert navigateur.post(page("valider", rempli), {"version": rempli.version}).status_code == 409
        rempli.refresh_from_db()
        assert rempli.est_en_cours
        assert not rempli.parcours.echeances.filter(nature="agir").exists()

    def test_une_version_suivante_se_compare(self, chez, awa, rempli):
        rempli.valider(par=awa)
        suivant = recits.ouvrir(rempli.parcours, awa)
        recits.axe(suivant, "LOG").coter(par=awa, criticite=1)
        assert "niveaux de mieux" in chez(awa).get(page("relire", suivant)).content.decode()


class TestSansAccordSensible:
    """L'accord sur les données sensibles échu : ce qui révèle la santé ne se nomme plus et ne se reprend pas."""

    @pytest.fixture
    def retire(self, rempli, awa):
        """Un droit MDPH retenu, sa suite examinée, puis l'accord échu hier."""
        accord, hier = Accord(parcours=rempli.parcours), rempli.ouvert_le - datetime.timedelta(days=1)
        finalite = Finalite.objects.get(code="SENSIBLE")
        accord.recueillir(par=awa, finalite=finalite, le=hier, mode="oral")
        recits.retenir(rempli, "ADM-03", awa, note="Dossier déposé en mars")
        recits.examiner(rempli, "ADM-03", "BUD-04", awa)
        with hors_porte("l'accord a fini hier"):
            Accord.objects.en_masse().filter(pk=accord.pk).update(jusqu_au=hier)
        return rempli

    def test_ne_se_nomme_plus(self, chez, awa, retire):
        domino = retire.dominos.get(de__code="ADM-03")
        adresses = [page(nom, retire) for nom in ("suites", "relire")] + [page("suite", domino)]
        adresses += [page("axe", recits.axe(retire, "ADM"))]
        retire_et_valide = [chez(awa).get(adresse).content.decode() for adresse in adresses]
        retire.valider(par=awa)
        for texte in [*retire_et_valide, chez(awa).get(page("detail", retire)).content.decode()]:
            assert "acteur réservé (accord à recueillir)" in texte
            assert "MDPH" not in re.findall(r"\w+", texte)  # un mot entier, jamais un morceau de jeton
            assert "Rupture entre deux droits" not in texte

    def test_se_garde_ou_se_retire_depuis_l_axe(self, chez, awa, retire):
        administratif = recits.axe(retire, "ADM")
        champs = {"constate_ADM-03": "constaté", "note_ADM-03": "Dossier déposé en mars"}
        chez(awa).post(page("axe", administratif), saisie(administratif, "ADM-03", **champs))
        assert administratif.facteurs.get().note == "Dossier déposé en mars"
        administratif.refresh_from_db()
        chez(awa).post(page("axe", administratif), saisie(administratif, criticite="1"))
        assert not administratif.facteurs.exists()

    def test_ne_passe_pas_dans_une_nouvelle_version(self, awa, retire):
        retire.valider(par=awa)
        suivant = recits.ouvrir(retire.parcours, awa)
        codes = FacteurRetenu.objects.filter(evaluation__diagnostic=suivant).values_list("facteur__code", flat=True)
        assert list(codes) == ["LOG-01"]
        assert not suivant.dominos.filter(de__code="ADM-03").exists()


class TestRequetes:
    """Les pages que rien d'autre ne compte."""

    @pytest.mark.parametrize("nom", ["parole", "valider"])
    def test_d_un_diagnostic(self, chez, awa, rempli, django_assert_num_queries, nom):
        self.compter(chez(awa), page(nom, rempli), REQUETES[nom], django_assert_num_queries)

    def test_de_la_page_qui_ouvre(self, chez, awa, parcours_admis, django_assert_num_queries):
        self.compter(chez(awa), page("ouvrir", parcours_admis), REQUETES["ouvrir"], django_assert_num_queries)

    def test_d_une_suite_a_revoir(self, chez, awa, rempli, django_assert_num_queries):
        self.compter(chez(awa), page("suite", rempli.dominos.first()), REQUETES["suite"], django_assert_num_queries)

    def test_de_l_accord(self, chez, awa, logement, django_assert_num_queries):
        self.compter(chez(awa), page("accord", logement), REQUETES["accord"], django_assert_num_queries)

    def test_de_la_lecture(self, chez, awa, rempli, django_assert_num_queries):
        rempli.valider(par=awa)
        self.compter(chez(awa), page("detail", rempli), REQUETES["lecture"], django_assert_num_queries)

    @staticmethod
    def compter(navigateur, adresse, attendu, verifier):
        navigateur.get(adresse)
        with verifier(attendu):
            assert navigateur.get(adresse).status_code == 200
