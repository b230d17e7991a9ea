"""La garde mesurée sur ses deux corpus : 95 % au moins des phrases médicales prises, 3 % au plus des ordinaires signalées."""

import re

import pytest

from securisation.annuaire.garde import examiner
from securisation.annuaire.tests import mesure_garde
from securisation.annuaire.tests.mesure_garde import CONTROLE, REGLAGE, en_lignes, lire, mesurer


@pytest.fixture(scope="module")
def mesures():
    return mesurer()


class TestCorpus:
    @pytest.mark.parametrize(("nom", "combien"), [("medicales", 300), ("ordinaires", 1000)])
    def test_a_ses_phrases_toutes_differentes_en_deux_moities(self, nom, combien):
        phrases = lire(nom)
        assert len({phrase.texte for phrase in phrases}) == len(phrases) == combien
        assert [sum(p.moitie == moitie for p in phrases) for moitie in (REGLAGE, CONTROLE)] == [combien // 2] * 2

    def test_chaque_phrase_medicale_dit_le_passage_attendu_et_lui_seul(self):
        medicales = lire("medicales")
        assert all(p.attendus for p in medicales)
        assert all(p.texte[debut:fin].strip() for p in medicales for debut, fin in p.attendus)
        assert not any(set("{}") & set(p.texte) for p in [*medicales, *lire("ordinaires")])

    def test_aucune_phrase_ordinaire_n_est_faite_en_serie(self):
        """Sans ses nombres, aucune n'en répète une autre."""
        sans_nombre = [re.sub(r"\d+", "", p.texte) for p in lire("ordinaires")]
        assert len(set(sans_nombre)) == len(sans_nombre)


class TestMesure:
    @pytest.mark.parametrize("moitie", [REGLAGE, CONTROLE])
    def test_la_garde_atteint_ce_qu_on_attend_d_elle(self, mesures, moitie):
        assert mesures[moitie].rappel.part >= 0.95
        assert mesures[moitie].fausses_alertes.part <= 0.03
        assert mesures[moitie].est_tenue

    def test_chaque_genre_a_sa_figure(self, mesures):
        for mesure in mesures.values():
            assert sum(figure.total for figure in mesure.par_genre.values()) == 150 + 500
            assert {"pathologie", "médicament", "service de soins", "NIR", "pièges"} < mesure.par_genre.keys()

    def test_le_rapport_les_dit_toutes(self, mesures):
        lignes = list(en_lignes(mesures))
        assert lignes[0] == "garde, moitié de réglage : tenue"
        assert len(lignes) == 2 * (3 + 13)

    def test_signaler_ailleurs_que_le_passage_attendu_ne_compte_pas(self):
        prise = mesure_garde.phrase("sous morphine, il a {mal écrit} la date", "médicament", REGLAGE)
        assert prise.est_signalee
        assert not prise.est_prise

    def test_une_garde_muette_serait_prise(self, monkeypatch):
        monkeypatch.setattr(mesure_garde, "examiner", lambda texte: [])
        assert not any(mesure.est_tenue for mesure in mesurer().values())

    def test_une_garde_bavarde_serait_prise(self, monkeypatch):
        monkeypatch.setattr(mesure_garde, "examiner", lambda texte: examiner("cancer"))
        assert not any(mesure.est_tenue for mesure in mesurer().values())


def test_chaque_alerte_a_une_formulation_a_reprendre():
    """La suggestion montre des mots à écrire, ou dit quoi retirer."""
    alertes = [alerte for phrase in lire("medicales") for alerte in examiner(phrase.texte)]
    assert len(alertes) > 300
    assert all("«" in a.suggestion or a.suggestion.startswith("Retirer") for a in alertes)
