"""Une action collective menée par une équipe : quoi, quand, où, combien ; jamais qui."""

from decimal import Decimal

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.urls import reverse

from securisation.annuaire.models import ObjectifPraps
from securisation.socle import horloge
from securisation.socle.journal import inscrire
from securisation.socle.refus import DroitRefuse
from securisation.socle.trace import uuid7
from securisation.socle.transitions import NOUVEAU, AvecEtat, Conflit, EtatRefuse, transition

HEURES_MAX = Decimal(200)
PARTICIPANTS_MAX = 5000
COORDINATION = ("AC-4", "AC-5")  # réunion de partenaires, concertation de territoire
INSECABLE = "\u00a0"
D_UNE_AUTRE = "Une action collective s'écrit par l'équipe qui l'a menée. Rien n'a été enregistré."


def en_heures(duree):
    """« 2 h », « 1 h 30 », « 45 min » : une durée en heures (Decimal), à la minute près."""
    minutes = round(duree * 60)
    heures, reste = divmod(minutes, 60)
    if not heures:
        return f"{reste}{INSECABLE}min"
    return f"{heures}{INSECABLE}h" + (f"{INSECABLE}{reste:02}" if reste else "")


class CollectiveQuerySet(models.QuerySet):
    def visibles_pour(self, professionnel):
        """Celles de son équipe et des équipes qu'il supervise ; toutes pour la direction."""
        if not professionnel.is_authenticated or not professionnel.is_active:
            return self.none()
        if professionnel.a_fonction("DIRECTION"):
            return self
        return self.filter(equipe__in={professionnel.equipe_id, *professionnel.equipes_supervisees} - {None})

    def notees(self):
        """Celles qui comptent : notées, et non retirées."""
        return self.filter(etat=Collective.Etat.NOTEE)

    def entre(self, du, au):
        """Celles de cette période, bornes comprises."""
        return self.filter(le__range=(du, au))

    def apres(self, le, pk):
        """La suite de la liste, de la plus récente à la plus ancienne, après celle de ce jour et de cette clé."""
        # Le jour d'abord, seul : c'est lui qui borne l'index, le reste ne départage que ce jour.
        return self.filter(Q(le__lt=le) | Q(pk__lt=pk), le__lte=le)


class Collective(AvecEtat, models.Model):
    """Un atelier, une permanence, une réunion : une équipe la note ; on y compte des présents, on n'en nomme aucun."""

    cloisonne = False  # d'aucun parcours : aucune personne accompagnée n'y est désignée

    class Etat(models.TextChoices):
        NOTEE = "notee", "Notée"
        RETIREE = "retiree", "Retirée"

    uuid = models.UUIDField(default=uuid7, unique=True, editable=False)
    version = models.PositiveIntegerField(default=0, editable=False)
    equipe = models.ForeignKey(
        "comptes.Equipe", models.PROTECT, verbose_name="équipe", related_name="collectives", editable=False
    )
    etat = models.CharField("état", max_length=8, choices=Etat.choices, default=Etat.NOTEE, editable=False)
    le = models.DateField("le")
    nature = models.ForeignKey("annuaire.ActionCollective", models.PROTECT, verbose_name="nature", related_name="+")
    commune = models.CharField("commune", max_length=120)
    code_postal = models.CharField("code postal", max_length=5, blank=True)
    heures = models.DecimalField("durée, en heures", max_digits=5, decimal_places=2)
    preparation = models.DecimalField(
        "préparation et coordination, en heures", max_digits=5, decimal_places=2, default=0
    )
    participants = models.PositiveSmallIntegerField("participants", default=0)
    professionnels = models.PositiveSmallIntegerField("professionnels", default=0)
    partenaires = models.CharField("partenaires", max_length=300, blank=True)
    objectifs = ArrayField(models.CharField(max_length=40), verbose_name="objectifs du PRAPS", default=list, blank=True)
    aller_vers = models.BooleanField("aller-vers", default=False)
    precisions = models.CharField("précisions", max_length=1000, blank=True)
    notee_le = models.DateTimeField("notée le", editable=False)
    notee_par = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="notée par", related_name="+", editable=False
    )
    modifiee_le = models.DateTimeField("corrigée le", null=True, blank=True, editable=False)
    modifiee_par = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        verbose_name="corrigée par",
        related_name="+",
        null=True,
        blank=True,
        editable=False,
    )
    raison = models.CharField("raison du retrait", max_length=300, blank=True, editable=False)

    objects = CollectiveQuerySet.as_manager()
    parcours_de_rattachement = None

    class Meta:
        verbose_name = "cette action collective"
        verbose_name_plural = "actions collectives"
        ordering = ["-le", "-pk"]
        indexes = [
            models.Index(fields=["equipe", "etat", "-le", "-id"], name="collective_de_l_equipe"),
            models.Index(fields=["etat", "-le", "-id"], name="collective_recente"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(heures__gt=0, heures__lte=HEURES_MAX, preparation__gte=0, preparation__lte=HEURES_MAX),
                name="collective_heures_possibles",
                violation_error_message="Une durée est positive, de deux cents heures au plus.",
            ),
            models.CheckConstraint(
                condition=Q(participants__lte=PARTICIPANTS_MAX, professionnels__lte=PARTICIPANTS_MAX),
                name="collective_nombres_possibles",
                violation_error_message="Ce nombre de présents n'est pas possible.",
            ),
            models.CheckConstraint(
                condition=Q(code_postal="") | Q(code_postal__regex=r"^[0-9][0-9AB][0-9]{3}$"),
                name="collective_code_postal",
                violation_error_message="Le code postal s'écrit en cinq chiffres.",
            ),
            models.CheckConstraint(
                condition=Q(etat="notee", raison="") | (Q(etat="retiree") & ~Q(raison="")),
                name="collective_retrait_motive",
                violation_error_message="Dites pourquoi elle est retirée.",
            ),
        ]

    def __str__(self):
        return f"action collective {self.pk}"

    def get_absolute_url(self):
        """Sa page."""
        return reverse("pilotage:collective", args=[self.uuid])

    @property
    def est_notee(self):
        return self.etat == self.Etat.NOTEE

    @property
    def duree_dite(self):
        """Sa durée : « 1 h 30 »."""
        return en_heures(self.heures)

    @property
    def preparation_dite(self):
        """Le temps de préparation et de coordination, ou "" s'il n'est pas noté."""
        return en_heures(self.preparation) if self.preparation else ""

    def exiger_notee(self):
        """Refuse (409) une action déjà retirée : elle reste telle quelle."""
        if not self.est_notee:
            raise EtatRefuse("Cette action collective est retirée : elle ne se modifie plus.")

    def s_ecrit_par(self, professionnel):
        """Vrai pour un membre de l'équipe qui l'a menée."""
        return self.equipe_id is not None and professionnel.equipe_id == self.equipe_id

    # -- actes

    @transition(de=[NOUVEAU], vers=Etat.NOTEE, permission="noter_action_collective")
    def noter(self, *, par, **champs):
        """Note une action collective de sa propre équipe."""
        self.equipe, self.notee_par, self.notee_le = par.equipe, par, horloge.maintenant()
        self._poser(champs)
        return lambda: self._inscrire("action collective notée", par)

    @transition(de=[Etat.NOTEE], permission="noter_action_collective")
    def corriger(self, *, par, **champs):
        """Corrige ce qui a été noté ; le journal garde les noms des champs changés."""
        self._prendre(par, champs)
        changes = sorted(nom for nom, valeur in champs.items() if getattr(self, nom) != valeur)
        self._poser(champs)
        self.modifiee_le, self.modifiee_par = horloge.maintenant(), par
        return lambda: self._inscrire("action collective corrigée", par, champs=changes)

    @transition(de=[Etat.NOTEE], vers=Etat.RETIREE, permission="noter_action_collective")
    def retirer(self, *, par, raison):
        """Retire une action notée par erreur, avec sa raison : elle ne compte plus, et reste lisible."""
        self._prendre(par, {"raison": raison})
        if not raison.strip():
            raise ValidationError({"raison": "Dites pourquoi, en quelques mots."})
        self.raison, self.modifiee_le, self.modifiee_par = raison.strip(), horloge.maintenant(), par
        return lambda: self._inscrire("action collective retirée", par)

    def save(self, *args, **kwargs):
        """Enregistre une version de plus, vérifiée."""
        self.version += 1
        self.full_clean(validate_unique=False)
        super().save(*args, **kwargs)

    def clean(self):
        """Le jour est passé ou présent, et les objectifs sont de la liste, rangés comme elle."""
        if self.le and self.le > horloge.aujourd_hui():
            raise ValidationError({"le": "Une action se note une fois menée : ce jour est à venir."})
        connus = list(ObjectifPraps.objects.values_list("code", flat=True)) if self.objectifs else []
        if inconnus := sorted(set(self.objectifs) - set(connus)):
            raise ValidationError({"objectifs": f"Objectif inconnu : {', '.join(inconnus)}."})
        self.objectifs = [code for code in connus if code in self.objectifs]

    def _poser(self, champs):
        for nom, valeur in champs.items():
            setattr(self, nom, valeur)

    def _prendre(self, par, champs):
        """Verrouille la ligne ; refuse à qui n'est pas de l'équipe, et si quelqu'un a enregistré depuis qu'elle a été lue."""
        if not self.s_ecrit_par(par):
            raise DroitRefuse(D_UNE_AUTRE)
        verrouillee = type(self).objects.select_for_update(of=("self",)).get(pk=self.pk)
        if verrouillee.version != self.version:
            raise Conflit(verrouillee, champs)

    def _inscrire(self, action, par, **details):
        inscrire(action, objet=self, par=par, equipe=self.equipe_id, le=self.le, **details)
