"""Ce qu'un parcours apporte aux chiffres : une ligne étroite, refaite du dossier, sans un mot ni une identité."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.functions import RandomUUID
from django.db import models


def _codes(nom, **plus):
    return ArrayField(models.IntegerField(), verbose_name=nom, default=list, editable=False, **plus)


class Fait(models.Model):
    """Les faits comptables d'un parcours, en codes. Écrit par `faits.rafraichir` seul ; jamais montré, jamais exporté.

    `cle` : entier tiré du numéro public et d'un sel (`Passage`), le même à chaque réfection ; leur somme décide de l'arrondi d'un groupe.
    `niveaux` : quatre bits par axe, dans l'ordre du référentiel (entrée × 4 + sortie ; 0 : 0–1, 1 : 2, 2 : 3–4, 3 : non coté).
    `leviers` : clé du levier × 16 + classe de réponse (`faits.REPONSES` ; 0 : sollicité, quelle que soit la réponse).
    Ce qui révèle la santé vaut 0, sans plus.
    """

    # Ni nom, ni mot, ni date de naissance : rien à cacher derrière le mur. Seuls les chiffres protégés en sortent.
    cloisonne = False
    vers_parcours = "parcours"

    parcours = models.OneToOneField(
        "parcours.Parcours", models.CASCADE, primary_key=True, related_name="fait", editable=False
    )
    cle = models.IntegerField("clé d'arrondi", editable=False)
    compte = models.BooleanField("compte dans les chiffres", editable=False)
    equipe_id = models.BigIntegerField("équipe", editable=False)
    departement = models.CharField("département", max_length=3, blank=True, editable=False)
    epci = models.BigIntegerField("intercommunalité", default=0, editable=False)
    recue_le = models.DateField("demande reçue le", editable=False)
    admis_le = models.DateField("admis le", null=True, editable=False)
    refuse_le = models.DateField("non admis le", null=True, editable=False)
    fini_le = models.DateField("fini le", null=True, editable=False)
    bilan_le = models.DateField("bilan validé le", null=True, editable=False)
    origine = models.BigIntegerField("origine", editable=False)
    orientation = models.BigIntegerField("orientation proposée", default=0, editable=False)
    fin = models.BigIntegerField("fin", default=0, editable=False)
    niveaux = models.IntegerField("niveaux d'entrée et de sortie", default=0, editable=False)
    duree = models.SmallIntegerField("classe de durée", default=0, editable=False)
    cadre = models.SmallIntegerField("suspension et prolongation", default=0, editable=False)
    demarches = models.SmallIntegerField("démarches engagées", default=0, editable=False)
    publics = _codes("publics")
    facteurs = _codes("facteurs à l'entrée")
    dominos = _codes("enchaînements retenus")
    leviers = _codes("leviers et réponses")
    delais = _codes("délais de réponse")
    moyens = _codes("façons de faire")
    risques = _codes("risques résiduels")
    relais = _codes("relais")

    objects = models.Manager()

    class Meta:
        verbose_name = "fait d'un parcours"
        verbose_name_plural = "faits des parcours"

    def __str__(self):
        return f"fait {self.pk}"


class Cumul(models.Model):
    """La somme des faits d'un mois et d'une équipe, par code : tenue par un déclencheur des faits (sql/cumul.sql), lue en direct.

    `nature` : la date du parcours que le mois range ; `n` : combien ; `cle` : la somme de leurs clés d'arrondi.
    """

    pk = models.CompositePrimaryKey("nature", "mois", "equipe_id", "groupe", "code")
    nature = models.CharField("date rangée", max_length=1, editable=False)
    mois = models.DateField("mois", editable=False)
    equipe_id = models.BigIntegerField("équipe", editable=False)
    groupe = models.CharField("groupe", max_length=24, editable=False)
    code = models.BigIntegerField("code", editable=False)
    n = models.BigIntegerField("combien", editable=False)
    cle = models.BigIntegerField("somme des clés", editable=False)

    objects = models.Manager()

    class Meta:
        verbose_name = "cumul des faits"
        verbose_name_plural = "cumuls des faits"

    def __str__(self):
        return f"cumul {self.nature} {self.mois:%Y-%m} {self.groupe}"


class Passage(models.Model):
    """Jusqu'où le journal a été relu pour refaire les faits, et le sel de leurs clés : une seule ligne."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    jusqu_a = models.DateTimeField("journal relu jusqu'à", null=True, editable=False)
    # Sans lui, qui connaît les numéros publics d'un groupe rejouerait son arrondi. Il ne change jamais : même groupe, même nombre.
    sel = models.UUIDField("sel des clés d'arrondi", db_default=RandomUUID(), editable=False)

    objects = models.Manager()

    class Meta:
        verbose_name = "passage sur le journal"
        verbose_name_plural = "passages sur le journal"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(id=1),
                name="pilotage_passage_une_ligne",
                violation_error_message="Le passage n'a qu'une ligne.",
            )
        ]

    def __str__(self):
        return "passage sur le journal"

    @classmethod
    def dernier(cls):
        """Le moment du dernier passage ; None avant le premier."""
        return cls.objects.values_list("jusqu_a", flat=True).first()

    @classmethod
    def du_sel(cls):
        """Le sel des clés d'arrondi de cette installation, tiré au sort une fois."""
        passage, neuf = cls.objects.get_or_create(id=1)
        if neuf:
            passage.refresh_from_db()  # la base l'a tiré au sort
        return passage.sel

    @classmethod
    def noter(cls, moment):
        """Note que le journal est relu jusqu'à ce moment."""
        cls.objects.update_or_create(id=1, defaults={"jusqu_a": moment})
