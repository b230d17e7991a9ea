"""L'outbox : ce qui échoue se reporte, se dit, et ne recopie jamais un contenu."""

import pytest
from django.conf import settings
from kombu import Connection

from securisation.socle import outbox
from securisation.socle.models import Du
from securisation.socle.tasks import solder_un_du

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

    def test_un_abandon_qui_ne_peut_se_dire_n_affame_pas_les_autres(self, du, monkeypatch, caplog):
        def abandonner(**_):
            raise ValueError(SECRET)

        monkeypatch.setitem(outbox.TRAVAUX, "essai", (outbox.TRAVAUX["essai"][0], abandonner))
        for _essai in range(outbox.ESSAIS_MAX):
            assert outbox.solder(du.pk) is False
        du.refresh_from_db()
        assert du.fait_le is not None and du.essais == outbox.ESSAIS_MAX
        assert "n’a pas pu se dire" in caplog.text and SECRET not in caplog.text


class TestRang:
    @pytest.fixture
    def reveils(self, monkeypatch, django_capture_on_commit_callbacks):
        """Les rangs, dans la file, de ce que l'on inscrit pendant un geste."""
        envoyes = []
        monkeypatch.setattr(solder_un_du, "apply_async", lambda args, retry, priority: envoyes.append(priority))

        def pendant(geste):
            with django_capture_on_commit_callbacks(execute=True):
                geste()
            return envoyes

        return pendant

    def test_ce_que_l_on_attend_passe_avant_le_travail_sans_presse(self, reveils):
        def geste():
            with outbox.sans_presse():
                outbox.devoir("essai", rang=1)
            outbox.devoir("essai", rang=2)

        tard, attendu = reveils(geste)
        assert (tard, attendu) == (outbox.SANS_PRESSE, outbox.ATTENDU) and attendu < tard

    def test_la_file_sert_le_plus_petit_rang_d_abord(self):
        """Valkey : 0 est le plus pressé, et le travailleur relit dans cet ordre à chaque fois."""
        assert settings.CELERY_BROKER_TRANSPORT_OPTIONS["queue_order_strategy"] == "priority"
        with Connection("redis://", transport_options=settings.CELERY_BROKER_TRANSPORT_OPTIONS) as file:
            canal = file.transport.Channel
            assert canal.priority_steps[0] == outbox.ATTENDU and canal.priority_steps[-1] == outbox.SANS_PRESSE
