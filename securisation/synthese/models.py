"""Ce que la surveillance du journal garde (vérifications de la chaîne, alertes), et les lots de documents d'une responsable d'équipe."""

import datetime

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import connection, models
from django.db.models import Count, Q
from django.urls import reverse

from securisation.documents import genres
from securisation.documents.models import Document
from securisation.socle import horloge
from securisation.socle.journal import inscrire
from securisation.socle.refus import DroitRefuse
from securisation.socle.trace import uuid7
from securisation.socle.transitions import AvecEtat, transition
from securisation.synthese.querysets import AlerteQuerySet, LigneDeLotQuerySet, LotQuerySet

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


class LotDeDocuments(models.Model):
    """Des documents d'un même genre, demandés d'un coup pour une équipe : qui, quand, lesquels. Ce n'est pas un fait d'un dossier."""

    uuid = models.UUIDField(default=uuid7, unique=True, editable=False)
    par = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", editable=False)
    genre = models.CharField("genre", max_length=30, editable=False)
    choix = models.CharField("parcours voulus", max_length=300, editable=False)
    total = models.PositiveSmallIntegerField("parcours", default=0, editable=False)
    demande_le = models.DateTimeField("demandé le", editable=False)
    annule_le = models.DateTimeField("annulé le", null=True, editable=False)

    objects = LotQuerySet.as_manager()

    class Meta:
        verbose_name = "lot de documents"
        ordering = ["-demande_le", "-pk"]
        indexes = [models.Index(fields=["par", "-demande_le"], name="lot_par_auteur")]

    def __str__(self):
        return f"lot {self.pk}"

    def get_absolute_url(self):
        """La page de suivi."""
        return reverse("synthese:lot", args=[self.uuid])

    @classmethod
    def inscrire(cls, *, par, genre, choix, parcours, refus):
        """Garde un lot et une ligne par parcours ; `refus` : {clé: pourquoi}, ceux qui n'auront pas de document."""
        lot = cls.objects.create(
            par=par, genre=genre, choix=choix, demande_le=horloge.maintenant(), total=len(parcours)
        )
        LigneDeLot.objects.bulk_create(
            LigneDeLot(
                lot=lot,
                parcours=p,
                rang=rang,
                etat=LigneDeLot.Etat.REFUSEE if p.pk in refus else LigneDeLot.Etat.ATTENTE,
                raison=refus.get(p.pk, ""),
            )
            for rang, p in enumerate(parcours, start=1)
        )
        return lot

    def arreter(self):
        """Retire ce qui n'est pas encore demandé ; rend combien de lignes."""
        retirees = self.lignes.filter(etat=LigneDeLot.Etat.ATTENTE).update(etat=LigneDeLot.Etat.ANNULEE)
        if retirees:
            self.annule_le = horloge.maintenant()
            self.save()
        return retirees

    @property
    def libelle(self):
        """Le nom du genre : « Bilan de sécurisation du parcours »."""
        return genres.genre(self.genre).libelle

    @property
    def comptes(self):
        """{"prets", "manques", "en_cours"} : ce qui est prêt, ce qui ne sortira pas, ce qui reste à faire."""
        return self.lignes.aggregate(
            **{nom: Count("pk", filter=LigneDeLotQuerySet.SORTS[nom]) for nom in LigneDeLotQuerySet.SORTS}
        )


class LigneDeLot(models.Model):
    """Un parcours d'un lot : son document une fois demandé, ou pourquoi il n'y en aura pas."""

    vers_parcours = "parcours"
    cloisonne = True

    class Etat(models.TextChoices):
        ATTENTE = "attente", "En attente"
        DEMANDEE = "demandee", "Demandé"
        REFUSEE = "refusee", "Refusé"
        ANNULEE = "annulee", "Annulé"

    lot = models.ForeignKey(LotDeDocuments, models.CASCADE, related_name="lignes")
    parcours = models.ForeignKey(settings.MODELE_PARCOURS, models.CASCADE, related_name="+")
    document = models.ForeignKey(Document, models.SET_NULL, null=True, related_name="+")
    rang = models.PositiveSmallIntegerField()
    etat = models.CharField("état", max_length=8, choices=Etat, default=Etat.ATTENTE)
    raison = models.CharField("raison", max_length=500, blank=True)

    objects = LigneDeLotQuerySet.as_manager()

    class Meta:
        verbose_name = "ligne d'un lot"
        ordering = ["rang"]
        constraints = [models.UniqueConstraint(fields=["lot", "parcours"], name="lot_un_parcours_une_fois")]
        indexes = [models.Index(fields=["lot", "etat", "rang"], name="lot_par_etat")]

    def __str__(self):
        return f"ligne {self.rang}"

    def noter(self, *, document=None, raison=""):
        """Garde le document demandé pour cette ligne, ou pourquoi il n'y en aura pas."""
        self.document, self.raison = document, raison[:500]
        self.etat = self.Etat.DEMANDEE if document else self.Etat.REFUSEE
        self.save()

    @property
    def mot(self):
        """Où en est ce document : « Prêt », « En préparation », « Refusé »…"""
        return self.document.get_etat_display() if self.document else self.get_etat_display()

    @property
    def pourquoi(self):
        """Ce qui a manqué, "" quand tout va."""
        return self.raison or (self.document.erreur if self.document else "")
