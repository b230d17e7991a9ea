"""Les pièces gardées d'un essai à l'autre : construites une fois, rendues intactes à chacun, et seulement celles qui le supportent."""

import pickle
from collections import Counter

import pytest
from django.db import connection

from securisation.comptes.models import Equipe
from securisation.tests.couches import PILE, Ingardable, copier

pytestmark = pytest.mark.django_db
FAITES = Counter()


@pytest.fixture
def equipe(db):
    FAITES["equipe"] += 1
    return Equipe.objects.create(nom="Équipe gardée", territoire="Mayenne", places=3)


@pytest.fixture
def meme_equipe(equipe):
    return {"la": equipe, "nombre": Equipe.objects.count()}


@pytest.fixture
def au_cas(nom, equipe):
    return Equipe.objects.create(nom=nom, territoire="Mayenne", places=1)


@pytest.fixture
def tenue(db):
    yield Equipe.objects.create(nom="Équipe tenue", territoire="Mayenne", places=3)


@pytest.fixture
def fermee(db):
    equipe = Equipe.objects.create(nom="Équipe fermée", territoire="Mayenne", places=3)
    return lambda: equipe


def en_place():
    """Les pièces que la pile garde en ce moment."""
    return [couche.piece.argname for couche in PILE.couches]


class TestUnePieceQuiEcrit:
    @pytest.mark.parametrize("fois", range(3))
    def test_se_fait_une_fois_et_chacun_la_trouve_intacte(self, fois, equipe):
        assert FAITES["equipe"] == 1
        assert (equipe.nom, equipe.places) == ("Équipe gardée", 3)
        assert list(Equipe.objects.values_list("nom", "places")) == [("Équipe gardée", 3)]
        equipe.places, equipe.nom = 9, f"Changée {fois}"
        equipe.save()
        Equipe.objects.create(nom=f"De plus {fois}", territoire="Mayenne", places=1)

    @pytest.mark.parametrize("fois", range(2))
    def test_une_lecture_faite_sur_elle_rend_le_meme_objet(self, fois, equipe, meme_equipe):
        assert meme_equipe["la"] is equipe
        assert meme_equipe["nombre"] == 1
        equipe.delete()

    @pytest.mark.parametrize("nom", ["Une", "Deux", "Une bis"])
    def test_suit_le_cas_dont_elle_depend(self, nom, au_cas, equipe):
        assert au_cas.nom == nom
        assert set(Equipe.objects.values_list("nom", flat=True)) == {nom, "Équipe gardée"}

    def test_ne_se_voit_pas_de_qui_ne_la_demande_pas(self):
        assert not Equipe.objects.exists()


class TestSeRejoue:
    @pytest.mark.parametrize("fois", range(2))
    def test_une_piece_qui_tient_un_contexte(self, fois, tenue):
        assert "tenue" not in en_place()
        assert list(Equipe.objects.all()) == [tenue]

    @pytest.mark.parametrize("fois", range(2))
    def test_une_piece_dont_la_valeur_ne_se_copie_pas(self, fois, fermee):
        assert fermee().pk in set(Equipe.objects.values_list("pk", flat=True))
        assert "fermee" not in en_place()

    @pytest.mark.django_db(transaction=True)
    def test_toute_piece_d_un_essai_en_vraies_transactions(self, awa):
        assert en_place() == []
        assert not connection.in_atomic_block and Equipe.objects.filter(pk=awa.equipe_id).exists()


class TestCopier:
    def test_refuse_ce_qui_ne_se_copie_pas(self):
        with pytest.raises(Ingardable):
            copier({"f": lambda: 1})
        with pytest.raises(Ingardable):
            copier({"m": Equipe.objects})

    def test_une_requete_pas_lue_le_reste(self):
        lue = pickle.loads(copier(Equipe.objects.filter(nom="Née après")))
        Equipe.objects.create(nom="Née après", territoire="Mayenne", places=1)
        assert lue.count() == 1
