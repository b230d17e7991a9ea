"""La file du travailleur : ce que quelqu'un attend passe avant le travail d'un lot."""

import pytest

from securisation.documents.models import Document
from securisation.socle import outbox
from securisation.socle.models import Du
from securisation.socle.tasks import solder_un_du
from securisation.socle.trace import hors_porte
from securisation.tests.lots import connectee, lancer, valide

pytestmark = pytest.mark.django_db


@pytest.fixture
def rangs(monkeypatch):
    """{numéro du dû: son rang dans la file}."""
    envoyes = {}
    monkeypatch.setattr(solder_un_du, "apply_async", lambda args, retry, priority: envoyes.update({args[0]: priority}))
    return envoyes


def rangs_des_documents(rangs):
    dus = Du.objects.filter(genre="produire_document", pk__in=rangs).order_by("pk").values_list("pk", flat=True)
    return [rangs[pk] for pk in dus]


def test_le_document_d_un_lot_attend_celui_d_une_page(awa, bruno, gaelle, rangs, django_capture_on_commit_callbacks):
    parcours = valide(awa, bruno)
    with django_capture_on_commit_callbacks(execute=True):
        lancer(connectee(gaelle), parcours.equipe)
        outbox.solder(Du.objects.get(genre="demander_du_lot").pk)
    assert rangs_des_documents(rangs) == [outbox.SANS_PRESSE] and set(rangs.values()) == {outbox.SANS_PRESSE}
    du_lot = Document.objects.get()
    with django_capture_on_commit_callbacks(execute=True), hors_porte("essai"):
        Document.demander(parcours=parcours, genre="diagnostic", donnees=du_lot.donnees | {"schema": "autre"}, par=awa)
    assert rangs_des_documents(rangs) == [outbox.SANS_PRESSE, outbox.ATTENDU]
