"""La pièce commune des preuves : `preuve` dit la taille à jouer et note la figure obtenue, que la commande des preuves imprime."""

import json
import os
from pathlib import Path

import pytest

CARNET = os.environ.get("JALON_CARNET_DES_PREUVES")  # dossier où noter ; absent sous « make test »
PLEINE = os.environ.get("JALON_PREUVES") == "pleines"


_NOTES, _TOMBEE = pytest.StashKey(), pytest.StashKey()


class Preuve:
    """La mesure d'une cible, marquée `@pytest.mark.preuve(numéro)`."""

    def __init__(self, numero):
        self.numero, self.cible, self.figure, self.comptes, self.minimum = numero, "", "", {}, {}

    @staticmethod
    def taille(reduite, pleine):
        """Nombre de cas à jouer : le petit sous « make test », le grand sous « make preuves »."""
        return pleine if PLEINE else reduite

    def dire(self, figure, *, cible, atteinte, minimum=None, **comptes):
        """Note la figure mesurée et la cible (phrases courtes) ; échoue si elle n'est pas atteinte.

        `comptes` : nombres que la figure cite entre accolades (« {cellules} cellules »), additionnés sur les essais de même figure ;
        `minimum` : le moins qu'il en faut en tout ({"cellules": 10000}), vérifié à pleine taille.
        """
        self.figure, self.cible, self.comptes, self.minimum = figure, cible, comptes, minimum or {}
        assert atteinte, f"preuve {self.numero} : {figure.format(**comptes)} (cible : {cible})"


@pytest.fixture
def preuve(request):
    """La preuve que porte ce test ; un test de preuve qui ne dit aucune figure échoue."""
    tenue = Preuve(request.node.get_closest_marker("preuve").args[0])
    request.node.preuve = tenue
    yield tenue
    assert tenue.figure or request.node.stash.get(_TOMBEE, False), "cette preuve n'a dit aucune figure"


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    """Note au carnet ce qu'a donné chaque preuve : un test sauté ou tombé y est un échec."""
    compte_rendu = (yield).get_result()
    item.stash[_TOMBEE] = item.stash.get(_TOMBEE, False) or compte_rendu.failed
    marque = item.get_closest_marker("preuve")
    if CARNET is None or marque is None:
        return
    notes = item.stash.setdefault(_NOTES, {"duree": 0.0, "issue": "passed"})
    notes["duree"] += compte_rendu.duration
    if compte_rendu.outcome != "passed":
        notes["issue"] = compte_rendu.outcome
    if compte_rendu.when == "teardown":
        tenue = getattr(item, "preuve", None) or Preuve(marque.args[0])
        dits = ("numero", "figure", "cible", "comptes", "minimum")
        ligne = notes | {nom: getattr(tenue, nom) for nom in dits} | {"essai": item.nodeid}
        fichier = Path(CARNET) / f"{tenue.numero:02d}-{abs(hash(item.nodeid))}.json"
        fichier.write_text(json.dumps(ligne, ensure_ascii=False), encoding="utf-8")
