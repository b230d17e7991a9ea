"""Les demandes de la personne sur ses données : la demande et la réponse, toutes deux datées, et le délai légal compté."""

import datetime

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from securisation.parcours import delais
from securisation.socle import horloge
from securisation.socle.refus import DroitRefuse
from securisation.socle.trace import Trace, TraceQuerySet, modele_parcours
from securisation.socle.transitions import NOUVEAU, AvecEtat, transition

BIENTOT = datetime.timedelta(days=7)
SANS_EFFACEMENT = {
    "acceptee": "Aucun effacement n'est demandé pour ce dossier. Choisissez d'abord « Demander l'effacement du dossier », "
    "sur la page de la demande ; la réponse se note ensuite.",
    "partielle": "Rien n'est effacé : demandez l'effacement du dossier, ou retirez l'accord sur les données sensibles, "
    "ce qui efface ce qu'il couvre. La réponse se note ensuite.",
}
SE_LEVE = (
    "Une limitation ou une opposition en cours ne se retire pas : elle se lève, avec son motif. Rien n'est changé. "
    "Passez par « Lever », sur la page de la demande."
)
SANS_CORRECTION = "Cochez la correction faite pour cette demande, ou dites ce qui a été corrigé, et où."


class DemandeQuerySet(TraceQuerySet):
    def visibles_pour(self, professionnel):
        """Celles des parcours qu'il voit ; le délégué à la protection des données les voit toutes, sans voir le dossier."""
        if professionnel.is_authenticated and professionnel.a_fonction("DPO"):
            return self
        return super().visibles_pour(professionnel)

    def a_traiter(self):
        """Celles qui attendent une réponse."""
        return self.filter(etat=Demande.Etat.RECUE)

    def par_echeance(self):
        """La plus pressante d'abord, avec son parcours."""
        return self.select_related("parcours").order_by("echeance", "pk")

    def en_vigueur(self):
        """Limitations et oppositions qui valent en ce moment."""
        return self.filter(genre__in=Demande.IMMEDIATES, levee_le=None).exclude(etat=Demande.Etat.RETIREE)

    def repondues(self, *, avant=None):
        """Celles qui ont eu leur suite, la dernière enregistrée d'abord ; `avant` : seulement celles d'une clé plus petite."""
        faites = self.exclude(etat=Demande.Etat.RECUE).select_related("parcours").order_by("-pk")
        return faites if avant is None else faites.filter(pk__lt=avant)


class Demande(Trace, AvecEtat):
    """Une demande de la personne : ce qu'elle demande, pour quand la réponse est due, ce qui lui a été répondu."""

    # Le délégué la lit sans ouvrir le dossier : sa visibilité est celle de `visibles_pour`, pas celle du parcours.
    cloisonne = False

    class Genre(models.TextChoices):
        ACCES = "acces", "Accès à ses données"
        RECTIFICATION = "rectification", "Rectification"
        LIMITATION = "limitation", "Limitation du traitement"
        OPPOSITION = "opposition", "Opposition aux statistiques"
        EFFACEMENT = "effacement", "Effacement"

    class Etat(models.TextChoices):
        RECUE = "recue", "À traiter"
        REPONDUE = "repondue", "Répondue"
        RETIREE = "retiree", "Retirée par la personne"

    class Decision(models.TextChoices):
        ACCEPTEE = "acceptee", "Acceptée"
        PARTIELLE = "partielle", "Acceptée en partie"
        REFUSEE = "refusee", "Refusée"

    class Moyen(models.TextChoices):
        ORAL = "oral", "De vive voix"
        COURRIER = "courrier", "Par courrier"
        COURRIEL = "courriel", "Par courriel"
        TELEPHONE = "téléphone", "Par téléphone"

    IMMEDIATES = (Genre.LIMITATION, Genre.OPPOSITION)  # elles valent dès qu'elles sont enregistrées
    AVEC_TEXTE = (Genre.RECTIFICATION,)

    parcours = models.ForeignKey("parcours.Parcours", models.CASCADE, related_name="demandes", editable=False)
    genre = models.CharField("demande", max_length=14, choices=Genre.choices)
    etat = models.CharField("état", max_length=10, choices=Etat.choices, default=Etat.RECUE, editable=False)
    recue_le = models.DateField("reçue le")
    moyen = models.CharField("reçue", max_length=12, choices=Moyen.choices)
    texte = models.TextField("ce que la personne demande", max_length=4000, blank=True)
    enregistree_par = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", editable=False)
    echeance = models.DateField("réponse due le", editable=False)
    prolongee_le = models.DateField("prolongée le", null=True, blank=True, editable=False)
    motif_prolongation = models.TextField("motif de la prolongation", max_length=2000, blank=True, editable=False)
    decision = models.CharField("décision", max_length=10, choices=Decision.choices, blank=True, editable=False)
    reponse = models.TextField("réponse donnée à la personne", max_length=4000, blank=True, editable=False)
    ecritures = ArrayField(
        models.BigIntegerField(), verbose_name="corrections", default=list, blank=True, editable=False
    )
    repondue_le = models.DateField("répondue le", null=True, blank=True, editable=False)
    repondue_par = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True, blank=True, editable=False
    )
    levee_le = models.DateField("levée le", null=True, blank=True, editable=False)
    motif_levee = models.TextField("motif de la levée", max_length=2000, blank=True, editable=False)

    objects = DemandeQuerySet.as_manager()

    class Meta:
        verbose_name = "cette demande"
        ordering = ["-recue_le", "-pk"]
        indexes = [models.Index(fields=["echeance"], condition=Q(etat="recue"), name="demande_a_traiter")]
        constraints = [
            models.CheckConstraint(
                condition=Q(echeance__gt=F("recue_le")),
                name="demande_echeance_apres_reception",
                violation_error_message="La réponse est due après la réception.",
            ),
            models.CheckConstraint(
                condition=~Q(etat="repondue")
                | (~Q(decision="") & ~Q(reponse="") & Q(repondue_le__gte=F("recue_le"), repondue_par__isnull=False)),
                name="demande_repondue_complete",
                violation_error_message="Une réponse a une décision, un texte et une date, à partir de la réception.",
            ),
            models.CheckConstraint(
                condition=Q(prolongee_le=None, motif_prolongation="")
                | (Q(prolongee_le__gte=F("recue_le")) & ~Q(motif_prolongation="")),
                name="demande_prolongation_motivee",
                violation_error_message="Une prolongation porte sa date et son motif.",
            ),
        ]

    def __str__(self):
        return f"demande {self.pk}"

    def get_absolute_url(self):
        """La page de la demande."""
        return reverse("coordination:demande", args=[self.uuid])

    @property
    def est_a_traiter(self):
        return self.etat == self.Etat.RECUE

    @property
    def reste(self):
        """Jours jusqu'à l'échéance (négatif : en retard)."""
        return (self.echeance - horloge.aujourd_hui()).days

    @property
    def a_effet(self):
        """Vrai si une limitation ou une opposition vaut en ce moment."""
        return self.genre in self.IMMEDIATES and self.levee_le is None and self.etat != self.Etat.RETIREE

    # -- actes, dans l'ordre de la vie

    @transition(de=[NOUVEAU], vers=Etat.RECUE, permission="enregistrer_demande", apres_cloture=True)
    def enregistrer(self, *, par, **champs):
        """Enregistre ce que la personne demande ; le délai d'un mois court du jour où elle l'a demandé."""
        self.poser(**champs)
        if self.recue_le > horloge.aujourd_hui():
            raise ValidationError({"recue_le": "La date de réception est dans l'avenir."})
        if self.genre in self.AVEC_TEXTE and not self.texte.strip():
            raise ValidationError({"texte": "Écrivez ce que la personne demande de corriger."})
        self._refuser_le_double()
        self.enregistree_par, self.echeance = par, delais.echeance(self.recue_le)
        self._prendre_effet(par)
        return self._poser_l_echeance

    @transition(de=[Etat.RECUE], permission="prolonger_demande", apres_cloture=True)
    def prolonger(self, *, par, motif_prolongation):
        """Prolonge de deux mois le délai de réponse : une fois, avec son motif, dit à la personne avant la fin du premier mois."""
        if self.prolongee_le:
            raise ValidationError("Ce délai a déjà été prolongé : il ne l'est qu'une fois.")
        if self.reste < 0:
            raise ValidationError("Le premier délai est passé : il ne se prolonge plus. Répondez dès maintenant.")
        if not motif_prolongation.strip():
            raise ValidationError({"motif_prolongation": "Dites pourquoi : la personne en est informée."})
        self.prolongee_le, self.motif_prolongation = horloge.aujourd_hui(), motif_prolongation
        self.echeance = delais.echeance(self.recue_le, prolongee=True)
        return self._poser_l_echeance

    @transition(de=[Etat.RECUE], vers=Etat.REPONDUE, permission="repondre_demande", apres_cloture=True)
    def repondre(self, *, par, decision, reponse, repondue_le, ecritures=(), corrige=""):
        """Note la réponse donnée à la personne ; accepter suit l'acte : l'effacement demandé, la correction faite, ou dite (`corrige`).

        Un refus est du ressort du délégué, et lève une limitation ou une opposition.
        """
        if decision == self.Decision.REFUSEE and not modele_parcours().autorise(par, "refuser_demande", self.parcours):
            raise DroitRefuse("Un refus se décide avec le délégué à la protection des données, qui l'enregistre.")
        if not self.recue_le <= repondue_le <= horloge.aujourd_hui():
            raise ValidationError({"repondue_le": "La réponse est donnée entre la réception et aujourd'hui."})
        self.decision, self.reponse, self.repondue_le, self.repondue_par = decision, reponse, repondue_le, par
        self.ecritures = sorted(ecritures)
        if decision != self.Decision.REFUSEE:
            self._exiger_l_acte(corrige.strip())
        if corrige.strip():
            self.reponse = f"{reponse}\n\nCorrigé : {corrige.strip()}"
        if decision == self.Decision.REFUSEE and self.a_effet:
            self._cesser(par, "Demande refusée")
        self._lever_l_echeance()

    @transition(de=[Etat.RECUE], vers=Etat.RETIREE, permission="enregistrer_demande", apres_cloture=True)
    def retirer(self, *, par):
        """La personne retire sa demande : plus rien n'est dû. Une limitation ou une opposition en cours se lève d'abord."""
        if self.a_effet:
            raise ValidationError(SE_LEVE)
        self._lever_l_echeance()

    @transition(de=[Etat.RECUE, Etat.REPONDUE], permission="lever_demande", apres_cloture=True)
    def lever(self, *, par, motif_levee):
        """Lève la limitation, après en avoir informé la personne (RGPD, article 18.3), ou l'opposition qu'elle retire."""
        if not self.a_effet:
            raise ValidationError("Cette demande n'a pas, ou n'a plus, d'effet à lever.")
        if not motif_levee.strip():
            raise ValidationError({"motif_levee": "Dites pourquoi, et quand la personne en a été informée."})
        self._cesser(par, motif_levee)

    @property
    def effacement_relie(self):
        """L'effacement demandé pour la personne, en cours sur ce parcours, ou None."""
        ouverts = self.parcours.effacements.ouverts().exclude(origine="conservation")
        return ouverts.order_by("-pk").first()

    def _exiger_l_acte(self, corrige):
        """Dire oui suit l'acte, jamais l'inverse : un effacement demandé, une correction reliée ou dite (ValidationError)."""
        if self.genre == self.Genre.EFFACEMENT and not self._est_suivie_d_effet():
            raise ValidationError({"decision": SANS_EFFACEMENT[self.decision]})
        if self.genre == self.Genre.RECTIFICATION and not self.ecritures and not corrige:
            raise ValidationError({"corrige": SANS_CORRECTION})

    def _est_suivie_d_effet(self):
        """Vrai si l'effacement est demandé ; en partie, si l'accord sensible est retiré depuis : ce qu'il couvrait s'efface."""
        if self.effacement_relie is not None:
            return True
        if self.decision == self.Decision.ACCEPTEE:
            return False
        retires = self.parcours.accords.filter(finalite__code="SENSIBLE", accorde=True, retire_le__gte=self.recue_le)
        return retires.exists()

    def _refuser_le_double(self):
        pareilles = self.parcours.demandes.filter(genre=self.genre, levee_le=None).exclude(etat=self.Etat.RETIREE)
        if self.genre in self.IMMEDIATES and pareilles.exists():
            raise ValidationError({"genre": f"« {self.get_genre_display()} » vaut déjà sur ce parcours."})
        if self.genre == self.Genre.EFFACEMENT and pareilles.filter(etat=self.Etat.RECUE).exists():
            raise ValidationError({"genre": "Une demande d'effacement attend déjà sa réponse."})

    def _prendre_effet(self, par):
        if self.genre == self.Genre.LIMITATION:
            self.parcours.limiter(par=par)
        if self.genre == self.Genre.OPPOSITION:
            self.parcours.personne.s_opposer(par=par)
            for accord in self.parcours.accords.en_cours().filter(finalite__code="STATISTIQUES"):
                accord.retirer(par=par, motif="Opposition aux statistiques")

    def _cesser(self, par, motif):
        self.levee_le, self.motif_levee = horloge.aujourd_hui(), motif
        if self.genre == self.Genre.LIMITATION:
            self.parcours.ne_plus_limiter(par=par)
        else:
            self.parcours.personne.ne_plus_s_opposer(par=par)

    def _poser_l_echeance(self):
        libelle = f"Répondre à la demande : {self.get_genre_display().lower()}"
        self.parcours.poser_echeance("demande", self.echeance, libelle, source=f"demande:{self.pk}")

    def _lever_l_echeance(self):
        self.parcours.lever_echeance("demande", source=f"demande:{self.pk}")
