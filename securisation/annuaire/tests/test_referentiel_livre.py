"""Le référentiel livré est cohérent : codes uniques, renvois résolus. Sans base de données."""

import csv
from pathlib import Path

import pytest

DOSSIER = Path(__file__).resolve().parent.parent / "referentiel"


def lire(nom):
    with (DOSSIER / f"{nom}.csv").open(encoding="utf-8", newline="") as flux:
        return list(csv.DictReader(flux))


@pytest.mark.parametrize("fichier", sorted(DOSSIER.glob("*.csv")), ids=lambda f: f.stem)
def test_aucune_ligne_incomplete(fichier):
    with fichier.open(encoding="utf-8", newline="") as flux:
        entetes, *lignes = csv.reader(flux)
    assert lignes
    assert {len(ligne) for ligne in lignes} == {len(entetes)}


@pytest.mark.parametrize("nom", ["axes", "facteurs", "leviers", "liens_domino", "risques_residuels"])
def test_codes_uniques(nom):
    codes = [ligne["code"] for ligne in lire(nom)]
    assert len(codes) == len(set(codes))


def test_chaque_facteur_est_range_sous_un_axe_connu():
    axes = {ligne["code"] for ligne in lire("axes")}
    assert {ligne["axe"] for ligne in lire("facteurs")} == axes


def test_chaque_lien_domino_relie_deux_facteurs_distincts():
    codes = {ligne["code"] for ligne in lire("facteurs")}
    for lien in lire("liens_domino"):
        assert {lien["de"], lien["vers"]} <= codes
        assert lien["de"] != lien["vers"]


def test_quatre_ancrages_par_axe():
    niveaux = {(ligne["axe"], ligne["niveau"]) for ligne in lire("ancrages")}
    assert niveaux == {(a["code"], str(n)) for a in lire("axes") for n in range(1, 5)}
