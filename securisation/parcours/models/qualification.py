"""La qualification : quatre critères, une exclusion, une décision, son motif et la réponse donnée."""

import datetime

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q

from securisation.annuaire.models import Public
from securisation.socle import horloge
from securisation.socle.trace import Trace
from securisation.socle.transitions import NOUVEAU, transition

DELAI_REPONSE = datetime.timedelta(days=7)
CRITERES = (
    "facteurs_identifies",
    "droit_commun_mobilise_ou_mobilisable",
    "trajectoire_fragile_malgre_ces_mobilisations",
    "action_ciblee_necessaire",
)


class Qualification(Trace):
    """L'admission est un acte à part, avec son motif ; un refus est une orientation, avec une date et une réponse."""

    class Decision(models.TextChoices):
        ADMISE = "admise", "Admise dans le dispositif"
        NON_ADMISE = "non_admise", "Non admise, orientée"

    parcours = models.OneToOneField("parcours.Parcours", models.CASCADE, related_name="qualification")
    le = models.DateField("décidée le", editable=False)
    facteurs_identifies = models.BooleanField("Des facteurs de rupture sont identifiés")
    droit_commun_mobilise_ou_mobilisable = models.BooleanField("Le droit commun est mobilisé ou mobilisable")
    trajectoire_fragile_malgre_ces_mobilisations = models.BooleanField(
        "La trajectoire reste fragile malgré ces mobilisations"
    )
    action_ciblee_necessaire = models.BooleanField("Une action ciblée est nécessaire")
    releve_exclusivement_de_l_urgence = models.BooleanField(
        "La situation relève exclusivement de l'urgence, médicale ou sociale"
    )
    decision = models.CharField("décision", max_length=10, choices=Decision.choices)
    motif = models.TextField("motif", max_length=2000)
    orientation_proposee = models.ForeignKey(
        "annuaire.Levier", models.PROTECT, related_name="+", null=True, blank=True, verbose_name="orientation proposée"
    )
    reponse_donnee_le = models.DateField("réponse donnée le", null=True, blank=True)
    # Des codes de `annuaire.Public` ; jamais ceux dont le nom révèle la santé.
    publics = ArrayField(models.CharField(max_length=40), verbose_name="publics concernés", default=list, blank=True)

    class Meta:
        verbose_name = "cette qualification"
        constraints = [
            models.CheckConstraint(
                condition=Q(decision="non_admise")
                | Q(**dict.fromkeys(CRITERES, True), releve_exclusivement_de_l_urgence=False),
                name="qualification_admise_selon_criteres",
                violation_error_message="L'admission demande les quatre critères réunis, hors urgence exclusive.",
            ),
            models.CheckConstraint(
                condition=Q(decision="admise") | Q(orientation_proposee__isnull=False),
                name="qualification_refus_oriente",
                violation_error_message="Un refus est une orientation : indiquez vers qui la personne est orientée.",
            ),
        ]

    def __str__(self):
        return f"qualification {self.pk}"

    @transition(de=[NOUVEAU], permission="qualifier")
    def prononcer(self, *, par, **champs):
        """Décide de l'admission, ou de l'orientation ailleurs."""
        self.poser(**champs)
        self.le = horloge.aujourd_hui()
        self._verifier_la_reponse(self.reponse_donnee_le)
        self._verifier_les_publics()
        if self.decision == self.Decision.ADMISE:
            self.parcours.admettre(par=par)
            return
        self.parcours.ne_pas_admettre(par=par)
        if not self.reponse_donnee_le:
            self.parcours.poser_echeance("reponse", self.le + DELAI_REPONSE, "Donner la réponse à la personne")

    @transition(permission="repondre", apres_cloture=True)
    def repondre(self, *, par, reponse_donnee_le):
        """Note le jour où la réponse a été donnée à la personne."""
        self._verifier_la_reponse(reponse_donnee_le)
        self.reponse_donnee_le = reponse_donnee_le
        # Sans source : celle de la personne ; les réponses qu'attendent les actions restent dues.
        self.parcours.lever_echeance("reponse", source="")

    def _verifier_la_reponse(self, jour):
        if jour and not self.parcours.recue_le <= jour <= horloge.aujourd_hui():
            raise ValidationError(
                {"reponse_donnee_le": "La réponse est donnée entre la réception de la demande et aujourd'hui."}
            )

    def _verifier_les_publics(self):
        """Chaque code existe, se propose encore et ne révèle pas la santé ; ils se rangent dans l'ordre de la liste."""
        permis = list(Public.objects.a_la_saisie().values_list("code", flat=True)) if self.publics else []
        if inconnus := sorted(set(self.publics) - set(permis)):
            raise ValidationError({"publics": f"Ce public ne se note pas ici : {', '.join(inconnus)}."})
        self.publics = [code for code in permis if code in self.publics]
