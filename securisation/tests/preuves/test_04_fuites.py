"""Aucun mot d'un dossier étranger ne sort : seize sujets suivent chaque lien, formulaire, fragment, export, PDF, historique, erreur.

Deux associations ont leurs dossiers, avec un mot unique dans chaque champ de texte, nom de fichier et PDF. Les filtres servent aussi
d'oracles : chercher un mot ou un numéro étranger répond comme chercher un mot que rien ne porte.
"""

import datetime
import random
import re
import time
from contextlib import ExitStack, contextmanager
from http.cookies import SimpleCookie
from types import SimpleNamespace
from unittest.mock import patch
from urllib.parse import urldefrag, urljoin, urlsplit

import openpyxl.packaging.core
import openpyxl.writer.excel
import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from securisation.comptes.models import Professionnel
from securisation.parcours import droits
from securisation.parcours.models import Parcours
from securisation.socle import horloge
from securisation.socle.confirmation import CONFIRME_LE
from securisation.socle.routes import routes
from securisation.socle.tableur import Feuille, telecharger
from securisation.tests import canaris
from securisation.tests.matrice import RELATIONS, SANS_SESSION, SUJETS, Case, Monde, lit_le_partage

pytestmark = [pytest.mark.django_db, pytest.mark.preuve(4)]
FILTRES = (
    "q",
    "recherche",
    "personne",
    "acteur",
    "nature",
    "phase",
    "apres",
    "avant",
    "ordre",
    "tri",
    "du",
    "au",
    "periode",
    "genre",
    "numero",
)
# Ce que le délégué lit par sa fonction, sans ouvrir le dossier : le texte des demandes qu'il instruit.
# Ce que le responsable d'une équipe lit d'un parcours restreint, sans l'ouvrir : qui l'a ouvert et pourquoi, ce qu'il doit décider.
AU_RESPONSABLE = {"parcours.Ouverture", "parcours.Effacement", "parcours.Conservation"}
AU_DELEGUE = {"parcours.Demande", "parcours.Effacement", "parcours.Ouverture", "parcours.Conservation"}
# Ce que la direction lit par sa fonction : les phrases que des personnes acceptent de voir citées, sans nom ni dossier.
A_LA_DIRECTION = "pilotage.Parole"
# Numéros, jetons, et l'heure d'une réponse qui ne se garde pas.
CHANGEANT = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}|[A-Za-z0-9]{32,}|'Expires': '[^']*'")


@pytest.fixture(scope="module")
def monde(django_db_setup, django_db_blocker):
    from securisation.comptes.demonstration import creer_distribution

    with django_db_blocker.unblock(), transaction.atomic():
        creer_distribution()
        pose = Monde({compte.email.split("@")[0]: compte for compte in Professionnel.objects.all()})
        pose.mots = {}
        for relation in pose.relations:
            pose.mots |= canaris.semer(relation)
            pose.mots[canaris.semer_un_pdf(relation, 1)] = "documents.Fichier"
        yield pose
        transaction.set_rollback(True)


@contextmanager
def a_heure_fixe():
    """Le mot et son témoin se demandent au même moment : une page ou un fichier qui dit son heure répond pareil aux deux."""
    moment = horloge.maintenant()

    class Arretee(datetime.datetime):
        @classmethod
        def now(cls, tz=None):
            return moment.astimezone(tz)

    montre = SimpleNamespace(datetime=Arretee, timezone=datetime.timezone)
    with ExitStack() as arrets:
        arrets.enter_context(patch.object(horloge, "maintenant", return_value=moment))
        for module in (openpyxl.packaging.core, openpyxl.writer.excel):  # un classeur dit quand il fut fait
            arrets.enter_context(patch.object(module, "datetime", montre))
        yield


class Visite:
    """Un sujet qui suit tout ce qu'il trouve ; chaque réponse est lue, chaque écriture défaite."""

    def __init__(self, monde, sujet, budget):
        self.monde, self.sujet, self.budget = monde, sujet, budget
        self.reponses, self.fuites, self.pannes, self.vues = 0, [], [], set()
        self.client = Client(raise_request_exception=False)
        if sujet in monde.comptes:
            self.client.force_login(monde.comptes[sujet])
            session = self.client.session
            session[CONFIRME_LE] = horloge.montre()
            session.save()
        if sujet == "ferme":
            Professionnel.objects.filter(pk=monde.comptes[sujet].pk).update(is_active=False)
        self.cookies = self.client.cookies.output(header="")

    def permis(self, mot, numero):
        """Vrai si ce mot peut être montré à ce sujet."""
        relation = self.monde.relations[int(numero)]
        if relation.places(self.sujet) and relation.canari in self.monde.visibles(self.sujet):
            return True
        if self.recoit(relation):
            return True
        if droits.RESPONSABLE in relation.places(self.sujet) and self.monde.mots.get(mot) in AU_RESPONSABLE:
            return True
        if droits.DIRECTION in SUJETS[self.sujet] and self.monde.mots.get(mot) == A_LA_DIRECTION:
            return True
        return droits.DPO in SUJETS[self.sujet] and self.monde.mots.get(mot) in AU_DELEGUE

    def recoit(self, relation):
        """Vrai si ce dossier est partagé avec ce sujet : ce qui s'en montre est vérifié là où l'accord se lit."""
        return lit_le_partage(self.sujet, relation)

    def demander(self, methode, adresse, donnees=None, entetes=None):
        """Envoie, défait, lit ; rend la réponse et son texte."""
        self.reponses += 1
        with transaction.atomic():
            appel = self.client.post if methode == "POST" else self.client.get
            reponse = appel(adresse, donnees or {}, headers=entetes or {})
            texte = canaris.texte_de(reponse)
            transaction.set_rollback(True)
        self.client.cookies = SimpleCookie(self.cookies)
        dits = {trouve.group(0): trouve.group(1) for trouve in canaris.CANARI.finditer(texte)}
        demande = f"{adresse} {donnees}"
        sortis = [mot for mot, numero in dits.items() if mot not in demande and not self.permis(mot, numero)]
        if sortis:
            self.fuites.append((self.sujet, methode, adresse, sortis[:3]))
        if reponse.status_code >= 500:
            self.pannes.append((self.sujet, methode, adresse))
        return reponse, texte

    def departs(self):
        """Chaque route, pour chaque dossier."""
        adresses = ["/"]
        for route in routes():
            if route.acces is not None:
                for relation in self.monde.relations if route.acces[0] == "objet" else [None]:
                    adresses.append(self.monde.adresse(Case(route, "GET", relation)))
        return adresses

    def parcourir(self):
        """Suit les liens et envoie les formulaires jusqu'à la moitié du budget."""
        file = self.departs()
        random.Random(self.sujet).shuffle(file)
        while file and self.reponses < self.budget // 2:
            adresse = file.pop()
            if adresse in self.vues:
                continue
            self.vues.add(adresse)
            reponse, texte = self.demander("GET", adresse)
            self.demander("GET", adresse, entetes={"HX-Request": "true"})
            if "html" in reponse.headers.get("Content-Type", ""):
                page = canaris.Liens(texte)
                file += [suite for lien in page.liens if (suite := self.ici(adresse, lien))]
                self.remplir(adresse, page.formulaires)
            elif reponse.status_code in (301, 302):
                file += [suite for suite in [self.ici(adresse, reponse.headers["Location"])] if suite]

    def remplir(self, adresse, formulaires):
        """Envoie chaque formulaire avec ses valeurs par défaut."""
        for formulaire in formulaires:
            cible = self.ici(adresse, formulaire["action"]) or adresse
            cle = (formulaire["methode"], cible, tuple(sorted(formulaire["champs"])))
            if cle not in self.vues and "/deconnexion/" not in cible:
                self.vues.add(cle)
                self.demander(formulaire["methode"], cible, formulaire["champs"])

    def ici(self, page, lien):
        """L'adresse de ce lien s'il est de ce site, hors des fichiers statiques."""
        entiere = urldefrag(urljoin(f"http://testserver{page}", lien))[0]
        morceaux = urlsplit(entiere)
        if morceaux.netloc != "testserver" or morceaux.path.startswith("/static/"):
            return None
        return morceaux.path + (f"?{morceaux.query}" if morceaux.query else "")

    def interroger(self):
        """Chaque filtre, chaque mot et numéro étrangers : la même réponse que pour un mot que rien ne porte."""
        vus = self.monde.visibles(self.sujet)
        etrangers = [r for r in self.monde.relations if r.canari not in vus and not self.recoit(r)]
        mots = [mot for mot in self.monde.mots if any(mot.startswith(r.canari) for r in etrangers)]
        mots += [r.objets[Parcours].numero for r in etrangers] * 10
        pages = [
            reverse(r.nom)
            for r in routes()
            # Les pages de son propre compte changent à chaque vue (secrets, défis) et ne disent rien d'un dossier.
            if r.acces
            and r.acces[0] in ("liste", "fonction", "connecte")
            and not r.parametres
            and not r.chemin.startswith("compte/")
        ]
        hasard = random.Random(self.sujet)
        while mots and pages and self.reponses < self.budget:
            mot, page, filtre = hasard.choice(mots), hasard.choice(pages), hasard.choice(FILTRES)
            temoin = re.sub(r"\d", "9", mot)
            with a_heure_fixe():
                lues = [self.demander("GET", f"{page}?{filtre}={dit}") for dit in (mot, temoin)]
            # Ce que la page dit quelle que soit la question (le numéro qu'une fonction lit) n'est pas une réponse à celle-ci.
            corps = [CHANGEANT.sub("", texte.replace(mot, "").replace(temoin, "")) for _, texte in lues]
            if corps[0] != corps[1] and not self.parle_du_delegue(mot):
                self.fuites.append((self.sujet, "oracle", f"{page}?{filtre}={mot}"))

    def parle_du_delegue(self, mot):
        """Le délégué cherche par numéro dans ce qui est de sa fonction : la piste et les demandes."""
        return droits.DPO in SUJETS[self.sujet] and (mot.startswith("P-") or self.monde.mots.get(mot) in AU_DELEGUE)


@pytest.mark.parametrize("sujet", SUJETS)
def test_rien_d_etranger_ne_sort(sujet, monde, preuve):
    visite = Visite(monde, sujet, preuve.taille(50, 3400))
    visite.parcourir()
    visite.interroger()
    assert visite.fuites[:10] == []
    assert visite.pannes[:10] == []
    assert (visite.reponses >= 5) or sujet in SANS_SESSION
    preuve.dire(
        "{reponses} réponses lues, {fuites} mot étranger ({semes} mots semés)".replace("{semes}", str(len(monde.mots))),
        cible="0 mot étranger en au moins 50 000 réponses",
        atteinte=not visite.fuites,
        minimum={"reponses": 50_000},
        reponses=visite.reponses,
        fuites=len(visite.fuites),
    )


def test_le_filet_a_des_mailles(monde, preuve):
    """Le référent voit les mots de ses dossiers, et la recherche de fuites en attrape un que l'on glisse."""
    visite = Visite(monde, "referent", 1)
    assert len(monde.mots) > 100 * len(RELATIONS) // 5
    objets = monde.relations[0].objets
    _, texte = visite.demander("GET", reverse("synthese:parcours", args=[objets[Parcours].uuid]))
    vus = {trouve.group(0) for trouve in canaris.CANARI.finditer(texte)}
    visite.sujet = "financeur"
    visite.demander("GET", reverse("synthese:parcours", args=[objets[Parcours].uuid]))
    preuve.dire("le filet attrape une fuite glissée", cible="toute", atteinte=bool(vus) and len(visite.fuites) == 1)


@pytest.mark.parametrize("fichier", ["pdf", "classeur", "classeur&format=csv"])
def test_un_fichier_qui_dit_son_heure_entre_dans_la_comparaison(fichier, monde, preuve):
    """Le rapport d'activité demandé deux fois, à plus d'une seconde d'écart : à heure fixe, le même texte."""
    visite, (nom, _, suite) = Visite(monde, "direction", 1), fichier.partition("&")
    with a_heure_fixe():
        un, texte = visite.demander("GET", f"{reverse(f'pilotage:rapport_{nom}')}?q=un&{suite}")
        time.sleep(1.1)
        deux, autre = visite.demander("GET", f"{reverse(f'pilotage:rapport_{nom}')}?q=deux&{suite}")
    memes = CHANGEANT.sub("", texte) == CHANGEANT.sub("", autre)
    assert (un.status_code, deux.status_code) == (200, 200)
    preuve.dire("le rapport d'activité se compare comme une page", cible="même texte", atteinte=memes)


@pytest.mark.parametrize("format", ["xlsx", "ods", "csv"])
def test_le_filet_lit_dans_un_classeur(format, preuve):
    remis = telecharger(format, [Feuille("Mots", ["Mot"], [["Canari1zyx5q"]])], nom="mots")
    trouves = {trouve.group(0) for trouve in canaris.CANARI.finditer(canaris.texte_de(remis))}
    preuve.dire("le filet lit dans un classeur", cible="le mot glissé", atteinte=trouves == {"Canari1zyx5q"})
