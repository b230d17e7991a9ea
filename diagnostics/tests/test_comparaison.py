"""Ce qui a changé entre deux versions : axe par axe, en mots, sans total, et sans nommer ce que l'accord ne permet plus."""

import datetime
import re

import pytest

from diagnostics import comparaison, dominos
from diagnostics.tests import recits
from diagnostics.tests.recits import page
from securisation.annuaire.models import Finalite
from securisation.parcours.models import Accord

pytestmark = pytest.mark.django_db


@pytest.fixture
def deux_versions(rempli, awa):
    """Une première version validée (logement critique, dette), une seconde en cours où des choses ont bougé."""
    recits.axe(rempli, "LOG").coter(par=awa, parole="J'ai honte.", points_d_appui="Son frère")
    rempli.valider(par=awa)
    second = recits.ouvrir(rempli.parcours, awa)
    logement = recits.axe(second, "LOG")
    logement.coter(
        par=awa, criticite=1, criticite_de_la_personne=2, parole="Je respire.", points_d_appui="Bailleur joignable"
    )
    logement.facteurs.get().retirer(par=awa)
    recits.retenir(second, "LOG-09", awa)
    recits.axe(second, "BUD").coter(par=awa, criticite=3)
    return second


class TestComparer:
    def test_dit_chaque_axe_avant_et_apres(self, deux_versions):
        contexte = comparaison.depuis_la_precedente(deux_versions)
        axes = {a["code"]: a for a in contexte["axes"]}
        assert [c["valeur"] for c in axes["LOG"]["cotes"]] == [3, 1]
        assert (axes["LOG"]["mot"], axes["BUD"]["mot"]) == ("Deux niveaux de mieux", "Deux niveaux de plus")
        assert axes["ADM"]["mot"] == "Sans changement"
        assert axes["LOG"]["personne"] == ["3 · Critique", "2 · Fragile"]
        assert axes["LOG"]["parole"] == ["J'ai honte.", "Je respire."]
        assert [axes[code]["change"] for code in ("LOG", "BUD", "ADM")] == [True, True, False]

    def test_trie_facteurs_et_points_d_appui(self, deux_versions):
        axes = {a["code"]: a for a in comparaison.depuis_la_precedente(deux_versions)["axes"]}
        assert axes["LOG"]["facteurs"] == {
            "ajoutes": ["Assurance habitation échue"], "leves": ["Dette locative"], "gardes": [],
        }  # fmt: skip
        assert axes["LOG"]["appuis"] == {"ajoutes": ["Bailleur joignable"], "leves": ["Son frère"], "gardes": []}

    def test_resume_en_comptant_les_axes_jamais_les_niveaux(self, deux_versions):
        contexte = comparaison.depuis_la_precedente(deux_versions)
        dit = contexte["resume"].replace("\u00a0", " ")
        assert dit == "1 axe va mieux, 1 axe s’aggrave, 3 axes gardent leur niveau."

    def test_le_radar_met_avant_en_creux(self, deux_versions):
        series = comparaison.depuis_la_precedente(deux_versions)["radar"]["series"]
        assert [serie["creux"] for serie in series] == [True, False]

    def test_se_compare_a_la_derniere_figee(self, deux_versions, awa):
        recits.retenir(deux_versions, "BUD-05", awa)
        for lien in dominos.proposer(deux_versions):
            recits.examiner(deux_versions, lien.de.code, lien.vers.code, awa)
        deux_versions.valider(par=awa)
        troisieme = recits.ouvrir(deux_versions.parcours, awa)
        contexte = comparaison.depuis_la_precedente(troisieme)
        assert contexte["avant"].rang == 2
        assert "5 axes gardent leur niveau" in contexte["resume"].replace("\u00a0", " ")


class TestPage:
    def test_se_lit_et_mene_a_l_ancienne(self, chez, awa, deux_versions):
        texte = " ".join(chez(awa).get(page("comparer", deux_versions)).content.decode().split())
        assert "Deux niveaux de mieux" in texte
        assert '<strong>Levé</strong>&nbsp;: <span class="text-decoration-line-through">Dette locative' in texte
        assert "stroke-dasharray" in texte
        assert comparaison.precedente(deux_versions).get_absolute_url() in texte
        assert not re.search(r"(?i)total\s*:|moyenne\s*:|score", texte)

    def test_se_trouve_depuis_la_relecture_et_la_liste(self, chez, awa, deux_versions):
        for nom in ("relire", "detail"):
            assert page("comparer", deux_versions) in chez(awa).get(page(nom, deux_versions)).content.decode()

    def test_une_premiere_version_dit_qu_il_n_y_a_rien(self, chez, awa, diagnostic):
        reponse = chez(awa).get(page("comparer", diagnostic))
        assert "Rien à comparer" in reponse.content.decode()
        assert page("comparer", diagnostic) not in chez(awa).get(page("detail", diagnostic)).content.decode()

    def test_une_autre_equipe_ne_la_trouve_pas(self, chez, elsa, deux_versions):
        assert chez(elsa).get(page("comparer", deux_versions)).status_code == 404

    def test_sans_accord_rien_ne_nomme_la_sante_ni_ne_le_dit_leve(self, chez, awa, rempli, laisser_finir):
        finalite = Finalite.objects.get(code="SENSIBLE")
        hier = rempli.ouvert_le - datetime.timedelta(days=1)
        Accord(parcours=rempli.parcours).recueillir(par=awa, finalite=finalite, le=hier, mode="oral")
        recits.retenir(rempli, "ADM-03", awa)
        for lien in dominos.proposer(rempli):
            recits.examiner(rempli, lien.de.code, lien.vers.code, awa)
        rempli.valider(par=awa)
        laisser_finir(rempli.parcours, "SENSIBLE")
        second = recits.ouvrir(rempli.parcours, awa)
        texte = chez(awa).get(page("comparer", second)).content.decode()
        assert "ne se comparent pas sans l’accord" in texte
        assert "MDPH" not in re.findall(r"\w+", texte)  # un mot entier, jamais un morceau de jeton
        assert "Levé" not in texte

    def test_tient_son_nombre_de_requetes(self, chez, awa, deux_versions, django_assert_max_num_queries):
        navigateur = chez(awa)
        navigateur.get(page("comparer", deux_versions))
        with django_assert_max_num_queries(17):
            navigateur.get(page("comparer", deux_versions))
