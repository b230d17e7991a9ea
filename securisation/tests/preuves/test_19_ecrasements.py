"""Preuve 19 : aucun écrasement muet. Deux personnes ouvrent la même version, enregistrent dans un ordre quelconque ; une seule écrit,
l'autre reçoit son texte rendu à côté de celui qui est gardé.

Trois étages de jeu : la porte d'écriture en mémoire (tous les modèles à `version`, versions tirées au hasard), deux connexions
qui écrivent en même temps (de vrais fils), et les pages (le formulaire périmé renvoie les deux textes).
"""

import random
import threading
from html import unescape

import pytest
from django.db import connections, transaction
from django.test import Client
from django.urls import reverse

from diagnostics.models import Diagnostic, EvaluationAxe
from securisation.parcours.models import Accord, Entourage, Parcours, Personne
from securisation.socle.transitions import Conflit
from securisation.tests import dossiers
from securisation.tests.distribution import construire_parcours
from sorties.models import Risque, Sortie

CONNECTEUR = "securisation.comptes.backends.Connexion"
SUITE = (Personne, "modifier", "foyer"), (Parcours, "modifier", "demande"), (Entourage, "inscrire", "lien")
EN_SORTIE = (Sortie, "noter_parole", "parole_de_la_personne"), (Risque, "modifier", "signal_d_alerte")
AU_DIAGNOSTIC = (EvaluationAxe, "coter", "parole"), (Diagnostic, "noter_priorite", "priorite_de_la_personne")


def ecrire(objet, acte, champ, texte, version, par):
    """Un envoi : vrai s'il est enregistré ; faux s'il est refusé avec le texte du perdant et celui qui est gardé."""
    relu = type(objet).objects.get(pk=objet.pk)
    try:
        with transaction.atomic():
            getattr(relu, acte)(par=par, version=version, **{champ: texte})
    except Conflit as conflit:
        assert conflit.saisie[champ] == texte, "le texte du perdant est perdu"
        return False
    return True


def entrelacer(objet, acte, champ, par, hasard):
    """Deux envois sur des versions ouvertes avant, dans un ordre quelconque ; vrai si rien n'est écrasé en silence."""
    depart = type(objet).objects.get(pk=objet.pk)
    retard = hasard.randrange(3)  # la seconde a ouvert sa page à la même version, une avant, ou juste après la première
    premier, second = f"texte {hasard.getrandbits(40)}", f"texte {hasard.getrandbits(40)}"
    assert ecrire(objet, acte, champ, premier, depart.version, par)
    milieu = type(objet).objects.get(pk=objet.pk).version
    ouverte = {0: depart.version, 1: max(depart.version - 1, 0), 2: milieu}[retard]
    passe = ecrire(objet, acte, champ, second, ouverte, par)
    garde = getattr(type(objet).objects.get(pk=objet.pk), champ)
    return (passe, garde) == ((True, second) if ouverte == milieu else (False, premier))


@pytest.mark.preuve(19)
@pytest.mark.django_db
def test_une_version_perimee_n_ecrase_rien(preuve, distribution):
    """Chaque modèle dont un acte porte une version, à trois moments du dossier."""
    awa, hasard = distribution["awa"], random.Random(19)
    jeux = [(dossiers.construire("diagnostic_ouvert", distribution), (*SUITE, *AU_DIAGNOSTIC))]
    jeux += [(dossiers.construire("en_sortie", distribution), EN_SORTIE)]
    actes = [(objets[modele], acte, champ) for objets, suites in jeux for modele, acte, champ in suites]
    nombre = preuve.taille(60, 10_000)
    justes = 0
    for rang in range(nombre):
        with transaction.atomic():
            justes += entrelacer(*actes[rang % len(actes)], awa, hasard)
            transaction.set_rollback(True)
    preuve.dire(
        "{entrelacements} entrelacements, {ecrasements} écrasement muet, le texte du perdant rendu",
        cible="≥ 10 000 entrelacements, 0 écrasement muet",
        atteinte=justes == nombre,
        minimum={"entrelacements": 10_000},
        entrelacements=nombre,
        ecrasements=nombre - justes,
    )


@pytest.mark.preuve(19)
@pytest.mark.django_db(transaction=True)
def test_deux_connexions_en_meme_temps(preuve, distribution):
    """Deux fils, chacun sa connexion, envoient la même version au même instant : un seul écrit."""
    awa, nombre = distribution["awa"], preuve.taille(10, 400)
    personne = construire_parcours(awa).personne
    justes = sum(_en_meme_temps(personne, awa, rang) for rang in range(nombre))
    preuve.dire(
        "{entrelacements} entrelacements, {ecrasements} écrasement muet, le texte du perdant rendu",
        cible="≥ 10 000 entrelacements, 0 écrasement muet",
        atteinte=justes == nombre,
        minimum={"entrelacements": 10_000},
        entrelacements=nombre,
        ecrasements=nombre - justes,
    )


def _en_meme_temps(personne, par, rang):
    """Vrai si un seul des deux envois est enregistré, et que c'est lui qu'on relit."""
    depart, ensemble, issues = Personne.objects.get(pk=personne.pk).version, threading.Barrier(2), {}

    def envoyer(nom):
        try:
            ensemble.wait(timeout=10)
            issues[nom] = ecrire(personne, "modifier", "foyer", nom, depart, par)
        finally:
            connections["default"].close()

    noms = [f"foyer {rang} de {qui}" for qui in ("awa", "bruno")]
    fils = [threading.Thread(target=envoyer, args=(nom,)) for nom in noms]
    for fil in fils:
        fil.start()
    for fil in fils:
        fil.join(timeout=30)
    gagnants = [nom for nom in noms if issues.get(nom)]
    return len(issues) == 2 and gagnants == [Personne.objects.get(pk=personne.pk).foyer]


PAGES = (
    (Personne, "parcours:modifier_personne", "foyer", {"prenom": "Fatou", "nom": "Canarizette"}),
    (EvaluationAxe, "diagnostics:axe", "parole", {"criticite": "3", "action": "enregistrer"}),
    (Sortie, "sorties:parole", "parole_de_la_personne", {}),
    (Accord, "parcours:retirer_accord", "motif", {}),
)
EN_COURS = pytest.mark.parametrize("rang", range(len(PAGES)), ids=[page[1] for page in PAGES])


@EN_COURS
@pytest.mark.django_db
def test_la_page_perimee_rend_les_deux_textes(rang, distribution):
    """Le formulaire ouvert avant que quelqu'un enregistre revient avec les mots de la personne, et rien n'est écrit."""
    modele, nom, champ, plus = PAGES[rang]
    moment = "en_sortie" if modele is Sortie else "diagnostic_ouvert"
    objets = dossiers.construire(moment, distribution)
    objet = objets[modele]
    adresse = _adresse(nom, objet, objets)
    avec = {"version": objet.version - 1, champ: "Mes mots à moi, tapés longuement."}
    client = Client()
    client.force_login(distribution["awa"], backend=CONNECTEUR)
    reponse = client.post(adresse, plus | avec)
    assert reponse.status_code == 409
    assert "Mes mots à moi, tapés longuement." in unescape(reponse.text)
    relu = modele.objects.get(pk=objet.pk)
    assert relu.version == objet.version


def _adresse(nom, objet, objets):
    cible = objets[Parcours] if nom.startswith("parcours:modifier") else objet
    return reverse(nom, args=[cible.uuid])
