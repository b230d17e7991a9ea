"""L'historique dit l'acte du bon modèle, et ce dont il s'agit."""

import pytest
from django.urls import reverse

from securisation.synthese.historique import lire_historique

pytestmark = pytest.mark.django_db


def dits(parcours):
    """Les phrases de l'historique de ce parcours : {(qui, acte, objet)}."""
    return {(ecart.qui, ecart.phrase, ecart.detail) for ecart in lire_historique(parcours)[0]}


def test_chaque_acte_se_dit_avec_son_objet(parcours_admis):
    phrases = dits(parcours_admis)
    assert ("Awa Diarra", "ouvre le parcours d'une personne orientée", parcours_admis.numero) in phrases
    adhesion = "Adhésion libre au dispositif, retirable à tout moment"
    assert ("Awa Diarra", "enregistre un accord donné par la personne, avec sa preuve", adhesion) in phrases


def test_un_acte_qui_est_une_phrase_suit_deux_points(parcours_admis, awa):
    accord = parcours_admis.accords.get(finalite__code="ADHESION")
    accord.retirer(par=awa)
    assert any(phrase == ": la personne retire son accord" for _, phrase, _ in dits(parcours_admis))


def test_une_lecture_dit_la_page_ouverte(client, parcours, awa):
    client.force_login(awa)
    client.get(reverse("synthese:parcours", args=[parcours.uuid]))
    client.get(reverse("parcours:qualifier", args=[parcours.uuid]))
    phrases = dits(parcours)
    assert ("Awa Diarra", "a ouvert ce parcours", "") in phrases
    assert ("Awa Diarra", "a ouvert ce parcours", "Page : qualifier") in phrases
