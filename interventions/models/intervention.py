"""L'intervention : une période bornée, dont le terme est calculé et ne se saisit jamais."""

from datetime import date

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, OuterRef, Q, Subquery
from django.urls import reverse

from interventions import bornage
from securisation.annuaire.models import Facteur
from securisation.comptes.models import Reglages
from securisation.parcours.models import DeclarationInteret, Parcours
from securisation.socle import horloge
from securisation.socle.refus import Refus
from securisation.socle.templatetags.jalon import compte
from securisation.socle.trace import Trace
from securisation.socle.transitions import NOUVEAU, AccordManquant, AvecEtat, EtatRefuse, transition


def exiger_l_accord_sensible(parcours, revele):
    """Refuse (409) ce qui révèle la santé quand l'accord ne court pas, et mène à la page des accords ; rien n'y est nommé."""
    if revele and not horloge.moment_de_reprise() and not parcours.a_accord("SENSIBLE"):
        raise AccordManquant(
            "Cette page révèle indirectement la santé : l’accord de la personne vient d’abord.",
            que_faire="Ce qui est déjà noté est gardé. Renouvelez l’accord sur les données sensibles, puis recommencez.",
            lien=reverse("parcours:accords", args=[parcours.uuid]),
        )


class Intervention(Trace, AvecEtat):
    """La période d'intervention d'un parcours : objectif, durée, terme."""

    class Etat(models.TextChoices):
        EN_COURS = "en_cours", "En cours"
        SUSPENDUE = "suspendue", "Suspendue"
        TERMINEE = "terminee", "Terminée"

    VIVANTE = (Etat.EN_COURS, Etat.SUSPENDUE)

    parcours = models.OneToOneField("parcours.Parcours", models.CASCADE, related_name="intervention")
    diagnostic = models.ForeignKey("diagnostics.Diagnostic", models.PROTECT, related_name="+", editable=False)
    etat = models.CharField("état", max_length=10, choices=Etat.choices, default=Etat.EN_COURS, editable=False)
    objectif = models.CharField("objectif", max_length=1000)
    demarre_le = models.DateField("démarrée le", editable=False)
    duree_jours = models.PositiveSmallIntegerField("durée (jours)")
    terme = models.DateField("terme", editable=False)
    terminee_le = models.DateField("terminée le", null=True, blank=True, editable=False)

    class Meta:
        verbose_name = "l’intervention"
        verbose_name_plural = "interventions"
        constraints = [
            models.CheckConstraint(
                condition=Q(duree_jours__range=(1, 365)),
                name="intervention_duree_possible",
                violation_error_message="Une intervention dure de 1 à 365 jours.",
            ),
            models.CheckConstraint(
                condition=Q(demarre_le__range=(date(2000, 1, 1), date(2100, 1, 1))),
                name="intervention_demarre_le_possible",
                violation_error_message="La date de démarrage est hors de la période possible (après 2000).",
            ),
            models.CheckConstraint(
                condition=Q(terme__gt=F("demarre_le")),
                name="intervention_terme_apres_debut",
                violation_error_message="Le terme suit le démarrage.",
            ),
            models.CheckConstraint(
                condition=~Q(objectif=""),
                name="intervention_objectif_dit",
                violation_error_message="Indiquez l’objectif de l’intervention.",
            ),
        ]

    def __str__(self):
        return f"intervention {self.pk}"

    def get_absolute_url(self):
        """La page de l'intervention."""
        return reverse("interventions:detail", args=[self.uuid])

    # -- le temps

    @property
    def est_echue(self):
        """Vrai quand le terme à ce jour est passé et que l'intervention n'a pas pris fin."""
        return self.finie_le is None and horloge.aujourd_hui() > self.terme_a_ce_jour

    @property
    def finie_le(self):
        """Le jour où elle a pris fin : sortie validée, sinon ouverte, sinon parcours interrompu ; None tant qu'elle court."""
        if self.terminee_le or self.parcours.etat == Parcours.Etat.INTERVENTION:
            return self.terminee_le
        sortie = getattr(self.parcours, "sortie", None)
        return sortie.ouverte_le if sortie else self.parcours.clos_le

    @property
    def fin(self):
        """Sa fin en mots : {mot, le, ecart}, l'écart au terme figé ce jour-là ; None tant qu'elle court."""
        le = self.finie_le
        if le is None:
            return None
        interrompue = self.etat != self.Etat.TERMINEE and self.parcours.etat == Parcours.Etat.INTERROMPU
        mot = "Interrompue" if interrompue else "Terminée"
        return {"mot": mot, "le": le, "ecart": bornage.ecart_au_terme(le, self.terme_a_ce_jour)}

    @property
    def terme_a_ce_jour(self):
        """Le terme, suspension en cours comprise (plafonnée) : ce que les pages montrent."""
        if self.etat != self.Etat.SUSPENDUE:
            return self.terme
        return self.calculer_le_terme(jusqu_a=self.finie_le or horloge.aujourd_hui())

    @property
    def terme_initial(self):
        """Le terme sans les prolongations approuvées, ou None s'il n'y en a pas."""
        jours = self.jours_prolonges
        return self.calculer_le_terme(jusqu_a=horloge.aujourd_hui(), prolongations=()) if jours else None

    @property
    def jours_restants(self):
        """Jours avant le terme à ce jour ; négatif une fois échue."""
        return bornage.jours_restants(self.terme_a_ce_jour, horloge.aujourd_hui())

    @property
    def jours_prolonges(self):
        """Jours de prolongation approuvés."""
        return sum(self._prolongations())

    @property
    def jours_de_suspension_restants(self):
        """Jours de suspension encore possibles, selon les réglages de l'association."""
        pris = bornage.jours_suspendus(self._suspensions(), jusqu_a=horloge.aujourd_hui())
        return max(Reglages.actuels().suspensions_max_jours - pris, 0)

    def prolongations_engagees(self):
        """Vrai si toutes les prolongations permises sont demandées ou approuvées."""
        prises = [p for p in self.prolongations.all() if p.etat != p.Etat.REFUSEE]
        return len(prises) >= Reglages.actuels().prolongations_max

    def calculer_le_terme(self, *, jusqu_a=None, prolongations=None):
        """Le terme d'après les faits enregistrés ; `prolongations=()` l'ignore."""
        return bornage.terme(
            self.demarre_le,
            self.duree_jours,
            self._suspensions(),
            self._prolongations() if prolongations is None else prolongations,
            jusqu_a=jusqu_a,
            plafond=Reglages.actuels().suspensions_max_jours,
        )

    def _suspensions(self):
        return [(s.du, s.au) for s in self.suspensions.all()] if self.pk else []

    def _prolongations(self):
        return [p.jours for p in self.prolongations.all() if p.etat == p.Etat.APPROUVEE] if self.pk else []

    # -- ce qui se peut

    @property
    def est_dans_sa_phase(self):
        """Vrai tant que la sortie n'est pas ouverte."""
        return self.etat != self.Etat.TERMINEE and self.parcours.etat == Parcours.Etat.INTERVENTION

    def derogation_en_cours(self):
        """La dérogation qui permet aujourd'hui une action après le terme, ou None."""
        return self.derogations.valables().first()

    def exiger_un_diagnostic_valide(self):
        """Attache le diagnostic validé du parcours ; refuse (409) s'il n'y en a pas."""
        valide = self.parcours.diagnostics.filter(etat="valide").first()
        if valide is None:
            raise EtatRefuse(
                "L’intervention suit un diagnostic validé.",
                que_faire="Terminez et validez le diagnostic, puis démarrez l’intervention.",
            )
        self.diagnostic = valide

    def exiger_la_phase(self):
        """Refuse (409) si la sortie est ouverte ou l'intervention terminée."""
        if not self.est_dans_sa_phase:
            raise EtatRefuse(
                "La sortie est ouverte : l’intervention ne reçoit plus rien de nouveau.",
                que_faire="Ce qui reste à faire s’écrit dans la sortie, en risque résiduel avec son relais.",
                lien=self.get_absolute_url(),
            )

    def exiger_le_temps_ouvert(self):
        """Refuse (409) si l'intervention est suspendue ou échue."""
        if self.etat == self.Etat.SUSPENDUE:
            raise EtatRefuse(
                "L’intervention est suspendue.",
                que_faire="Sur sa page, choisissez « Reprendre », puis recommencez.",
                lien=self.get_absolute_url(),
            )
        if self.est_echue:
            raise EtatRefuse(
                f"L’intervention est échue depuis le {self.terme:%d/%m/%Y} : rien de nouveau ne s’y inscrit.",
                que_faire="Ouvrez la sortie, ou demandez à votre superviseur une dérogation motivée.",
                lien=self.get_absolute_url(),
            )

    def exiger_l_echeance(self):
        """Refuse (409) une dérogation tant que le terme n'est pas passé."""
        self.exiger_la_phase()
        if not self.est_echue:
            raise EtatRefuse(
                "L’intervention n’est pas échue : aucune dérogation n’est nécessaire.",
                que_faire="Une action s’inscrit normalement jusqu’au terme.",
                lien=self.get_absolute_url(),
            )

    def exiger_l_inscription(self):
        """Refuse (409) une action nouvelle : sortie ouverte, suspension, ou terme passé sans dérogation."""
        self.exiger_la_phase()
        if not (self.est_echue and self.derogation_en_cours()):
            self.exiger_le_temps_ouvert()

    def exiger_l_engagement(self):
        """Refuse (409) ce qui engage comme une action nouvelle : ce que refuse l'inscription, et l'adhésion qui manque."""
        self.exiger_l_inscription()
        if not self.parcours.a_accord("ADHESION"):
            raise AccordManquant(self.parcours.accord_demande("ADHESION"), lien=self.parcours.get_absolute_url())

    def accepte_une_action(self):
        """Vrai si une action peut s'inscrire aujourd'hui, accord compris."""
        try:
            self.exiger_l_engagement()
        except Refus:
            return False
        return True

    def facteurs_retenus(self, axe=None):
        """Facteurs retenus au dernier diagnostic validé, d'un axe ou de tous, dans l'ordre du référentiel, avec leur `echeance`."""
        from diagnostics.models import FacteurRetenu

        retenus = FacteurRetenu.objects.filter(
            evaluation__diagnostic__parcours=self.parcours_id, evaluation__diagnostic__etat="valide"
        )
        echeance = retenus.filter(facteur=OuterRef("pk")).order_by("echeance").values("echeance")[:1]
        facteurs = Facteur.objects.filter(pk__in=retenus.values("facteur")).select_related("axe")
        facteurs = facteurs.annotate(echeance=Subquery(echeance))
        return facteurs.filter(axe=axe) if axe else facteurs.order_by("axe__ordre", "ordre", "code")

    # -- actes, dans l'ordre de la vie

    @transition(de=[NOUVEAU], vers=Etat.EN_COURS, permission="demarrer_intervention", finalite="ADHESION")
    def demarrer(self, *, par, declaration_absence_conflit_interet, duree_jours=None, **champs):
        """Démarre l'intervention : objectif, durée, absence de conflit d'intérêts déclarée ; le terme est calculé."""
        self.exiger_un_diagnostic_valide()
        self.poser(duree_jours=self._duree_permise(duree_jours), **champs)
        if not declaration_absence_conflit_interet:
            raise ValidationError(
                {
                    "declaration_absence_conflit_interet": "Un conflit d’intérêts se règle avant : demandez un autre référent."
                }
            )
        self.demarre_le = horloge.aujourd_hui()
        self.terme = self.calculer_le_terme()
        declaration = DeclarationInteret(parcours=self.parcours, professionnel=par)
        declaration.declarer(par=par, absence_de_conflit=True)
        self.parcours.commencer_intervention(par=par)
        self._devoir_le_terme()

    @transition(de=[Etat.EN_COURS], vers=Etat.SUSPENDUE)
    def arreter_le_temps(self, *, par, du):
        """Le temps s'arrête ; appelée par la suspension."""
        reste = self.jours_de_suspension_restants
        self.parcours.lever_echeance("terme")
        fin = bornage.terme(du, reste)
        self.parcours.poser_echeance(
            "reprise", fin, "Reprendre l’intervention suspendue : le temps recommence à courir"
        )

    @transition(de=[Etat.SUSPENDUE], vers=Etat.EN_COURS)
    def relancer_le_temps(self, *, par):
        """Le temps reprend et le terme se déplace ; appelée par la reprise."""
        self.terme = self.calculer_le_terme()
        self.parcours.lever_echeance("reprise")
        self._devoir_le_terme()

    @transition(de=list(VIVANTE))
    def deplacer_le_terme(self, *, par):
        """Le terme se déplace ; appelée par la prolongation approuvée."""
        self.terme = self.calculer_le_terme()
        if self.etat == self.Etat.EN_COURS:
            self._devoir_le_terme()

    @transition(de=list(VIVANTE), vers=Etat.TERMINEE)
    def terminer(self, *, par):
        """Termine l'intervention ; appelée par la validation de la sortie."""
        for suspension in self.suspensions.en_cours():
            suspension.arreter(par=par)
        self.terminee_le = horloge.aujourd_hui()
        for nature in ("terme", "reprise", "prolongation"):
            self.parcours.lever_echeance(nature)

    # -- pièces des actes

    def _duree_permise(self, duree_jours):
        plafond = Reglages.actuels().duree_intervention_jours
        duree = plafond if duree_jours is None else duree_jours
        if duree > plafond and not horloge.moment_de_reprise():
            raise ValidationError({"duree_jours": f"La durée est de {compte(plafond, 'jour,jours')} au plus."})
        if duree < 1:
            raise ValidationError({"duree_jours": "La durée est d’un jour au moins."})
        return duree

    def _devoir_le_terme(self):
        self.parcours.poser_echeance("terme", self.terme, "Terme de l’intervention : ouvrir la sortie")
        self.parcours.echeances.filter(nature="relais").update(date=self.terme)
