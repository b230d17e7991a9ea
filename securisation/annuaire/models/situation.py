"""Nomenclatures qui décrivent une situation : axes, criticités, facteurs, dominos, risques, origines, publics."""

import re

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q

from securisation.annuaire.models.base import Nomenclature
from securisation.annuaire.querysets import PublicQuerySet

NIVEAU_MIN, NIVEAU_MAX = 0, 4
# Renvois de travail du référentiel : « ; AAH → ADM-03 », « (voir ORG-03, ORG-06) ».
_RENVOI = re.compile(r"\s*[;,][^;,()]*→\s*[A-Z]{3}-\d{2}|\s*\(voir [A-Z]{3}-\d{2}[^)]*\)")


def lisible(texte):
    """Un libellé ou un mécanisme du référentiel tel qu'il se montre : sans renvoi de travail ni flèche."""
    return _RENVOI.sub("", texte).replace(" → ", ", puis ")


class RangeParAxes(Nomenclature):
    """Ce qui touche un ou plusieurs axes : chaque code nommé existe."""

    axes = ArrayField(models.CharField(max_length=10), verbose_name="axes", default=list, blank=True)

    chemin_axe = "axes__contains"

    class Meta(Nomenclature.Meta):
        abstract = True

    def clean(self):
        super().clean()
        inconnus = sorted(set(self.axes) - set(Axe.objects.values_list("code", flat=True)))
        if inconnus:
            raise ValidationError({"axes": f"Axe inconnu : {', '.join(inconnus)}."})


def revele_la_sante():
    """Champ commun : le libellé révèle indirectement la santé ; sa saisie demande l'accord SENSIBLE."""
    return models.BooleanField("révèle la santé", default=False)


class Axe(Nomenclature):
    """Un des cinq axes du diagnostic."""

    libelle_facile_a_lire = models.CharField("libellé facile à lire", max_length=200)

    class Meta(Nomenclature.Meta):
        verbose_name = "axe"
        verbose_name_plural = "axes"


class Criticite(Nomenclature):
    """Un degré de l'échelle 0 (sécurisé) à 4 (rupture), la même à l'entrée et à la sortie."""

    niveau = models.PositiveSmallIntegerField("niveau", unique=True)
    ancrage = models.CharField("ancrage", max_length=300)
    delai_action = models.CharField("délai d'action", max_length=60)
    delai_jours = models.PositiveSmallIntegerField("délai en jours", null=True, blank=True)

    class Meta(Nomenclature.Meta):
        verbose_name = "criticité"
        verbose_name_plural = "criticités"
        constraints = [
            models.CheckConstraint(
                condition=Q(niveau__gte=NIVEAU_MIN, niveau__lte=NIVEAU_MAX),
                name="criticite_niveau_0_a_4",
                violation_error_message="Le niveau va de 0 à 4.",
            )
        ]


class Ancrage(Nomenclature):
    """La phrase qui dit ce qu'un niveau veut dire sur un axe. Son code est « ADM-N3 »."""

    axe = models.ForeignKey(Axe, models.PROTECT, verbose_name="axe", related_name="ancrages")
    niveau = models.PositiveSmallIntegerField("niveau")
    ancrage = models.CharField("ancrage", max_length=300)

    chemin_axe = "axe__code"
    champ_libelle = "ancrage"

    class Meta(Nomenclature.Meta):
        verbose_name = "ancrage"
        verbose_name_plural = "ancrages"
        constraints = [
            models.UniqueConstraint(
                fields=["axe", "niveau"],
                name="ancrage_unique",
                violation_error_message="Cet axe a déjà une phrase pour ce niveau.",
            ),
            models.CheckConstraint(
                condition=Q(niveau__gte=1, niveau__lte=NIVEAU_MAX),
                name="ancrage_niveau_1_a_4",
                violation_error_message="Un ancrage porte sur un niveau de 1 à 4.",
            ),
        ]

    @property
    def libelle(self):
        return self.ancrage


class Facteur(Nomenclature):
    """Un facteur de rupture ; `echeance_a_saisir` dit quelle date demander, vide s'il n'y en a pas."""

    axe = models.ForeignKey(Axe, models.PROTECT, verbose_name="axe", related_name="facteurs")
    echeance_a_saisir = models.CharField("échéance à saisir", max_length=200, blank=True)
    criticite_indicative = models.PositiveSmallIntegerField("criticité indicative")
    revele_la_sante = revele_la_sante()

    chemin_axe = "axe__code"

    class Meta(Nomenclature.Meta):
        verbose_name = "facteur"
        verbose_name_plural = "facteurs"
        constraints = [
            models.CheckConstraint(
                condition=Q(criticite_indicative__gte=NIVEAU_MIN, criticite_indicative__lte=NIVEAU_MAX),
                name="facteur_criticite_0_a_4",
                violation_error_message="La criticité indicative va de 0 à 4.",
            )
        ]

    @property
    def lisible(self):
        """Son libellé tel qu'il se montre, sans renvoi à un autre code."""
        return lisible(self.libelle)

    @property
    def details(self):
        echeance = [f"Échéance à saisir : {self.echeance_a_saisir}"] if self.echeance_a_saisir else []
        return [f"Criticité indicative {self.criticite_indicative}", *echeance]


class LienDomino(Nomenclature):
    """Une suite possible entre deux facteurs : une hypothèse à examiner, jamais une prédiction."""

    class Delai(models.TextChoices):
        COURT = "court", "court"
        MOYEN = "moyen", "moyen"
        LONG = "long", "long"

    class Force(models.IntegerChoices):
        POSSIBLE = 1, "possible"
        FREQUENT = 2, "fréquent"
        QUASI_MECANIQUE = 3, "quasi mécanique"

    de = models.ForeignKey(Facteur, models.PROTECT, verbose_name="de", related_name="suites")
    vers = models.ForeignKey(Facteur, models.PROTECT, verbose_name="vers", related_name="causes")
    delai = models.CharField("délai", max_length=10, choices=Delai.choices)
    force = models.PositiveSmallIntegerField("force", choices=Force.choices)
    mecanisme = models.CharField("mécanisme", max_length=300)

    champ_libelle = "mecanisme"

    class Meta(Nomenclature.Meta):
        verbose_name = "lien domino"
        verbose_name_plural = "liens domino"
        constraints = [
            models.UniqueConstraint(
                fields=["de", "vers"],
                name="lien_domino_unique",
                violation_error_message="Ces deux facteurs sont déjà reliés dans ce sens.",
            ),
            models.CheckConstraint(
                condition=~Q(de=F("vers")),
                name="lien_domino_deux_facteurs",
                violation_error_message="Un facteur ne peut pas se suivre lui-même.",
            ),
            models.CheckConstraint(
                condition=Q(force__gte=1, force__lte=3),
                name="lien_domino_force_1_a_3",
                violation_error_message="La force va de 1 (possible) à 3 (quasi mécanique).",
            ),
        ]

    @property
    def libelle(self):
        return self.mecanisme

    @property
    def details(self):
        liens = f"{self.de.code} vers {self.vers.code}"
        return [liens, f"Délai {self.get_delai_display()}", f"Force : {self.get_force_display()}"]


class RisqueResiduel(RangeParAxes):
    """Ce qui reste fragile à la sortie, et demande un relais ou un motif."""

    revele_la_sante = revele_la_sante()

    class Meta(Nomenclature.Meta):
        verbose_name = "risque résiduel"
        verbose_name_plural = "risques résiduels"


class Origine(Nomenclature):
    """Qui a orienté la personne."""

    class Meta(Nomenclature.Meta):
        verbose_name = "origine"
        verbose_name_plural = "origines"


class Public(Nomenclature):
    """Un public du programme régional ; `provenance` dit qui le nomme ainsi."""

    revele_la_sante = revele_la_sante()
    provenance = models.CharField("provenance", max_length=100, blank=True)

    objects = PublicQuerySet.as_manager()

    class Meta(Nomenclature.Meta):
        verbose_name = "public"
        verbose_name_plural = "publics"
