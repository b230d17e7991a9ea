"""La page des lots : ce qui est déjà prêt s'y réunit sans se refaire, et deux lots d'une même minute s'y distinguent."""

from datetime import UTC, datetime

import pytest
from django.urls import reverse

from securisation.parcours.models import Parcours
from securisation.synthese.lots import archive, choix, presentation
from securisation.tests import dossiers
from securisation.tests.lots import LOTS, connectee, lancer, saisie, solder_tout, valide

pytestmark = pytest.mark.django_db


@pytest.fixture
def voulue(awa, bruno):
    """Une équipe de trois parcours au diagnostic validé, dont le document n'existe pas encore, et d'un autre seulement admis."""
    for _ in range(3):
        valide(awa, bruno)
    return dossiers.admis(awa, bruno)[Parcours].equipe


class TestDejaPret:
    def test_ce_qui_est_deja_pret_se_dit_et_se_reunit(
        self, voulue, gaelle, sans_machine, django_assert_max_num_queries
    ):
        client = connectee(gaelle)
        lancer(client, voulue)
        solder_tout()
        with django_assert_max_num_queries(12):
            vu = presentation.apercu(gaelle, choix.Choix("diagnostic", voulue.pk))
        assert (vu["sortiront"], vu["prets"], vu["a_produire"]) == (3, 3, 0)
        page = client.get(reverse(LOTS), saisie(voulue)).text
        assert "Produire" not in page and "Réunir 3\xa0documents" in page and "a changé depuis se refont" in page
        lot, reponse = lancer(client, voulue)
        assert reponse.status_code == 302
        solder_tout()
        assert lot.comptes["prets"] == 3 == len(sans_machine)
        assert "Tout télécharger (ZIP)" in client.get(lot.get_absolute_url()).text

    def test_une_part_deja_prete_n_est_pas_a_produire(self, voulue, gaelle, awa, bruno, sans_machine):
        client = connectee(gaelle)
        lancer(client, voulue)
        solder_tout()
        valide(awa, bruno)
        page = client.get(reverse(LOTS), saisie(voulue)).text
        assert "4\xa0documents sortiront" in page and "3\xa0sont déjà prêts" in page
        assert "Produire 1\xa0document au moins<" in page


class TestSuivi:
    def test_un_lot_qui_commence_montre_ce_qui_reste_a_faire(self, voulue, gaelle, sans_machine):
        client = connectee(gaelle)
        lot, _ = lancer(client, voulue)
        assert client.get(lot.get_absolute_url()).context["voir"] == "en_cours"
        solder_tout()
        assert client.get(lot.get_absolute_url()).context["voir"] == "prets"
        manques = client.get(lot.get_absolute_url(), {"voir": "manques"}).text
        # « Refusé », à côté d'un nom, se lirait de la personne.
        assert "Sans document" in manques and "Refusé" not in manques


class TestListe:
    @pytest.mark.parametrize(("minute", "dite"), [(42, "10:42"), (0, "10:00")])
    def test_deux_lots_d_une_meme_minute_se_distinguent(self, voulue, gaelle, sans_machine, minute, dite):
        client = connectee(gaelle)
        premier, _ = lancer(client, voulue)
        solder_tout()
        assert premier.demande_le.strftime(":%S</") not in client.get(reverse(LOTS)).text
        second, _ = lancer(client, voulue)
        for lot, secondes in ((premier, 5), (second, 40)):
            lot.demande_le = datetime(2026, 11, 23, 9, minute, secondes, tzinfo=UTC)
            lot.save()
        reponse = client.get(reverse(LOTS))
        assert [lot.pk for lot in reponse.context["recents"]] == [second.pk, premier.pk]
        page = reponse.text
        assert f"Le 23 novembre 2026 à {dite}:05" in page and f"{dite}:40" in page
        assert "3\xa0documents sur 4\xa0parcours" in page and "En cours, 0\xa0document sur 4\xa0parcours" in page
        assert archive.nom_du_zip(premier) == f"documents-diagnostic-2026-11-23-{dite.replace(':', '')}05.zip"
        assert archive.nom_du_zip(premier) != archive.nom_du_zip(second)
