"""La liste, les compteurs, l'export et la fiche montrent le même ensemble, quels que soient les dossiers, les rôles et les filtres.

Hypothesis invente des mondes (équipes, restrictions, états, échéances, rôles, noms) ; l'oracle est un prédicat Python sur ce monde.
"""

import datetime
from dataclasses import dataclass

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from securisation.annuaire.models import Origine
from securisation.parcours import droits
from securisation.parcours.models import Echeance, Parcours, Personne
from securisation.parcours.models.personne import cle_de_recherche
from securisation.parcours.roles import poser_role
from securisation.socle import horloge
from securisation.socle.confirmation import CONFIRME_LE
from securisation.socle.trace import hors_porte
from securisation.synthese import liste
from securisation.synthese.dus import lire_comptes
from securisation.synthese.export import lire_tout
from securisation.synthese.recherche import chercher, lire_question

pytestmark = [pytest.mark.django_db, pytest.mark.preuve(5)]
COMPTES = ("awa", "bruno", "elsa", "gaelle", "chloe", "hugo", "jean")
NOMS = ("Diallo", "D'Allo", "Éloïse Rên", "Le Goff", "Roche", "Dialloux")
QUESTIONS = ("", "dial", "goff le", "eloise", "zzz", "%", "P-1999-0001", "P-2026-0002", "p-2026-0003")
ETATS = [etat.value for etat in Parcours.Etat]


@dataclass(frozen=True)
class Dossier:
    """Ce qu'un monde dit d'un dossier : équipe de Laval ou non, restreint, état, jours avant l'échéance (ou None), rôles, nom."""

    laval: bool
    restreint: bool
    etat: str
    delai: int | None
    roles: tuple
    nom: str


dossiers = st.builds(
    Dossier,
    laval=st.booleans(),
    restreint=st.booleans(),
    etat=st.sampled_from(ETATS),
    delai=st.none() | st.integers(-40, 40),
    roles=st.lists(
        st.tuples(
            st.sampled_from(COMPTES[:4]), st.sampled_from([droits.COORDONNATEUR, droits.INTERVENANT, droits.LECTEUR])
        ),
        max_size=3,
        unique_by=lambda r: r[0],
    ).map(tuple),
    nom=st.sampled_from(NOMS),
)


def construire(monde, distribution):
    """Pose ce monde dans la base, hors de la porte (les états se tirent au hasard) ; rend {numéro: (dossier, parcours)}."""
    origine, jour = Origine.objects.first(), horloge.aujourd_hui()
    poses = {}
    with hors_porte("monde d'essai"):
        for rang, dossier in enumerate(monde, 1):
            personne = Personne(nom=dossier.nom, prenom="")
            personne.save()
            equipe = distribution["awa" if dossier.laval else "elsa"].equipe
            clos = jour if dossier.etat in ("clos", "interrompu") else None
            parcours = Parcours(
                personne=personne, equipe=equipe, restreint=dossier.restreint, etat=dossier.etat, clos_le=clos
            )
            parcours.numero, parcours.recue_le, parcours.origine = f"P-2026-{rang:04d}", jour, origine
            parcours.save()
            for compte, role in dossier.roles:
                poser_role(parcours, distribution[compte], role)
            if dossier.delai is not None:
                date = jour + datetime.timedelta(days=dossier.delai)
                Echeance.objects.create(parcours=parcours, nature="essai", date=date, libelle="Essai")
            poses[parcours.numero] = (dossier, parcours)
    return poses


def voit(compte, dossier):
    """L'oracle : un rôle, ou l'équipe supervisée sans restriction."""
    return compte in [nom for nom, _ in dossier.roles] or (
        compte == "gaelle" and dossier.laval and not dossier.restreint
    )


def correspond(dossier, numero, phase, question):
    """L'oracle des filtres : une recherche porte sur tous les états ; sans elle, la phase, ou les dossiers en cours."""
    if question.upper().startswith("P-"):
        return numero == question.upper()
    if question:
        mots, colle = cle_de_recherche(question).split(), cle_de_recherche(dossier.nom).replace(" ", "")
        return bool(mots) and all(mot in colle for mot in mots)
    return dossier.etat in (liste.PHASES[phase][1] if phase else liste.EN_COURS)


def confronter(nom, compte, poses):
    """Compare toutes les lectures de ce compte à l'oracle ; rend (cas vérifiés, contre-exemples)."""
    cas, ecarts = 0, []
    vus = {numero for numero, (dossier, _) in poses.items() if voit(nom, dossier)}
    dits = set(Parcours.objects.visibles_pour(compte).values_list("numero", flat=True))
    ecarts += [(nom, "fiche", sorted(dits ^ vus))] if dits != vus else []
    comptes = lire_comptes(compte)
    for phase in ("", *liste.PHASES):
        for question in QUESTIONS if not phase else [""]:
            attendus = {n for n in vus if correspond(poses[n][0], n, phase, question)}
            lignes = chercher(compte, lire_question(question))[0] if question else lire_tout(compte, phase=phase)
            listes = [ligne.numero for ligne in lignes]
            if sorted(listes) != sorted(attendus):
                ecarts.append((nom, phase, question, listes, sorted(attendus)))
            cas += len(poses)
        if (
            phase
            and phase != "clos"
            and comptes.phases[phase] != len({n for n in vus if correspond(poses[n][0], n, phase, "")})
        ):
            ecarts.append((nom, "compte", phase, comptes.phases[phase]))
    for temps, nombre in (("retard", comptes.retards), ("bientot", comptes.proches)):
        if len(lire_tout(compte, temps=temps)) != nombre:
            ecarts.append((nom, "compte", temps, nombre))
    return cas, ecarts


def ouvrir(client, poses, nom):
    """Par les pages : chaque fiche, et l'export ; rend (cas, contre-exemples)."""
    ecarts = []
    for numero, (dossier, parcours) in poses.items():
        # Un état tiré au hasard n'a pas toutes ses pages ; celle des rôles est de tous les états (403 : visible, sans le droit d'agir).
        statut = client.get(reverse("parcours:roles", args=[parcours.uuid])).status_code
        if (statut in (200, 302, 403)) != voit(nom, dossier) or statut >= 500:
            ecarts.append((nom, numero, statut))
    exporte = client.get(reverse("synthese:exporter_liste")).content.decode()
    attendus = {n for n, (d, _) in poses.items() if voit(nom, d) and correspond(d, n, "", "")}
    if {n for n in poses if n in exporte} != attendus:
        ecarts.append((nom, "export", sorted(attendus)))
    return 2 * len(poses), ecarts


@pytest.fixture
def clients(distribution):
    """Une session par compte, confirmée de peu."""
    ouverts = {}
    for nom in COMPTES:
        ouverts[nom] = Client()
        ouverts[nom].force_login(distribution[nom])
        session = ouverts[nom].session
        session[CONFIRME_LE] = horloge.montre()
        session.save()
    return ouverts


def juger(monde, visiteur, distribution, clients):
    """Pose le monde, confronte toutes les lectures de tous les comptes, défait ; rend (cas, contre-exemples)."""
    with transaction.atomic():
        poses = construire(monde, distribution)
        jugements = [
            confronter(nom, type(distribution[nom]).objects.get(pk=distribution[nom].pk), poses) for nom in COMPTES
        ]
        jugements.append(ouvrir(clients[visiteur], poses, visiteur))
        transaction.set_rollback(True)
    return sum(cas for cas, _ in jugements), [ecart for _, ecarts in jugements for ecart in ecarts]


def test_liste_comptes_export_et_fiche_disent_le_meme_ensemble(preuve, distribution, clients, monkeypatch):
    monkeypatch.setattr(liste, "TAILLE", 3)  # plusieurs pages, même avec peu de dossiers
    total, trouves = [0], []
    tirages = {"max_examples": preuve.taille(6, 60), "phases": [Phase.generate], "derandomize": True}

    @settings(deadline=None, suppress_health_check=list(HealthCheck), **tirages)
    @given(st.lists(dossiers, min_size=1, max_size=10), st.sampled_from(COMPTES))
    def verifier(monde, visiteur):
        cas, ecarts = juger(monde, visiteur, distribution, clients)
        total[0] += cas
        trouves.extend(ecarts)
        assert trouves == []

    verifier()
    preuve.dire(
        "{cas} cas, {ecarts} contre-exemple",
        cible="au moins 20 000 cas, 0 contre-exemple",
        atteinte=not trouves,
        minimum={"cas": 20000},
        cas=total[0],
        ecarts=len(trouves),
    )
