"""Le mot de passe : seize caractères, aucune règle de composition, rien de devinable."""

import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from securisation.comptes.models import Professionnel

NORA = Professionnel(email="nora.legoff@exemple.test", prenom="Nora", nom="Le Goff")


@pytest.mark.parametrize(
    "mot_de_passe",
    ["clairière tuba girafe", "jklmnbvcxfgh rtyu", "2718281828459045 e", "motdepasse oublié girafe tuba"],
)
def test_accepte_un_mot_de_passe_long_sans_majuscule_ni_signe_impose(mot_de_passe):
    assert validate_password(mot_de_passe, NORA) is None


@pytest.mark.parametrize(
    "mot_de_passe",
    [
        "quinze lettres!",
        "aaaaaaaaaaaaaaaaaaaa",
        "motdepassemotdepasse",
        "MotDePasse123456789!",
        "Azertyuiop-azertyuiop",
        "nora.legoff-nora.legoff",
        "Jalon Jalon Jalon 1",
    ],
)
def test_refuse_un_mot_de_passe_court_ou_devinable(mot_de_passe):
    with pytest.raises(ValidationError):
        validate_password(mot_de_passe, NORA)
