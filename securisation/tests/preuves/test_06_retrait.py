"""Preuve 6 : un accord, un rôle, une fonction, un compte ou un lien retirés sont refusés à la requête suivante.

Chaque cas ouvre un onglet (la page répond), retire, puis redemande la même page ou envoie le formulaire resté ouvert, ou laisse le
travailleur produire le PDF en file. Tout est annulé entre deux cas : chacun part du même dossier.
"""

import datetime
from itertools import cycle, islice

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from diagnostics.models import Diagnostic, EvaluationAxe
from interventions.models import Intervention
from securisation.annuaire.models import Finalite
from securisation.comptes.models import Fonction, Professionnel
from securisation.coordination.tests.conftest import inviter, partager
from securisation.documents import genres
from securisation.documents.machine import Pdf
from securisation.documents.models import Document, Etat, Fichier
from securisation.documents.tasks import produire_document
from securisation.parcours.models import Accord, Parcours
from securisation.parcours.roles import attribuer_role, retirer_role
from securisation.socle import horloge
from securisation.socle.trace import hors_porte
from securisation.tests import dossiers
from securisation.tests.distribution import faire_finir

pytestmark = pytest.mark.django_db
CONNECTEUR = "securisation.comptes.backends.Connexion"
REFUSES = (403, 404, 409)


class Scene:
    """Le dossier, les comptes, et un navigateur ouvert par personne."""

    def __init__(self, objets, distribution):
        self.objets, self.comptes = objets, distribution
        self.parcours, self.awa = objets[Parcours], distribution["awa"]
        self.temoins = {}

    def chez(self, prenom):
        """Le navigateur de cette personne, son témoin de connexion tel qu'à l'entrée : un cas annulé ne la déconnecte pas."""
        client = Client()
        if prenom not in self.temoins:
            client.force_login(self.comptes[prenom], backend=CONNECTEUR)
            self.temoins[prenom] = client.cookies.output()
        client.cookies.load(self.temoins[prenom].replace("Set-Cookie: ", ""))
        return client

    def compte(self, prenom):
        """Le compte relu : une fonction ou une équipe s'apprécie maintenant."""
        return Professionnel.objects.get(pk=self.comptes[prenom].pk)

    def accord(self, code):
        return self.parcours.accords.en_cours().filter(finalite__code=code).order_by("-pk").first()

    def relire(self):
        return Parcours.objects.get(pk=self.parcours.pk)


# -- ce qui se retire


def retirer_le_role(scene, prenom):
    retirer_role(scene.relire(), scene.compte(prenom), par=scene.awa)


def fermer_le_compte(scene, prenom):
    compte = scene.compte(prenom)
    compte.is_active = False
    compte.save()


def changer_d_equipe(scene, prenom):
    compte = scene.compte(prenom)
    compte.equipe = scene.comptes["elsa"].equipe
    compte.save()


def finir_la_fonction(scene, prenom):
    veille = horloge.aujourd_hui() - datetime.timedelta(days=1)
    Fonction.objects.filter(professionnel__email__startswith=prenom).update(du=veille, au=veille)


def restreindre(scene, prenom):
    scene.relire().restreindre(par=scene.awa, restreint=True)


def passer_la_reference(scene, prenom):
    """La référence passe à un autre : un parcours n'a qu'un référent, l'ancien n'y a plus de rôle."""
    attribuer_role(scene.relire(), scene.compte("bruno"), "referent", par=scene.compte("gaelle"))


def retirer_l_accord(code):
    def retirer(scene, prenom):
        scene.accord(code).retirer(par=scene.awa)

    return retirer


def refuser(code, **champs):
    def retirer(scene, prenom):
        accord = Accord(parcours=scene.relire(), finalite=Finalite.objects.get(code=code))
        accord.refuser(par=scene.awa, le=horloge.aujourd_hui(), **champs)

    return retirer


def laisser_finir(code):
    def retirer(scene, prenom):
        faire_finir(scene.parcours, code)

    return retirer


def revoquer(scene, prenom):
    scene.invitation.__class__.objects.get(pk=scene.invitation.pk).revoquer(par=scene.awa)


# -- ce qui était ouvert


def pages(scene, *noms):
    """Les adresses de pages ouvertes : (méthode, adresse, envoi)."""
    sur = {
        "diagnostics": Diagnostic, "interventions": Intervention, "documents": Document, "axe": EvaluationAxe,
    }  # fmt: skip
    for nom in noms:
        modele = sur.get(nom.split(":")[1]) or sur.get(nom.split(":")[0], Parcours)
        yield "get", reverse(nom, args=[scene.objets[modele].uuid]), None


def formulaires(scene):
    """Les formulaires restés ouverts, remplis : chacun doit être refusé, et rien enregistré."""
    axe, personne = scene.objets[EvaluationAxe], scene.parcours.personne
    saisie = {"version": axe.version, "criticite": "3", "parole": "Trop tard", "facteurs": []}
    fiche = {"version": personne.version, "prenom": "Trop", "nom": "Tard"}
    return [
        ("post", reverse("diagnostics:brouillon", args=[axe.uuid]), saisie),
        ("post", reverse("parcours:modifier_personne", args=[scene.parcours.uuid]), fiche),
        (
            "post",
            reverse("parcours:ajouter_entourage", args=[scene.parcours.uuid]),
            {"nom": "Trop tard", "role": "PROCHE"},
        ),
    ]


DU_DOSSIER = ("synthese:parcours", "parcours:accords", "parcours:roles", "diagnostics:detail", "diagnostics:axe",
              "interventions:detail", "documents:suivi", "documents:telecharger")  # fmt: skip


def partages(scene):
    return [
        ("get", reverse("coordination:partage", args=[scene.partage.uuid]), None),
        ("get", reverse("coordination:document", args=[scene.objets[Document].uuid]), None),
    ]


def cas(scene):
    """Tous les cas : (nom, qui regarde, ce qui était ouvert, ce qui se retire)."""
    dossier = list(pages(scene, *DU_DOSSIER))
    for nom, qui, retrait in (
        ("rôle", "bruno", retirer_le_role), ("référence", "awa", passer_la_reference), ("compte", "bruno", fermer_le_compte),
        ("équipe", "bruno", changer_d_equipe), ("fonction", "gaelle", finir_la_fonction), ("compte", "gaelle", fermer_le_compte),
        ("restriction", "gaelle", restreindre),
    ):  # fmt: skip
        a_elle = [
            page for page in dossier if qui in ("bruno", "awa") or not page[1].startswith("/axes/")
        ]  # un axe se remplit
        yield from ((nom, qui, ouvert, retrait) for ouvert in a_elle)
    for retrait in (retirer_l_accord("ADHESION"), refuser("ADHESION")):
        yield from (("adhésion", "awa", ouvert, retrait) for ouvert in formulaires(scene))
    yield "adhésion échue", "awa", formulaires(scene)[0], laisser_finir("ADHESION")
    for retrait in (retirer_l_accord("SENSIBLE"), refuser("SENSIBLE"), laisser_finir("SENSIBLE")):
        yield "sensible", "awa", next(pages(scene, "documents:telecharger")), retrait
    des_partages = [
        retirer_l_accord("PARTAGE"),
        laisser_finir("PARTAGE"),
        retirer_l_accord("ADHESION"),
        refuser("ADHESION"),
    ]
    for retrait in [*des_partages, refuser("PARTAGE", partenaire="Bailleur du Maine")]:
        for qui in ("chloe", "invité"):
            yield from (("partage", qui, ouvert, retrait) for ouvert in partages(scene))
    yield from (("lien", "invité", ouvert, revoquer) for ouvert in partages(scene))
    for retrait in (retirer_l_accord("ADHESION"), refuser("ADHESION"), laisser_finir("ADHESION")):
        yield "PDF en file", "travailleur", None, retrait


def redemandes(scene):
    """Chaque cas autant de fois qu'il se redemande : la page, son fragment, ses en-têtes ; un envoi, entier ou en fragment."""
    for nom, qui, ouvert, retrait in cas(scene):
        facons = ("page", "fragment", "en-têtes") if ouvert and ouvert[0] == "get" else ("page", "fragment")
        yield from ((nom, qui, ouvert, retrait, facon) for facon in (facons if ouvert else ("page",)))


def refuse_a_la_suivante(scene, qui, ouvert, retrait, facon="page"):
    """Vrai si ce qui répondait avant le retrait est refusé juste après."""
    client = scene.chez(qui) if ouvert else None
    with transaction.atomic():
        try:
            if ouvert is None:
                return _le_travailleur_annule(scene, retrait)
            methode, adresse, envoi = ouvert
            if methode == "get":
                assert client.get(adresse).status_code == 200, (qui, adresse)
            retrait(scene, qui)
            entetes = {"HX-Request": "true"} if facon == "fragment" else {}
            demander = client.head if facon == "en-têtes" else getattr(client, methode)
            return _est_dehors(demander(adresse, envoi, headers=entetes))
        finally:
            transaction.set_rollback(True)


def _est_dehors(reponse):
    """Refusé, ou mené à la connexion (un fragment l'est par son en-tête)."""
    mene = reponse.headers.get("Location", "") or reponse.headers.get("HX-Redirect", "")
    return reponse.status_code in REFUSES or mene.startswith(reverse("account_login"))


def _le_travailleur_annule(scene, retrait):
    document = Document.objects.get(pk=scene.en_file.pk)
    retrait(scene, None)
    produire_document(document.pk)
    document.refresh_from_db()
    return document.etat == Etat.ANNULE and not Fichier.objects.filter(document=document).exists()


@pytest.fixture
def scene(distribution, settings, monkeypatch):
    """Un dossier suspendu, son diagnostic produit, un partage tenu par un compte et par une invitation, un PDF en file."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    monkeypatch.setattr(genres, "produire_scelle", lambda *_, **__: Pdf(b"%PDF-1.7", 1, "0" * 64))
    objets = dossiers.construire("suspendue", distribution)
    scene = Scene(objets, distribution)
    with hors_porte("le document nomme une valeur réservée ; un autre attend"):
        Document.objects.en_masse().filter(pk=objets[Document].pk).update(finalites=["ADHESION", "SENSIBLE"])
    scene.partage = partager(
        scene.relire(), scene.awa, professionnel=distribution["chloe"], documents=[objets[Document].numero]
    )
    scene.invitation, cle, code = inviter(scene.partage, scene.awa)
    client = Client()
    assert client.post("/invitation/", {"lien": cle, "code": code}).status_code == 302
    scene.temoins["invité"] = client.cookies.output()
    scene.en_file = _mettre_en_file(scene)
    return scene


def _mettre_en_file(scene):
    donnees = {"schema": "diagnostic/1", "essai": "en file"}
    with hors_porte("essai", par=scene.awa):
        return Document.demander(parcours=scene.relire(), genre="diagnostic", donnees=donnees, par=scene.awa)


@pytest.mark.preuve(6)
def test_ce_qui_est_retire_est_refuse_a_la_requete_suivante(scene, preuve):
    tous, nombre = list(redemandes(scene)), preuve.taille(0, 1000)
    a_jouer = list(islice(cycle(tous), nombre)) if nombre else _un_de_chaque(tous)
    ouverts = [nom for nom, *suite in a_jouer if not refuse_a_la_suivante(scene, *suite)]
    sortes, distincts = len({nom for nom, *_ in a_jouer}), min(len(tous), len(a_jouer))
    preuve.dire(
        f"{len(a_jouer) - len(ouverts)} retraits sur {len(a_jouer)} refusés à la requête suivante, "
        f"{distincts} cas distincts, {sortes} sortes",
        cible="1 000 sur 1 000, onglets ouverts et PDF en file compris",
        atteinte=not ouverts and len(a_jouer) >= (nombre or 15),
    )


def _un_de_chaque(tous):
    """Un cas par sorte, par personne et par façon de retirer."""
    return list(
        {(nom, qui, retrait): (nom, qui, *suite) for nom, qui, *suite in tous for retrait in suite[1:2]}.values()
    )
