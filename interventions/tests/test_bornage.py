"""Le bornage : le calcul du terme, éprouvé sur des périodes quelconques."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from interventions import bornage

JOUR = date(2026, 6, 17)
jours = st.dates(date(2020, 1, 1), date(2035, 1, 1))
durees = st.integers(1, 365)
periodes = st.tuples(jours, st.integers(0, 60)).map(lambda p: (p[0], p[0] + timedelta(days=p[1])))
suspensions = st.lists(periodes, max_size=4)
prolongations = st.lists(st.integers(1, 30), max_size=3)
plafonds = st.none() | st.integers(0, 90)


class TestTerme:
    def test_est_le_debut_plus_la_duree(self):
        assert bornage.terme(JOUR, 90) == date(2026, 9, 15)

    def test_reproduit_le_dossier_de_jeanne(self):
        suspension = (JOUR + timedelta(days=40), JOUR + timedelta(days=54))
        assert bornage.terme(JOUR, 90, [suspension], [30]) == JOUR + timedelta(days=134)

    def test_une_suspension_en_cours_compte_jusqu_au_jour_dit(self):
        ouverte = [(JOUR, None)]
        assert bornage.terme(JOUR, 10, ouverte) == JOUR + timedelta(days=10)
        assert bornage.terme(JOUR, 10, ouverte, jusqu_a=JOUR + timedelta(days=5)) == JOUR + timedelta(days=15)

    def test_un_passage_a_l_heure_d_hiver_ne_compte_pas_double(self):
        assert bornage.terme(date(2026, 10, 24), 2) == date(2026, 10, 26)

    @given(jours, durees, suspensions, prolongations)
    def test_ne_recule_jamais(self, debut, duree, arrets, ajouts):
        assert bornage.terme(debut, duree, arrets, ajouts) >= bornage.terme(debut, duree)

    @given(jours, durees, suspensions, prolongations)
    def test_ne_depend_pas_de_l_ordre(self, debut, duree, arrets, ajouts):
        droit = bornage.terme(debut, duree, arrets, ajouts)
        assert droit == bornage.terme(debut, duree, arrets[::-1], ajouts[::-1])

    @given(jours, durees, suspensions, prolongations, plafonds)
    def test_chaque_jour_compte_une_fois(self, debut, duree, arrets, ajouts, plafond):
        suspendus = bornage.jours_suspendus(arrets, plafond=plafond)
        ecart = (bornage.terme(debut, duree, arrets, ajouts, plafond=plafond) - debut).days
        assert ecart == duree + suspendus + sum(ajouts)

    @given(suspensions, st.integers(0, 90))
    def test_le_plafond_borne_les_suspensions(self, arrets, plafond):
        assert 0 <= bornage.jours_suspendus(arrets, plafond=plafond) <= plafond


class TestReste:
    @given(jours, durees)
    def test_vaut_zero_le_jour_du_terme_et_moins_un_le_lendemain(self, debut, duree):
        terme = bornage.terme(debut, duree)
        assert bornage.jours_restants(terme, terme) == 0
        assert bornage.jours_restants(terme, terme + timedelta(days=1)) == -1
        assert bornage.jours_restants(terme, debut) == duree


class TestJalons:
    @given(jours, durees)
    def test_sont_dans_la_periode_et_en_ordre(self, debut, duree):
        terme = bornage.terme(debut, duree)
        dates = [jour for jour, _ in bornage.jalons(debut, terme)]
        assert dates == sorted(dates)
        assert all(debut < jour < terme for jour in dates)

    def test_une_intervention_courte_n_en_a_pas(self):
        assert bornage.jalons(JOUR, JOUR + timedelta(days=20)) == []

    def test_une_intervention_de_90_jours_en_a_deux(self):
        assert [nom for _, nom in bornage.jalons(JOUR, JOUR + timedelta(days=90))] == [
            "Mi-parcours",
            "Préparer la sortie",
        ]
