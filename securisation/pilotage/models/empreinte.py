"""Ce qui dit si deux éditions comptent les mêmes parcours de la même façon : une empreinte par parcours compté, aucun nombre, aucun mot."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from securisation.pilotage.models.edition import Edition


class EmpreinteDEdition(models.Model):
    """Un parcours d'une édition contrôlée ou publiée. Écrite en une instruction par `edition.empreintes` ; jamais montrée, jamais exportée.

    `empreintes` : ce que ses tableaux lisent de lui, un nombre par univers (dans l'ordre de `chiffres.UNIVERS`), nul hors de l'univers.
    Effacé, un parcours laisse sa ligne, sans lui.
    """

    # Ni nom, ni mot, ni code lisible : rien à cacher derrière le mur.
    cloisonne = False
    vers_parcours = "parcours"

    edition = models.ForeignKey(
        Edition, models.CASCADE, related_name="empreintes", db_index=False, editable=False, verbose_name="édition"
    )
    parcours = models.ForeignKey("parcours.Parcours", models.SET_NULL, related_name="+", null=True, editable=False)
    empreintes = ArrayField(
        models.BigIntegerField(null=True), verbose_name="empreintes de ce qui est compté de lui", editable=False
    )
    accompagne = models.BooleanField("compté parmi les accompagnés", editable=False)

    objects = models.Manager()

    class Meta:
        verbose_name = "empreinte d'un parcours dans une édition"
        verbose_name_plural = "empreintes des parcours dans les éditions"
        constraints = [
            models.UniqueConstraint(
                fields=["edition", "parcours"],
                include=["empreintes", "accompagne"],
                name="pilotage_empreinte_une_par_parcours",
                violation_error_message="Ce parcours a déjà son empreinte dans cette édition.",
            )
        ]

    def __str__(self):
        return f"{self.edition_id}.{self.pk}"
