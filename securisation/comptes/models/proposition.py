"""Une fonction proposée par un administrateur, qu'une seconde personne confirme ou refuse."""

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from .professionnel import Equipe, Fonction, Professionnel, jour_courant


class PropositionDeFonction(models.Model):
    """Une fonction qu'un administrateur propose : elle ne vaut rien tant qu'une seconde personne ne l'a pas confirmée."""

    class Etat(models.TextChoices):
        """Où en est la proposition."""

        A_CONFIRMER = "à confirmer", "À confirmer"
        CONFIRMEE = "confirmée", "Confirmée"
        REFUSEE = "refusée", "Refusée"

    professionnel = models.ForeignKey(Professionnel, on_delete=models.PROTECT, related_name="fonctions_proposees")
    genre = models.CharField("fonction", max_length=20, choices=Fonction.Genre.choices)
    equipe = models.ForeignKey(Equipe, verbose_name="équipe", on_delete=models.PROTECT, null=True, blank=True)
    du = models.DateField("du", default=jour_courant)
    proposee_par = models.ForeignKey(Professionnel, on_delete=models.PROTECT, related_name="+", editable=False)
    proposee_le = models.DateTimeField("proposée le", default=timezone.now, editable=False)
    decidee_par = models.ForeignKey(
        Professionnel, on_delete=models.PROTECT, related_name="+", null=True, editable=False
    )
    decidee_le = models.DateTimeField("décidée le", null=True, editable=False)
    etat = models.CharField("état", max_length=15, choices=Etat.choices, default=Etat.A_CONFIRMER, editable=False)

    class Meta:
        verbose_name = "fonction proposée"
        verbose_name_plural = "fonctions proposées"
        ordering = ["-proposee_le"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(proposee_par=F("professionnel")),
                name="comptes_proposition_pour_un_autre",
                violation_error_message="Nul ne se propose une fonction.",
            ),
            models.CheckConstraint(
                condition=Q(etat="à confirmer", decidee_par=None, decidee_le=None)
                | (
                    Q(etat__in=["confirmée", "refusée"], decidee_par__isnull=False, decidee_le__isnull=False)
                    & ~Q(decidee_par=F("proposee_par"))
                    & ~Q(decidee_par=F("professionnel"))
                ),
                name="comptes_proposition_par_une_seconde_personne",
                violation_error_message="Une fonction se confirme par une autre personne que celle qui la propose ou la reçoit.",
            ),
            models.CheckConstraint(
                condition=Q(genre="SUPERVISEUR", equipe__isnull=False)
                | (~Q(genre="SUPERVISEUR") & Q(equipe__isnull=True)),
                name="comptes_proposition_equipe_du_superviseur",
                violation_error_message="Un superviseur répond d'une équipe ; les autres fonctions n'en ont pas.",
            ),
            models.UniqueConstraint(
                fields=["professionnel", "genre", "equipe"],
                condition=Q(etat="à confirmer"),
                nulls_distinct=False,
                name="comptes_proposition_une_seule_ouverte",
                violation_error_message="Cette fonction est déjà proposée pour ce professionnel.",
            ),
        ]

    def clean(self):
        """Une seule proposition en attente par fonction ; rien à proposer si elle est déjà confiée."""
        super().clean()
        visee = {"professionnel": self.professionnel_id, "genre": self.genre, "equipe": self.equipe_id}
        if Fonction.objects.filter(**visee, au=None).exists():
            raise ValidationError("Cette fonction est déjà confiée à ce professionnel.")
        if type(self).objects.filter(**visee, etat=self.Etat.A_CONFIRMER).exclude(pk=self.pk).exists():
            raise ValidationError("Cette fonction est déjà proposée pour ce professionnel.")

    def decider(self, *, par, confirmee):
        """Range la décision d'une seconde personne ; la base refuse celle de qui propose ou reçoit."""
        self.etat = self.Etat.CONFIRMEE if confirmee else self.Etat.REFUSEE
        self.decidee_par, self.decidee_le = par, timezone.now()
        self.save()

    def __str__(self):
        return f"{self.get_genre_display()} ({self.equipe})" if self.equipe_id else self.get_genre_display()
