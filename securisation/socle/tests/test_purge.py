"""La purge : ce qui est ancien et sans usage s'efface, le reste demeure."""

import uuid
from datetime import timedelta

import pytest
from django.conf import settings
from django.utils import timezone

from securisation.socle import outbox, tasks
from securisation.socle.models import Du, Jeton

pytestmark = pytest.mark.django_db


def il_y_a(jours):
    return timezone.now() - timedelta(days=jours)


def test_efface_les_jetons_de_plus_de_sept_jours():
    ancien, recent = (
        Jeton.objects.create(valeur=uuid.uuid4(), acteur=1),
        Jeton.objects.create(valeur=uuid.uuid4(), acteur=1),
    )
    Jeton.objects.filter(pk=ancien.pk).update(cree_le=il_y_a(8))
    tasks.purger()
    assert list(Jeton.objects.all()) == [recent]


def test_efface_les_dus_soldes_depuis_un_mois_jamais_ce_qui_reste_du():
    Du.objects.create(genre="ancien", du_le=il_y_a(60), fait_le=il_y_a(31))
    Du.objects.create(genre="recent", du_le=il_y_a(60), fait_le=il_y_a(29))
    Du.objects.create(genre="reste", du_le=il_y_a(60))
    assert outbox.purger()["dus_soldes"] == 1
    assert {du.genre for du in Du.objects.all()} == {"recent", "reste"}


def test_une_purge_en_panne_n_empeche_pas_les_autres(monkeypatch):
    def en_panne():
        raise ValueError("une ligne de dossier")

    monkeypatch.setattr(outbox, "PURGES", [en_panne, lambda: 3])
    assert list(outbox.purger().values()) == [3]


def test_l_horloge_la_passe_chaque_heure():
    assert {"task": tasks.purger.name, "schedule": 3600.0}.items() <= settings.CELERY_BEAT_SCHEDULE["purger"].items()
