"""Rien de ce qui est saisi, aucun jeton ni mot de passe ne se lit dans les journaux techniques, les tâches ou l'objet des courriels."""

import io
import logging
import os
import re
import uuid

import pytest
from django.conf import settings as reglages
from django.core import mail
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse

from outils.commun import JOURNAUX
from securisation.celery import app
from securisation.comptes import fonctions
from securisation.comptes.models import PropositionDeFonction
from securisation.coordination.models import Copie
from securisation.coordination.tests.conftest import inviter, partager
from securisation.documents.machine import Pdf
from securisation.parcours.models import Parcours, Personne
from securisation.socle import outbox
from securisation.socle.controles import JOURNAL_MUET
from securisation.socle.journaux import SansContenu
from securisation.socle.models import Du, Evenement, Jeton
from securisation.socle.routes import routes_d_un_dossier
from securisation.socle.trace import hors_porte
from securisation.tests import dossiers
from securisation.tests.dossiers import CANARI
from securisation.tests.preuves import reveils
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


def agir_par_courriel(distribution):
    """Une invitation envoyée, une copie demandée, une fonction proposée puis confirmée, un mot de passe oublié ; rend les secrets dits."""
    awa, elsa, ines, jean = (distribution[nom] for nom in ("awa", "elsa", "ines", "jean"))
    parcours = dossiers.construire("suspendue", distribution)[Parcours]
    invitation, cle, code = inviter(partager(parcours, awa, partenaire=CANARI), awa, courriel=f"{CANARI}@exemple.test")
    invitation.envoyer_le_lien(par=awa)
    Copie(parcours=parcours).demander(par=awa, contenu="registre")
    proposition = PropositionDeFonction(professionnel=elsa, genre="DPO")
    fonctions.proposer(proposition, par=ines)
    fonctions.decider(proposition.pk, "confirmer", par=jean)
    assert Client().post(reverse("account_reset_password"), {"email": awa.email}).status_code == 302
    return {cle, code}


def liens_envoyes():
    """La part secrète de chaque lien parti par courriel : la clé d'une invitation, le jeton d'un mot de passe."""
    corps = "\n".join(message.body for message in mail.outbox)
    return set(re.findall(r"/invitation/#([\w-]+)", corps)) | set(
        re.findall(r"/mot-de-passe/lien/\w+?-([\w-]+)/", corps)
    )


def envoyer_un_formulaire(client, parcours):
    """Un envoi qui aboutit, avec son jeton : sa suite se garde."""
    page = reverse("parcours:ajouter_entourage", args=[parcours.uuid])
    champs = {"nom": CANARI, "role": "PROCHE", "lien": CANARI, "jeton": str(uuid.uuid4())}
    assert client.post(page, champs).status_code == 302


def du_journal():
    """Le journal de l'application, motifs et charges."""
    return [f"{e.action} {e.motif} {e.charge}" for e in Evenement.objects.all()]


@pytest.fixture
def raccourcis(settings, monkeypatch):
    """Ce que la mesure n'éprouve pas : le hachage lent, la fabrication des PDF ; et un code qu'aucun horodatage ne contient."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    faux = (Pdf(CANARI.encode(), 1, "0" * 64), b"{}")
    monkeypatch.setattr("securisation.coordination.tasks.fabriquer", lambda _: faux)
    # Un code plus long que le vrai : six chiffres se retrouvent par hasard dans un horodatage.
    monkeypatch.setattr("securisation.coordination.models.invitation.CHIFFRES_DU_CODE", 24)


@pytest.mark.usefixtures("raccourcis")
def test_ni_tache_ni_objet_de_courriel_ne_porte_un_contenu(
    preuve, ecrits, distribution, client, django_capture_on_commit_callbacks
):
    client.force_login(distribution["awa"])
    reveils.vider()
    with django_capture_on_commit_callbacks(execute=True):
        secrets = agir_par_courriel(distribution)
        envoyer_un_formulaire(client, Parcours.objects.order_by("-pk").first())
    messages = reveils.vider()
    for numero in outbox.a_solder():
        outbox.solder(numero)
    dus = [f"{du.genre} {du.ids} {du.erreur}" for du in Du.objects.all()]
    suites = [suite for suite in Jeton.objects.values_list("suite", flat=True) if suite]
    sujets = [message.subject for message in mail.outbox]
    liens = liens_envoyes()
    assert {"envoyer_invitation", "produire_copie", "prevenir_un_compte", "lien_de_mot_de_passe"} <= {
        d.split()[0] for d in dus
    }
    assert len(liens) == 2, "le courriel d'une invitation et celui d'un mot de passe portent chacun leur lien"
    assert min(map(len, (messages, sujets, suites, secrets))) > 0
    assert not Du.objects.exclude(erreur="").exists()
    lus = (*dus, *messages, *suites, *sujets, *ecrits.getvalue().splitlines())
    trouves = [(mot, texte) for mot in {CANARI, *secrets, *liens} for texte in lus if mot in texte]
    trouves += [(mot, texte) for mot in secrets | liens for texte in du_journal() if mot in texte]
    preuve.dire(
        f"{len(dus)} tâches, {len(messages)} messages en file, {len(sujets)} objets de courriel, {len(suites)} suite d'envoi : "
        f"{len(trouves)} mot, lien ou code trouvé",
        cible="0 mot, 0 lien, 0 code",
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
