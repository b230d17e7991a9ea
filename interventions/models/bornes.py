"""Ce qui déplace ou franchit le terme : suspension, prolongation, dérogation."""

from datetime import date, timedelta

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Func, Q

from interventions.querysets import DerogationQuerySet, SuspensionQuerySet
from securisation.comptes.models import Reglages
from securisation.socle import horloge
from securisation.socle.refus import DroitRefuse
from securisation.socle.templatetags.jalon import compte
from securisation.socle.trace import Trace
from securisation.socle.transitions import NOUVEAU, AvecEtat, EtatRefuse, transition

DELAI_DE_DECISION = timedelta(days=7)
DEROGATION_MAX_JOURS = 15


class Suspension(Trace):
    """Un temps arrêté : du premier jour suspendu au jour de la reprise."""

    vers_parcours = "intervention__parcours"

    intervention = models.ForeignKey("interventions.Intervention", models.CASCADE, related_name="suspensions")
    du = models.DateField("suspendue à partir du")
    au = models.DateField("reprise le", null=True, blank=True)
    motif = models.CharField("motif", max_length=1000)

    objects = SuspensionQuerySet.as_manager()

    class Meta:
        verbose_name = "cette suspension"
        ordering = ["du", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(au=None) | Q(au__gte=F("du")),
                name="suspension_fin_apres_debut",
                violation_error_message="La reprise précède la suspension.",
            ),
            models.CheckConstraint(
                condition=~Q(motif=""),
                name="suspension_motivee",
                violation_error_message="Indiquez le motif de la suspension.",
            ),
            ExclusionConstraint(
                name="suspension_sans_chevauchement",
                expressions=[
                    ("intervention", RangeOperators.EQUAL),
                    (Func(F("du"), F("au"), function="daterange"), RangeOperators.OVERLAPS),
                ],
                violation_error_message="Une autre suspension couvre déjà ces jours.",
            ),
        ]

    def __str__(self):
        return f"suspension {self.pk}"

    @transition(de=[NOUVEAU], permission="suspendre_intervention")
    def suspendre(self, *, par, motif, du=None):
        """Arrête le temps de l'intervention, avec un motif ; le terme se déplacera d'autant, dans la limite réglée."""
        intervention, jour = self.intervention, horloge.aujourd_hui()
        intervention.exiger_la_phase()
        intervention.exiger_le_temps_ouvert()
        self.du, self.motif = du or jour, motif
        if not intervention.demarre_le <= self.du <= jour:
            raise ValidationError({"du": "La suspension commence entre le démarrage de l’intervention et aujourd’hui."})
        if not intervention.jours_de_suspension_restants:
            plafond = Reglages.actuels().suspensions_max_jours
            raise ValidationError(f"La suspension est épuisée : {compte(plafond, 'jour,jours')} en tout.")
        intervention.arreter_le_temps(par=par, du=self.du)

    @transition(permission="suspendre_intervention")
    def reprendre(self, *, par, au=None):
        """Reprend l'intervention : le terme se déplace du nombre de jours suspendus."""
        self.intervention.exiger_la_phase()
        self._finir(au or horloge.aujourd_hui())
        return lambda: self.intervention.relancer_le_temps(par=par)

    @transition()
    def arreter(self, *, par):
        """Ferme la suspension en cours ; appelée quand l'intervention se termine."""
        self._finir(horloge.aujourd_hui())

    def exiger_en_cours(self):
        """Refuse (409) une suspension déjà terminée."""
        if self.au:
            raise EtatRefuse(
                "Cette suspension est déjà terminée : l’intervention a repris.",
                lien=self.intervention.get_absolute_url(),
            )

    def _finir(self, jour):
        self.exiger_en_cours()
        if jour > horloge.aujourd_hui():
            raise ValidationError({"au": "La date de la reprise est dans l’avenir."})
        if jour < self.du:
            raise ValidationError({"au": "La reprise précède la suspension."})
        self.au = jour


class Prolongation(Trace, AvecEtat):
    """Une demande de temps en plus : motivée, plafonnée, décidée par un superviseur."""

    vers_parcours = "intervention__parcours"

    class Etat(models.TextChoices):
        DEMANDEE = "demandee", "Demandée"
        APPROUVEE = "approuvee", "Approuvée"
        REFUSEE = "refusee", "Refusée"

    intervention = models.ForeignKey("interventions.Intervention", models.CASCADE, related_name="prolongations")
    etat = models.CharField("état", max_length=10, choices=Etat.choices, default=Etat.DEMANDEE, editable=False)
    jours = models.PositiveSmallIntegerField("jours demandés")
    motif = models.CharField("motif", max_length=2000)
    demandee_le = models.DateField("demandée le", editable=False)
    demandee_par = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", editable=False)
    decidee_le = models.DateField("décidée le", null=True, blank=True, editable=False)
    decidee_par = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True, blank=True, editable=False
    )
    motif_decision = models.CharField("motif de la décision", max_length=2000, blank=True, editable=False)

    class Meta:
        verbose_name = "cette prolongation"
        ordering = ["demandee_le", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(jours__range=(1, 180)),
                name="prolongation_jours_possibles",
                violation_error_message="Une prolongation dure de 1 à 180 jours.",
            ),
            models.CheckConstraint(
                condition=~Q(motif=""),
                name="prolongation_motivee",
                violation_error_message="Indiquez le motif de la prolongation.",
            ),
            models.CheckConstraint(
                condition=Q(etat="demandee", decidee_par=None, decidee_le=None)
                | Q(~Q(etat="demandee"), ~Q(decidee_par=F("demandee_par")), decidee_le__gte=F("demandee_le")),
                name="prolongation_decidee_par_un_autre",
                violation_error_message="La décision revient à quelqu’un d’autre que le demandeur.",
            ),
            models.UniqueConstraint(
                fields=["intervention"],
                condition=Q(etat="demandee"),
                name="prolongation_une_demande_a_la_fois",
                violation_error_message="Une demande de prolongation attend déjà sa décision.",
            ),
        ]

    def __str__(self):
        return f"prolongation {self.pk}"

    @transition(de=[NOUVEAU], vers=Etat.DEMANDEE, permission="demander_prolongation", finalite="ADHESION")
    def demander(self, *, par, **champs):
        """Demande du temps en plus, avant le terme, avec un motif ; le superviseur de l'équipe décide."""
        self.exiger_la_place()
        self.poser(**champs)
        self._verifier_les_jours()
        self.demandee_le, self.demandee_par = horloge.aujourd_hui(), par
        self.intervention.parcours.poser_echeance(
            "prolongation",
            min(self.intervention.terme_a_ce_jour, self.demandee_le + DELAI_DE_DECISION),
            f"Décider d’une prolongation de {compte(self.jours, 'jour,jours')} (superviseur)",
        )

    @transition(de=[Etat.DEMANDEE], vers=Etat.APPROUVEE, permission="decider_prolongation")
    def approuver(self, *, par, motif_decision=""):
        """Approuve la prolongation : le terme se déplace."""
        self.intervention.exiger_la_phase()
        self._decider(par, motif_decision)
        return lambda: self.intervention.deplacer_le_terme(par=par)

    @transition(de=[Etat.DEMANDEE], vers=Etat.REFUSEE, permission="decider_prolongation")
    def refuser(self, *, par, motif_decision):
        """Refuse la prolongation, avec un motif ; le terme ne change pas."""
        if not motif_decision.strip():
            raise ValidationError({"motif_decision": "Un refus se motive : la personne et le demandeur le liront."})
        self._decider(par, motif_decision)

    def exiger_la_place(self):
        """Refuse (409) une demande après le terme, ou quand le nombre permis est atteint."""
        intervention = self.intervention
        intervention.exiger_la_phase()
        if intervention.est_echue:
            raise EtatRefuse(
                "Le terme est passé : une prolongation se demande avant.",
                que_faire="Ouvrez la sortie.",
                lien=intervention.get_absolute_url(),
            )
        if intervention.prolongations_engagees():
            raise EtatRefuse(
                "Le nombre de prolongations possibles est atteint.",
                que_faire="Préparez la sortie avant le terme.",
                lien=intervention.get_absolute_url(),
            )

    def exiger_la_decision(self, par):
        """Refuse (409) si c'est déjà décidé, (403) si `par` est le demandeur."""
        if self.etat != self.Etat.DEMANDEE:
            raise EtatRefuse(f"Cette prolongation est déjà décidée : {self.get_etat_display().lower()}.")
        if par.pk == self.demandee_par_id:
            raise DroitRefuse(
                "On ne décide pas de sa propre demande.",
                que_faire="Demandez à un autre superviseur de l’équipe. Rien n’a été enregistré.",
            )

    def _verifier_les_jours(self):
        plafond = Reglages.actuels().prolongation_max_jours
        if self.jours > plafond:
            raise ValidationError(
                {"jours": f"Une prolongation dure {plafond} jour{'s' if plafond > 1 else ''} au plus."}
            )

    def _decider(self, par, motif_decision):
        self.exiger_la_decision(par)
        self.decidee_le, self.decidee_par, self.motif_decision = horloge.aujourd_hui(), par, motif_decision
        self.intervention.parcours.lever_echeance("prolongation")


class Derogation(Trace):
    """La seule façon d'inscrire une action après le terme : accordée par un superviseur, motivée, courte."""

    vers_parcours = "intervention__parcours"

    intervention = models.ForeignKey("interventions.Intervention", models.CASCADE, related_name="derogations")
    le = models.DateField("accordée le", editable=False)
    motif = models.CharField("motif", max_length=2000)
    jusqu_au = models.DateField("jusqu’au")
    accordee_par = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", editable=False)

    objects = DerogationQuerySet.as_manager()

    class Meta:
        verbose_name = "cette dérogation"
        ordering = ["le", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(jusqu_au__gte=F("le"), jusqu_au__lte=F("le") + timedelta(days=DEROGATION_MAX_JOURS)),
                name="derogation_courte",
                violation_error_message=f"Une dérogation dure {DEROGATION_MAX_JOURS} jours au plus, à partir d’aujourd’hui.",
            ),
            models.CheckConstraint(
                condition=~Q(motif="") & Q(le__gte=date(2000, 1, 1)),
                name="derogation_motivee",
                violation_error_message="Indiquez le motif de la dérogation.",
            ),
        ]

    def __str__(self):
        return f"dérogation {self.pk}"

    @transition(de=[NOUVEAU], permission="deroger_au_terme")
    def accorder(self, *, par, **champs):
        """Permet d'inscrire une action après le terme, jusqu'à une date proche, avec un motif."""
        self.intervention.exiger_l_echeance()
        self.poser(**champs)
        self.le, self.accordee_par = horloge.aujourd_hui(), par
