"""Les graphiques : géométrie juste, tracé lisible, aucun texte de saisie qui casse l'image."""

import itertools
import re
import subprocess
from datetime import date, timedelta
from xml.etree import ElementTree

import pytest
from django.template.loader import render_to_string
from hypothesis import given
from hypothesis import strategies as st

from securisation.socle.graphiques import barres, boite_de_temps, domino, enchainement, frise, radar
from securisation.socle.graphiques.couches import croisements, disposer, ecarter
from securisation.socle.graphiques.mesures import couper, jour_court, texte

AXES = ["Administratif", "Budget", "Logement", "Quotidien", "Travail"]
HOSTILE = '<script>"&\u202e😀' + "x" * 80
DEBUT, TERME = date(2026, 6, 17), date(2026, 12, 16)


def dessiner(gabarit, g, **contexte):
    """Le SVG rendu, lu comme du XML : une saisie hostile ne doit pas le casser."""
    source = render_to_string(f"composants/graphiques/{gabarit}.svg", {"g": g, "id": "x", "titre": "Titre", **contexte})
    racine = ElementTree.fromstring(source.strip())
    assert racine.find("{http://www.w3.org/2000/svg}title").text == "Titre"
    assert "style=" not in source
    assert not re.search(r'(?:x|y|cx|cy|r|width|height|x1|x2|y1|y2)="-?\d+,\d', source)
    return source


class TestMesures:
    def test_ecrit_un_point_et_jamais_une_virgule(self):
        assert [texte(x) for x in (12.0, 12.34, -0.01, 0)] == ["12", "12.3", "0", "0"]

    def test_coupe_les_libelles_longs(self):
        assert couper("Logement et conditions matérielles", 15) == ["Logement et", "conditions", "matérielles"]
        assert couper("Trajectoire", 10) == ["Traject-", "oire"]

    @given(st.text(max_size=200), st.integers(3, 30), st.integers(1, 4))
    def test_ne_depasse_jamais_la_place(self, libelle, largeur, lignes):
        rendu = couper(libelle, largeur, lignes)
        assert len(rendu) <= lignes
        assert all(len(ligne) <= largeur for ligne in rendu)

    def test_ecrit_le_premier_du_mois(self):
        assert jour_court(date(2026, 9, 1)) == "1er sept."


class TestRadar:
    def test_place_le_maximum_sur_le_bord_et_zero_au_centre(self):
        g = radar(AXES, [{"nom": "A", "valeurs": [4, 0, 0, 0, 0]}], largeur=372, hauteur=304, rayon=100)
        assert g["series"][0]["marqueurs"][0] == {"x": g["cx"], "y": "52"}
        assert g["series"][0]["marqueurs"][1] == {"x": g["cx"], "y": g["cy"]}

    def test_garde_un_trou_pour_une_valeur_inconnue(self):
        serie = radar(AXES, [{"nom": "A", "valeurs": [3, None, 2, 1, 0]}])["series"][0]
        assert serie["contour"] == ""
        assert len(serie["marqueurs"]) == 4
        assert len(serie["morceaux"]) == 3

    def test_ramene_une_valeur_hors_echelle_au_bord(self):
        dedans, dehors = (radar(AXES, [{"nom": "A", "valeurs": [v] * 5}])["series"][0] for v in (4, 9))
        assert dedans["contour"] == dehors["contour"]

    def test_elargit_l_image_pour_les_longs_libelles(self):
        longs = ["Administratif et juridique", "Budget", "Logement", "Organisation fonctionnelle", "Trajectoire"]
        assert radar(longs, [])["largeur"] > radar(AXES, [])["largeur"]

    def test_refuse_moins_de_trois_axes(self):
        with pytest.raises(ValueError, match="trois axes"):
            radar(["A", "B"], [])

    def test_dessine_avant_creux_et_apres_plein(self):
        series = [{"nom": "Avant", "valeurs": [3] * 5, "creux": True}, {"nom": HOSTILE, "valeurs": [1, None, 1, 1, 1]}]
        source = dessiner("radar", radar([HOSTILE, *AXES[1:]], series), desc=HOSTILE)
        assert 'stroke-dasharray="6 4"' in source
        assert "<script>" not in source


class TestBoiteDeTemps:
    def test_compte_les_jours(self):
        g = boite_de_temps(DEBUT, TERME, date(2026, 11, 23))
        assert (g["reste"], g["total"], g["ecoule"], g["echu"]) == (23, 182, 159, False)
        assert g["fait"] == g["ici"] == "87.4"

    def test_montre_le_depassement_apres_le_terme(self):
        g = boite_de_temps(DEBUT, TERME, TERME + timedelta(days=3))
        assert g["echu"]
        assert g["reste"] == -3
        assert g["ici"] == "100"
        assert float(g["depasse"]["l"]) > 0

    def test_n_est_pas_echue_le_dernier_jour(self):
        g = boite_de_temps(DEBUT, TERME, TERME)
        assert (g["echu"], g["reste"], g["depasse"]) == (False, 0, None)

    def test_hachure_une_suspension_qui_court_jusqu_a_aujourd_hui(self):
        g = boite_de_temps(DEBUT, TERME, date(2026, 9, 16), suspensions=[(date(2026, 9, 1), None)])
        gauche, large = float(g["suspendu"][0]["x"]), float(g["suspendu"][0]["l"])
        assert gauche + large == pytest.approx(float(g["ici"]), abs=0.2)

    def test_montre_la_prolongation_a_venir(self):
        g = boite_de_temps(DEBUT, TERME, date(2026, 9, 1), terme_initial=date(2026, 11, 16))
        assert float(g["prolonge"]["x"]) + float(g["prolonge"]["l"]) == pytest.approx(100, abs=0.2)

    def test_superpose_deux_jalons_proches(self):
        jalons = [{"date": date(2026, 12, j), "libelle": f"Jalon {j}"} for j in (1, 9)]
        g = boite_de_temps(DEBUT, TERME, DEBUT, jalons)
        assert len({m["y"] for m in g["marques"]}) == 2

    @given(st.integers(0, 400), st.integers(-5, 500), st.lists(st.integers(-10, 500), max_size=5))
    def test_ne_superpose_jamais_deux_dates(self, duree, ecoule, jours):
        jalons = [{"date": DEBUT + timedelta(days=j), "libelle": "J"} for j in jours]
        g = boite_de_temps(DEBUT, DEBUT + timedelta(days=duree), DEBUT + timedelta(days=ecoule), jalons)
        places = sorted(float(r["x"]) for r in g["reperes"])
        assert all(b - a >= 11.8 for a, b in itertools.pairwise(places))
        assert all(0 <= x <= 100 for x in places)

    def test_refuse_un_terme_avant_le_debut(self):
        with pytest.raises(ValueError, match="précède"):
            boite_de_temps(TERME, DEBUT, DEBUT)

    def test_se_dessine_avec_tout(self):
        jalons = [{"date": date(2026, 9, 15), "libelle": HOSTILE, "fait": True}, {"date": TERME, "libelle": "Fin"}]
        suspensions = [(date(2026, 8, 1), date(2026, 8, 15))]
        g = boite_de_temps(DEBUT, TERME, date(2027, 1, 3), jalons, suspensions, date(2026, 11, 16))
        source = dessiner("boite_temps", g, desc=HOSTILE)
        assert 'fill="url(#x-h)"' in source
        assert "<script>" not in source


def noeuds(n):
    return [{"cle": i, "titre": f"Facteur {i}"} for i in range(n)]


graphes = st.integers(0, 12).flatmap(
    lambda n: st.tuples(
        st.just(n), st.lists(st.tuples(st.integers(0, max(n - 1, 0)), st.integers(0, max(n - 1, 0))), max_size=24)
    )
)


class TestDomino:
    @given(graphes, st.sampled_from(["TB", "LR", "auto"]))
    def test_ne_superpose_aucune_boite_et_reste_dans_le_cadre(self, graphe, sens):
        n, aretes = graphe
        g = domino(noeuds(n), aretes, sens=sens, graphviz="")
        boites = [(float(b["x"]), float(b["y"])) for b in g["noeuds"]]
        large, haut = enchainement.LARGE, enchainement.HAUT
        for i, (x, y) in enumerate(boites):
            assert x >= 0
            assert y >= 0
            assert x + large <= float(g["largeur"])
            assert y + haut <= float(g["hauteur"])
            assert all(abs(x - a) >= large or abs(y - b) >= haut for a, b in boites[:i])

    @given(graphes)
    def test_trace_chaque_lien_une_fois(self, graphe):
        n, aretes = graphe
        attendus = {(a, b) for a, b in aretes if a != b and a < n and b < n}
        assert len(domino(noeuds(n), aretes, graphviz="")["aretes"]) == len(attendus)

    def test_est_deterministe(self):
        aretes = [(0, 1), (0, 2), (1, 3), (2, 3), (3, 0)]
        assert domino(noeuds(4), aretes, graphviz="") == domino(noeuds(4), aretes, graphviz="")

    def test_descend_de_la_cause_vers_l_effet(self):
        g = domino(noeuds(3), [(0, 1), (1, 2)], graphviz="")
        assert [float(b["y"]) for b in g["noeuds"]] == sorted(float(b["y"]) for b in g["noeuds"])
        assert len({b["x"] for b in g["noeuds"]}) == 1

    def test_s_arrete_a_douze_et_le_dit(self):
        g = domino(noeuds(15), [(0, 14), (0, 1)], graphviz="")
        assert (len(g["noeuds"]), g["omis"], len(g["aretes"])) == (12, 3, 1)

    def test_croise_le_moins_possible(self):
        assert croisements([[0, 1], [2, 3]], {0: {3}, 1: {2}}) == 1
        _, place, _ = disposer([0, 1, 2, 3], [(0, 3), (1, 2)], 10, 5)
        assert (place[0] < place[1]) == (place[3] < place[2])

    def test_ecarte_sans_changer_l_ordre(self):
        assert ecarter([5, 5, 5], [0, 10, 10]) == [-5, 5, 15]

    def test_echappe_les_textes(self):
        g = domino([{"cle": HOSTILE, "titre": HOSTILE, "sous": HOSTILE, "ton": "alerte"}], [], graphviz="")
        assert "<script>" not in dessiner("domino", g, desc=HOSTILE)


PLAIN = """graph 1 3 2.5
node n0 1 2 2 .8 n0 solid box black lightgrey
node n1 1 .5 2 .8 n1 solid box black lightgrey
edge n0 n1 4 1 1.6 1 1.4 1 1.2 1 .9 solid black
stop
"""


class TestGraphviz:
    def test_lit_les_places_de_graphviz(self, monkeypatch):
        recus = []

        def faux(commande, *, input, **_):
            recus.append(input)
            return subprocess.CompletedProcess(commande, 0, stdout=PLAIN, stderr="")

        monkeypatch.setattr(enchainement.subprocess, "run", faux)
        g = domino([{"cle": 'a"]', "titre": "A"}, {"cle": "b", "titre": "B"}], [('a"]', "b")], graphviz="dot")
        assert 'a"]' not in recus[0]
        assert float(g["noeuds"][0]["y"]) < float(g["noeuds"][1]["y"])
        assert g["aretes"] == [{"d": "M78,70.8 C78,85.2 78,99.6 78,121.2"}]

    @pytest.mark.parametrize("panne", [OSError("absent"), subprocess.TimeoutExpired("dot", 5)])
    def test_se_passe_de_graphviz_en_panne(self, monkeypatch, panne):
        def casse(*_, **__):
            raise panne

        monkeypatch.setattr(enchainement.subprocess, "run", casse)
        assert domino(noeuds(3), [(0, 1)], graphviz="dot") == domino(noeuds(3), [(0, 1)], graphviz="")


class TestBarresEtFrise:
    def test_met_la_plus_grande_barre_a_l_echelle(self):
        g = barres([("A", 10), ("B", 5), ("C", 0), ("D", None)])
        longueurs = [float(ligne["l"]) for ligne in g["lignes"]]
        assert longueurs[0] == 2 * longueurs[1]
        assert longueurs[2:] == [0, 0]
        assert g["lignes"][3]["v"] == "non connu"

    def test_dessine_des_barres_toutes_nulles(self):
        assert "<rect" in dessiner("barres", barres([(HOSTILE, 0)]))

    def test_dit_qu_une_piste_est_vide(self):
        g = frise(DEBUT, TERME, [{"libelle": "Suspension", "vide": "Aucune"}])
        assert g["lignes"][0]["vide"] == "Aucune"

    def test_tient_les_textes_dans_l_image(self):
        segment = {
            "du": date(2026, 12, 1),
            "au": TERME,
            "genre": "tirets",
            "texte": "30 jours, validés le 30 septembre",
        }
        rendu = frise(DEBUT, TERME, [{"libelle": "Prolongation", "segments": [segment]}])["lignes"][0]["segments"][0]
        assert rendu["ancre"] == "end"

    def test_dessine_tous_les_genres(self):
        segments = [
            {"du": DEBUT, "au": TERME, "genre": genre, "texte": HOSTILE}
            for genre in ("plein", "hachure", "tirets", "trait", "retard")
        ]
        points = [{"le": DEBUT, "genre": genre} for genre in ("debut", "fin", "attendu", "attente", "losange")]
        g = frise(DEBUT, TERME, [{"libelle": HOSTILE, "segments": segments, "points": points}], TERME)
        assert "<script>" not in dessiner("frise", g)

    def test_supporte_une_periode_d_un_jour(self):
        assert frise(DEBUT, DEBUT, [{"libelle": "A"}])["largeur"] == 658
