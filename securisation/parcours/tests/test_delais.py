"""Les délais en mois, éprouvés sur des dates quelconques."""

import calendar
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from securisation.parcours.delais import mois_apres

jours = st.dates(date(2000, 1, 1), date(2090, 12, 31))
mois = st.integers(1, 24)


class TestMoisApres:
    @given(jours, mois)
    def test_garde_le_quantieme_ou_prend_la_fin_du_mois(self, depart, n):
        apres = mois_apres(depart, n)
        dernier = calendar.monthrange(apres.year, apres.month)[1]
        assert (apres.year - depart.year) * 12 + apres.month - depart.month == n
        assert apres.day == min(depart.day, dernier)

    @given(jours, jours, mois)
    def test_garde_l_ordre_des_jours(self, un, autre, n):
        tot, tard = sorted((un, autre))
        assert mois_apres(tot, n) <= mois_apres(tard, n)

    @given(jours, mois)
    def test_jamais_plus_long_que_des_mois_de_trente_et_un_jours(self, depart, n):
        assert timedelta(days=28 * n) <= mois_apres(depart, n) - depart <= timedelta(days=31 * n)

    def test_zero_mois_est_le_meme_jour(self):
        assert mois_apres(date(2026, 1, 31), 0) == date(2026, 1, 31)

    CAS = [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2028, 1, 31), 1, date(2028, 2, 29)),
        (date(2026, 12, 31), 2, date(2027, 2, 28)),
        (date(2026, 4, 23), 2, date(2026, 6, 23)),
        (date(2026, 8, 31), 4, date(2026, 12, 31)),
    ]

    @pytest.mark.parametrize(("depart", "n", "attendu"), CAS)
    def test_fins_de_mois(self, depart, n, attendu):
        assert mois_apres(depart, n) == attendu
