"""Un axe coté de nouveau à la sortie, à côté de sa cote d'entrée."""

from django.db import models
from django.db.models import Q

from diagnostics.models.champs import entre_0_et_4, niveau, texte_libre
from securisation.socle.trace import Trace
from securisation.socle.transitions import NOUVEAU, transition
from sorties.querysets import CotationQuerySet


class CotationSortie(Trace):
    """Le niveau d'un axe à la sortie, selon le professionnel et selon la personne, sur la même échelle qu'à l'entrée."""

    vers_parcours = "sortie__parcours"

    sortie = models.ForeignKey("sorties.Sortie", models.CASCADE, related_name="cotations", editable=False)
    axe = models.ForeignKey("annuaire.Axe", models.PROTECT, related_name="+", editable=False)
    criticite = niveau("niveau à la sortie")
    criticite_de_la_personne = niveau("niveau de la personne")
    sans_avis_de_la_personne = models.BooleanField("la personne ne se prononce pas", default=False)
    parole = texte_libre("ses mots", 2000)

    objects = CotationQuerySet.as_manager()

    class Meta:
        verbose_name = "cette cote de sortie"
        verbose_name_plural = "cotes de sortie"
        constraints = [
            models.UniqueConstraint(
                fields=["sortie", "axe"],
                name="cotation_une_par_axe",
                violation_error_message="Cet axe est déjà coté à la sortie.",
            ),
            models.CheckConstraint(
                condition=entre_0_et_4("criticite") & entre_0_et_4("criticite_de_la_personne"),
                name="cotation_niveaux_0_a_4",
                violation_error_message="Le niveau va de 0 à 4.",
            ),
            models.CheckConstraint(
                condition=Q(sans_avis_de_la_personne=False) | Q(criticite_de_la_personne=None),
                name="cotation_avis_ou_sans",
                violation_error_message="La personne donne un niveau ou ne se prononce pas : pas les deux.",
            ),
        ]

    def __str__(self):
        return f"cote de sortie {self.pk}"

    @property
    def personne_entendue(self):
        """La personne a donné son niveau, ou dit qu'elle ne se prononce pas."""
        return self.criticite_de_la_personne is not None or self.sans_avis_de_la_personne

    @property
    def est_complete(self):
        return self.criticite is not None and self.personne_entendue

    def manques(self):
        """Phrases de ce qui manque à cet axe pour valider."""
        if self.criticite is None:
            yield f"{self.axe.libelle} : le niveau de sortie n'est pas coté."
        if not self.personne_entendue:
            yield f"{self.axe.libelle} : le niveau de la personne n'est pas noté, ni qu'elle ne se prononce pas."

    @transition(de=[NOUVEAU])
    def preparer(self, *, par):
        """Ajoute l'axe à une sortie qui s'ouvre."""

    @transition(permission="renseigner_sortie")
    def recoter(self, *, par, **champs):
        """Cote l'axe à la sortie et note ce qu'en dit la personne."""
        self.poser(**champs)
