"""Qui a quel rôle sur un parcours. La seule source des droits par dossier ; s'écrit par `roles.py`."""

from django.conf import settings
from django.db import models
from guardian.models import UserObjectPermissionBase
from simple_history.models import HistoricalRecords

from securisation.socle.trace import Trace
from securisation.socle.transitions import NOUVEAU, transition


class Attribution(UserObjectPermissionBase):
    """Une ligne guardian : (professionnel, rôle, parcours). `echeance` et `phase` y sont recopiées par la base pour la liste."""

    vers_parcours = "content_object"
    cloisonne = False  # aucun mot du dossier ; c'est elle que le mur lit
    champs_calcules = ("echeance", "phase")

    content_object = models.ForeignKey("parcours.Parcours", models.CASCADE, related_name="attributions")
    echeance = models.DateField(editable=False, null=True)
    phase = models.CharField(max_length=14, editable=False, blank=True)

    history = HistoricalRecords(
        history_id_field=models.BigAutoField(),
        history_change_reason_field=models.TextField(null=True),
        user_db_constraint=False,
        custom_model_name="HistoriqueAttribution",
    )

    class Meta(UserObjectPermissionBase.Meta):
        abstract = False
        verbose_name = "un rôle"
        indexes = [
            models.Index(fields=["user", "echeance", "content_object"], include=["phase"], name="attribution_liste"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["user", "content_object"], name="attribution_un_role_par_professionnel"),
        ]

    def __str__(self):
        return f"attribution {self.pk}"


class DeclarationInteret(Trace):
    """Ce que le référent déclare à chaque attribution : aucun conflit d'intérêts avec cette personne, ou lequel."""

    parcours = models.ForeignKey("parcours.Parcours", models.CASCADE, related_name="declarations")
    professionnel = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    absence_de_conflit = models.BooleanField("aucun conflit d'intérêts")
    precisions = models.TextField("précisions", max_length=1000, blank=True)

    class Meta:
        verbose_name = "cette déclaration"

    def __str__(self):
        return f"déclaration {self.pk}"

    @transition(de=[NOUVEAU], apres_cloture=True)
    def declarer(self, *, par, **champs):
        """Enregistre la déclaration ; appelée par l'attribution du rôle et par le démarrage de l'intervention."""
        self.poser(**champs)
