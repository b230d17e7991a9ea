"""Qui travaille ici : professionnels, équipes, fonctions, et les réglages de l'association."""

from django.contrib.auth.models import AbstractBaseUser, PermissionsMixin
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils import timezone
from uuid_utils.compat import uuid7

from securisation.comptes.querysets import ProfessionnelManager, refuser_suppression

# Ce que l'administrateur fonctionnel tient dans l'administration de Django : rien d'un dossier, aucune suppression.
APPLICATIONS_DE_L_ADMINISTRATEUR = {"comptes", "annuaire"}
VERBES_DE_L_ADMINISTRATEUR = {"view", "add", "change"}


def jour_courant():
    """Le jour civil réel : un droit s'apprécie maintenant, même pendant la reprise d'un dossier ancien."""
    return timezone.localdate()


class Equipe(models.Model):
    """Une équipe de l'association, sur son territoire, avec le nombre de parcours qu'elle peut suivre."""

    nom = models.CharField("nom", max_length=120, unique=True)
    territoire = models.CharField("territoire", max_length=200, blank=True)
    places = models.PositiveSmallIntegerField(
        "places", default=0, help_text="Nombre de parcours que l'équipe peut suivre en même temps ; 0 : non limité."
    )
    association = models.CharField("association", max_length=200, blank=True)

    class Meta:
        verbose_name = "équipe"
        verbose_name_plural = "équipes"
        ordering = ["nom"]

    def __str__(self):
        return self.nom


class Professionnel(AbstractBaseUser, PermissionsMixin):
    """Une personne qui travaille avec l'application ; son adresse est son identifiant ; jamais supprimée."""

    uuid = models.UUIDField("identifiant public", default=uuid7, unique=True, editable=False)
    email = models.EmailField(
        "adresse électronique", error_messages={"unique": "Un compte existe déjà pour cette adresse."}, unique=True
    )
    prenom = models.CharField("prénom", max_length=80)
    nom = models.CharField("nom", max_length=80)
    metier = models.CharField("métier", max_length=120, blank=True)
    equipe = models.ForeignKey(
        Equipe,
        verbose_name="équipe",
        on_delete=models.PROTECT,
        related_name="professionnels",
        null=True,
        blank=True,
        help_text="Vide pour un partenaire, un financeur ou le délégué à la protection des données.",
    )
    is_active = models.BooleanField(
        "compte actif", default=True, help_text="Décocher ferme l'accès ; le compte et sa trace restent."
    )
    est_invite = models.BooleanField(
        "compte invité",
        default=False,
        editable=False,
        help_text="Ouvert par une invitation, pour ce seul partage : la porte de lecture lui ferme toute autre page.",
    )
    resume_voulu = models.BooleanField("résumé du jour par courriel", default=True, editable=False)
    resume_le = models.DateField("dernier résumé préparé le", null=True, editable=False)
    cree_le = models.DateTimeField("créé le", default=timezone.now, editable=False)

    objects = ProfessionnelManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["prenom", "nom"]

    class Meta:
        verbose_name = "professionnel"
        verbose_name_plural = "professionnels"
        ordering = ["nom", "prenom"]
        constraints = [
            models.UniqueConstraint(
                Lower("email"),
                name="comptes_professionnel_email_sans_casse",
                violation_error_message="Un compte existe déjà pour cette adresse.",
            ),
            models.CheckConstraint(
                condition=Q(email=Lower("email")) & ~Q(email=""),
                name="comptes_professionnel_email_minuscules",
                violation_error_message="L'adresse électronique s'écrit en minuscules.",
            ),
            models.CheckConstraint(
                condition=Q(est_invite=False) | Q(equipe=None, is_superuser=False),
                name="comptes_professionnel_invite_sans_droit",
                violation_error_message="Un compte invité n'a ni équipe ni droit.",
            ),
        ]

    def __str__(self):
        return self.nom_complet

    @property
    def nom_complet(self):
        """Prénom puis nom, ou l'adresse si les deux manquent."""
        return f"{self.prenom} {self.nom}".strip() or self.email

    @property
    def initiales(self):
        """Une ou deux majuscules pour la pastille : « AD », « GL » pour Gaëlle Le Goff."""
        return "".join(mot[0] for mot in (self.prenom, self.nom) if mot).upper() or self.email[:1].upper()

    @property
    def is_staff(self):
        """Vrai pour qui entre dans l'administration de Django : comptes et nomenclatures, jamais un dossier."""
        return self.is_superuser or self.a_fonction(Fonction.Genre.ADMINISTRATEUR)

    @property
    def est_partenaire(self):
        """Vrai pour qui n'est ni d'une équipe, ni chargé d'une fonction, ni financeur : il ne lit que ce qu'on lui partage."""
        return self.equipe_id is None and not self.fonctions_en_cours and not self.est_financeur

    @property
    def est_financeur(self):
        """Vrai pour qui n'est ici que financeur : ni équipe ni autre fonction. Il lit des éditions publiées, et rien d'autre.

        Sa fonction finie, ou pas encore commencée, il le reste : il ne lit plus, ou pas encore, ses éditions, et rien ne s'ouvre à lui.
        """
        if self.equipe_id is not None or any(f.genre != Fonction.Genre.FINANCEUR for f in self.fonctions_en_cours):
            return False
        return any(f.genre == Fonction.Genre.FINANCEUR for f in self._confiees)

    @property
    def fonctions_en_cours(self):
        """Les fonctions exercées aujourd'hui ; une seule requête par instance."""
        jour = jour_courant()
        return [fonction for fonction in self._confiees if fonction.est_en_cours(jour)]

    @property
    def _confiees(self):
        """Toutes ses fonctions, finies et à venir comprises ; gardées par l'instance."""
        if not hasattr(self, "_fonctions"):
            self._fonctions = list(self.fonctions.all()) if self.pk else []
        return self._fonctions

    @property
    def equipes_supervisees(self):
        """Les identifiants des équipes supervisées aujourd'hui."""
        return [f.equipe_id for f in self.fonctions_en_cours if f.genre == Fonction.Genre.SUPERVISEUR]

    @property
    def a_second_facteur(self):
        """Vrai si une application d'authentification ou une clé d'accès est enregistrée ; lu avec le compte à chaque requête."""
        if "second_facteur" not in self.__dict__:
            moyens = self.authenticator_set.exclude(type="recovery_codes")
            self.second_facteur = moyens.exists()
        return self.second_facteur

    @property
    def suit_des_parcours(self):
        """Vrai pour qui a de quoi recevoir le résumé du jour : d'une équipe ou superviseur, jamais invité ni financeur."""
        attendu = self.equipe_id is not None or bool(self.equipes_supervisees)
        return attendu and not self.est_invite and not self.a_fonction(Fonction.Genre.FINANCEUR)

    def choisir_le_resume(self, voulu):
        """Allume ou éteint le résumé du jour de ce compte ; la veille des comptes l'inscrit."""
        self.resume_voulu = voulu
        self.save(update_fields=["resume_voulu"])

    def a_fonction(self, code):
        """Vrai si la fonction de ce code s'exerce aujourd'hui et que le compte est actif."""
        return self.is_active and any(f.genre == code for f in self.fonctions_en_cours)

    def has_perm(self, perm, obj=None):
        """Permission de Django (« comptes.view_equipe ») ; l'administrateur fonctionnel a les siennes."""
        application, _, mot = perm.partition(".")
        if mot.partition("_")[0] in VERBES_DE_L_ADMINISTRATEUR and self._administre(application):
            return True
        return super().has_perm(perm, obj)

    def has_module_perms(self, app_label):
        """Vrai si l'administration de Django montre cette application à ce compte."""
        return self._administre(app_label) or super().has_module_perms(app_label)

    def _administre(self, application):
        return application in APPLICATIONS_DE_L_ADMINISTRATEUR and self.a_fonction(Fonction.Genre.ADMINISTRATEUR)

    def get_full_name(self):
        """Nom affiché par Django et ses extensions."""
        return self.nom_complet

    def get_short_name(self):
        """Prénom, pour une salutation."""
        return self.prenom or self.email

    def oublier_fonctions(self):
        """Relit les fonctions au prochain usage."""
        self.__dict__.pop("_fonctions", None)

    def refresh_from_db(self, *args, **kwargs):
        """Relit aussi les fonctions."""
        self.oublier_fonctions()
        self.__dict__.pop("second_facteur", None)
        super().refresh_from_db(*args, **kwargs)

    def clean(self):
        """Range l'adresse en minuscules."""
        super().clean()
        self.email = (self.email or "").strip().lower()

    def save(self, *args, **kwargs):
        """Enregistre, l'adresse en minuscules."""
        self.email = (self.email or "").strip().lower()
        super().save(*args, **kwargs)

    def delete(self, *args, **kwargs):
        """Refusée : un compte se désactive."""
        refuser_suppression([self])


class Fonction(models.Model):
    """Une responsabilité confiée à un professionnel, de telle date à telle date."""

    class Genre(models.TextChoices):
        """Les cinq fonctions de l'application."""

        SUPERVISEUR = "SUPERVISEUR", "Superviseur d'équipe"
        DIRECTION = "DIRECTION", "Direction"
        ADMINISTRATEUR = "ADMINISTRATEUR", "Administrateur fonctionnel"
        DPO = "DPO", "Délégué à la protection des données"
        FINANCEUR = "FINANCEUR", "Financeur"

    professionnel = models.ForeignKey(Professionnel, on_delete=models.PROTECT, related_name="fonctions")
    genre = models.CharField("fonction", max_length=20, choices=Genre.choices)
    equipe = models.ForeignKey(
        Equipe, verbose_name="équipe", on_delete=models.PROTECT, related_name="fonctions", null=True, blank=True
    )
    du = models.DateField("du", default=jour_courant)
    au = models.DateField("au", null=True, blank=True, help_text="Dernier jour compris ; vide si la fonction dure.")

    class Meta:
        verbose_name = "fonction"
        verbose_name_plural = "fonctions"
        ordering = ["professionnel", "genre", "du"]
        constraints = [
            models.CheckConstraint(
                condition=Q(genre__in=["SUPERVISEUR", "DIRECTION", "ADMINISTRATEUR", "DPO", "FINANCEUR"]),
                name="comptes_fonction_genre_connu",
                violation_error_message="Cette fonction n'existe pas.",
            ),
            models.CheckConstraint(
                condition=Q(genre="SUPERVISEUR", equipe__isnull=False)
                | (~Q(genre="SUPERVISEUR") & Q(equipe__isnull=True)),
                name="comptes_fonction_equipe_du_superviseur",
                violation_error_message="Un superviseur répond d'une équipe ; les autres fonctions n'en ont pas.",
            ),
            models.CheckConstraint(
                condition=Q(au__isnull=True) | Q(au__gte=F("du")),
                name="comptes_fonction_dates_ordonnees",
                violation_error_message="La fin d'une fonction ne précède pas son début.",
            ),
            models.UniqueConstraint(
                fields=["professionnel", "genre", "equipe"],
                condition=Q(au__isnull=True),
                nulls_distinct=False,
                name="comptes_fonction_une_seule_ouverte",
                violation_error_message="Cette fonction est déjà confiée à ce professionnel.",
            ),
        ]

    def __str__(self):
        return f"{self.get_genre_display()} ({self.equipe})" if self.equipe_id else self.get_genre_display()

    def est_en_cours(self, jour):
        """Vrai si la fonction s'exerce ce jour-là, bornes comprises."""
        return self.du <= jour and (self.au is None or self.au >= jour)

    def save(self, *args, **kwargs):
        """Enregistre, et fait relire ses fonctions au professionnel."""
        super().save(*args, **kwargs)
        self.professionnel.oublier_fonctions()


class Reglages(models.Model):
    """Les durées choisies par l'association : une seule ligne, en jours."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    nom = models.CharField("nom de l'association", max_length=200, default="Association")
    duree_intervention_jours = models.PositiveSmallIntegerField("durée d'une intervention (jours)", default=90)
    prolongation_max_jours = models.PositiveSmallIntegerField("durée maximale d'une prolongation (jours)", default=30)
    prolongations_max = models.PositiveSmallIntegerField("nombre maximal de prolongations", default=1)
    suspensions_max_jours = models.PositiveSmallIntegerField("total maximal de suspension (jours)", default=45)
    registre_nomme = models.BooleanField(
        "nommer les professionnels",
        default=False,
        help_text="Dans le registre d’accès et la copie remis à la personne ; sinon, leur métier seul.",
    )

    class Meta:
        verbose_name = "réglages de l'association"
        verbose_name_plural = "réglages de l'association"
        constraints = [
            models.CheckConstraint(
                condition=Q(id=1),
                name="comptes_reglages_une_seule_ligne",
                violation_error_message="L'association n'a qu'une ligne de réglages.",
            ),
            models.CheckConstraint(
                condition=Q(duree_intervention_jours__range=(1, 365)),
                name="comptes_reglages_duree",
                violation_error_message="Une intervention dure de 1 à 365 jours.",
            ),
            models.CheckConstraint(
                condition=Q(prolongation_max_jours__range=(0, 180)) & Q(prolongations_max__range=(0, 5)),
                name="comptes_reglages_prolongations",
                violation_error_message="Une prolongation dure au plus 180 jours, et il y en a au plus 5.",
            ),
            models.CheckConstraint(
                condition=Q(suspensions_max_jours__range=(0, 365)),
                name="comptes_reglages_suspensions",
                violation_error_message="Les suspensions durent au plus 365 jours en tout.",
            ),
        ]

    def __str__(self):
        return self.nom

    @classmethod
    def actuels(cls):
        """Les réglages en vigueur ; ceux par défaut tant que l'association n'a rien enregistré."""
        return cls.objects.first() or cls()
