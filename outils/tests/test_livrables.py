"""Les livrables : une partie tombée ou sautée est manquée, les figures s'écrivent entre leurs marques, les seuils mordent."""

import importlib

import pytest

from outils.commun import Panne
from outils.livrables import __main__ as livrables
from outils.livrables import documents, etalon, hostiles, lots, tableurs

RELEVE = {"genre": "Bilan", "fichiers": 2, "pages": 12, "avant": 2, "apres": 2, "secondes": 0.6, "memoire": 110.0}
RELEVE |= {"se_scelle": True, "pourquoi": ""}
COMPTE = {"charges": 400, "champs": 9, "genres": ["bilan"], "documents": 5, "acces": [], "temoins": 0, "refuses": []}
COMPTE |= {"secondes": 1.0, "memoire": 2**28, "tenue": True, "entieres": [9] * 351 + [4] * 14 + [1] * 35}
LOT = {
    "secondes": 200,
    "prets": 500,
    "pages": 3000,
    "processeur": 250.0,
    "memoire": 120.0,
    "ensemble": 310.0,
    "demandes": 3,
    "attentes": [0.4, 0.5, 0.9],
    "etalon": {"pages": 50, "processeur": 12.5},
}


class TestParties:
    @pytest.mark.parametrize("partie", livrables.PARTIES)
    def test_chacune_sait_mesurer_et_a_sa_page(self, partie):
        assert callable(importlib.import_module(f"outils.livrables.{partie}").mesurer)
        page = (livrables.DOCS / livrables.PARTIES[partie]).read_text(encoding="utf-8")
        assert page.count(livrables.DEBUT) == page.count(livrables.FIN) == 1

    def test_une_partie_qui_tombe_est_manquee(self, monkeypatch, capsys):
        def tomber():
            raise Panne("plus de place")

        monkeypatch.setattr(documents, "mesurer", tomber)
        assert livrables.principal(["documents"]) == 1
        assert "plus de place" in capsys.readouterr().out

    @pytest.mark.parametrize(
        ("lignes", "code"),
        [([("a", "b", "c", True)], 0), ([("a", "b", "c", False)], 1), ([], 1), ([("a", "b", "c", None)], 1)],
    )
    def test_le_code_dit_si_tout_est_tenu(self, monkeypatch, lignes, code):
        monkeypatch.setattr(lots, "mesurer", lambda: lignes)
        assert livrables.principal(["lots"]) == code

    @pytest.mark.parametrize(
        ("jouees", "ecrites"),
        [
            (["editions"], ["divulgation.md"]),
            (["documents", "lots"], []),
            (["tableurs", "lots", "hostiles", "documents"], ["documents.md"]),
            ([], ["divulgation.md", "documents.md"]),
        ],
    )
    def test_une_page_se_recrit_quand_toutes_ses_parties_sont_jouees(self, monkeypatch, jouees, ecrites):
        pages = []
        monkeypatch.setattr(livrables, "jouer", lambda partie: [(partie, "b", "c", True)])
        monkeypatch.setattr(livrables, "ecrire", lambda page, texte, secondes: pages.append(page))
        assert livrables.principal(jouees) == 0 and sorted(pages) == ecrites

    def test_une_partie_inconnue_se_dit(self):
        with pytest.raises(Panne, match="partie inconnue : nulle-part"):
            livrables.principal(["nulle-part"])

    def test_les_figures_s_ecrivent_entre_leurs_marques(self, monkeypatch, tmp_path):
        monkeypatch.setattr(livrables, "DOCS", tmp_path)
        (tmp_path / "documents.md").write_text(f"avant {livrables.DEBUT} vieux {livrables.FIN} après", encoding="utf-8")
        livrables.ecrire("documents.md", livrables.tableau([("bilan", "1 page", "2", False)]), 120)
        page = (tmp_path / "documents.md").read_text(encoding="utf-8")
        assert page.startswith("avant ") and page.endswith(" après") and "vieux" not in page
        assert "| bilan | 1 page | 2 | **manquée** |" in page


class TestDocuments:
    def test_conforme_avant_et_apres(self):
        assert documents.ligne(RELEVE)[-1] is True
        assert documents.ligne(RELEVE | {"se_scelle": False, "apres": 0})[-1] is True

    @pytest.mark.parametrize(
        "ecart", [{"avant": 1}, {"apres": 1}, {"secondes": 11.0}, {"memoire": 600.0}, {"fichiers": 0}]
    )
    def test_un_ecart_manque_la_cible(self, ecart):
        assert documents.ligne(RELEVE | ecart)[-1] is False

    def test_un_fichier_quelconque_n_est_pas_conforme(self):
        assert not documents.est_conforme(b"%PDF-1.7 rien")


class TestHostiles:
    def test_tenue(self):
        assert hostiles.ligne(COMPTE)[-1] is True

    @pytest.mark.parametrize("ecart", [{"entieres": [9] * 299 + [1] * 101}, {"tenue": False}])
    def test_un_ecart_manque_la_cible(self, ecart):
        assert hostiles.ligne(COMPTE | ecart)[-1] is False

    def test_la_figure_dit_combien_de_charges_sont_entieres_et_ou(self):
        deux = hostiles.reunir([COMPTE, COMPTE | {"genres": ["plan"], "champs": 5, "entieres": [5] * 351 + [1] * 49}])
        figure = hostiles.ligne(deux)[1]
        assert "400 charges × 14 champs de 2 genres" in figure
        assert (
            "351 charges entières dans chaque champ, 35 dans un seul champ de chaque genre, 14 dans les champs longs"
            in figure
        )


class TestTableurs:
    @pytest.mark.parametrize("ecart", [{}, {"vivantes": 1}, {"lues": 9999}, {"secondes": 11.0}])
    def test_un_ecart_manque_la_cible(self, ecart):
        mesure = {"format": "csv", "lues": 10_001, "vivantes": 0, "secondes": 1.0, "octets": 10} | ecart
        assert tableurs.ligne(**mesure)[-1] is not bool(ecart)


class TestEtalon:
    def test_l_etalon_est_le_bilan_de_la_maquette(self):
        pages, secondes = etalon.rendre()
        assert pages == 5 and secondes > 0

    def test_il_se_mesure_a_cote_de_ce_qui_dure(self):
        with etalon.a_cote() as releve:
            assert releve == {}
        assert releve["pages"] == 5 and releve["processeur"] > 0

    def test_une_faute_de_ce_qui_se_mesure_ressort_telle_quelle(self):
        with pytest.raises(ValueError, match="la vraie"), etalon.a_cote():
            raise ValueError("la vraie")

    def test_mort_la_partie_est_en_panne_et_rien_d_autre(self, monkeypatch):
        monkeypatch.setattr(etalon, "PYTHON", "/bin/false")
        with pytest.raises(Panne, match="étalon"), etalon.a_cote():
            pass


class TestLots:
    def test_le_debit_se_dit_a_cote_de_l_etalon(self):
        assert "12.0 pages/s de processeur, 3.00 fois l'étalon (4.0)" in lots.lignes(LOT, 500)[0][1]

    def test_tenue(self):
        assert [ligne[-1] for ligne in lots.lignes(LOT, 500)] == [True, True, True]

    def test_la_memoire_se_dit_par_processus_et_ensemble(self):
        _, figure, cible, _ = lots.lignes(LOT, 500)[2]
        assert figure == "120 Mo au plus par processus, 310 Mo ensemble au plus" and cible == "130 Mo par processus"

    @pytest.mark.parametrize(
        ("ecart", "rang"),
        [
            ({"prets": 499}, 0),
            ({"processeur": 400.0}, 0),
            ({"attentes": [0.4, 0.5]}, 1),
            ({"attentes": [0.1, 2.1, 2.2]}, 1),
            ({"memoire": 131.0}, 2),
        ],
    )
    def test_un_ecart_manque_la_cible(self, ecart, rang):
        assert lots.lignes(LOT | ecart, 500)[rang][-1] is False
