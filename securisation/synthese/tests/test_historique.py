"""L'historique dit l'acte du bon modèle, et ce dont il s'agit."""

import pytest
from django.urls import reverse

from securisation.parcours.models import Entourage
from securisation.socle import journal
from securisation.synthese.historique import lire_historique

pytestmark = pytest.mark.django_db


def dits(parcours):
    """Les phrases de l'historique de ce parcours : {(qui, acte, objet)}."""
    return {(ecart.qui, ecart.phrase, ecart.detail) for ecart in lire_historique(parcours)[0]}


def test_chaque_acte_se_dit_avec_son_objet(parcours_admis):
    phrases = dits(parcours_admis)
    assert ("Awa Diarra", "ouvre le parcours d'une personne orientée", parcours_admis.numero) in phrases
    adhesion = "Adhésion libre au dispositif"
    assert ("Awa Diarra", "enregistre un accord donné par la personne", adhesion) in phrases


def test_un_acte_qui_est_une_phrase_suit_deux_points(parcours_admis, awa):
    accord = parcours_admis.accords.get(finalite__code="ADHESION")
    accord.retirer(par=awa)
    assert any(phrase == ": la personne retire son accord" for _, phrase, _ in dits(parcours_admis))


def test_une_lecture_dit_la_page_ouverte(client, parcours, awa):
    client.force_login(awa)
    client.get(reverse("synthese:parcours", args=[parcours.uuid]))
    client.get(reverse("parcours:qualifier", args=[parcours.uuid]))
    phrases = dits(parcours)
    assert ("Awa Diarra", "a ouvert la page du parcours", "") in phrases
    assert ("Awa Diarra", "a ouvert la qualification", "") in phrases


def actes_de(parcours, modele):
    """Les écritures de l'historique de ce parcours sur ce modèle."""
    return [ecart for ecart in lire_historique(parcours)[0] if ecart.modele == modele]


def test_une_ligne_d_historique_absente_se_dit(client, parcours, awa):
    journal.inscrire("modification", parcours=parcours, objet=parcours, par=awa, motif="modifier", histoire=2**40)
    client.force_login(awa)
    page = client.get(reverse("synthese:historique", args=[parcours.uuid]))
    assert page.status_code == 200
    assert "ligne d’historique absente" in page.text


@pytest.mark.parametrize("qui", ["awa", "gaelle"])
def test_ne_montre_jamais_les_coordonnees(client, distribution, parcours, awa, qui):
    """Les coordonnées ne s'affichent qu'à la demande, avec sa trace : l'historique dit qu'elles ont changé, pas en quoi."""
    anciennes = parcours.personne.telephone
    nouvelles = {"telephone": "06 39 98 11 22", "courriel": "fatou@exemple.fr", "adresse": "12 rue du Moulin"}
    parcours.personne.modifier(par=awa, commune="Mayenne", **nouvelles)
    proche = Entourage(parcours=parcours).inscrire(par=awa, nom="Aminata", lien="sœur", telephone="06 39 98 33 44")
    proche.inscrire(par=awa, telephone="06 39 98 55 66")
    client.force_login(distribution[qui])
    page = client.get(reverse("synthese:historique", args=[parcours.uuid]), {"nature": "tout"}).text
    for valeur in (anciennes, *nouvelles.values(), "06 39 98 33 44", "06 39 98 55 66"):
        assert valeur not in page
    assert "<ins>Mayenne</ins>" in page
    changes = {champ["libelle"]: champ["apres"] for champ in actes_de(parcours, "parcours.personne")[0].champs}
    assert changes == {"Commune": "Mayenne", **dict.fromkeys(("Adresse", "Téléphone", "Courriel"), "modifié")}


def test_s_ouvre_sur_les_ecritures(client, parcours, awa):
    client.force_login(awa)
    page = client.get(reverse("synthese:historique", args=[parcours.uuid]))
    assert {ecart.nature for ecart in page.context["ecarts"]} == {"w"}
    assert [onglet["libelle"] for onglet in page.context["segments"] if onglet["ici"]] == ["Écritures"]
    tout = client.get(page.wsgi_request.path, {"nature": "tout"}).context["ecarts"]
    assert {ecart.nature for ecart in tout} == {"w", "l"}


def test_une_page_que_la_table_ignore_se_lit_quand_meme(parcours, awa):
    journal.inscrire("lecture", parcours=parcours, objet=parcours, par=awa, page="parcours:changer_de_titre")
    assert ("Awa Diarra", "a ouvert la page « changer de titre »", "") in dits(parcours)
