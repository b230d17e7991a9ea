"""Champs communs : niveaux de 0 à 4, textes facultatifs bornés."""

from django.core.validators import MaxLengthValidator, MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

BORNES = [MinValueValidator(0, "Le niveau va de 0 à 4."), MaxValueValidator(4, "Le niveau va de 0 à 4.")]


def niveau(nom):
    """Champ d'un niveau de 0 à 4, vide tant qu'il n'est pas coté."""
    return models.PositiveSmallIntegerField(nom, null=True, blank=True, validators=BORNES)


def entre_0_et_4(champ):
    """Condition de base : vide, ou de 0 à 4."""
    return Q(**{champ: None}) | Q(**{f"{champ}__range": (0, 4)})


def texte_libre(nom, longueur):
    """Champ de texte facultatif, compté aussi hors des formulaires."""
    trop_long = MaxLengthValidator(longueur, f"Ce texte dépasse {longueur} caractères.")
    return models.TextField(nom, max_length=longueur, blank=True, validators=[trop_long])
