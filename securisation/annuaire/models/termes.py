"""La liste de l'association : les mots que la garde signale en plus, et ceux qu'elle laisse passer."""

import re

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from django.db.models import Count, Max, Q

from securisation.annuaire.garde import en_forme, refuses
from securisation.annuaire.querysets import A_SIGNALER, SuppressionRefusee
from securisation.socle.horloge import maintenant
from securisation.socle.journal import inscrire

TERMES_MAX = 500  # au-delà, ce n'est plus une liste que quelqu'un relit
DEJA_LA = "Ce mot est déjà dans la liste. Retirez d'abord l'autre ligne si elle ne convient plus."


class TermeDeGardeQuerySet(models.QuerySet):
    def en_vigueur(self):
        """Ce que la garde lit aujourd'hui."""
        return self.filter(retire_le__isnull=True)

    def retires(self):
        """Ce qu'elle ne lit plus, le dernier retiré d'abord."""
        return self.filter(retire_le__isnull=False).order_by("-retire_le", "-pk")

    def version(self):
        """Change à chaque ajout et à chaque retrait : une ligne ne se récrit ni ne se supprime. Une requête."""
        nombres = self.aggregate(dernier=Max("pk"), retires=Count("retire_le"), retrait=Max("retire_le"))
        return tuple(nombres.values())


class TermeDeGarde(models.Model):
    """Un mot (ou une tournure) de l'association. Il s'écrit, puis se retire ; qui, quand et pourquoi restent lisibles."""

    class Sens(models.TextChoices):
        SIGNALER = A_SIGNALER, "À signaler"
        LAISSER = "laisser", "À laisser passer"

    sens = models.CharField("ce que fait la garde", max_length=10, choices=Sens.choices)
    terme = models.CharField("mot ou tournure", max_length=60)
    forme = models.CharField("forme comparée", max_length=120, editable=False)
    suggestion = models.CharField("formulation proposée", max_length=300, blank=True)
    motif = models.CharField("pourquoi", max_length=300)
    ecrit_le = models.DateTimeField("écrit le", editable=False)
    ecrit_par = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="écrit par", editable=False, related_name="+"
    )
    retire_le = models.DateTimeField("retiré le", null=True, blank=True, editable=False)
    retire_par = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        verbose_name="retiré par",
        null=True,
        blank=True,
        editable=False,
        related_name="+",
    )

    objects = TermeDeGardeQuerySet.as_manager()

    class Meta:
        verbose_name = "mot de la garde"
        verbose_name_plural = "mots de la garde"
        ordering = ["forme", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["forme"],
                condition=Q(retire_le=None),
                name="terme_de_garde_unique",
                violation_error_message=DEJA_LA,
            ),
            models.CheckConstraint(
                condition=Q(sens="laisser", suggestion="") | (Q(sens=A_SIGNALER) & ~Q(suggestion="")),
                name="terme_de_garde_suggestion",
                violation_error_message="Un mot à signaler a sa formulation proposée ; un mot à laisser passer n'en a pas.",
            ),
            models.CheckConstraint(
                condition=~Q(motif="") & ~Q(forme=""),
                name="terme_de_garde_motive",
                violation_error_message="Écrivez le mot, et pourquoi il entre dans la liste.",
            ),
            models.CheckConstraint(
                condition=Q(retire_le=None, retire_par=None) | Q(retire_le__isnull=False, retire_par__isnull=False),
                name="terme_de_garde_retrait_signe",
                violation_error_message="Un retrait est daté et signé.",
            ),
        ]

    def __str__(self):
        return self.terme

    def delete(self, *args, **kwargs):
        raise SuppressionRefusee

    def clean(self):
        """Un vrai mot, sans numéro de sécurité sociale ni code médical : aucune ligne ne peut en faire passer un."""
        if refuses(" ".join([self.terme, self.suggestion, self.motif])):
            raise ValidationError(
                "Retirez le numéro de sécurité sociale ou le code médical : ils sont toujours refusés."
            )
        if not re.search(r"[a-z]{3}", self.forme):
            raise ValidationError({"terme": "Écrivez un mot d'au moins trois lettres."})
        if not self.pk and type(self).objects.en_vigueur().count() >= TERMES_MAX:
            raise ValidationError(f"La liste a déjà {TERMES_MAX} mots : retirez-en avant d'en ajouter.")

    @transaction.atomic
    def ecrire(self, *, par, **champs):
        """Entre le mot dans la liste : la garde en tient compte dès la page suivante. Lève ValidationError."""
        for nom, valeur in champs.items():
            setattr(self, nom, valeur)
        self.forme, self.ecrit_le, self.ecrit_par = en_forme(self.terme), maintenant(), par
        self.full_clean()
        try:
            with transaction.atomic():
                self.save(force_insert=True)
        except IntegrityError as erreur:  # écrit au même instant ailleurs
            raise ValidationError(DEJA_LA) from erreur
        inscrire("mot de la garde ajouté", objet=self, par=par, terme=self.terme, sens=self.sens)

    @transaction.atomic
    def retirer(self, *, par):
        """Ôte le mot de la liste ; sans effet s'il l'est déjà."""
        if self.retire_le is None:
            self.retire_le, self.retire_par = maintenant(), par
            self.save(update_fields=["retire_le", "retire_par"])
            inscrire("mot de la garde retiré", objet=self, par=par, terme=self.terme, sens=self.sens)
