"""Les textes lus à la personne avant un accord : une suite de versions par finalité ; une version publiée ne se récrit pas."""

import hashlib

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Max, Q

from securisation.annuaire.models.accompagnement import Finalite
from securisation.annuaire.querysets import SuppressionRefusee
from securisation.socle.horloge import maintenant
from securisation.socle.journal import inscrire


class TexteAccordQuerySet(models.QuerySet):
    def publies(self):
        """Les versions publiées, la plus récente de chaque finalité d'abord."""
        return self.filter(publie_le__isnull=False).order_by("finalite_id", "-version")

    def en_vigueur(self):
        """Le texte que l'on lit aujourd'hui, un par finalité au plus."""
        return self.publies().distinct("finalite_id")


class TexteAccord(models.Model):
    """Une version du texte d'une finalité. Brouillon, elle se corrige ; publiée, elle fait preuve et la base refuse de la récrire."""

    finalite = models.ForeignKey(Finalite, models.PROTECT, related_name="textes", verbose_name="finalité")
    version = models.PositiveSmallIntegerField("version", editable=False)
    texte = models.TextField("texte lu à la personne", max_length=4000)
    empreinte = models.CharField("empreinte SHA-256 du texte", max_length=64, editable=False)
    publie_le = models.DateTimeField("publié le", null=True, blank=True, editable=False)
    propre_a_l_association = models.BooleanField("écrit par l'association", default=True, editable=False)

    objects = TexteAccordQuerySet.as_manager()

    class Meta:
        verbose_name = "texte d'accord"
        verbose_name_plural = "textes d'accord"
        ordering = ["finalite__ordre", "-version"]
        constraints = [
            models.UniqueConstraint(
                fields=["finalite", "version"],
                name="texte_accord_version_unique",
                violation_error_message="Cette version du texte existe déjà.",
            ),
            models.CheckConstraint(
                condition=~Q(texte=""),
                name="texte_accord_ecrit",
                violation_error_message="Écrivez le texte qui sera lu à la personne.",
            ),
        ]

    def __str__(self):
        return f"{self.finalite}, version {self.version}"

    def save(self, *args, **kwargs):
        """Numérote une version nouvelle et tient l'empreinte ; une version publiée ne s'enregistre plus (ValidationError)."""
        if self.pk and type(self).objects.filter(pk=self.pk, publie_le__isnull=False).exists():
            raise ValidationError("Ce texte est publié : il ne se récrit pas. Écrivez une nouvelle version.")
        if not self.version:
            derniere = type(self).objects.filter(finalite=self.finalite_id).aggregate(n=Max("version"))["n"]
            self.version = (derniere or 0) + 1
        self.empreinte = hashlib.sha256(self.texte.encode()).hexdigest()
        super().save(*args, **kwargs)

    def delete(self, *args, **kwargs):
        raise SuppressionRefusee

    @transaction.atomic
    def publier(self, *, par=None):
        """Ce texte est désormais celui qu'on lit ; sans effet s'il l'est déjà."""
        if self.publie_le is None:
            self.publie_le = maintenant()
            self.save()
            inscrire("texte d'accord publié", objet=self, par=par, version=self.version, empreinte=self.empreinte)
