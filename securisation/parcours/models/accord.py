"""Les accords de la personne : un par finalité, avec sa preuve, sa durée et son retrait."""

from functools import partial

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Max, Q

from securisation.socle import horloge
from securisation.socle.trace import Trace, TraceQuerySet
from securisation.socle.transitions import NOUVEAU, EtatRefuse, transition

INFORMATION, PARTAGE, CONTACT, ADHESION = "INFORMATION", "PARTAGE", "CONTACT", "ADHESION"


class AccordQuerySet(TraceQuerySet):
    def en_cours(self, jour=None):
        """Accords qui courent ce jour : commencés, ni retirés ni échus."""
        jour = jour or horloge.aujourd_hui()
        return self.filter(
            Q(jusqu_au=None) | Q(jusqu_au__gte=jour),
            Q(retire_le=None) | Q(retire_le__gt=jour),
            le__lte=jour,
            accorde=True,
        )


class Accord(Trace):
    """Un accord tracé : finalité, preuve, destinataire, axes, durée ; un retrait mord à la requête suivante."""

    class Mode(models.TextChoices):
        ECRIT = "écrit signé", "Écrit signé"
        REMIS = "remise en main propre", "Remise en main propre"
        LU = "lue avec la personne à son domicile", "Lu avec la personne"
        ORAL = "oral", "Oral, noté par le professionnel"

    parcours = models.ForeignKey("parcours.Parcours", models.CASCADE, related_name="accords")
    finalite = models.ForeignKey("annuaire.Finalite", models.PROTECT, related_name="+", verbose_name="finalité")
    accorde = models.BooleanField("accordé", default=True)
    le = models.DateField("recueilli le")
    mode = models.CharField("preuve", max_length=80, blank=True)
    canal = models.CharField("canal", max_length=12, blank=True)
    partenaire = models.CharField("destinataire", max_length=200, blank=True)
    professionnel = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="compte du destinataire",
    )
    axes = ArrayField(models.CharField(max_length=3), verbose_name="axes", default=list, blank=True)
    jusqu_au = models.DateField("jusqu'au", null=True, blank=True)
    retire_le = models.DateField("retiré le", null=True, blank=True, editable=False)
    motif_du_retrait = models.TextField("motif du retrait", max_length=1000, blank=True, editable=False)

    objects = AccordQuerySet.as_manager()

    class Meta:
        verbose_name = "cet accord"
        ordering = ["le", "pk"]
        indexes = [models.Index(fields=["parcours", "finalite"], name="accord_par_finalite")]
        constraints = [
            models.CheckConstraint(
                condition=Q(jusqu_au=None) | Q(jusqu_au__gte=F("le")),
                name="accord_fin_apres_debut",
                violation_error_message="La fin de l'accord précède son début.",
            ),
            models.CheckConstraint(
                condition=Q(retire_le=None) | Q(retire_le__gte=F("le")),
                name="accord_retrait_apres_debut",
                violation_error_message="Le retrait précède l'accord.",
            ),
        ]

    def __str__(self):
        return f"accord {self.pk}"

    @property
    def est_en_cours(self):
        jour = horloge.aujourd_hui()
        fini = (self.jusqu_au and self.jusqu_au < jour) or (self.retire_le and self.retire_le <= jour)
        return self.accorde and self.le <= jour and not fini

    @transition(de=[NOUVEAU], permission="recueillir_accord")
    def recueillir(self, *, par, **champs):
        """Enregistre un accord donné par la personne, avec sa preuve."""
        self.poser(**champs)
        if self.le > horloge.aujourd_hui():
            raise ValidationError({"le": "La date de l'accord est dans l'avenir."})
        code = self.finalite.code
        self._verifier_la_suite(code)
        if code == PARTAGE and not (self.partenaire.strip() and self.axes and self.jusqu_au):
            raise ValidationError("Un accord de partage nomme un destinataire, des axes et une durée.")
        if code == CONTACT and not self.canal:
            raise ValidationError({"canal": "Indiquez le canal que la personne accepte."})
        if code not in (PARTAGE, CONTACT) and not self.mode:
            raise ValidationError({"mode": "Indiquez la preuve de cet accord."})
        self.parcours.lever_echeance("accord", source=code)

    @transition(permission="retirer_accord", apres_cloture=True)
    def retirer(self, *, par, motif=""):
        """La personne retire son accord : il cesse de valoir tout de suite."""
        self.refuser_si_remise()
        if self.retire_le:
            raise ValidationError("Cet accord est déjà retiré.")
        self.retire_le, self.motif_du_retrait = horloge.aujourd_hui(), motif
        if self.finalite.code == ADHESION and not self.parcours.est_fige:
            self.parcours.poser_echeance(
                "adhesion", self.retire_le, "Adhésion retirée : en parler et interrompre, ou la recueillir de nouveau"
            )
        return partial(self._retirer_les_pareils, par, motif)

    def refuser_si_remise(self):
        """Une information remise est un fait : elle ne se retire pas (EtatRefuse)."""
        if self.finalite.code == INFORMATION:
            raise EtatRefuse(
                "L'information remise à la personne ne se retire pas.",
                que_faire="Si la personne ne souhaite plus être accompagnée, retirez son adhésion.",
            )

    def _retirer_les_pareils(self, par, motif):
        """Un retrait ne laisse valoir aucune autre ligne du même accord ; chacune, retirée, cherche la suivante."""
        if pareil := self._pareils().en_cours().first():
            pareil.retirer(par=par, motif=motif)

    def _pareils(self):
        """Les autres lignes du même accord : même finalité ; et même destinataire pour un partage, même canal pour un contact."""
        pareils = self.parcours.accords.filter(finalite=self.finalite_id).exclude(pk=self.pk)
        if self.finalite.code == PARTAGE:
            return pareils.filter(partenaire__iexact=self.partenaire.strip(), professionnel=self.professionnel_id)
        return pareils.filter(canal=self.canal) if self.finalite.code == CONTACT else pareils

    def _verifier_la_suite(self, code):
        """Un accord ne double pas celui qui court, ne précède pas un retrait, et l'adhésion suit l'information (ValidationError)."""
        if court := self._pareils().en_cours().first():
            suite = "" if code == INFORMATION else " S'il change, retirez-le d'abord."
            raise ValidationError(f"Cet accord court déjà, depuis le {court.le:%d/%m/%Y}.{suite}")
        retrait = self._pareils().aggregate(dernier=Max("retire_le"))["dernier"]
        if retrait and self.le < retrait:
            raise ValidationError(
                {
                    "le": f"La personne a retiré cet accord le {retrait:%d/%m/%Y} : un nouvel accord ne peut pas être daté d'avant."
                }
            )
        if code == ADHESION and not self.parcours.accords.filter(finalite__code=INFORMATION, le__lte=self.le).exists():
            raise ValidationError(
                "L'adhésion suit l'information : enregistrez d'abord l'information remise à la personne."
            )
