"""Cible 8 : chaque chemin d'écriture, sur chaque modèle suivi, laisse son historique, son maillon, son acteur et son motif."""

import pytest

from securisation.socle.verification import verifier
from securisation.tests.ecritures import CHEMINS, SUIVIS, manque
from securisation.tests.test_ecritures import un_de_chaque


@pytest.mark.preuve(8)
@pytest.mark.django_db
def test_chaque_chemin_sur_chaque_modele(preuve, distribution):
    """Journal et historique se citent un pour un à chaque case, et se réconcilient en entier à la fin."""
    objets = un_de_chaque(distribution)
    toutes = [(chemin, modele) for chemin in CHEMINS for modele in SUIVIS]
    # En petit, chaque chemin et chaque modèle au moins une fois.
    quelques = [(CHEMINS[n % len(CHEMINS)], SUIVIS[n % len(SUIVIS)]) for n in range(max(len(CHEMINS), len(SUIVIS)))]
    jouees = preuve.taille(quelques, toutes)
    manques = [dit for case in jouees if (dit := manque(*case, objets, distribution["awa"]))]
    assert manques == []
    assert verifier().ruptures == []
    preuve.dire(
        f"{len(CHEMINS)} chemins × {len(SUIVIS)} modèles, {len(jouees)} cases jouées, {len(manques)} écart",
        cible="≥ 18 chemins × chaque modèle suivi, 0 écart, avec l'acteur",
        atteinte=len(CHEMINS) >= 18 and {modele for _, modele in jouees} == set(SUIVIS) and not manques,
    )
