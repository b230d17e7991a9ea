"""Territoires et structures partenaires. Ce qu'un code postal dit d'un territoire, et pas davantage."""

import re

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q

from securisation.annuaire.models.accompagnement import Levier
from securisation.annuaire.models.base import Nomenclature
from securisation.annuaire.querysets import EpciQuerySet
from securisation.socle.horloge import aujourd_hui
from securisation.socle.journal import inscrire

_CODE_POSTAL = re.compile(r"[0-9][0-9AB][0-9]{3}")
# Deux collectivités détachées de la Guadeloupe en ont gardé le début du code postal : Saint-Barthélemy et Saint-Martin.
_DETACHEES = {"97133": "977", "97150": "978"}


def code_de_departement(code_postal):
    """Le code du département d'un code postal : « 53200 » 53, « 20137 » 2A, « 97410 » 974, « 97150 » 978 ; "" s'il n'en dit aucun.

    Quelques communes reçoivent leur courrier par le département voisin : leur code postal dit ce voisin. La même règle est écrite en SQL
    pour les faits (`pilotage/sql/faits.sql`) ; un essai les tient égales.
    """
    if not _CODE_POSTAL.fullmatch(code_postal or "") or code_postal[:2] == "00":
        return ""
    if code_postal in _DETACHEES:
        return _DETACHEES[code_postal]
    if code_postal[:2] == "20":
        return "2A" if code_postal[2] in "01" else "2B"
    return code_postal[: 3 if code_postal[:2] in ("97", "98") else 2]


class Departement(Nomenclature):
    """Un département, par son code officiel (« 53 », « 2A », « 974 »)."""

    region = models.CharField("région", max_length=60)

    class Meta(Nomenclature.Meta):
        verbose_name = "département"
        verbose_name_plural = "départements"


class Epci(Nomenclature):
    """Une intercommunalité, par son numéro SIREN ; la liste est tenue par l'association."""

    departement = models.ForeignKey(Departement, models.PROTECT, verbose_name="département", related_name="epcis")
    codes_postaux = ArrayField(
        models.CharField(max_length=5),
        verbose_name="codes postaux",
        default=list,
        blank=True,
        help_text="Séparés par des virgules. Un code que deux intercommunalités se partagent n'en désigne aucune.",
    )

    objects = EpciQuerySet.as_manager()

    class Meta(Nomenclature.Meta):
        verbose_name = "intercommunalité"
        verbose_name_plural = "intercommunalités"

    @property
    def details(self):
        """Son département, et les codes postaux qui la désignent."""
        dits = [self.departement.libelle]
        return dits + ([f"Codes postaux : {', '.join(self.codes_postaux)}"] if self.codes_postaux else [])

    def clean(self):
        """Chaque code a cinq signes et n'est dit qu'une fois ; ils se rangent."""
        super().clean()
        if faux := [code for code in self.codes_postaux if not _CODE_POSTAL.fullmatch(code)]:
            raise ValidationError({"codes_postaux": f"Un code postal a cinq chiffres : {', '.join(faux)}."})
        self.codes_postaux = sorted(set(self.codes_postaux))


class Structure(models.Model):
    """Un lieu ou un service à qui parler, avec la date et l'auteur de sa dernière vérification."""

    class Type(models.TextChoices):
        DROIT_COMMUN = "DC", "service de droit commun"
        DROIT_COMMUN_SPECIALISE = "DCS", "service spécialisé"
        ASSOCIATION = "ASSO", "association"
        ETABLISSEMENT = "ETAB", "établissement"
        BAILLEUR = "BAIL", "bailleur"
        EMPLOYEUR = "EMPL", "employeur"
        AUTRE = "AUTRE", "autre"

    nom = models.CharField("nom", max_length=200)
    type = models.CharField("type", max_length=10, choices=Type.choices)
    leviers = models.ManyToManyField(Levier, verbose_name="leviers portés", blank=True, related_name="structures")
    adresse = models.CharField("adresse", max_length=200, blank=True)
    code_postal = models.CharField("code postal", max_length=5, blank=True)
    commune = models.CharField("commune", max_length=100, blank=True)
    departement = models.ForeignKey(
        Departement, models.PROTECT, verbose_name="département", null=True, blank=True, related_name="structures"
    )
    epci = models.ForeignKey(
        Epci, models.PROTECT, verbose_name="intercommunalité", null=True, blank=True, related_name="structures"
    )
    telephone = models.CharField("téléphone", max_length=30, blank=True)
    courriel = models.EmailField("courriel", blank=True)
    site = models.URLField("site", blank=True)
    precisions = models.TextField("précisions", max_length=1000, blank=True, help_text="Horaires, accueil, accès.")
    verifiee_le = models.DateField("vérifiée le", null=True, blank=True, editable=False)
    verifiee_par = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        verbose_name="vérifiée par",
        null=True,
        blank=True,
        editable=False,
        related_name="+",
    )
    fermee_le = models.DateField("fermée le", null=True, blank=True)

    class Meta:
        ordering = ["nom", "commune"]
        verbose_name = "structure"
        verbose_name_plural = "structures"
        constraints = [
            models.UniqueConstraint(
                fields=["nom", "commune"],
                name="structure_unique",
                violation_error_message="Cette structure est déjà dans l'annuaire pour cette commune.",
            ),
            models.CheckConstraint(
                condition=Q(code_postal="") | Q(code_postal__regex=r"^\d{5}$"),
                name="structure_code_postal",
                violation_error_message="Un code postal a cinq chiffres.",
            ),
            models.CheckConstraint(
                condition=Q(verifiee_le__isnull=True, verifiee_par__isnull=True)
                | Q(verifiee_le__isnull=False, verifiee_par__isnull=False),
                name="structure_verifiee_par_quelqu_un",
                violation_error_message="Une vérification a une date et un auteur.",
            ),
        ]

    def __str__(self):
        return f"{self.nom} ({self.commune})" if self.commune else self.nom

    def verifier(self, *, par):
        """Note que `par` a vérifié aujourd'hui ces coordonnées."""
        self.verifiee_le, self.verifiee_par = aujourd_hui(), par
        self.save()
        inscrire("structure vérifiée", objet=self, par=par)
