"""Les absences d'un professionnel et le collègue qui le remplace ; le lien secret de son agenda."""

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from uuid_utils.compat import uuid7

from securisation.comptes.querysets import AbsenceQuerySet

from .professionnel import Professionnel


class Absence(models.Model):
    """Du… au…, bornes comprises. Être remplaçant montre un agenda ; cela ne donne aucun droit sur un dossier."""

    uuid = models.UUIDField(default=uuid7, unique=True, editable=False)
    compte = models.ForeignKey(Professionnel, on_delete=models.PROTECT, related_name="absences")
    du = models.DateField("du")
    au = models.DateField("au")
    remplacant = models.ForeignKey(
        Professionnel, on_delete=models.PROTECT, related_name="remplacements", null=True, blank=True
    )
    posee_par = models.ForeignKey(Professionnel, on_delete=models.PROTECT, related_name="+")
    posee_le = models.DateTimeField(default=timezone.now)

    objects = AbsenceQuerySet.as_manager()

    class Meta:
        verbose_name = "absence"
        verbose_name_plural = "absences"
        ordering = ["du", "pk"]
        indexes = [models.Index(fields=["au", "du"], name="comptes_absence_par_date")]
        constraints = [
            models.CheckConstraint(
                condition=Q(au__gte=F("du")),
                name="comptes_absence_dates_ordonnees",
                violation_error_message="La fin d’une absence ne précède pas son début.",
            ),
            models.CheckConstraint(
                condition=Q(remplacant=None) | ~Q(remplacant=F("compte")),
                name="comptes_absence_par_un_autre",
                violation_error_message="On ne se remplace pas soi-même.",
            ),
        ]

    def __str__(self):
        return f"absence {self.pk}"

    def couvre(self, jour):
        """Vrai si ce jour est dans l'absence."""
        return self.du <= jour <= self.au


class LienAgenda(models.Model):
    """Le lien d'abonnement d'un compte à son agenda : la base n'en garde que l'empreinte. Un compte qui change de place le perd."""

    compte = models.OneToOneField(Professionnel, on_delete=models.CASCADE, related_name="lien_agenda")
    empreinte = models.CharField(max_length=64, unique=True)
    cree_le = models.DateTimeField(default=timezone.now)
    lu_le = models.DateTimeField(null=True)

    class Meta:
        verbose_name = "lien d’agenda"
        verbose_name_plural = "liens d’agenda"

    def __str__(self):
        return f"lien d’agenda {self.pk}"
