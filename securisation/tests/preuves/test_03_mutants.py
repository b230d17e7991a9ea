"""Chaque ligne des tables de droits, retirée ou affaiblie tour à tour, fait tomber au moins une vérification de comportement.

Un mutant change une ligne de l'application (un mot de la table, le mot d'une page, la règle d'un acte) ; l'oracle est la copie des
tables d'avant la mutation, que `docs/droits.md` fige. Un mutant vit si tout ce que voient les sujets reste conforme à l'oracle.
"""

import random
from contextlib import contextmanager
from dataclasses import dataclass, replace

import pytest
from django.apps import apps
from django.db import transaction
from django.test import Client

from securisation.comptes.models import Fonction
from securisation.parcours import droits
from securisation.parcours.models import Parcours
from securisation.socle.refus import DroitRefuse
from securisation.socle.routes import routes
from securisation.socle.transitions import REGISTRE, AccordManquant, Conflit, EtatRefuse
from securisation.tests.matrice import RELATIONS, SANS_SESSION, SUJETS, VOIENT, Case, Monde, attendu, recues
from securisation.tests.test_droits import etat_permis, objet_de, placer

pytestmark = [pytest.mark.django_db, pytest.mark.preuve(3)]
FAIBLE = "voir_parcours"
SUPPOSE = {droits.SUPERVISEUR: droits.RESPONSABLE, droits.DELEGUE: droits.DPO}
# Mots d'un acte qui ne touche aucun dossier : la fonction y suffit.
HORS_DOSSIER = {regle.permission for regle in REGISTRE if not hasattr(apps.get_model(regle.modele), "vers_parcours")}
FONCTIONS = tuple(genre.value for genre in Fonction.Genre)


@dataclass
class Mutant:
    """Une ligne changée : son nom, de quoi la changer et la rendre, et ce qui doit s'en apercevoir."""

    nom: str
    muter: object
    juges: list


class Tribunal:
    """Les vérifications de comportement : elles lisent l'oracle, jamais les tables en cours."""

    def __init__(self, monde):
        self.monde = monde
        self.oracle = {mot: frozenset(permis) for mot, permis in droits.DROITS.items()}
        self.le_sien = monde.relations[0]
        # Les sessions s'ouvrent avant tout : ce que fait un juge est défait.
        self.clients = {sujet: Client(raise_request_exception=False) for sujet in SUJETS.keys() - SANS_SESSION}
        for sujet, client in self.clients.items():
            client.force_login(monde.comptes[sujet])

    def page_conforme(self, route, sujet):
        """La page ouverte par ce sujet (l'envoi, si elle ne reçoit que cela) répond comme l'oracle le dit."""
        relation = self.le_sien if route.acces[0] == "objet" else None
        case = Case(route, "GET" if "GET" in recues(route.vue) else "POST", relation)
        with transaction.atomic():
            recu = self.clients[sujet].generic(case.methode, self.monde.adresse(case)).status_code
            transaction.set_rollback(True)
        return recu in attendu(case, sujet, self.oracle)

    def acte_conforme(self, regle, sujet):
        """L'acte, joué jusqu'à la version, est refusé ou non comme l'oracle le dit."""
        permises = self.oracle[regle.permission]
        en_equipe = self.monde.comptes[sujet].equipe_id is not None
        permis = en_equipe if droits.PROFESSIONNEL in permises else bool(permises & SUJETS[sujet])
        return (self.jouer(regle, sujet) != "refusé") == permis

    def juges(self, mot, place, regles, pages):
        """Ce qui voit le mot changer pour cette place : ses actes, ses pages, et l'appel direct."""
        sujet = sujet_de(place)
        if place == droits.RESPONSABLE:  # seule sur un parcours restreint ; ailleurs le superviseur tient les deux
            yield lambda: self.appel_conforme(mot, sujet, self.monde.relations[RELATIONS.index("restreint")])
            return
        for regle in regles:
            yield lambda r=regle: self.acte_conforme(r, sujet)
        for route in pages:
            yield lambda r=route: self.page_conforme(r, sujet)
        if not regles:  # une page se tait aussi à qui ne voit pas le dossier : le mot, lui, répond
            yield lambda: self.appel_conforme(mot, sujet, self.le_sien)

    def juges_de_l_acte(self, regle):
        """Chaque place, devant cet acte."""
        for sujet, places in SUJETS.items():
            if places:
                yield lambda s=sujet: self.acte_conforme(regle, s)

    def appel_conforme(self, mot, sujet, relation):
        """Un mot demandé hors d'une transition ou d'une page (rôles, boutons)."""
        parcours = Parcours.objects.get(pk=relation.objets[Parcours].pk)
        if mot in HORS_DOSSIER:
            return Parcours.autorise(self.monde.comptes[sujet], mot, None) == (droits.DPO in self.oracle[mot])
        permis = bool(relation.places(sujet) & self.oracle[mot])
        return Parcours.autorise(self.monde.comptes[sujet], mot, parcours) == permis

    def sans_accord(self, regle, sujet):
        """Tous les accords retirés, l'acte s'arrête faute d'accord."""
        with transaction.atomic():
            self.le_sien.objets[Parcours].accords.all()._raw_delete(using="default")
            obtenu = self.jouer(regle, sujet)
            transaction.set_rollback(True)
        return obtenu == "accord"

    def jouer(self, regle, sujet, etat=None):
        """« refusé », « accord », « figé » ou « permis »."""
        parcours = self.le_sien.objets[Parcours]
        with transaction.atomic():
            try:
                placer(parcours, etat or etat_permis(regle))
                getattr(objet_de(regle, parcours), regle.nom)(par=self.monde.comptes[sujet], version=-1)
            except DroitRefuse:
                return "refusé"
            except AccordManquant:
                return "accord"
            except EtatRefuse:
                return "figé"
            except Conflit:
                return "permis"
            finally:
                transaction.set_rollback(True)
        return "joué"


@pytest.fixture(scope="module")
def tribunal(django_db_setup, django_db_blocker):
    from securisation.comptes.demonstration import creer_distribution
    from securisation.comptes.models import Professionnel

    with django_db_blocker.unblock(), transaction.atomic():
        creer_distribution()
        yield Tribunal(Monde({compte.email.split("@")[0]: compte for compte in Professionnel.objects.all()}))
        transaction.set_rollback(True)


@contextmanager
def pose(objet, nom, valeur):
    """Change un attribut ou une clé, le temps d'un mutant."""
    est_table = isinstance(objet, dict)
    avant = objet[nom] if est_table else getattr(objet, nom)
    changer = objet.__setitem__ if est_table else lambda cle, nouvelle: setattr(objet, cle, nouvelle)
    changer(nom, valeur)
    try:
        yield
    finally:
        changer(nom, avant)


def sujet_de(place):
    """Un sujet qui tient cette place."""
    return "collegue" if place == droits.PROFESSIONNEL else next(s for s, places in SUJETS.items() if place in places)


def mutants_de_la_table(tribunal):
    """Chaque place de chaque mot : retirée si elle y est, ajoutée sinon."""
    places = sorted(set().union(*droits.DROITS.values()))
    for mot, permis in droits.DROITS.items():
        regles = [regle for regle in REGISTRE if regle.permission == mot and _est_d_un_dossier(regle)]
        pages = [route for route in routes() if route.acces and route.acces[0] == "objet" and route.acces[2] == mot]
        for place in places:
            # « Membre d'une équipe » ne vaut qu'avant le parcours, les autres places qu'après : l'une ajoutée à l'autre ne change rien.
            avant_le_parcours = droits.PROFESSIONNEL in permis
            sans_effet = place not in permis and avant_le_parcours != (place == droits.PROFESSIONNEL)
            sans_effet |= (
                not regles and not pages and mot in HORS_DOSSIER and place not in (droits.DPO, droits.PROFESSIONNEL)
            )
            # Une place qui en suppose une autre déjà permise n'ajoute ni n'ôte rien.
            if sans_effet or SUPPOSE.get(place) in permis:
                continue
            yield Mutant(
                f"{mot} {'−' if place in permis else '+'} {place}",
                lambda mot=mot, permis=permis, place=place: pose(droits.DROITS, mot, permis ^ {place}),
                list(tribunal.juges(mot, place, regles, pages)),
            )


def juges_d_une_page(tribunal, route):
    """Tous les sujets, devant cette page."""
    return [lambda s=sujet: tribunal.page_conforme(route, s) for sujet in SUJETS.keys() - SANS_SESSION]


def mutants_des_pages(tribunal):
    """Le mot d'une page, oublié ou pris trop faible ; la fonction d'une page, élargie à toutes."""
    for route in routes():
        if route.acces is None or route.acces[0] not in ("objet", "fonction"):
            continue
        garde = _garde(route.vue)
        if route.acces[0] == "fonction":
            cellule = _cellule(garde, "fonctions")
            yield Mutant(
                f"{route.nom} à toutes les fonctions",
                lambda c=cellule: pose(c, "cell_contents", FONCTIONS),
                juges_d_une_page(tribunal, route),
            )
        # Un mot que tiennent tous ceux qui voient l'objet n'arrête personne : l'oublier ne change rien.
        elif route.acces[2] and droits.DROITS[route.acces[2]] not in (droits.DROITS[FAIBLE], VOIENT.get(route.modele)):
            cellule = _cellule(garde, "lire")
            for faible in (None, FAIBLE):
                yield Mutant(
                    f"{route.nom} lit {faible}",
                    lambda c=cellule, f=faible: pose(c, "cell_contents", f),
                    juges_d_une_page(tribunal, route),
                )


def mutants_des_actes(tribunal):
    """La règle d'un acte : son mot pris trop faible, son accord oublié, le parcours figé permis."""
    for regle in REGISTRE:
        if regle.permission is None or not _est_d_un_dossier(regle):
            continue
        acte = getattr(apps.get_model(regle.modele), regle.nom)
        permises = tribunal.oracle[regle.permission]
        if droits.PROFESSIONNEL not in permises and permises != tribunal.oracle[FAIBLE]:
            yield Mutant(
                f"{regle.modele}.{regle.nom} à qui voit",
                lambda a=acte, r=regle: pose(a, "regle", replace(r, permission=FAIBLE)),
                list(tribunal.juges_de_l_acte(regle)),
            )
        qui = next((s for s, places in SUJETS.items() if places & permises), "collegue")
        if regle.finalite:
            yield Mutant(
                f"{regle.modele}.{regle.nom} sans accord",
                lambda a=acte, r=regle: pose(a, "regle", replace(r, finalite=None)),
                [lambda r=regle, q=qui: tribunal.sans_accord(r, q)],
            )
        if not regle.apres_cloture and droits.PROFESSIONNEL not in permises:
            yield Mutant(
                f"{regle.modele}.{regle.nom} sur un parcours figé",
                lambda a=acte, r=regle: pose(a, "regle", replace(r, apres_cloture=True, de=())),
                [lambda r=regle, q=qui: tribunal.jouer(r, q, Parcours.Etat.CLOS) == "figé"],
            )


def _est_d_un_dossier(regle):
    return hasattr(apps.get_model(regle.modele), "vers_parcours")


def _garde(vue):
    """La fonction de la porte sous les enveloppes : celle qui tient le mot ou les fonctions."""
    while not {"lire", "fonctions"} & set(vue.__code__.co_freevars):
        vue = vue.__wrapped__ if "corps" not in vue.__code__.co_freevars else _cellule(vue, "corps").cell_contents
    return vue


def _cellule(fonction, nom):
    return fonction.__closure__[fonction.__code__.co_freevars.index(nom)]


def tuer(mutant):
    """Vrai si un juge s'aperçoit du changement ; un juge qui se trompe sans mutation serait une fausse alarme."""
    with mutant.muter():
        return any(not juge() for juge in mutant.juges)


@pytest.mark.parametrize("famille", [mutants_de_la_table, mutants_des_pages, mutants_des_actes])
def test_chaque_mutant_meurt(famille, tribunal, preuve):
    tous = list(famille(tribunal))
    choisis = random.Random(3).sample(tous, min(preuve.taille(12, len(tous)), len(tous)))
    fausses = [m.nom for m in choisis if m.juges and not all(juge() for juge in m.juges)]
    assert fausses == []
    vivants = [mutant.nom for mutant in choisis if not tuer(mutant)]
    preuve.dire(
        "{tues} mutants tués sur {mutants}",
        cible="100 % des mutants tués",
        atteinte=not vivants or pytest.fail(f"vivants : {vivants[:30]}"),
        tues=len(choisis) - len(vivants),
        mutants=len(choisis),
    )
