"""Ce qui est remis à la personne : la copie complète de son dossier, ou le registre de qui l'a vu. Produit une fois, gardé sept jours."""

import datetime

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.urls import reverse
from django.utils import timezone

from securisation.documents import genres, verification
from securisation.documents.models import Verifiable
from securisation.parcours.models import Demande
from securisation.socle import horloge
from securisation.socle.outbox import devoir
from securisation.socle.trace import Trace, TraceQuerySet
from securisation.socle.transitions import NOUVEAU, AvecEtat, transition

DUREE = datetime.timedelta(days=7)  # le temps de la remettre : une copie entière d'un dossier ne se garde pas


class CopieQuerySet(TraceQuerySet):
    def a_retirer(self):
        """Celles dont les fichiers ont assez attendu."""
        return self.filter(etat=Copie.Etat.PRETE, produite_le__lt=horloge.maintenant() - DUREE)

    def trace_du_numero(self, numero):
        """La trace publique de la copie de ce numéro, ou None : une requête."""
        return self._trace(numero=numero)

    def trace_de_l_empreinte(self, sha256):
        """La trace publique de la copie dont le fichier a cette empreinte, ou None : une requête."""
        return self._trace(sha256=sha256)

    def _trace(self, **laquelle):
        copie = self.filter(**laquelle).exclude(sha256="").first()
        return copie and copie.trace_publique(
            libelle_du_genre=genres.genre(copie.contenu).libelle,
            date=timezone.localdate(copie.produite_le),
            etat=verification.VALIDE,
        )


class Copie(Verifiable, Trace, AvecEtat):
    """Une remise à la personne : demandée, produite par le travailleur, téléchargée par la porte, puis retirée."""

    class Contenu(models.TextChoices):
        COMPLETE = "copie", "Copie complète"
        REGISTRE = "registre", "Registre d’accès"

    class Etat(models.TextChoices):
        DEMANDEE = "demandee", "En préparation"
        PRETE = "prete", "Prête"
        ECHEC = "echec", "Échec"
        RETIREE = "retiree", "Fichiers retirés"

    LETTRES = {Contenu.COMPLETE: "C", Contenu.REGISTRE: "R"}

    parcours = models.ForeignKey("parcours.Parcours", models.CASCADE, related_name="copies", editable=False)
    contenu = models.CharField("contenu", max_length=10, choices=Contenu.choices, editable=False)
    etat = models.CharField("état", max_length=10, choices=Etat.choices, default=Etat.DEMANDEE, editable=False)
    edition = models.PositiveSmallIntegerField("édition", editable=False)
    numero = models.CharField("numéro", max_length=40, editable=False)
    demande = models.ForeignKey(Demande, models.SET_NULL, null=True, blank=True, related_name="copies", editable=False)
    demandee_le = models.DateTimeField("demandée le", editable=False)
    demandee_par = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", editable=False)
    produite_le = models.DateTimeField("produite le", null=True, blank=True, editable=False)
    pages = models.PositiveSmallIntegerField("pages", null=True, blank=True, editable=False)
    erreur = models.CharField("ce qui a manqué", max_length=500, blank=True, editable=False)

    objects = CopieQuerySet.as_manager()

    class Meta:
        verbose_name = "cette copie"
        ordering = ["-demandee_le", "-pk"]
        indexes = [models.Index(fields=["sha256"], condition=~models.Q(sha256=""), name="copie_par_empreinte")]
        constraints = [
            models.UniqueConstraint(
                fields=["numero"], name="copie_numero", violation_error_message="Ce numéro de copie existe déjà."
            ),
            models.UniqueConstraint(
                fields=["parcours", "contenu"],
                condition=models.Q(etat="demandee"),
                name="copie_une_seule_en_preparation",
                violation_error_message="Elle est déjà en préparation : sa page dit où elle en est.",
            ),
        ]

    def __str__(self):
        return self.numero

    def get_absolute_url(self):
        """La page de suivi."""
        return reverse("coordination:copie", args=[self.uuid])

    @property
    def est_prete(self):
        return self.etat == self.Etat.PRETE

    @property
    def retiree_apres(self):
        """Le moment où les fichiers sont retirés (None tant que rien n'est produit)."""
        return self.produite_le and self.produite_le + DUREE

    # -- actes, dans l'ordre de la vie

    @transition(de=[NOUVEAU], vers=Etat.DEMANDEE, permission="remettre_copie", apres_cloture=True)
    def demander(self, *, par, contenu):
        """Demande ce qui sera remis à la personne ; le travailleur le produit."""
        self.contenu = self.Contenu(contenu)
        pareilles = type(self).objects.filter(parcours=self.parcours, contenu=contenu)
        if pareilles.filter(etat=self.Etat.DEMANDEE).exists():
            raise ValidationError("Elle est déjà en préparation : sa page dit où elle en est.")
        self.edition = pareilles.count() + 1
        self.numero = f"{self.LETTRES[self.contenu]}-{self.parcours.numero.removeprefix('P-')}-{self.edition}"
        self.demandee_le, self.demandee_par, self.cle = horloge.maintenant(), par, verification.tirer()
        if contenu == self.Contenu.COMPLETE:
            acces = self.parcours.demandes.a_traiter().filter(genre=Demande.Genre.ACCES)
            self.demande = acces.order_by("echeance", "pk").first()
        return lambda: devoir("produire_copie", copie=self.pk)

    @transition(de=[Etat.DEMANDEE], vers=Etat.PRETE, apres_cloture=True)
    def produire(self, *, par, pdf, donnees):
        """Range les fichiers produits ; `donnees` : les octets du JSON."""
        FichierDeCopie.objects.update_or_create(copie=self, defaults={"pdf": pdf.contenu, "donnees": donnees})
        self.produite_le, self.pages, self.erreur = horloge.maintenant(), pdf.pages, ""
        self.sha256, self.sceau = pdf.sha256, pdf.sceau

    @transition(de=[Etat.DEMANDEE], vers=Etat.ECHEC, apres_cloture=True)
    def echouer(self, *, par, erreur):
        """La production n'a pas abouti ; `erreur` dit en français quoi faire."""
        self.erreur = erreur[:500]

    @transition(de=[Etat.ECHEC], vers=Etat.DEMANDEE, permission="remettre_copie", apres_cloture=True)
    def relancer(self, *, par):
        """Redemande la production, sous le même numéro."""
        self.erreur = ""
        devoir("produire_copie", copie=self.pk)

    @transition(de=[Etat.PRETE], vers=Etat.RETIREE, apres_cloture=True)
    def retirer(self, *, par):
        """Efface les fichiers, qui ont eu le temps d'être remis ; ce qui a été remis, et quand, reste."""
        FichierDeCopie.objects.filter(copie=self).delete()


class FichierDeCopie(models.Model):
    """Les octets d'une copie (PDF et JSON) : une ligne à part, hors de l'historique, effacée après sept jours ou avec le dossier."""

    vers_parcours = "copie__parcours"
    cloisonne = True

    copie = models.OneToOneField(Copie, models.CASCADE, primary_key=True, related_name="fichier")
    pdf = models.BinaryField("PDF")
    donnees = models.BinaryField("données")

    class Meta:
        verbose_name = "fichier d'une copie"
        verbose_name_plural = "fichiers des copies"

    def __str__(self):
        return str(self.copie)
