"""Ce que toutes les nomenclatures partagent : un code stable, une relecture, des corrections suivies."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models, transaction

from securisation.annuaire.querysets import A_RELIRE, NomenclatureQuerySet, SuppressionRefusee
from securisation.socle.horloge import aujourd_hui
from securisation.socle.journal import inscrire

RELU = "relu"


class Nomenclature(models.Model):
    """Une ligne du référentiel. L'association peut la corriger ; `champs_corriges` dit ce qu'un rechargement garde."""

    code = models.CharField("code", max_length=40, unique=True)
    libelle = models.CharField("libellé", max_length=300)
    ordre = models.PositiveIntegerField("ordre", default=0)
    ferme_le = models.DateField("fermé le", null=True, blank=True, help_text="Un code fermé n'est plus proposé.")
    relecture = models.CharField("relecture", max_length=40, blank=True)
    relu_le = models.DateField("relu le", null=True, blank=True, editable=False)
    relu_par = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        verbose_name="relu par",
        null=True,
        blank=True,
        editable=False,
        related_name="+",
    )
    champs_corriges = ArrayField(
        models.CharField(max_length=60), verbose_name="champs corrigés", default=list, blank=True, editable=False
    )
    propre_a_l_association = models.BooleanField("ajouté par l'association", default=False, editable=False)

    objects = NomenclatureQuerySet.as_manager()

    chemin_axe = ""
    champ_libelle = "libelle"

    class Meta:
        abstract = True
        ordering = ["ordre", "code"]

    def __str__(self):
        return self.libelle

    def delete(self, *args, **kwargs):
        raise SuppressionRefusee

    @property
    def est_ouvert(self):
        return self.ferme_le is None

    @property
    def est_a_relire(self):
        return self.est_ouvert and self.relecture == A_RELIRE

    @property
    def details(self):
        """Ce que la ligne dit de plus que son libellé, en phrases courtes ; vide le plus souvent."""
        return []

    @property
    def est_corrige(self):
        """Vrai si l'association a changé autre chose que la relecture."""
        return bool(set(self.champs_corriges) - {"relecture"})

    def corriger(self, *, par, **champs):
        """Change ces champs au nom de l'association ; rend les noms changés, que le rechargement gardera désormais."""
        changes = sorted(nom for nom, valeur in champs.items() if getattr(self, nom) != valeur)
        if changes:
            self._ecrire("nomenclature modifiée", par=par, changes=changes, valeurs=champs)
        return changes

    def marquer_relu(self, *, par):
        """Dit la ligne relue par `par` aujourd'hui ; sans effet si rien n'est à relire."""
        if self.est_a_relire:
            valeurs = {"relecture": RELU, "relu_le": aujourd_hui(), "relu_par": par}
            self._ecrire("nomenclature relue", par=par, changes=["relecture"], valeurs=valeurs)

    @transaction.atomic
    def _ecrire(self, action, *, par, changes, valeurs):
        self._poser(changes=changes, valeurs=valeurs)
        inscrire(action, objet=self, par=par, nomenclature=self._meta.model_name, code=self.code, champs=changes)

    def _poser(self, *, changes, valeurs):
        """Enregistre ces valeurs ; les champs de `changes` sont désormais ceux de l'association."""
        for nom, valeur in valeurs.items():
            setattr(self, nom, valeur)
        self.champs_corriges = sorted({*self.champs_corriges, *changes})
        self.full_clean()
        self.save()
