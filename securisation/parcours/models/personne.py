"""La personne et celles et ceux qui l'entourent. L'identité n'est jamais exigée : un pseudonyme suffit."""

import unicodedata

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import F, Func, Q, Value
from django.db.models.functions import Replace, Right

from securisation.socle import horloge
from securisation.socle.trace import Trace, TraceQuerySet
from securisation.socle.transitions import NOUVEAU, transition

CHIFFRES = Func(
    F("telephone"), Value("[^0-9]"), Value(""), Value("g"), function="regexp_replace", output_field=models.CharField()
)


LIGATURES = str.maketrans(
    {"œ": "oe", "Œ": "oe", "æ": "ae", "Æ": "ae", "ß": "ss", "ø": "o", "Ø": "o", "ł": "l", "Ł": "l", "đ": "d", "Đ": "d", "ı": "i"}
)  # fmt: skip


def cle_de_recherche(texte):
    """Texte sans accents, sans casse ni signes, ligatures ouvertes, pour la recherche et les doublons (« Élodie M. » → « elodie m »)."""
    lettres = unicodedata.normalize("NFKD", (texte or "").translate(LIGATURES))
    plat = "".join(c if c.isalnum() else "" if unicodedata.category(c) in ("Mn", "Cf") else " " for c in lettres)
    return " ".join(plat.encode("ascii", "ignore").decode().lower().split())


class Personne(Trace):
    """Une personne accompagnée, connue par son nom ou par un pseudonyme."""

    vers_parcours = "parcours"
    # La recherche et le repérage des doublons la lisent par ses index ; son historique est derrière le mur.
    cloisonne, histoire_cloisonnee = False, True

    class Canal(models.TextChoices):
        TELEPHONE = "téléphone", "Téléphone"
        SMS = "SMS", "SMS"
        COURRIEL = "courriel", "Courriel"
        COURRIER = "courrier", "Courrier"
        VISITE = "visite", "Visite"

    prenom = models.CharField("prénom", max_length=80, blank=True)
    nom = models.CharField("nom", max_length=80, blank=True)
    pseudonyme = models.CharField("pseudonyme ou code", max_length=80, blank=True)
    annee_naissance = models.PositiveSmallIntegerField("année de naissance", null=True, blank=True)
    commune = models.CharField("commune", max_length=120, blank=True)
    code_postal = models.CharField("code postal", max_length=5, blank=True)
    adresse = models.CharField("adresse", max_length=300, blank=True)
    telephone = models.CharField("téléphone", max_length=30, blank=True)
    courriel = models.EmailField("courriel", blank=True)
    canal_prefere = models.CharField("canal préféré", max_length=12, choices=Canal.choices, blank=True)
    langue = models.CharField("langue", max_length=60, blank=True)
    lecture = models.CharField("rapport à la lecture", max_length=120, blank=True)
    foyer = models.CharField("foyer", max_length=300, blank=True)
    opposition_le = models.DateField("opposée aux statistiques depuis le", null=True, blank=True, editable=False)
    cle = models.CharField(max_length=260, blank=True, editable=False)

    objects = TraceQuerySet.as_manager()

    class Meta:
        verbose_name = "la personne"
        verbose_name_plural = "personnes"
        indexes = [
            GinIndex(OpClass("cle", name="gin_trgm_ops"), name="personne_cle_trigrammes"),
            # « n diaye » et « ndiaye » sont un même nom ; un téléphone vaut ses neuf derniers chiffres, quelle que soit sa graphie.
            GinIndex(OpClass(Replace("cle", Value(" ")), name="gin_trgm_ops"), name="personne_nom_colle"),
            models.Index(Right(CHIFFRES, 9), name="personne_chiffres"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=~Q(nom="", pseudonyme="", prenom=""),
                name="personne_nommee",
                violation_error_message="Indiquez un prénom, un nom, ou un pseudonyme (un code suffit).",
            ),
            models.CheckConstraint(
                condition=Q(annee_naissance=None) | Q(annee_naissance__range=(1900, 2100)),
                name="personne_annee_possible",
                violation_error_message="L'année de naissance s'écrit en quatre chiffres, après 1900.",
            ),
            models.CheckConstraint(
                condition=Q(code_postal="") | Q(code_postal__regex=r"^[0-9][0-9AB][0-9]{3}$"),
                name="personne_code_postal",
                violation_error_message="Le code postal s'écrit en cinq chiffres.",
            ),
        ]

    def __str__(self):
        return f"personne {self.pk}"

    @property
    def appellation(self):
        """Ce que les pages affichent : « Nadia Benali », ou le pseudonyme."""
        return " ".join(part for part in (self.prenom, self.nom) if part) or self.pseudonyme

    @property
    def parcours_de_rattachement(self):
        return self.parcours.order_by("-pk").first() if self.pk else None

    def rattacher(self, parcours):
        """La personne n'a pas de lien direct à recoudre : ses parcours la désignent."""

    def save(self, *args, **kwargs):
        self.cle = cle_de_recherche(f"{self.prenom} {self.nom} {self.pseudonyme}")[:260]
        super().save(*args, **kwargs)

    @transition(de=[NOUVEAU], permission="ouvrir_parcours")
    def enregistrer(self, *, par, **champs):
        """Enregistre une personne nouvelle."""
        self.poser(**champs)

    @transition(permission="modifier_personne")
    def modifier(self, *, par, **champs):
        """Met à jour identité, coordonnées et préférences."""
        self.poser(**champs)

    @transition(apres_cloture=True)
    def s_opposer(self, *, par):
        """Ses données ne comptent plus dans aucun chiffre à venir ; appelée par sa demande."""
        self.opposition_le = horloge.aujourd_hui()

    @transition(apres_cloture=True)
    def ne_plus_s_opposer(self, *, par):
        """Ses données peuvent de nouveau compter ; appelée par la levée de l'opposition."""
        self.opposition_le = None


class Entourage(Trace):
    """Quelqu'un autour de la personne, et la place qu'elle lui donne."""

    class Role(models.TextChoices):
        PERSONNE_DE_CONFIANCE = "PERSONNE_DE_CONFIANCE", "Personne de confiance"
        PROCHE = "PROCHE", "Proche"
        AIDANT = "AIDANT", "Aidant"
        REPRESENTANT = "REPRESENTANT", "Représentant légal"
        PROFESSIONNEL = "PROFESSIONNEL", "Professionnel"

    parcours = models.ForeignKey("parcours.Parcours", models.CASCADE, related_name="entourage")
    nom = models.CharField("nom", max_length=120)
    lien = models.CharField("lien", max_length=60, blank=True)
    role = models.CharField("place", max_length=24, choices=Role.choices, default=Role.PROCHE)
    telephone = models.CharField("téléphone", max_length=30, blank=True)

    class Meta:
        verbose_name = "l'entourage"
        ordering = ["pk"]

    def __str__(self):
        return f"entourage {self.pk}"

    @transition(permission="modifier_personne")
    def inscrire(self, *, par, **champs):
        """Ajoute ou met à jour une personne de l'entourage."""
        self.poser(**champs)
