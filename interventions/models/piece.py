"""Une pièce jointe : un courrier reçu, une attestation… Sa ligne est suivie ; ses octets sont à part, effaçables d'un coup."""

from datetime import date
from functools import partial

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.urls import reverse

from interventions.models.intervention import exiger_l_accord_sensible
from interventions.querysets import PieceQuerySet
from securisation.socle import horloge
from securisation.socle.refus import Refus
from securisation.socle.trace import Trace
from securisation.socle.transitions import NOUVEAU, AccordManquant, AvecEtat, EtatRefuse, transition

PREMIER_JOUR = date(2000, 1, 1)
PIECE_RESERVEE = "Pièce réservée (accord à recueillir)"


class PieceRetiree(Refus):
    """Le fichier a été retiré : il n'existe plus (409)."""

    titre = "Cette pièce a été retirée"
    que_faire = "Son fichier est effacé. La page de la pièce dit qui l’a retirée, quand et pourquoi."


def exiger_de_pouvoir_verser(parcours):
    """Refuse (409), avant toute saisie, de joindre une pièce à un parcours clos, ou sans l'adhésion de la personne."""
    if parcours.est_fige:
        raise EtatRefuse("Ce parcours est clos : aucune pièce ne s’y joint plus.")
    if not parcours.a_accord("ADHESION"):
        raise AccordManquant(
            "Une pièce se joint une fois l’adhésion de la personne recueillie.",
            que_faire="Recueillez son adhésion sur la page des accords, puis joignez la pièce.",
            lien=reverse("parcours:accords", args=[parcours.uuid]),
        )


class Piece(Trace, AvecEtat):
    """Une pièce du parcours, versée par un professionnel, liée au besoin à une démarche. Versée par erreur, elle se retire."""

    est_tue = False  # vrai quand une page a ôté, en mémoire, ce que l'accord sur les données sensibles couvre

    class Etat(models.TextChoices):
        GARDEE = "gardee", "Gardée"
        RETIREE = "retiree", "Retirée"

    class Genre(models.TextChoices):
        PDF = "application/pdf", "PDF"
        JPEG = "image/jpeg", "Image"

    parcours = models.ForeignKey("parcours.Parcours", models.CASCADE, related_name="pieces")
    action = models.ForeignKey(
        "interventions.Action",
        models.CASCADE,
        related_name="pieces",
        null=True,
        blank=True,
        verbose_name="démarche",
    )
    etat = models.CharField("état", max_length=10, choices=Etat.choices, default=Etat.GARDEE, editable=False)
    intitule = models.CharField("intitulé", max_length=160)
    recue_le = models.DateField("reçue le")
    genre = models.CharField("genre", max_length=20, choices=Genre.choices, editable=False)
    octets = models.PositiveIntegerField("poids", editable=False)
    sha256 = models.CharField("empreinte du fichier", max_length=64, editable=False)
    versee_par = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", editable=False, verbose_name="versée par"
    )
    retiree_le = models.DateField("retirée le", null=True, editable=False)
    retiree_par = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        editable=False,
        verbose_name="retirée par",
    )
    motif_du_retrait = models.CharField("motif du retrait", max_length=500, blank=True, editable=False)

    objects = PieceQuerySet.as_manager()

    class Meta:
        verbose_name = "cette pièce"
        ordering = ["-recue_le", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(intitule=""),
                name="piece_intitulee",
                violation_error_message="Dites en quelques mots ce qu’est cette pièce.",
            ),
            models.CheckConstraint(
                condition=Q(etat="gardee") | (Q(retiree_le__isnull=False) & ~Q(motif_du_retrait="")),
                name="piece_retiree_motivee",
                violation_error_message="Une pièce retirée a sa date et son motif.",
            ),
        ]
        indexes = [models.Index(fields=["parcours", "etat", "-recue_le", "-id"], name="piece_liste")]

    def __str__(self):
        return f"pièce {self.pk}"

    def get_absolute_url(self):
        """La page de la pièce."""
        return reverse("interventions:piece", args=[self.uuid])

    @property
    def revele_la_sante(self):
        """Vrai si la démarche que sert cette pièce, en se lisant, dit quelque chose de la santé."""
        return self.action is not None and self.action.revele_la_sante

    @property
    def nom_de_fichier(self):
        """« piece-42.pdf » : un numéro, jamais un nom de personne."""
        return f"piece-{self.pk}.{'pdf' if self.genre == self.Genre.PDF else 'jpg'}"

    @property
    def poids(self):
        """« 240 ko », « 1,4 Mo »."""
        ko = max(round(self.octets / 1000), 1)
        return f"{ko} ko" if ko < 1000 else f"{ko / 1000:.1f} Mo".replace(".", ",")

    @property
    def icone(self):
        """L'icône de son genre."""
        return "file-type-pdf" if self.genre == self.Genre.PDF else "paperclip"

    # -- actes

    @transition(de=[NOUVEAU], vers=Etat.GARDEE, permission="verser_piece", finalite="ADHESION")
    def verser(self, *, par, papier, **champs):
        """Joint une pièce au parcours, le fichier déjà vérifié et réécrit."""
        self.poser(**champs)
        self._verifier()
        self.versee_par, self.genre, self.octets = par, papier.genre, len(papier.contenu)
        self.sha256 = papier.sha256
        return partial(self._garder, papier.contenu)

    @transition(de=[Etat.GARDEE], vers=Etat.RETIREE, permission="retirer_piece", apres_cloture=True)
    def retirer(self, *, par, motif):
        """Retire une pièce jointe par erreur : son fichier est effacé aussitôt, sa ligne dit pourquoi."""
        self.retiree_le, self.retiree_par, self.motif_du_retrait = horloge.aujourd_hui(), par, motif
        FichierDePiece.objects.filter(piece=self).delete()

    # -- pièces des actes

    def exiger_d_etre_lisible(self):
        """Refuse (409) de rendre un fichier retiré, ou que l'accord sur les données sensibles ne couvre plus."""
        if self.etat == self.Etat.RETIREE:
            raise PieceRetiree()
        exiger_l_accord_sensible(self.parcours, self.revele_la_sante)

    def _verifier(self):
        """La date est celle d'un fait ; la démarche est de ce parcours, et son accord court."""
        if not PREMIER_JOUR <= self.recue_le <= horloge.aujourd_hui():
            raise ValidationError({"recue_le": "Une pièce se reçoit au plus tard aujourd’hui."})
        if self.action is not None and self.action.intervention.parcours_id != self.parcours_id:
            raise ValidationError({"action": "Cette démarche est celle d’un autre parcours."})
        if self.revele_la_sante and not self.parcours.a_accord("SENSIBLE"):
            raise ValidationError({"action": "Cette démarche demande l’accord de la personne : recueillez-le d’abord."})

    def _garder(self, contenu):
        FichierDePiece.objects.create(piece=self, contenu=contenu)


class FichierDePiece(models.Model):
    """Les octets d'une pièce : une ligne à part, hors de l'historique, effacée avec elle ou dès son retrait."""

    cloisonne, vers_parcours = True, "piece__parcours"

    piece = models.OneToOneField(Piece, models.CASCADE, primary_key=True, related_name="fichier")
    contenu = models.BinaryField("contenu")

    class Meta:
        verbose_name = "fichier d’une pièce"
        verbose_name_plural = "fichiers des pièces"

    def __str__(self):
        return str(self.piece_id)
