"""Un additif : la seule écriture permise après la clôture, avec son motif."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from diagnostics.models.champs import texte_libre
from securisation.socle import horloge
from securisation.socle.trace import Trace
from securisation.socle.transitions import NOUVEAU, EtatRefuse, transition


class Additif(Trace):
    """Une correction ou un fait connu plus tard, ajouté à un parcours clos sans rien y changer."""

    vers_parcours = "sortie__parcours"

    sortie = models.ForeignKey("sorties.Sortie", models.CASCADE, related_name="additifs", editable=False)
    le = models.DateField("écrit le", editable=False)
    par = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", editable=False)
    motif = models.CharField("motif", max_length=300)
    texte = texte_libre("additif", 4000)

    class Meta:
        verbose_name = "cet additif"
        ordering = ["le", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(texte="") & ~Q(motif=""),
                name="additif_motive",
                violation_error_message="Un additif dit ce qui est ajouté, et pourquoi.",
            ),
        ]

    def __str__(self):
        return f"additif {self.pk}"

    def exiger_la_validation(self):
        """Refuse (409) un additif sur une sortie encore en brouillon."""
        if self.sortie.est_en_cours:
            raise EtatRefuse(
                "Un additif s'écrit après la validation du bilan.",
                que_faire="La sortie est encore un brouillon : corrigez-la directement.",
            )

    @transition(de=[NOUVEAU], permission="ecrire_additif", apres_cloture=True)
    def ecrire(self, *, par, **champs):
        """Ajoute une correction à un bilan validé, avec son motif ; le bilan lui-même ne change pas."""
        self.exiger_la_validation()
        self.poser(**champs)
        self.le, self.par = horloge.aujourd_hui(), par
