"""Une convention : qui finance, de quand à quand, où, pour quoi, et quels parcours comptent."""

from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from django.db.models import F, Q
from django.urls import reverse

from securisation.annuaire.models import Departement, ObjectifPraps, Origine, Public
from securisation.comptes.models import Equipe, Fonction, Professionnel
from securisation.socle import horloge
from securisation.socle.trace import uuid7

LIENS = ("equipes", "departements", "objectifs", "publics", "origines", "lecteurs")


class ConventionQuerySet(models.QuerySet):
    def lues_par(self, professionnel):
        """La direction les tient toutes ; un financeur lit celles où son compte est nommé ; nul autre."""
        if professionnel.a_fonction(Fonction.Genre.DIRECTION):
            return self
        if professionnel.a_fonction(Fonction.Genre.FINANCEUR):
            return self.filter(lecteurs=professionnel)
        return self.none()

    def avec_liens(self):
        """Avec ce que sa page montre, en une requête par lien."""
        return self.prefetch_related(*LIENS)


class Convention(models.Model):
    """Ce qu'un financeur paie, sur une période et un territoire. Elle se corrige ; une édition déjà publiée n'en change pas."""

    cloisonne = False  # rien d'une personne accompagnée : des mots de l'association et d'un organisme

    uuid = models.UUIDField(default=uuid7, unique=True, editable=False)
    version = models.PositiveIntegerField(default=0, editable=False)
    numero = models.CharField("numéro de la convention", max_length=60)
    financeur = models.CharField("organisme financeur", max_length=160)
    du = models.DateField("premier jour")
    au = models.DateField("dernier jour")
    objet_paye = models.TextField("ce qui est payé", max_length=2000)
    equipes = models.ManyToManyField(Equipe, verbose_name="équipes", blank=True, related_name="+")
    departements = models.ManyToManyField(Departement, verbose_name="départements", blank=True, related_name="+")
    objectifs = models.ManyToManyField(ObjectifPraps, verbose_name="objectifs du PRAPS", blank=True, related_name="+")
    publics = models.ManyToManyField(Public, verbose_name="publics", blank=True, related_name="+")
    origines = models.ManyToManyField(Origine, verbose_name="origines", blank=True, related_name="+")
    lecteurs = models.ManyToManyField(
        Professionnel, verbose_name="comptes qui lisent", blank=True, related_name="conventions_lues"
    )
    enregistree_le = models.DateTimeField("enregistrée le", editable=False)
    enregistree_par = models.ForeignKey(
        Professionnel, models.PROTECT, verbose_name="enregistrée par", related_name="+", editable=False
    )

    objects = ConventionQuerySet.as_manager()
    parcours_de_rattachement = None

    class Meta:
        verbose_name = "convention"
        verbose_name_plural = "conventions"
        ordering = ["-du", "financeur", "numero"]
        constraints = [
            models.UniqueConstraint(
                fields=["financeur", "numero"],
                name="pilotage_convention_unique",
                violation_error_message="Ce financeur a déjà une convention de ce numéro.",
            ),
            models.CheckConstraint(
                condition=Q(au__gte=F("du")),
                name="pilotage_convention_dates",
                violation_error_message="Le dernier jour ne précède pas le premier.",
            ),
            models.CheckConstraint(
                condition=~Q(numero="") & ~Q(financeur="") & ~Q(objet_paye=""),
                name="pilotage_convention_dite",
                violation_error_message="Une convention a un numéro, un financeur et dit ce qu'elle paie.",
            ),
        ]

    def __str__(self):
        return f"{self.financeur}, {self.numero}"

    def get_absolute_url(self):
        """Sa page."""
        return reverse("pilotage:convention", args=[self.uuid])

    @property
    def annees(self):
        """« 2025 à 2027 », ou « 2025 » seule."""
        return str(self.du.year) if self.du.year == self.au.year else f"{self.du.year} à {self.au.year}"

    def libelles(self):
        """{lien: libellés} de son territoire, de ses objectifs et de ce qui compte."""
        return {
            "equipes": [equipe.nom for equipe in self.equipes.all()],
            "departements": [f"{d.libelle} ({d.code})" for d in self.departements.all()],
            "objectifs": [f"{o.numero}. {o.libelle}" for o in self.objectifs.all()],
            "publics": [public.libelle for public in self.publics.all()],
            "origines": [origine.libelle for origine in self.origines.all()],
        }

    def definir(self, *, par, **champs):
        """Pose ces valeurs, enregistre, et rend les noms changés ; ValidationError en français si la base refuse."""
        liens = {nom: champs.pop(nom) for nom in LIENS if nom in champs}
        changes = [nom for nom, valeur in champs.items() if self.pk is None or getattr(self, nom) != valeur]
        for nom, valeur in champs.items():
            setattr(self, nom, valeur)
        self.enregistree_le, self.enregistree_par = horloge.maintenant(), par
        self.version += 1
        try:
            self.full_clean()
            with transaction.atomic():
                self.save()
        except IntegrityError:
            raise ValidationError(
                {"numero": "Ce financeur a déjà une convention de ce numéro."}, code="double"
            ) from None
        for nom, valeurs in liens.items():
            lien = getattr(self, nom)
            if {objet.pk for objet in valeurs} != set(lien.values_list("pk", flat=True)):
                lien.set(valeurs)
                changes.append(nom)
        return sorted(changes)
