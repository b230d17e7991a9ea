"""Un contact : quand, par quel canal, et s'il vient de la personne."""

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q

from interventions.querysets import ContactQuerySet
from securisation.parcours.models import Personne
from securisation.socle import horloge
from securisation.socle.trace import Trace
from securisation.socle.transitions import NOUVEAU, transition


class Contact(Trace):
    """Un échange avec la personne. Seul un contact venu d'elle déplace la durée de conservation."""

    CANAUX = [*Personne.Canal.choices, ("rendez-vous", "Rendez-vous au bureau")]

    parcours = models.ForeignKey("parcours.Parcours", models.CASCADE, related_name="contacts")
    intervention = models.ForeignKey(
        "interventions.Intervention",
        models.CASCADE,
        related_name="contacts",
        null=True,
        blank=True,
        editable=False,
    )
    le = models.DateField("le")
    canal = models.CharField("canal", max_length=12, choices=CANAUX)
    de_la_personne = models.BooleanField("à l’initiative de la personne", default=False)
    abouti = models.BooleanField("a abouti à un échange", default=True)
    note = models.CharField("note", max_length=2000, blank=True)
    par = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", editable=False)

    objects = ContactQuerySet.as_manager()

    class Meta:
        verbose_name = "ce contact"
        ordering = ["-le", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(abouti=True) | Q(de_la_personne=False),
                name="contact_sans_reponse_est_le_notre",
                violation_error_message="Un contact venu de la personne est un échange : il ne reste pas sans réponse.",
            ),
        ]
        indexes = [models.Index(fields=["parcours", "de_la_personne", "le"], name="contact_de_la_personne")]

    def __str__(self):
        return f"contact {self.pk}"

    @transition(de=[NOUVEAU], permission="noter_contact")
    def noter(self, *, par, le=None, **champs):
        """Note un contact, le jour même ou après coup."""
        self.poser(le=le or horloge.aujourd_hui(), **champs)
        self.par = par
        self.intervention = self.parcours.intervention if hasattr(self.parcours, "intervention") else None
        if not self.parcours.recue_le <= self.le <= horloge.aujourd_hui():
            raise ValidationError({"le": "Un contact a lieu entre la réception de la demande et aujourd’hui."})
