"""L'ouverture motivée : le délégué à la protection des données lit un dossier, peu de temps, et la superviseure le sait."""

import datetime
from contextlib import suppress

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q

from securisation.socle import horloge
from securisation.socle.journal import inscrire
from securisation.socle.refus import DroitRefuse
from securisation.socle.trace import Trace, TraceQuerySet, modele_parcours
from securisation.socle.transitions import NOUVEAU, EtatRefuse, transition

DUREE = datetime.timedelta(hours=4)
MOTIF_MIN = 20


class OuvertureQuerySet(TraceQuerySet):
    def visibles_pour(self, professionnel):
        """Les siennes, et celles des équipes qu'il supervise, parcours restreints compris : il sait qui a lu, pas ce qui est écrit."""
        if not professionnel.is_authenticated or not professionnel.is_active:
            return self.none()
        raisons = Q(parcours__equipe__in=professionnel.equipes_supervisees)
        if professionnel.a_fonction("DPO"):
            raisons |= Q(professionnel=professionnel)
        return self.filter(raisons)

    def en_cours(self):
        """Celles qui donnent à lire maintenant."""
        return self.filter(refermee_le=None, jusqu_au__gt=horloge.instant())

    def de(self, professionnel):
        """Celles de ce délégué ; aucune si la fonction ne s'exerce plus."""
        return self.filter(professionnel=professionnel) if professionnel.a_fonction("DPO") else self.none()

    def parcours_lus_par(self, professionnel):
        """Clés des dossiers qu'il a ouverts et lit encore ; rien pour qui n'est pas délégué, sans requête."""
        if not professionnel.a_fonction("DPO"):
            return []
        return list(self.en_cours().de(professionnel).values_list("parcours", flat=True))

    def recentes(self):
        """La plus récente d'abord, avec son parcours et son auteur."""
        return self.select_related("parcours__equipe", "professionnel").order_by("-ouverte_le", "-pk")


class Ouverture(Trace):
    """Qui a ouvert quel dossier, quand, pourquoi, jusqu'à quelle heure. Elle donne à lire, jamais à écrire."""

    # La superviseure lit qui a ouvert un parcours restreint qu'elle-même ne voit pas ; aucun mot du dossier n'y est.
    cloisonne = False

    parcours = models.ForeignKey("parcours.Parcours", models.CASCADE, related_name="ouvertures")
    professionnel = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="ouvert par"
    )
    motif = models.TextField("motif", max_length=1000)
    ouverte_le = models.DateTimeField("ouvert le", editable=False)
    jusqu_au = models.DateTimeField("lisible jusqu'à", editable=False)
    refermee_le = models.DateTimeField("refermé le", null=True, blank=True, editable=False)

    objects = OuvertureQuerySet.as_manager()

    class Meta:
        verbose_name = "cette ouverture motivée"
        ordering = ["-ouverte_le", "-pk"]
        indexes = [models.Index(fields=["professionnel", "parcours", "jusqu_au"], name="ouverture_en_cours")]
        constraints = [
            models.CheckConstraint(
                condition=Q(jusqu_au__gt=F("ouverte_le"), jusqu_au__lte=F("ouverte_le") + DUREE),
                name="ouverture_courte",
                violation_error_message="Une ouverture dure quatre heures au plus.",
            ),
        ]

    def __str__(self):
        return f"ouverture {self.pk}"

    @property
    def est_en_cours(self):
        """Vrai tant qu'elle donne à lire."""
        return self.refermee_le is None and self.jusqu_au > horloge.instant()

    @classmethod
    def par_numero(cls, *, par, numero, motif):
        """Ouvre le dossier de ce numéro ; s'il ne s'ouvre pas, l'essai s'inscrit au journal et rien d'autre ne dit pourquoi (None)."""
        parcours = modele_parcours().objects.filter(numero=numero).first()
        if parcours is not None:
            # Un dossier fermé pour effacement répond comme un numéro que rien ne porte : un refus dirait qu'il existe.
            with suppress(DroitRefuse, EtatRefuse):
                return cls(parcours=parcours).ouvrir(par=par, motif=motif)
        inscrire("recherche", par=par, page="parcours:ouvrir_par_motif", numero=numero, montres=[])
        return None

    @transition(de=[NOUVEAU], permission="ouvrir_par_motif", apres_cloture=True)
    def ouvrir(self, *, par, motif):
        """Ouvre le dossier en lecture pour quatre heures, avec un motif écrit."""
        self.motif = motif.strip()
        if len(self.motif) < MOTIF_MIN:
            raise ValidationError({"motif": f"Dites pourquoi en une phrase ({MOTIF_MIN} signes au moins)."})
        self.professionnel, self.ouverte_le = par, horloge.instant()
        self.jusqu_au = self.ouverte_le + DUREE

    @classmethod
    def refermer_tout(cls, parcours, *, par):
        """Referme ce que ce délégué a ouvert, une ou plusieurs fois, sur ce parcours."""
        for ouverture in cls.objects.en_cours().de(par).filter(parcours=parcours):
            ouverture.refermer(par=par)

    @transition(permission="refermer_ouverture", apres_cloture=True)
    def refermer(self, *, par):
        """Referme le dossier avant l'heure."""
        self.refermee_le = self.refermee_le or horloge.instant()
