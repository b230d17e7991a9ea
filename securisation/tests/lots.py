"""De quoi essayer les lots : des parcours prêts, une responsable connectée, un lot lancé par la page."""

from django.test import Client
from django.urls import reverse

from diagnostics.models import Diagnostic
from securisation.documents.models import Document
from securisation.parcours.models import Parcours
from securisation.socle import confirmation, horloge, outbox
from securisation.socle.trace import hors_porte
from securisation.synthese.models import LotDeDocuments
from securisation.tests import dossiers

LOTS = "synthese:lots"


def valide(awa, bruno):
    """Un parcours au diagnostic validé ; son document reste à demander."""
    objets = dossiers.diagnostic_ouvert(awa, bruno)
    objets[Diagnostic].valider(par=awa)
    with hors_porte("essai"):
        Document.objects.en_masse().filter(parcours=objets[Parcours]).delete()
    return objets[Parcours]


def solder_tout():
    """Fait ce que ferait le travailleur."""
    while dus := outbox.a_solder():
        for numero in dus:
            outbox.solder(numero)


def connectee(compte):
    """Une session de ce compte, confirmée de peu."""
    client = Client()
    client.force_login(compte)
    session = client.session
    session[confirmation.CONFIRME_LE] = horloge.montre()
    session.save()
    return client


def saisie(voulue, plus=()):
    """Ce que le formulaire met dans l'adresse pour cette équipe."""
    return {
        "genre": "diagnostic",
        "equipe": voulue.pk,
        "phase": "",
        "sur": "recue_le",
        "du": "",
        "au": "",
        **dict(plus),
    }


def lancer(client, voulue, plus=()):
    """Lance un lot par la page ; rend (lot, réponse)."""
    page = client.get(reverse(LOTS), saisie(voulue, plus))
    jeton = str(page.context["confirmation"]["jeton"].value())
    reponse = client.post(page.wsgi_request.get_full_path(), {"jeton": jeton})
    return LotDeDocuments.objects.first(), reponse
