"""La piste qui montre le contenu d'un dossier le lit : sa chaîne, le registre de la personne et le rythme le savent."""

import pytest
from django.urls import reverse

from securisation.coordination.registre import lire_registre
from securisation.socle import horloge
from securisation.socle.models import Evenement, LectureRecente

pytestmark = pytest.mark.django_db
PISTE = "synthese:piste"


@pytest.fixture
def trois(ouvrir_un_parcours, awa):
    """Trois parcours d'awa : ouvert, restreint, et un autre."""
    ouvert, restreint, autre = (ouvrir_un_parcours(awa, nom=nom) for nom in ("Diallo", "Petit", "Roche"))
    restreint.restreindre(par=awa, restreint=True)
    return ouvert, restreint, autre


def test_un_contenu_montre_est_une_lecture_de_chaque_dossier(client, trois, gaelle, awa):
    """Avant et après, paroles : autant qu'ouvrir le dossier, et la personne le lit à son registre."""
    for parcours in trois:
        parcours.modifier(par=awa, demande="Autre chose.")
    client.force_login(gaelle)
    assert "<ins>Autre chose.</ins>" in client.get(reverse(PISTE), {"nature": "ecritures"}).text
    lectures = Evenement.objects.filter(action="lecture", acteur=gaelle, charge__page=PISTE)
    assert set(lectures.values_list("chaine", flat=True)) == {trois[0].pk, trois[2].pk}
    assert not LectureRecente.objects.filter(acteur=gaelle.pk).exists()
    jours, _ = lire_registre(trois[0])
    assert any("ce qui a changé dans votre dossier" in fait for ligne in jours[0].lignes for fait in ligne.faits)


def test_sans_contenu_aucun_dossier_n_est_lu(client, trois, gaelle, hugo, awa):
    trois[0].modifier(par=awa, demande="Autre chose.")
    for compte, demande in ((gaelle, {"nature": "connexions"}), (hugo, {"personne": trois[0].numero})):
        client.force_login(compte)
        assert client.get(reverse(PISTE), demande).status_code == 200
        assert not Evenement.objects.filter(action="lecture", acteur=compte).exists()


def test_un_dossier_filtre_compte_au_rythme(client, trois, gaelle, awa, settings):
    settings.RYTHME_DES_LECTURES = True
    trois[0].modifier(par=awa, demande="Autre chose.")
    client.force_login(gaelle)
    demande = {"personne": trois[0].numero, "nature": "ecritures"}
    assert "Autre chose." in client.get(reverse(PISTE), demande).text
    assert LectureRecente.objects.get(acteur=gaelle.pk).chaine == trois[0].pk
    autres = [LectureRecente(acteur=gaelle.pk, chaine=10**6 + rang, vu_le=horloge.maintenant()) for rang in range(50)]
    LectureRecente.objects.bulk_create(autres)
    assert client.get(reverse(PISTE), demande).status_code == 200  # déjà ouvert dans l'heure
    trois[2].modifier(par=awa, demande="Encore autre chose.")
    refus = client.get(reverse(PISTE), demande | {"personne": trois[2].numero})
    assert (refus.status_code, "Encore autre chose." in refus.text) == (429, False)
