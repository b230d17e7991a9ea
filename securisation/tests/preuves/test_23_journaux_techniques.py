"""Rien de ce qui est saisi, aucun jeton ni mot de passe ne se lit dans les journaux techniques, les tâches ou l'objet des courriels."""

import io
import logging
import os

import pytest
from django.conf import settings as reglages
from django.core import mail
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse

from outils.commun import JOURNAUX
from securisation.celery import app
from securisation.parcours.models import Parcours, Personne
from securisation.socle import outbox
from securisation.socle.controles import JOURNAL_MUET
from securisation.socle.journaux import SansContenu
from securisation.socle.models import Du, Jeton
from securisation.socle.routes import routes_d_un_dossier
from securisation.socle.trace import hors_porte
from securisation.tests import dossiers
from securisation.tests.dossiers import CANARI
from securisation.tests.test_acces import adresse, construire

pytestmark = [pytest.mark.django_db, pytest.mark.preuve(23)]
MOT_DE_PASSE = "motdepassecanari-0123456789"


@pytest.fixture
def ecrits():
    """Tout ce que les journaux de Python écrivent, dans la forme et au niveau de la production."""
    flux = io.StringIO()
    porteur = logging.StreamHandler(flux)
    porteur.setFormatter(SansContenu(reglages.LOGGING["formatters"]["simple"]["format"], style="{"))
    porteur.setLevel(reglages.LOGGING["root"]["level"])
    racine = logging.getLogger()
    racine.addHandler(porteur)
    yield flux
    racine.removeHandler(porteur)


def casser(monkeypatch):
    """Les pages d'un parcours échouent comme le fait la base : en citant la ligne."""

    def echouer(*args, **kwargs):
        try:
            raise IntegrityError(f"Failing row contains ({CANARI}, 06 39 98 77 66).")
        except IntegrityError as erreur:
            raise ValueError(f"ligne de {CANARI}") from erreur

    monkeypatch.setattr("securisation.synthese.views.lire_dossier", echouer)


def malmener(client, objets, tours):
    """Pannes, saisies, recherches, hôtes et connexions : autant d'occasions d'écrire un mot de trop. Rend le nombre d'envois."""
    envois = 0
    for tour in range(tours):
        for route in routes_d_un_dossier():
            if route.modele in objets:
                champs = dict.fromkeys(
                    ("motif", "nom", "demande", "note", "texte", "version", "le", "q"), f"{CANARI}{tour}"
                )
                with transaction.atomic():
                    client.post(adresse(route, objets), champs)
                    client.get(adresse(route, objets), {"q": CANARI})
                    transaction.set_rollback(True)
                envois += 2
        visiteur = Client(raise_request_exception=False)
        visiteur.post(reverse("account_login"), {"login": f"{CANARI}@exemple.test", "password": MOT_DE_PASSE})
        visiteur.post(reverse("account_login"), {"login": "awa@exemple.test", "password": MOT_DE_PASSE})
        visiteur.post(reverse("account_reset_password"), {"email": f"{CANARI}@exemple.test"})
        visiteur.get("/", headers={"Host": "ailleurs.exemple.test"})
        visiteur.get(f"/parcours/{CANARI}/", {"next": CANARI})
        envois += 5
    return envois


@app.task(name="essai.casser")
def tache_cassee(mot):
    raise IntegrityError(f"Failing row contains ({mot}).")


def test_aucun_journal_ne_cite_une_saisie(preuve, ecrits, distribution, monkeypatch):
    objets = construire("suspendue", distribution)
    client = Client(raise_request_exception=False)
    client.force_login(distribution["awa"])
    casser(monkeypatch)
    assert client.get(reverse("synthese:parcours", args=[objets[Parcours].uuid])).status_code == 500
    envois = malmener(client, objets, preuve.taille(1, 20))
    tache_cassee.apply(args=[CANARI])
    texte = ecrits.getvalue()
    assert "IntegrityError" in texte, "le filet n'a rien pris : la panne provoquée ne s'est pas écrite"
    assert "Traceback" not in texte
    trouves = [mot for mot in (CANARI, MOT_DE_PASSE, "06 39 98", client.cookies["jalon_session"].value) if mot in texte]
    preuve.dire(
        "{lignes} lignes de journal après {envois} envois, {fuites} mot trouvé",
        cible="0 mot",
        atteinte=not trouves,
        lignes=texte.count("\n"),
        envois=envois,
        fuites=len(trouves),
    )


def test_ni_tache_ni_objet_de_courriel_ne_porte_un_contenu(preuve, distribution):
    dossiers.construire("clos", distribution)
    dus = [f"{du.genre} {du.ids} {du.erreur}" for du in Du.objects.all()]
    suites = list(Jeton.objects.values_list("suite", flat=True))
    for numero in outbox.a_solder():
        outbox.solder(numero)
    sujets = [message.subject for message in mail.outbox]
    assert dus
    trouves = [texte for texte in (*dus, *suites, *sujets) if CANARI in texte]
    preuve.dire(
        f"{len(dus)} tâches et {len(sujets)} objets de courriel, {len(trouves)} mot trouvé",
        cible="0 mot",
        atteinte=not trouves,
    )


def test_la_base_tait_les_lignes_qu_elle_refuse(preuve, parcours):
    fichier = JOURNAUX / "postgresql.log"
    locale = fichier.exists() and str(JOURNAUX.parent) in os.environ.get("DATABASE_URL", "")
    debut = fichier.stat().st_size if locale else 0
    with pytest.raises(IntegrityError), transaction.atomic(), hors_porte("essai"):
        Personne.objects.en_masse().filter(pk=parcours.personne_id).update(nom="Canarilog", annee_naissance=1800)
    with connection.cursor() as curseur:
        dits = {}
        for reglage in JOURNAL_MUET:
            curseur.execute("SELECT current_setting(%s)", [reglage])
            dits[reglage] = curseur.fetchone()[0]
    ecrit = fichier.read_bytes()[debut:].decode("utf-8", "replace") if locale else ""
    bavards = [nom for nom, valeur in dits.items() if valeur not in JOURNAL_MUET[nom]]
    preuve.dire(
        f"la base refuse une ligne sans la citer ({', '.join(f'{nom} = {valeur}' for nom, valeur in dits.items())})",
        cible="0 mot",
        atteinte=not bavards and "Canarilog" not in ecrit,
    )
