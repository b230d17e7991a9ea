"""Un risque qui reste à la sortie : un relais nommé qui confirme, ou un risque assumé avec son motif."""

import datetime

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q

from interventions.models.intervention import exiger_l_accord_sensible
from securisation.socle import horloge
from securisation.socle.trace import Trace
from securisation.socle.transitions import NOUVEAU, AccordManquant, transition
from sorties.models.libelles import en_clair
from sorties.querysets import RisqueQuerySet

DATES_POSSIBLES = (datetime.date(2000, 1, 1), datetime.date(2100, 1, 1))


def _accord_de(risque):
    """L'accord que demande ce qui révèle la santé ; un dossier repris l'a déjà écrit."""
    return ["SENSIBLE"] if risque.revele_la_sante and not horloge.moment_de_reprise() else []


class Risque(Trace):
    """Un risque résiduel : qui prend le relais et depuis quand il le sait, ou pourquoi personne ; et le signe qui doit alerter."""

    vers_parcours = "sortie__parcours"
    est_tu = False  # vrai quand une page a ôté, en mémoire, ce que l'accord sur les données sensibles couvre

    sortie = models.ForeignKey("sorties.Sortie", models.CASCADE, related_name="risques", editable=False)
    risque = models.ForeignKey("annuaire.RisqueResiduel", models.PROTECT, related_name="+", verbose_name="risque")
    facteur = models.ForeignKey(
        "annuaire.Facteur", models.PROTECT, related_name="+", null=True, blank=True, verbose_name="facteur"
    )
    action = models.ForeignKey(
        "interventions.Action", models.PROTECT, related_name="+", null=True, blank=True, verbose_name="démarche"
    )
    assume = models.BooleanField("assumé, sans relais", default=False)
    relais = models.CharField("relais", max_length=200, blank=True)
    relais_confirme_le = models.DateField("relais confirmé le", null=True, blank=True)
    motif = models.CharField("motif", max_length=1000, blank=True)
    signal_d_alerte = models.CharField("signe qui doit alerter", max_length=300, blank=True)
    echeance = models.DateField("échéance", null=True, blank=True)

    objects = RisqueQuerySet.as_manager()

    class Meta:
        verbose_name = "ce risque"
        verbose_name_plural = "risques résiduels"
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=(Q(assume=True, relais="", relais_confirme_le=None) & ~Q(motif=""))
                | (Q(assume=False, motif="") & ~Q(relais="")),
                name="risque_relais_ou_assume",
                violation_error_message="Un risque a un relais nommé, ou il est assumé avec un motif : l'un des deux.",
            ),
            models.CheckConstraint(
                condition=(Q(relais_confirme_le=None) | Q(relais_confirme_le__range=DATES_POSSIBLES))
                & (Q(echeance=None) | Q(echeance__range=DATES_POSSIBLES)),
                name="risque_dates_possibles",
                violation_error_message="Cette date n'est pas possible : elle doit être entre 2000 et 2100.",
            ),
        ]

    def __str__(self):
        return f"risque {self.pk}"

    @property
    def source(self):
        """Ce que cite l'échéance qu'il doit."""
        return f"risque:{self.pk}"

    @property
    def libelle(self):
        """Ce qui peut encore se rompre, tel qu'on le lit."""
        return en_clair(self.risque.libelle)

    @property
    def facteur_en_clair(self):
        """Le facteur en cause tel qu'on le lit ; vide s'il n'y en a pas."""
        return en_clair(self.facteur.libelle) if self.facteur else ""

    @property
    def revele_la_sante(self):
        """Vrai si le risque, son facteur ou sa démarche, en se lisant, dit quelque chose de la santé."""
        lies = (self.risque, self.facteur, self.action)
        return any(lie is not None and lie.revele_la_sante for lie in lies)

    @property
    def axes(self):
        """Codes des axes que ce risque couvre : celui du facteur ou de la démarche, sinon ceux du référentiel."""
        if self.facteur_id:
            return {self.facteur.axe.code}
        return {self.action.axe.code} if self.action_id else set(self.risque.axes)

    @property
    def est_complet(self):
        return not list(self.manques())

    def manques(self):
        """Phrases de ce qui manque à ce risque pour valider."""
        if not self.assume and not self.relais_confirme_le:
            relais = "le relais" if self.est_tu else f"le relais « {self.relais} »"
            yield f"{self.libelle} : {relais} n'a pas confirmé."
        if not self.signal_d_alerte:
            yield f"{self.libelle} : le signe qui doit alerter n'est pas écrit."

    @transition(de=[NOUVEAU], permission="renseigner_sortie")
    def inscrire(self, *, par, **champs):
        """Inscrit un risque résiduel, avec son relais ou le motif pour lequel il est assumé."""
        self.poser(**champs)
        self._verifier()
        return self._devoir

    @transition(permission="renseigner_sortie", finalite=_accord_de)
    def modifier(self, *, par, **champs):
        """Corrige un risque résiduel ou note la confirmation du relais."""
        self.poser(**champs)
        self._verifier()
        return self._devoir

    @transition(permission="renseigner_sortie")
    def retirer(self, *, par):
        """Retire un risque inscrit par erreur."""
        self.sortie.parcours.lever_echeance("confirmation", self.source)
        return self.delete

    def _devoir(self):
        """Un relais nommé reste à confirmer jusqu'au jour où la sortie se valide ; ce qui révèle la santé n'y est pas nommé."""
        parcours = self.sortie.parcours
        if self.assume or self.relais_confirme_le:
            parcours.lever_echeance("confirmation", self.source)
            return
        quoi = "Confirmer un relais" if self.revele_la_sante else f"Confirmer le relais : {self.libelle}"
        parcours.poser_echeance("confirmation", self.sortie.a_valider_le, quoi, self.source)

    def _verifier(self):
        erreurs = {}
        if self.facteur_id and self.facteur.axe.code not in self.risque.axes:
            erreurs["facteur"] = (
                f"Ce facteur est celui d'un autre axe que ce risque : {self.facteur.axe.libelle}. "
                "Choisissez un risque de cet axe, ou « Aucun en particulier »."
            )
        if self.facteur_id and not self.sortie.facteurs_constates().filter(pk=self.facteur_id).exists():
            erreurs["facteur"] = "Ce facteur n'a pas été retenu au diagnostic."
        if self.action_id and self.action.intervention_id != self.sortie.parcours.intervention.pk:
            erreurs["action"] = "Cette démarche est celle d'un autre parcours."
        if self.relais_confirme_le and self.relais_confirme_le > horloge.aujourd_hui():
            erreurs["relais_confirme_le"] = "La confirmation du relais est dans l'avenir."
        if erreurs:
            raise ValidationError(erreurs)
        if self.revele_la_sante:
            self._exiger_l_accord()

    def exiger_l_accord(self):
        """Refuse (409), en menant à la page des accords, d'ouvrir ce qui révèle la santé sans l'accord de la personne."""
        exiger_l_accord_sensible(self.sortie.parcours, self.revele_la_sante)

    def _exiger_l_accord(self):
        """À l'écran, l'accord d'abord ; un dossier repris garde le risque, et l'accord devient dû."""
        parcours = self.sortie.parcours
        if parcours.a_accord("SENSIBLE"):
            return
        if not horloge.moment_de_reprise():
            raise AccordManquant(
                f"« {self.libelle} » révèle indirectement la santé : l'accord de la personne vient d'abord."
            )
        libelle = "Recueillir l'accord sur les données sensibles"
        parcours.poser_echeance("accord", horloge.aujourd_hui(), libelle, source="SENSIBLE")
