"""L'horloge : les jours ouvrés, fêtes mobiles comprises."""

import datetime

import pytest

from securisation.socle import horloge

# Tables de comput publiées ; les extrêmes possibles sont le 22 mars et le 25 avril.
PAQUES = [
    "1818-03-22",
    "1943-04-25",
    "2000-04-23",
    "2019-04-21",
    "2024-03-31",
    "2026-04-05",
    "2027-03-28",
    "2038-04-25",
]
CHOMES = [
    "2026-01-01",
    "2026-04-06",
    "2026-05-01",
    "2026-05-14",
    "2026-05-25",
    "2026-07-14",
    "2026-11-11",
    "2026-12-25",
]


@pytest.mark.parametrize("jour", PAQUES)
def test_le_dimanche_de_paques(jour):
    assert horloge.paques(int(jour[:4])).isoformat() == jour


@pytest.mark.parametrize("jour", [*CHOMES, "2026-11-21", "2026-11-22"])
def test_une_fete_legale_et_une_fin_de_semaine_ne_sont_pas_ouvrees(jour):
    assert not horloge.est_ouvre(datetime.date.fromisoformat(jour))


def test_une_annee_compte_ses_jours_ouvres():
    jours = [datetime.date(2026, 1, 1) + datetime.timedelta(days=rang) for rang in range(365)]
    assert (
        sum(horloge.est_ouvre(jour) for jour in jours) == 252
    )  # 261 jours de semaine, neuf fêtes tombent un jour de semaine
    assert not any(horloge.est_ouvre(jour) for jour in jours if jour.weekday() > 4)
