"""Lire un contenu : les mots, les phrases et les dessins ne disent que ce qui est publié."""

from copy import deepcopy

import pytest

from securisation.pilotage.edition import classeur, fictif, lecture
from securisation.pilotage.edition.ecarts import ecarts
from securisation.pilotage.tableaux import PETIT, PROTEGE
from securisation.socle.graphiques import flux


def tableau(code):
    return deepcopy(next(t for t in fictif.contenu()["tableaux"] if t["code"] == code))


class TestMots:
    @pytest.mark.parametrize(
        ("valeur", "dite", "environ"),
        [
            (85, "85", "environ 85"),
            (1250, "1\u00a0250", "environ 1\u00a0250"),
            (PETIT, "≤ 10", "≤ 10"),
            (PROTEGE, "protégé", "protégé"),
            (None, "–", "–"),
            (True, "–", "–"),
        ],
    )
    def test_chaque_valeur_a_son_mot(self, valeur, dite, environ):
        assert (lecture.valeur_dite(valeur), lecture.environ(valeur)) == (dite, environ)


class TestPhraseDeFlux:
    def test_ne_se_calcule_que_de_nombres_publies(self):
        assert lecture.phrase_de_flux(tableau("flux-ADM")) == (
            "Sur environ 85 parcours entrés au niveau critique ou de rupture, environ 70 sont sortis à un niveau plus bas."
        )

    @pytest.mark.parametrize("cache", [PETIT, PROTEGE])
    def test_se_tait_quand_il_manque_un_nombre(self, cache):
        t = tableau("flux-ADM")
        t["lignes"][0]["valeur"] = cache
        t["lignes"][2]["valeurs"][2] = cache
        assert lecture.phrase_de_flux(t) == ""

    def test_ne_dit_pas_plus_de_sorties_que_d_entrees(self):
        """Chaque nombre est arrondi à part : la somme de deux lignes peut passer leur total."""
        t = tableau("flux-ADM")
        t["lignes"][0] |= {"valeur": 25, "valeurs": [PETIT, 15, 15]}
        assert "environ 30" not in lecture.phrase_de_flux(t)


class TestDessin:
    def test_ce_qui_n_est_pas_publie_est_un_trait_pointille(self):
        g = lecture.dessin(tableau("flux-ADM"))
        assert sum(p["masque"] for p in g["passages"]) == 4
        assert all(p["d"].endswith("Z") != p["masque"] for p in g["passages"])

    def test_rien_de_publie_aucun_dessin(self):
        t = tableau("flux-ADM")
        for ligne in t["lignes"]:
            ligne["valeurs"] = [PETIT, PROTEGE, PETIT]
        assert lecture.dessin(t) is None

    def test_un_total_cache_n_est_jamais_deduit(self):
        """Le même dessin, que le total caché vaille onze ou mille : la géométrie ne le connaît pas."""
        g = flux(["a", "b"], [[20, None], [None, None]], [None, 30], [None, 25])
        assert [n["masque"] for n in g["noeuds"]] == [True, False, True, False]
        assert all(float(n["y"]) + float(n["h"]) <= g["hauteur"] for n in g["noeuds"])

    @pytest.mark.parametrize(
        "cases", [[[15, 15, 15]] * 3, [[None, None, 10]] * 3, [[1000, None, None], [None] * 3, [None] * 3]]
    )
    def test_tient_dans_son_cadre(self, cases):
        totaux = [sum(v or 0 for v in ligne) or None for ligne in cases]
        g = flux(["3–4", "2", "0–1"], cases, totaux, [None] * 3)
        assert all(float(n["y"]) + float(n["h"]) <= g["hauteur"] + 0.1 for n in g["noeuds"])


class TestPresenter:
    def test_un_tableau_refuse_dit_pourquoi_et_rien_d_autre(self):
        figures = lecture.presenter(fictif.contenu())
        assert [r["titre"] for r in figures["refuses"]] == ["Départements"]
        assert "departements" not in [t["code"] for c in figures["chapitres"] for t in c["tableaux"]]

    def test_l_essentiel_se_tait_sur_un_tableau_refuse(self):
        contenu = fictif.contenu()
        for t in contenu["tableaux"]:
            t["refus"] = "Trop peu." if t["code"] in ("relais", "personnes") else t["refus"]
        titres = [e["titre"] for e in lecture.presenter(contenu)["essentiel"]]
        assert titres == ["Demandes reçues", "Parcours terminés", "Démarches engagées", "Prolongations approuvées"]

    def test_beaucoup_de_petites_lignes_se_disent_ensemble(self):
        t = tableau("origines")
        t["lignes"] += [{"code": f"x{n}", "libelle": f"Ligne {n}", "valeur": PETIT} for n in range(6)]
        montre = lecture.presenter({"tableaux": [t]})["chapitres"][0]["tableaux"][0]
        assert len(montre["petites"]) == 7
        assert all(ligne["valeur"] != "≤ 10" for ligne in montre["lignes"])

    def test_un_contenu_vide_ne_casse_rien(self):
        assert lecture.presenter({"tableaux": []}) == {
            "essentiel": [], "chapitres": [], "refuses": [], "mots": [],
        }  # fmt: skip


class TestEcarts:
    def test_rien_n_a_change(self):
        assert ecarts(fictif.contenu(), fictif.contenu()) == []

    def test_un_tableau_qui_cesse_d_etre_publie_se_dit(self):
        apres = fictif.contenu()
        next(t for t in apres["tableaux"] if t["code"] == "suspensions")["refus"] = "Trop peu."
        changes = ecarts(fictif.contenu(), apres)
        assert {c["tableau"] for c in changes} == {"Interventions suspendues"}
        assert {c["apres"] for c in changes} == {"non publié"}


def test_chaque_feuille_a_son_titre():
    from types import SimpleNamespace

    edition = SimpleNamespace(contenu=fictif.contenu())
    titres = [classeur._feuille(t).titre for t in edition.contenu["tableaux"] if lecture.est_montre(t) and t["lignes"]]
    assert len(titres) == len(set(titres))
