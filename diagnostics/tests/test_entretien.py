"""Le mode entretien : une question à la fois, rien d'autre du dossier à l'écran, et la réponse dans le brouillon de l'axe."""

import pytest

from diagnostics import entretien
from diagnostics.models import BrouillonAxe, FacteurRetenu
from diagnostics.tests import recits
from diagnostics.tests.recits import page, saisie
from securisation.socle import horloge

pytestmark = pytest.mark.django_db


def question(evaluation, code="mots"):
    """L'adresse d'une question."""
    return entretien.adresse(evaluation, code)


def lire(navigateur, adresse):
    """La page, blancs réduits."""
    return " ".join(navigateur.get(adresse).content.decode().split())


class TestPage:
    @pytest.mark.parametrize("code", ["mots", "niveau", "appuis", "fin"])
    def test_ne_montre_que_la_question(self, code, chez, awa, diagnostic, logement):
        recits.retenir(diagnostic, "LOG-01", awa)
        recits.axe(diagnostic, "BUD").coter(par=awa, parole="Un secret.")
        texte = lire(chez(awa), question(logement, code))
        absents = ("Diallo", "Fatou", "P-2026", "Dette locative", "Un secret", "Mes parcours", "Awa Diarra", "LOG-01")
        assert [mot for mot in absents if mot in texte] == []
        assert "<title>Entretien – Jalon</title>" in texte
        assert texte.count("<h1") == 1

    def test_va_d_axe_en_axe_ses_mots_son_niveau_puis_ses_appuis(self, awa, diagnostic):
        premier = diagnostic.par_axe()[0]
        etape, vues = entretien.etape(premier, "mots"), []
        while etape["question"]:
            vues.append(etape["question"].code)
            uuid, _, code = etape["apres"].removeprefix("/axes/").partition("/entretien/?question=")
            etape = entretien.etape(diagnostic.evaluations.get(uuid=uuid), code)
        assert vues == ["mots", "niveau", "appuis"] * 5
        assert entretien.etape(premier, "mots")["avant"] == ""

    def test_les_niveaux_disent_leur_phrase(self, chez, awa, logement):
        texte = lire(chez(awa), question(logement, "niveau"))
        assert "Logement inadapté supportable" in texte
        assert "Je préfère ne pas répondre" in texte

    def test_une_autre_equipe_ne_le_trouve_pas_un_lecteur_non_plus(self, chez, elsa, gaelle, logement):
        assert chez(elsa).get(question(logement)).status_code == 404
        assert chez(gaelle).get(question(logement)).status_code == 403

    def test_se_ferme_a_la_validation(self, chez, awa, rempli):
        rempli.valider(par=awa)
        logement = recits.axe(rempli, "LOG")
        assert chez(awa).get(question(logement)).status_code == 409
        assert chez(awa).post(question(logement), {"question": "mots", "parole": "Tard."}).status_code == 409


class TestRepondre:
    def test_la_reponse_se_retrouve_sur_la_page_d_axe(self, chez, awa, logement):
        navigateur = chez(awa)
        reponse = navigateur.post(question(logement), {"question": "mots", "parole": "Je n’ouvre plus."})
        assert reponse["Location"] == question(logement, "niveau")
        navigateur.post(question(logement), {"question": "niveau", "criticite_de_la_personne": "4"})
        navigateur.post(question(logement), {"question": "appuis", "points_d_appui": "Mon frère"})
        texte = lire(navigateur, page("axe", logement))
        assert "Je n’ouvre plus." in texte
        assert "Mon frère" in texte
        assert 'name="criticite_de_la_personne" id="id_criticite_de_la_personne_4" value="4" checked' in texte
        assert f'value="{horloge.aujourd_hui():%d/%m/%Y}"' in texte
        logement.refresh_from_db()
        assert logement.est_vierge

    def test_garde_ce_que_l_axe_disait_deja(self, chez, awa, bruno, diagnostic, logement):
        envoi = saisie(logement, "LOG-01", **{"echeance_LOG-01": "01/09/2026", "note_LOG-01": "Deux loyers"})
        chez(awa).post(page("axe", logement), envoi)
        chez(awa).post(question(logement), {"question": "mots", "parole": "Autre chose."})
        logement.refresh_from_db()
        garde = BrouillonAxe.objects.get()
        assert garde.saisie["facteurs"] == ["LOG-01"]
        assert garde.saisie["echeance_LOG-01"] == ["01/09/2026"]
        assert garde.version == logement.version
        texte = lire(chez(awa), page("axe", logement))
        assert "Deux loyers" in texte
        assert "Autre chose." in texte
        assert "Autre chose." not in lire(chez(bruno), page("axe", logement))
        chez(awa).post(page("axe", logement), garde.saisie | {"version": garde.version, "action": "liste"})
        assert (FacteurRetenu.objects.get().note, BrouillonAxe.objects.exists()) == ("Deux loyers", False)

    def test_passer_sans_rien_dire_ne_cree_aucun_brouillon(self, chez, awa, diagnostic, logement):
        logement.coter(par=awa, criticite=2, parole="Ligne une\nligne deux")
        navigateur = chez(awa)
        navigateur.post(question(logement), {"question": "mots", "parole": "Ligne une\r\nligne deux"})
        navigateur.post(question(logement), {"question": "niveau"})
        navigateur.post(question(logement), {"question": "appuis", "points_d_appui": ""})
        assert not BrouillonAxe.objects.exists()

    def test_precedent_garde_aussi(self, chez, awa, logement):
        envoi = {"question": "niveau", "criticite_de_la_personne": "sans", "aller": "avant"}
        assert chez(awa).post(question(logement), envoi)["Location"] == question(logement, "mots")
        assert BrouillonAxe.objects.get().saisie["criticite_de_la_personne"] == ["sans"]

    def test_le_brouillon_automatique_ne_range_que_la_reponse(self, chez, awa, logement):
        chez(awa).post(page("brouillon", logement), saisie(logement, "LOG-09", parole="Avant"))
        reponse = chez(awa).post(page("brouillon", logement), {"question": "mots", "parole": "Après"})
        assert "Brouillon enregistré à" in reponse.content.decode()
        garde = BrouillonAxe.objects.get().saisie
        assert (garde["parole"], garde["facteurs"], garde["criticite"]) == (["Après"], ["LOG-09"], ["3"])

    @pytest.mark.parametrize(
        "envoi",
        [
            {"question": "mots", "parole": "1 84 12 76 451 089 46"},
            {"question": "mots", "parole": "x" * 2001},
            {"question": "niveau", "criticite_de_la_personne": "7"},
            {"question": "autre", "parole": "x"},
            {"parole": "x"},
        ],
    )
    def test_une_reponse_impossible_revient_sans_se_garder(self, envoi, chez, awa, logement):
        reponse = chez(awa).post(question(logement), envoi)
        assert reponse.status_code == 422
        assert "<title>Erreur : Entretien" in reponse.content.decode()
        assert not BrouillonAxe.objects.exists()

    def test_se_refuse_sans_adhesion(self, chez, awa, diagnostic, logement, laisser_finir):
        laisser_finir(diagnostic.parcours, "ADHESION")
        assert chez(awa).post(question(logement), {"question": "mots", "parole": "x"}).status_code == 409

    def test_une_chaine_hostile_reste_du_texte(self, chez, awa, logement):
        chez(awa).post(question(logement), {"question": "mots", "parole": "</textarea><script>alert(1)</script>"})
        assert "<script>alert" not in lire(chez(awa), question(logement))
