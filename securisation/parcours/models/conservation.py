"""La fin de la conservation d'un dossier : un préavis, puis l'effacement, ou un archivage motivé et d'accès restreint."""

import datetime

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q

from securisation.socle import horloge
from securisation.socle.trace import Trace, TraceQuerySet
from securisation.socle.transitions import NOUVEAU, AvecEtat, transition

ARCHIVAGE_MAX = datetime.timedelta(days=5 * 366)


class ConservationQuerySet(TraceQuerySet):
    def visibles_pour(self, professionnel):
        """Celles des équipes supervisées ; le délégué à la protection des données les voit toutes, sans voir les dossiers."""
        if not professionnel.is_authenticated or not professionnel.is_active:
            return self.none()
        if professionnel.a_fonction("DPO"):
            return self.all()
        return self.filter(parcours__equipe__in=professionnel.equipes_supervisees)

    def en_preavis(self):
        """Dossiers dont le terme est annoncé, le plus proche d'abord."""
        return self.filter(etat=Conservation.Etat.PREAVIS).select_related("parcours", "effacement").order_by("terme")

    def archives(self):
        """Dossiers archivés, celui dont l'archivage finit le plus tôt d'abord."""
        return self.filter(etat=Conservation.Etat.ARCHIVE).select_related("parcours").order_by("jusqu_au")


class Conservation(Trace, AvecEtat):
    """Ce qu'il advient d'un dossier dont la personne ne donne plus de nouvelles : annoncé, archivé, ou effacé au terme."""

    # Le délégué la lit sans ouvrir le dossier ; le motif, écrit librement, part avec lui.
    cloisonne = False

    class Etat(models.TextChoices):
        PREAVIS = "preavis", "Préavis"
        LEVE = "leve", "Nouvelles reçues"
        ARCHIVE = "archive", "Archivé"
        FINI = "fini", "Archivage fini"

    parcours = models.ForeignKey("parcours.Parcours", models.CASCADE, related_name="conservations", editable=False)
    etat = models.CharField("état", max_length=8, choices=Etat.choices, default=Etat.PREAVIS, editable=False)
    annonce_le = models.DateField("annoncé le", editable=False)
    terme = models.DateField("terme", editable=False)
    effacement = models.ForeignKey(
        "parcours.Effacement", models.SET_NULL, null=True, blank=True, related_name="+", editable=False
    )
    motif = models.TextField("motif de l'archivage", max_length=2000, blank=True)
    jusqu_au = models.DateField("archivé jusqu'au", null=True, blank=True)
    archive_le = models.DateField("archivé le", null=True, blank=True, editable=False)
    archive_par = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", editable=False
    )

    objects = ConservationQuerySet.as_manager()

    class Meta:
        verbose_name = "cette conservation"
        ordering = ["terme", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["parcours"],
                condition=Q(etat__in=["preavis", "archive"]),
                name="conservation_une_seule_ouverte",
                violation_error_message="La fin de conservation de ce parcours est déjà annoncée.",
            ),
            models.CheckConstraint(
                condition=Q(terme__gte=F("annonce_le") + datetime.timedelta(days=30)),
                name="conservation_preavis_de_trente_jours",
                violation_error_message="Le terme suit l'annonce d'au moins trente jours.",
            ),
            models.CheckConstraint(
                condition=~Q(etat__in=["archive", "fini"])
                | (~Q(motif="") & Q(jusqu_au__isnull=False, archive_par__isnull=False)),
                name="conservation_archive_motivee",
                violation_error_message="Un archivage porte son motif, sa fin et qui l'a décidé.",
            ),
        ]

    def __str__(self):
        return f"conservation {self.pk}"

    @transition(de=[NOUVEAU], vers=Etat.PREAVIS, apres_cloture=True)
    def annoncer(self, *, par, terme):
        """Annonce le terme, au moins trente jours avant : une échéance le dit, et les deux décisions peuvent se prendre."""
        from securisation.parcours.models.effacement import Effacement

        self.annonce_le, self.terme = horloge.aujourd_hui(), terme
        self.effacement = Effacement(parcours=self.parcours).annoncer(par=par, pas_avant=terme)
        self.parcours.poser_echeance(
            "conservation", terme, "Fin de conservation : sans nouvelles de la personne, le dossier s’efface"
        )

    @transition(de=[Etat.PREAVIS], vers=Etat.LEVE, apres_cloture=True)
    def lever(self, *, par):
        """La personne a donné des nouvelles : le dossier est gardé, le délai repart."""
        return lambda: self._clore_l_effacement(par)

    @transition(de=[Etat.PREAVIS], vers=Etat.ARCHIVE, permission="archiver_parcours", apres_cloture=True)
    def archiver(self, *, par, motif, jusqu_au):
        """Garde le dossier au-delà du terme, pour un motif écrit et jusqu'à une date ; plus personne ne le lit couramment."""
        jour = horloge.aujourd_hui()
        if len(motif.strip()) < 20:
            raise ValidationError(
                {"motif": "Écrivez le motif en une phrase : le texte, le litige ou la demande en cours."}
            )
        if not jour < jusqu_au <= jour + ARCHIVAGE_MAX:
            raise ValidationError({"jusqu_au": "L'archivage finit dans l'avenir, et dure cinq ans au plus."})
        self.motif, self.jusqu_au, self.archive_le, self.archive_par = motif, jusqu_au, jour, par

        def ensuite():
            self._clore_l_effacement(par)
            self.parcours.s_archiver(par=par)

        return ensuite

    @transition(de=[Etat.ARCHIVE], vers=Etat.FINI, apres_cloture=True)
    def finir(self, *, par):
        """L'archivage est fini : un nouveau préavis court."""

    def _clore_l_effacement(self, par):
        self.parcours.lever_echeance("conservation")
        if self.effacement and not self.effacement.est_fini:
            self.effacement.devenir_sans_objet(par=par)
