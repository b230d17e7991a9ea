"""Preuve 11 : une personne effacée n'est plus nulle part, les autres sont identiques, la chaîne se vérifie, le rejeu efface."""

import base64
import hashlib
import logging
import os
import re
import signal
import subprocess
import sys
import time
import zlib
from urllib.parse import urlsplit, urlunsplit

import pytest
from django.conf import settings
from django.core import mail
from django.core.cache import cache
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from diagnostics.models import BrouillonAxe
from securisation.parcours.effacement import registre
from securisation.parcours.effacement.etapes import ETAPES
from securisation.parcours.effacement.inventaire import dependants
from securisation.parcours.effacement.rejeu import rejouer
from securisation.parcours.models import Parcours
from securisation.socle import outbox
from securisation.socle.verification import verifier
from securisation.tests import dossiers
from securisation.tests.effacements import decider, demander, effacer, executer

MOMENTS = ("clos", "suspendue", "en_sortie", "diagnostic_ouvert", "echue")


MARQUES = re.compile(r"zoriquet\d{4}k|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|\bp-\d{4}-\d{4,}\b", re.IGNORECASE)


def canari(rang):
    """Un mot que rien d'autre ne contient : « Zoriquet0007k »."""
    return f"Zoriquet{rang:04d}k"


def peupler(rang, distribution, monkeypatch):
    """Un dossier entier dont chaque texte porte son canari ; un brouillon, une recherche, une session qui le citent."""
    monkeypatch.setattr(dossiers, "CANARI", canari(rang))
    monkeypatch.setattr(dossiers, "PARTAGE", dossiers.PARTAGE | {"partenaire": canari(rang)})
    objets = dossiers.construire(MOMENTS[rang % len(MOMENTS)], distribution)
    parcours = objets[Parcours]
    for evaluation in [v for m, v in objets.items() if m.__name__ == "EvaluationAxe"][:1]:
        brouillon = {"saisie": {"parole": canari(rang)}, "version": 1, "enregistre_le": timezone.now()}
        BrouillonAxe.objects.get_or_create(evaluation=evaluation, auteur=distribution["awa"], defaults=brouillon)
    outbox.devoir("produire_document", document=parcours.documents.values_list("pk", flat=True).first() or 0)
    return parcours


def visiter(client, parcours, rang):
    """Ce que l'usage laisse derrière lui : recherche, lecture, refus, formulaire envoyé, message en session, cache."""
    client.get(reverse("synthese:recherche"), {"q": canari(rang)})
    client.get(parcours.get_absolute_url())
    Client().get(parcours.get_absolute_url())
    client.post(reverse("parcours:interrompre", args=[parcours.uuid]), {"motif": "rien", "jeton": ""})
    session = client.session
    session["dernier"] = canari(rang)
    session.save()
    cache.set(f"essai-{rang}", {"qui": canari(rang)}, 3600)


def tables():
    """Toutes les tables de la base, historiques, journal et partitions compris."""
    with connection.cursor() as curseur:
        curseur.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")
        return [nom for (nom,) in curseur.fetchall()]


def restes(mots):
    """{(table, mot)} : toutes les colonnes de toutes les tables, octets et base64 ouverts."""
    cherches, trouves = {mot.lower() for mot in mots}, set()
    for table in tables():
        with connection.cursor() as curseur:
            curseur.execute(f'SELECT t::text FROM "{table}" t')
            for (ligne,) in curseur.fetchall():
                trouves |= {(table, mot) for mot in cherches & reconnus(f"{ligne}\n{_ouvrir(ligne)}")}
    return trouves


def reconnus(texte):
    """Les canaris, clés publiques et numéros de parcours que dit un texte."""
    return {mot.lower() for mot in MARQUES.findall(texte)}


def _ouvrir(ligne):
    """Ce que cachent l'hexadécimal d'un bytea et le base64 d'une session, d'un cache ou d'un lot comprimé."""
    ouverts = []
    for morceau in re.findall(r"[0-9A-Za-z+/=_-]{16,}", ligne):
        for lire in (bytes.fromhex, lambda m: base64.b64decode(m.split(":")[0] + "==", validate=False)):
            try:
                octets = lire(morceau)
            except ValueError:
                continue
            ouverts.append(octets.decode("utf-8", "replace"))
            try:
                ouverts.append(zlib.decompress(octets).decode("utf-8", "replace"))
            except zlib.error:
                continue
    return "\n".join(ouverts)


@pytest.mark.preuve(11)
@pytest.mark.django_db
def test_rien_ne_reste_de_qui_est_efface(preuve, distribution, monkeypatch, client, settings, tmp_path, caplog):
    """Des dossiers pleins, effacés parmi d'autres : chaque recoin est relu, puis une sauvegarde est rejouée."""
    caplog.set_level(logging.DEBUG)
    settings.REGISTRE_DES_EFFACEMENTS = str(tmp_path / "registre.jsonl")
    nombre = preuve.taille(5, 200)
    awa, gaelle, hugo = (distribution[nom] for nom in ("awa", "gaelle", "hugo"))
    client.force_login(awa)
    temoins = [peupler(9000 + rang, distribution, monkeypatch) for rang in range(preuve.taille(1, 5))]
    for rang, temoin in enumerate(temoins):
        visiter(client, temoin, 9000 + rang)
    avant = proprietes(temoins)
    condamnes = [peupler(rang, distribution, monkeypatch) for rang in range(nombre)]
    for rang, parcours in enumerate(condamnes):
        visiter(client, parcours, rang)
    mots = [canari(rang) for rang in range(nombre)] + [str(p.uuid) for p in condamnes] + [p.numero for p in condamnes]
    assert len({mot for _, mot in restes([canari(rang) for rang in range(nombre)])}) == nombre
    caplog.clear()
    for parcours in condamnes:
        effacer(parcours, par=awa, gaelle=gaelle, hugo=hugo)
    ailleurs = f"{[vars(courriel) for courriel in mail.outbox]}{caplog.text}{registre.exporter()}"
    trouves = restes(mots) | {
        ("courriels et journaux", mot) for mot in {mot.lower() for mot in mots} & reconnus(ailleurs)
    }
    changes = avant - proprietes(temoins)
    rupture = verifier().rupture
    revenus = rejouer_une_sauvegarde(distribution, monkeypatch)
    preuve.dire(
        f"{nombre} personnes effacées : {len(trouves)} canari, {len(changes)} ligne d'autrui changée, "
        f"chaîne {'juste' if not rupture else 'rompue'}, rejeu : {revenus} reste",
        cible="200 personnes : 0 canari, autres identiques, chaîne juste, 0 reste au rejeu",
        atteinte=not trouves and not changes and not rupture and revenus == 0,
    )


def proprietes(temoins):
    """{(table, empreinte)} de chaque ligne des dossiers témoins : vivantes, historiques, journal, fichiers."""
    lues = set()
    for parcours in temoins:
        trouves = dependants(parcours)
        trouves[type(parcours.personne)] = {parcours.personne_id}
        for modele, cles in trouves.items():
            noms = [(modele._meta.db_table, modele._meta.pk.column)]
            if hasattr(modele, "history"):
                noms.append((modele.history.model._meta.db_table, "id"))
            for table, colonne in noms:
                lues |= _lire(table, colonne, [str(cle) for cle in cles])
        lues |= _lire("socle_journal", "chaine", [str(parcours.pk)])
    return lues


def _lire(table, colonne, cles):
    with connection.cursor() as curseur:
        curseur.execute(f'SELECT t::text FROM "{table}" t WHERE "{colonne}"::text = ANY(%s)', [cles])
        return {(table, hashlib.sha256(ligne.encode()).hexdigest()) for (ligne,) in curseur.fetchall()}


def rejouer_une_sauvegarde(distribution, monkeypatch):
    """Copie logique d'un dossier, effacement, restauration de la copie, rejeu du registre ; rend le nombre de restes."""
    awa, gaelle, hugo = (distribution[nom] for nom in ("awa", "gaelle", "hugo"))
    parcours = peupler(8000, distribution, monkeypatch)
    mots = [canari(8000), str(parcours.uuid)]
    with connection.cursor() as curseur:
        curseur.execute("SAVEPOINT sauvegarde")
    effacement = decider(demander(parcours, par=awa), gaelle, hugo)
    ligne = registre.ligne(executer(effacement))
    assert not restes(mots)
    with connection.cursor() as curseur:
        curseur.execute("ROLLBACK TO SAVEPOINT sauvegarde")
    assert restes(mots)
    rejouer([ligne])
    return len(restes(mots)) + bool(verifier().rupture)


# Un travailleur qui a fait son étape sans valider sa transaction, et qui n'ira pas plus loin.
TRAVAILLEUR = """
import sys, time
sys.argv[0] = "celery"
import django
django.setup()
from securisation.parcours.models import Effacement
from securisation.socle import outbox
def dormir(self, **champs):
    print("au milieu", flush=True)
    time.sleep(600)
Effacement.noter_etape = Effacement.certifier = dormir
outbox.solder(int(sys.argv[1]))
"""
ATTENTE = 60  # secondes, le temps que la base rende la ligne d'un travailleur tué, machine chargée


def tuer_au_milieu(numero, registre_hors_base):
    """Lance un vrai travailleur sur la base d'essai et l'abat (SIGKILL) quand il a fait l'étape, avant qu'elle vaille."""
    proprietaire = urlsplit(os.environ.get("DATABASE_URL_PROPRIETAIRE") or os.environ["DATABASE_URL"])
    adresse = urlunsplit(proprietaire._replace(path=f"/{connection.settings_dict['NAME']}"))
    env = os.environ | {
        "DATABASE_URL": adresse,
        "DATABASE_URL_PROPRIETAIRE": adresse,
        "SECRET_KEY": settings.SECRET_KEY,
    }
    env |= {"DJANGO_SETTINGS_MODULE": "securisation.settings", "PYTHONPATH": str(settings.BASE_DIR)}
    env |= {"JALON_REGISTRE_DES_EFFACEMENTS": registre_hors_base}
    commande = [sys.executable, "-c", TRAVAILLEUR, str(numero)]
    with subprocess.Popen(commande, env=env, stdout=subprocess.PIPE, cwd=settings.BASE_DIR, text=True) as travailleur:
        assert travailleur.stdout.readline().strip() == "au milieu"
        travailleur.send_signal(signal.SIGKILL)


def solder(numero):
    """Solde ce dû dès que la base l'a rendu."""
    fin = time.monotonic() + ATTENTE
    while not outbox.solder(numero):
        assert time.monotonic() < fin, "PostgreSQL n'a pas rendu la ligne du travailleur tué"
        time.sleep(0.1)


@pytest.mark.django_db(transaction=True)
@pytest.mark.preuve(11)
def test_un_travailleur_tue_a_une_etape_la_reprend(preuve, distribution, settings, tmp_path):
    """Un vrai processus tué au milieu d'une étape : rien n'en reste, le suivant la refait et finit."""
    settings.REGISTRE_DES_EFFACEMENTS = str(tmp_path / "registre.jsonl")
    awa, gaelle, hugo = (distribution[nom] for nom in ("awa", "gaelle", "hugo"))
    effacement = decider(
        demander(dossiers.construire(preuve.taille("admis", "clos"), distribution)[Parcours], par=awa), gaelle, hugo
    )
    tues = range(*preuve.taille((3, 4), (0, len(ETAPES))))
    for rang in range(len(ETAPES)):
        numero = outbox.Du.objects.get(genre="effacer", fait_le=None).pk
        if rang in tues:
            tuer_au_milieu(numero, settings.REGISTRE_DES_EFFACEMENTS)
            effacement.refresh_from_db()
            assert len(effacement.etapes) == rang
        solder(numero)
    effacement.refresh_from_db()
    with transaction.atomic():
        rupture = verifier(effacement.parcours_id).rupture
    preuve.dire(
        f"{len(tues)} étape tuée (SIGKILL) sur {len(ETAPES)}, effacement {effacement.get_etat_display().lower()}",
        cible=f"{len(ETAPES)} étapes tuées, toutes reprises, chaîne juste",
        atteinte=effacement.etat == "execute" and not rupture,
    )
