"""La copie d'un dossier à l'historique long : quarante pages et plus, dans les normes, où l'on sait à chaque page où l'on est."""

import datetime
import io

import pytest
from django.db import connection
from pypdf import PdfReader

from interventions.models import Contact
from securisation.coordination.models import FichierDeCopie
from securisation.coordination.tests.test_copie import produire
from securisation.documents.machine import Pdf
from securisation.parcours.models import Parcours
from securisation.socle import horloge
from securisation.socle.journal import inscrire
from securisation.tests import dossiers
from securisation.tests.test_documents_normes import fautes

pytestmark = pytest.mark.django_db

CONTACTS, ACCES, JOURS = 48, 390, 121
NOTE = "Échange n° {rang} : la caisse demande une pièce de plus, la propriétaire accepte d’attendre ; nous rappelons jeudi."
PAGES = ("synthese:parcours", "diagnostics:axe", "documents:document", "synthese:piste", "sorties:bilan")


def long_historique(distribution):
    """Un dossier échu de cent jours, quarante-huit contacts notés, des accès de trois fonctions sur cent vingt et un jours d'une année."""
    awa, bruno, gaelle = (distribution[nom] for nom in ("awa", "bruno", "gaelle"))
    parcours = dossiers.construire("echue", distribution)[Parcours]
    for rang in range(CONTACTS):
        le = max(parcours.recue_le, horloge.aujourd_hui() - datetime.timedelta(days=rang))
        Contact(parcours=parcours).noter(par=(awa, bruno)[rang % 2], le=le, canal="SMS", note=NOTE.format(rang=rang))
    for rang in range(ACCES):
        inscrire("lecture", parcours=parcours, par=(awa, bruno, gaelle)[rang % 3], page=PAGES[rang % len(PAGES)])
    _etaler(parcours)
    return parcours


def _etaler(parcours):
    """Fait comme si le journal de ce parcours s'était écrit un jour sur trois, depuis un an."""
    with connection.cursor() as curseur:
        curseur.execute("ALTER TABLE socle_journal DISABLE TRIGGER USER")
        curseur.execute(
            "UPDATE socle_journal SET quand = quand - make_interval(days => (seq %% %s)::int * 3) WHERE chaine = %s",
            [JOURS, parcours.pk],
        )
        curseur.execute("ALTER TABLE socle_journal ENABLE TRIGGER USER")


def test_quarante_pages_dans_les_normes_paginees_leur_chapitre_en_tete(distribution):
    copie = produire(long_historique(distribution), distribution["awa"])
    assert (copie.etat, copie.sceau) == ("prete", "auto"), copie.erreur
    contenu = bytes(FichierDeCopie.objects.get(copie=copie).pdf)
    assert fautes(Pdf(contenu, copie.pages, copie.sha256)) == []
    lu = PdfReader(io.BytesIO(contenu))
    assert len(lu.pages) == copie.pages >= 40
    chapitres, vus = _chapitres(lu), set()
    for rang, feuille in enumerate(lu.pages[1:], start=2):
        texte = " ".join(feuille.extract_text().split())
        # Celui qui court en haut de la page : commencé avant elle, ou avec elle.
        en_tete = [titre for titre, page, en_haut in chapitres if page < rang or (page == rang and en_haut)][-1]
        assert f"{en_tete} Copie de vos données Copie {copie.numero} " in texte
        assert texte.endswith(f"page {rang} / {copie.pages}")
        vus.add(en_tete)
    assert {"6 Ce qui a été fait avec vous", "11 Qui a vu ou changé votre dossier"} <= vus


def _chapitres(lu):
    """(titre, page où il commence, vrai si c'est en haut) de chaque chapitre, d'après les signets."""
    signets = [signet for signet in lu.outline[1] if not isinstance(signet, list)]
    haut = max(signet.top for signet in signets)
    return [(" ".join(s.title.split()), lu.get_destination_page_number(s) + 1, haut - s.top < 1) for s in signets]
