"""Une suite possible entre deux facteurs, examinée avec la personne."""

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q

from diagnostics.models.axe import FacteurRetenu
from diagnostics.models.champs import texte_libre
from securisation.annuaire.models import LienDomino
from securisation.socle.trace import Trace
from securisation.socle.transitions import NOUVEAU, transition


class DominoExamine(Trace):
    """Une suite possible entre deux facteurs, examinée avec la personne : retenue, ou écartée avec son motif."""

    vers_parcours = "diagnostic__parcours"

    diagnostic = models.ForeignKey("diagnostics.Diagnostic", models.CASCADE, related_name="dominos", editable=False)
    de = models.ForeignKey("annuaire.Facteur", models.PROTECT, related_name="+", editable=False)
    vers = models.ForeignKey("annuaire.Facteur", models.PROTECT, related_name="+", editable=False)
    lien = models.ForeignKey(
        "annuaire.LienDomino", models.PROTECT, null=True, blank=True, related_name="+", editable=False
    )
    retenu = models.BooleanField("retenue")
    note = texte_libre("précision ou motif", 1000)

    class Meta:
        verbose_name = "cette suite"
        verbose_name_plural = "suites examinées"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["diagnostic", "de", "vers"],
                name="domino_examine_une_fois",
                violation_error_message="Cette suite est déjà examinée.",
            ),
            models.CheckConstraint(
                condition=~Q(de=F("vers")),
                name="domino_deux_facteurs",
                violation_error_message="Un facteur ne peut pas se suivre lui-même.",
            ),
            models.CheckConstraint(
                condition=Q(retenu=True) | ~Q(note=""),
                name="domino_ecarte_motive",
                violation_error_message="Écarter une suite demande un motif.",
            ),
        ]

    def __str__(self):
        return f"domino {self.pk}"

    @transition(de=[NOUVEAU])
    def preparer(self, *, par, d_apres):
        """Reprend une suite examinée de la version précédente ; appelée à l'ouverture."""
        self.retenu, self.note, self.lien_id = d_apres.retenu, d_apres.note, d_apres.lien_id

    @transition(permission="renseigner_diagnostic", finalite="ADHESION")
    def examiner(self, *, par, retenu, note=""):
        """Retient cette suite, ou l'écarte avec son motif."""
        self.diagnostic.exiger_brouillon()
        if not FacteurRetenu.objects.filter(evaluation__diagnostic=self.diagnostic_id, facteur=self.de_id).exists():
            raise ValidationError("Une suite part d'un facteur retenu au diagnostic.")
        self.lien = LienDomino.objects.filter(de=self.de_id, vers=self.vers_id).first()
        self.retenu, self.note = retenu, note

    @transition()
    def oublier(self, *, par):
        """Efface une suite dont le facteur de départ est retiré ; appelée par ce retrait."""
        return self.delete
