"""L'outbox : ce qui échoue se reporte, se dit, et ne recopie jamais un contenu."""

import pytest

from securisation.socle import outbox
from securisation.socle.models import Du

pytestmark = pytest.mark.django_db
SECRET = "Failing row contains (Fatou, Diallo)"


@pytest.fixture
def du(monkeypatch):
    """Un dû dont le travail échoue toujours, d'un message qui cite une ligne de dossier."""

    def echouer():
        raise ValueError(SECRET)

    monkeypatch.setitem(outbox.TRAVAUX, "essai", (echouer, None))
    outbox.devoir("essai")
    return Du.objects.get(genre="essai")


class TestEchec:
    def test_reporte_et_compte_l_essai(self, du):
        assert outbox.solder(du.pk) is False
        du.refresh_from_db()
        assert (du.essais, du.fait_le, du.erreur) == (1, None, "ValueError")

    def test_ne_recopie_ni_dans_la_base_ni_au_journal_de_la_machine_ce_que_cite_l_erreur(self, du, caplog):
        outbox.solder(du.pk)
        du.refresh_from_db()
        assert "ValueError" in caplog.text
        assert SECRET not in caplog.text + du.erreur

    @pytest.mark.parametrize("connu", [True, False])
    def test_s_arrete_apres_le_dernier_essai(self, du, connu):
        if not connu:  # un genre retiré d'une version suivante : il ne se réessaie pas sans fin
            del outbox.TRAVAUX["essai"]
        for _essai in range(outbox.ESSAIS_MAX):
            outbox.solder(du.pk)
        du.refresh_from_db()
        assert du.fait_le is not None
        assert du.pk not in outbox.a_solder()
