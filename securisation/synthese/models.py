"""Ce que la surveillance du journal garde : les vérifications de la chaîne, et les alertes que le délégué regarde."""

import datetime

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import connection, models
from django.db.models import Q

from securisation.socle import horloge
from securisation.socle.journal import inscrire
from securisation.socle.refus import DroitRefuse
from securisation.socle.trace import uuid7
from securisation.socle.transitions import AvecEtat, transition
from securisation.synthese.querysets import AlerteQuerySet

AN = datetime.timedelta(days=365)
ASTREINTE = datetime.timedelta(days=31)
DE_SOI = "Cette alerte vous concerne : un autre délégué à la protection des données la regarde."
# Une alerte déjà levée grandit tant que personne ne l'a regardée ; regardée, elle ne revient pas.
_LEVER = """
INSERT INTO synthese_alerte (uuid, regle, acteur_id, parcours_id, cle, nombre, du, au, dit, levee_le, etat, note, version)
VALUES (%(uuid)s, %(regle)s, %(acteur)s, %(parcours)s, %(cle)s, %(nombre)s, %(du)s, %(au)s, %(dit)s, %(le)s, 'a_regarder', '', 0)
ON CONFLICT (regle, acteur_id, cle) DO UPDATE SET nombre = greatest(synthese_alerte.nombre, excluded.nombre),
       du = least(synthese_alerte.du, excluded.du), au = greatest(synthese_alerte.au, excluded.au)
 WHERE synthese_alerte.etat = 'a_regarder'
RETURNING xmax = 0
"""


class Controle(models.Model):
    """Une vérification du journal : quand, combien de chaînes et de maillons relus, et la première rupture s'il y en a une."""

    fait_le = models.DateTimeField("faite le")
    chaines = models.PositiveIntegerField("chaînes relues", default=0)
    maillons = models.PositiveBigIntegerField("maillons relus", default=0)
    rupture = models.TextField("rupture", blank=True)

    class Meta:
        verbose_name = "vérification du journal"
        get_latest_by = "fait_le"
        indexes = [models.Index(fields=["-fait_le"], name="controle_recent")]

    def __str__(self):
        return f"vérification du {self.fait_le:%Y-%m-%d}"

    @classmethod
    def noter(cls, compte):
        """Garde le résultat d'une vérification (`socle.verification.Compte`) ; les anciennes partent après un an."""
        moment = horloge.maintenant()
        cls.objects.filter(fait_le__lt=moment - AN).delete()
        dits = {"chaines": compte.chaines, "maillons": compte.maillons, "rupture": "\n".join(compte.ruptures)}
        return cls.objects.create(fait_le=moment, **dits)


class Veille(models.Model):
    """Jusqu'où la surveillance a lu le journal : une seule ligne."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    jusqu_au = models.DateTimeField()

    class Meta:
        verbose_name = "veille"

    def __str__(self):
        return f"journal lu jusqu'au {self.jusqu_au:%Y-%m-%d %H:%M}"

    @classmethod
    def derniere(cls):
        """Le moment du dernier passage, ou None."""
        return cls.objects.values_list("jusqu_au", flat=True).first()

    @classmethod
    def noter(cls, moment):
        """Le prochain passage repartira d'ici."""
        cls.objects.update_or_create(id=1, defaults={"jusqu_au": moment})


class Alerte(AvecEtat, models.Model):
    """Une façon de lire qui demande un regard. Elle dit un fait et où le vérifier ; elle n'accuse pas et ne classe personne."""

    cloisonne = False  # le délégué la lit sans ouvrir le dossier ; aucun mot du dossier n'y est

    class Regle(models.TextChoices):
        NOMBREUX = "nombreux", "Beaucoup de dossiers en une heure"
        NUIT = "nuit", "Dossiers ouverts la nuit"
        PROCHE = "proche", "Dossier d'un proche ou d'un collègue"
        RECHERCHE = "recherche", "Même recherche répétée sans ouvrir"
        JUSTIFIEE = "justifiee", "Lecture nombreuse justifiée"

    class Etat(models.TextChoices):
        A_REGARDER = "a_regarder", "À regarder"
        REGARDEE = "regardee", "Regardée"

    uuid = models.UUIDField(default=uuid7, unique=True, editable=False)
    regle = models.CharField("motif", max_length=12, choices=Regle.choices, editable=False)
    acteur = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", editable=False)
    parcours = models.ForeignKey(
        settings.MODELE_PARCOURS, models.CASCADE, related_name="+", null=True, editable=False, db_constraint=True
    )
    cle = models.CharField(max_length=80, editable=False)
    nombre = models.PositiveIntegerField("nombre", default=0, editable=False)
    du = models.DateTimeField("du", editable=False)
    au = models.DateTimeField("au", editable=False)
    dit = models.TextField("ce que la personne a dit", max_length=1000, blank=True, editable=False)
    levee_le = models.DateTimeField("levée le", editable=False)
    etat = models.CharField("état", max_length=10, choices=Etat.choices, default=Etat.A_REGARDER, editable=False)
    note = models.TextField("ce que vous avez vérifié", max_length=2000, blank=True)
    astreinte_jusqu_au = models.DateField("d'astreinte jusqu'au", null=True, blank=True)
    regardee_le = models.DateTimeField("regardée le", null=True, editable=False)
    regardee_par = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True, editable=False
    )
    version = models.PositiveIntegerField(default=0, editable=False)

    objects = AlerteQuerySet.as_manager()
    # Elle ne s'inscrit pas au journal du parcours : qui y est cité la lirait.
    parcours_de_rattachement = None

    class Meta:
        verbose_name = "cette alerte"
        verbose_name_plural = "alertes"
        ordering = ["-levee_le", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["regle", "acteur", "cle"],
                name="alerte_une_fois",
                violation_error_message="Cette alerte existe déjà.",
            ),
            models.CheckConstraint(
                condition=Q(etat="a_regarder") | (~Q(note="") & Q(regardee_le__isnull=False)),
                name="alerte_regardee_avec_une_note",
                violation_error_message="Écrivez ce que vous avez vérifié.",
            ),
        ]
        indexes = [
            models.Index(fields=["-levee_le", "-id"], name="alerte_recente"),
            models.Index(fields=["levee_le"], name="alerte_a_regarder", condition=Q(etat="a_regarder")),
        ]

    def __str__(self):
        return f"alerte {self.pk}"

    @classmethod
    def lever(cls, regle, *, acteur, cle, nombre, du, au, parcours=None, dit=""):
        """Lève une alerte (clés d'un compte et, au besoin, d'un parcours) ; la même ne se lève qu'une fois. Vrai si elle est neuve."""
        valeurs = {
            "uuid": uuid7(),
            "regle": regle,
            "acteur": acteur,
            "parcours": parcours,
            "cle": cle,
            "nombre": nombre,
        }
        valeurs |= {"du": du, "au": au, "dit": dit, "le": horloge.maintenant()}
        with connection.cursor() as curseur:
            curseur.execute(_LEVER, valeurs)
            neuve = bool((curseur.fetchone() or [False])[0])
        if neuve:
            inscrire("alerte", regle=str(regle), compte=acteur)
        return neuve

    @transition(de=[Etat.A_REGARDER], vers=Etat.REGARDEE, permission="regarder_alerte")
    def regarder(self, *, par, note, astreinte_jusqu_au=None):
        """Note ce qui a été vérifié ; l'alerte quitte la liste de ce qui reste à regarder."""
        verrouillee = type(self).objects.select_for_update().get(pk=self.pk)
        if verrouillee.etat != self.Etat.A_REGARDER:
            raise ValidationError("Cette alerte vient d'être regardée par quelqu'un d'autre : rouvrez-la.")
        if par.pk == self.acteur_id:
            raise DroitRefuse(DE_SOI)
        if astreinte_jusqu_au and astreinte_jusqu_au > horloge.aujourd_hui() + ASTREINTE:
            raise ValidationError({"astreinte_jusqu_au": "Une astreinte se note pour 31 jours au plus."})
        if astreinte_jusqu_au and self.regle != self.Regle.NUIT:
            raise ValidationError({"astreinte_jusqu_au": "L'astreinte n'explique que des dossiers ouverts la nuit."})
        self.note, self.astreinte_jusqu_au = note, astreinte_jusqu_au
        self.regardee_par, self.regardee_le = par, horloge.maintenant()
        self.version += 1
        inscrire("alerte regardée", par=par, alerte=str(self.uuid), regle=self.regle)
