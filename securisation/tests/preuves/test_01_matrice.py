"""Chaque route, méthode, sujet et relation au dossier : la réponse est celle des tables, et rien d’étranger n’en sort."""

import random
from http.cookies import SimpleCookie

import pytest
from django.db import transaction
from django.test import Client

from securisation.comptes.models import Professionnel
from securisation.parcours import droits
from securisation.socle.confirmation import CONFIRME_LE
from securisation.tests.matrice import PERMISES, SUJETS, Monde, attendu, attendu_sans_confirmation

pytestmark = [pytest.mark.django_db, pytest.mark.preuve(1)]


@pytest.fixture(scope="module")
def monde(django_db_setup, django_db_blocker):
    """Les dix-sept sujets et les cinq relations, construits une fois ; chaque case est défaite aussitôt jouée."""
    from securisation.comptes.demonstration import creer_distribution

    with django_db_blocker.unblock(), transaction.atomic():
        creer_distribution()
        yield Monde({compte.email.split("@")[0]: compte for compte in Professionnel.objects.all()})
        transaction.set_rollback(True)


@pytest.fixture
def session(monde):
    """Le client d'un sujet, sa session ouverte."""

    def ouvrir(sujet):
        client = Client(raise_request_exception=False)
        if sujet in monde.comptes:
            client.force_login(monde.comptes[sujet])
        if sujet == "ferme":
            Professionnel.objects.filter(pk=monde.comptes[sujet].pk).update(is_active=False)
        return client

    return ouvrir


def jouer(case, sujet, client, monde, *, confirme=True):
    """Joue la case, défait ce qu'elle a écrit (cookies compris), rend ce qui n'est pas conforme ("" sinon)."""
    entetes = {"HX-Request": "true"} if case.fragment else {}
    cookies = client.cookies.output(header="")
    with transaction.atomic():
        reponse = client.generic(case.methode, monde.adresse(case), headers=entetes)
        corps = b"".join(reponse.streaming_content) if reponse.streaming else reponse.content
        transaction.set_rollback(True)
    client.cookies = SimpleCookie(cookies)
    permis = attendu(case, sujet, droits.DROITS) if confirme else attendu_sans_confirmation(case)
    if reponse.status_code not in permis:
        return f"{sujet} : {case} → {reponse.status_code}, attendu {sorted(permis)}"
    texte = corps.decode("utf-8", "replace") + str(reponse.headers)
    sortis = {relation.canari for relation in monde.relations if relation.canari in texte}
    if case.relation is not None and case.route.acces[0] == "objet" and case.route.acces[2]:
        permis_ici = {case.relation.canari} & monde.visibles(sujet)
    else:
        permis_ici = monde.visibles(sujet)
    return f"{sujet} : {case} laisse sortir {sortis - permis_ici}" if sortis - permis_ici else ""


@pytest.mark.parametrize("sujet", SUJETS)
def test_chaque_case_suit_les_tables(sujet, monde, session, preuve):
    toutes = list(monde.cases(sujet))
    cases = random.Random(sujet).sample(toutes, min(preuve.taille(60, len(toutes)), len(toutes)))
    client = session(sujet)
    ecarts = [ecart for case in cases if (ecart := jouer(case, sujet, client, monde))]
    assert ecarts[:20] == []
    preuve.dire(
        "{cellules} cellules, {ecarts} écart",
        # Dix-sept sujets, cinq relations, sept méthodes, page et fragment.
        cible="au moins 10 000, 0 écart",
        atteinte=not ecarts,
        minimum={"cellules": 10000},
        cellules=len(cases),
        ecarts=len(ecarts),
    )


@pytest.mark.parametrize("confirme", [True, False], ids=["confirmée", "trop ancienne"])
def test_la_confirmation_passe_avant_l_objet(confirme, monde, session):
    """Trop ancienne, un envoi est refusé (403), fraîche, l'objet est cherché (404) : jamais l'un pour l'autre."""
    client, jouees = session("direction"), set()
    if not confirme:
        seance = client.session
        seance[CONFIRME_LE] = 0
        seance.save()
    for case in monde.cases("direction"):
        genre, fonctions, _ = case.route.acces
        de_la_direction = genre == "fonction" and "DIRECTION" in fonctions and case.methode in PERMISES
        if de_la_direction and getattr(case.route.vue, "confirmee", False):
            assert jouer(case, "direction", client, monde, confirme=confirme) == ""
            jouees.add(case.route.nom)
    assert {"pilotage:modifier_convention", "pilotage:publier", "pilotage:retirer"} <= jouees
