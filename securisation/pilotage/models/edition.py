"""Une édition : des nombres protégés, figés avec ce qui les définit, publiés une fois, jamais récrits."""

import hashlib

from django.db import connection, models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone

from securisation.comptes.models import Fonction, Professionnel
from securisation.documents.verification import ANNULE, REMPLACE, VALIDE, TracePublique, tirer
from securisation.pilotage.models.convention import Convention
from securisation.socle import horloge
from securisation.socle.trace import uuid7


class Etat(models.TextChoices):
    """La vie d'une édition."""

    PREPARATION = "preparation", "En préparation"
    CONTROLEE = "controlee", "Contrôlée"
    PUBLIEE = "publiee", "Publiée"
    REMPLACEE = "remplacee", "Remplacée"
    RETIREE = "retiree", "Retirée"
    ECARTEE = "ecartee", "Écartée"


SORTIES = (Etat.PUBLIEE, Etat.REMPLACEE, Etat.RETIREE)
EN_COURS = (Etat.PREPARATION, Etat.CONTROLEE)


class EditionQuerySet(models.QuerySet):
    def sorties(self):
        """Celles qui ont été publiées un jour : remplacées et retirées comprises, leurs nombres sont dehors."""
        return self.filter(etat__in=SORTIES)

    def du_registre(self):
        """Ce contre quoi toute nouvelle édition est attaquée : chaque édition jamais publiée, de tous les financeurs.

        Une édition fictive ne compte personne : elle n'apprend rien de personne.
        """
        return self.sorties().filter(fictive=False)

    def lues_par(self, professionnel):
        """La direction les tient toutes ; un financeur lit celles, publiées, des conventions où son compte est nommé."""
        if professionnel.a_fonction(Fonction.Genre.DIRECTION):
            return self
        if professionnel.a_fonction(Fonction.Genre.FINANCEUR):
            return self.sorties().filter(convention__lecteurs=professionnel)
        return self.none()

    def trace_du_numero(self, numero):
        """La trace publique de l'édition de ce numéro, ou None : une requête."""
        return self._trace(Q(numero=numero, fichiers__genre="pdf"))

    def trace_de_l_empreinte(self, sha256):
        """La trace publique de l'édition dont un fichier, PDF ou tableaux, a cette empreinte, ou None : une requête."""
        return self._trace(Q(fichiers__sha256=sha256))

    def _trace(self, lequel):
        suivantes = Edition.objects.sorties().filter(corrige=models.OuterRef("pk")).values("numero")
        lues = self.sorties().filter(lequel).annotate(suivante=models.Subquery(suivantes[:1]))
        lue = lues.values(
            "numero", "cle", "publiee_le", "etat", "suivante", "fichiers__sha256", "fichiers__sceau"
        ).first()
        if lue is None:
            return None
        return TracePublique(
            numero=lue["numero"],
            cle=lue["cle"],
            libelle_du_genre="Édition de financeur",
            date=timezone.localdate(lue["publiee_le"]),
            etat={Etat.REMPLACEE: REMPLACE, Etat.RETIREE: ANNULE}.get(lue["etat"], VALIDE),
            sha256=lue["fichiers__sha256"],
            remplace_par=(lue["suivante"] or "") if lue["etat"] == Etat.REMPLACEE else "",
            sceau=lue["fichiers__sceau"],
        )

    def avec_liens(self):
        """Avec sa convention, ce qu'elle corrige et ce que le contrôle permet (`permise`), sans ses grands textes."""
        lues = self.select_related("convention", "corrige").annotate(permise=F("rapport__publiable"))
        return lues.defer("contenu", "rapport", "convention__objet_paye")


class Edition(models.Model):
    """Les nombres d'une convention sur une période. Publiée, un déclencheur de la base refuse de la récrire."""

    cloisonne = False  # des nombres protégés, jamais une personne

    Etat = Etat

    uuid = models.UUIDField(default=uuid7, unique=True, editable=False)
    convention = models.ForeignKey(Convention, models.PROTECT, verbose_name="convention", related_name="editions")
    numero = models.CharField("numéro", max_length=20, unique=True, editable=False)
    du = models.DateField("premier jour")
    au = models.DateField("dernier jour")
    etat = models.CharField("état", max_length=12, choices=Etat, default=Etat.PREPARATION, editable=False)
    fictive = models.BooleanField("nombres inventés pour la démonstration", default=False, editable=False)
    definition = models.JSONField("ce qui compte, figé", editable=False)
    contenu = models.JSONField("nombres", null=True, editable=False)
    rapport = models.JSONField("rapport de l'attaquant", null=True, editable=False)
    registre_vu = models.PositiveIntegerField("éditions du registre attaquées", null=True, editable=False)
    corrige = models.ForeignKey(
        "self", models.PROTECT, verbose_name="corrige", null=True, related_name="corrections", editable=False
    )
    mot = models.TextField("ce qui change et pourquoi", max_length=1000, blank=True)
    changements = models.JSONField("ce qui a changé", default=list, editable=False)
    cle = models.CharField("clé de vérification", max_length=32, editable=False)
    erreur = models.CharField("ce qui a manqué", max_length=500, blank=True, editable=False)
    preparee_le = models.DateTimeField("préparée le", editable=False)
    preparee_par = models.ForeignKey(Professionnel, models.PROTECT, related_name="+", editable=False)
    controlee_le = models.DateTimeField("contrôlée le", null=True, editable=False)
    publiee_le = models.DateTimeField("publiée le", null=True, editable=False)
    publiee_par = models.ForeignKey(Professionnel, models.PROTECT, null=True, related_name="+", editable=False)
    retiree_le = models.DateTimeField("retirée le", null=True, editable=False)
    retiree_par = models.ForeignKey(Professionnel, models.PROTECT, null=True, related_name="+", editable=False)
    motif_retrait = models.TextField("pourquoi elle est retirée", max_length=1000, blank=True)

    objects = EditionQuerySet.as_manager()
    parcours_de_rattachement = None

    class Meta:
        verbose_name = "édition"
        verbose_name_plural = "éditions"
        ordering = ["-publiee_le", "-preparee_le"]
        constraints = [
            models.CheckConstraint(
                condition=Q(au__gte=F("du")),
                name="pilotage_edition_dates",
                violation_error_message="Le dernier jour ne précède pas le premier.",
            ),
            models.UniqueConstraint(
                fields=["convention", "du", "au"],
                condition=Q(etat=Etat.PUBLIEE),
                name="pilotage_edition_une_seule_valable",
                violation_error_message="Une édition de cette période est déjà publiée : corrigez-la.",
            ),
            models.UniqueConstraint(
                fields=["corrige"],
                condition=Q(etat__in=SORTIES),
                name="pilotage_edition_une_correction",
                violation_error_message="Cette édition est déjà remplacée : corrigez celle qui la remplace.",
            ),
            models.CheckConstraint(
                condition=~Q(etat__in=SORTIES)
                | Q(contenu__isnull=False, rapport__isnull=False, publiee_le__isnull=False, publiee_par__isnull=False),
                name="pilotage_edition_publiee_complete",
                violation_error_message="Une édition publiée a des nombres, un rapport de contrôle, une date et un auteur.",
            ),
            models.CheckConstraint(
                condition=~Q(etat=Etat.RETIREE)
                | (Q(retiree_le__isnull=False, retiree_par__isnull=False) & ~Q(motif_retrait="")),
                name="pilotage_edition_retiree_motivee",
                violation_error_message="Un retrait a une date, un auteur et un motif.",
            ),
            models.CheckConstraint(
                condition=Q(corrige__isnull=True) | ~Q(mot=""),
                name="pilotage_edition_correction_dite",
                violation_error_message="Une correction dit ce qui change et pourquoi.",
            ),
        ]
        indexes = [models.Index(fields=["etat", "-publiee_le"], name="edition_par_etat")]

    def __str__(self):
        return self.numero

    def get_absolute_url(self):
        """Sa page de lecture si elle est sortie, sa page de contrôle sinon."""
        return reverse("pilotage:edition" if self.est_sortie else "pilotage:controle", args=[self.uuid])

    @property
    def est_sortie(self):
        """Vrai si elle a été publiée un jour."""
        return self.etat in SORTIES

    @property
    def remplacante(self):
        """L'édition qui la remplace, ou None."""
        return self.corrections.sorties().avec_liens().first()

    @property
    def empreinte(self):
        """SHA-256 du PDF publié, ou rien tant qu'il n'est pas produit."""
        fichier = self.fichiers.filter(genre=FichierDEdition.Genre.PDF).only("sha256").first()
        return fichier.sha256 if fichier else ""

    # -- vie : chaque acte est appelé, sous verrou, par `edition.actes`

    @classmethod
    def ouvrir(cls, *, par, **champs):
        """Une édition numérotée, en préparation."""
        moment = horloge.maintenant()
        edition = cls(preparee_le=moment, preparee_par=par, cle=tirer(), **champs)
        edition.numero = numero_suivant(moment.year)
        edition.full_clean(validate_unique=False, validate_constraints=False)
        edition.save()
        return edition

    def recommencer(self, *, definition):
        """Revient à la préparation : les nombres seront recalculés et rattaqués."""
        self.etat, self.contenu, self.rapport, self.registre_vu = Etat.PREPARATION, None, None, None
        self.controlee_le, self.erreur, self.changements, self.definition = None, "", [], definition
        self.empreintes.all().delete()
        self.save()

    def ranger(self, *, contenu, rapport, registre_vu, changements):
        """Garde les nombres et le rapport de l'attaquant : elle est contrôlée, pas encore publiable pour autant."""
        self.contenu, self.rapport, self.registre_vu = contenu, rapport, registre_vu
        self.changements, self.erreur = changements, ""
        self.etat, self.controlee_le = Etat.CONTROLEE, horloge.maintenant()
        self.save()

    def echouer(self, erreur):
        """Garde ce qui a manqué, à la préparation ou à la production des fichiers."""
        self.erreur = erreur
        self.save(update_fields=["erreur"])

    def paraitre(self, *, par):
        """Elle est publiée ; celle qu'elle corrige est remplacée."""
        if self.corrige_id:
            type(self).objects.filter(pk=self.corrige_id, etat=Etat.PUBLIEE).update(etat=Etat.REMPLACEE)
        self.etat, self.publiee_le, self.publiee_par = Etat.PUBLIEE, horloge.maintenant(), par
        self.save()

    def disparaitre(self, *, par, motif_retrait):
        """Elle est retirée : ses nombres ne se montrent plus, sa fiche et son motif restent."""
        self.etat, self.retiree_le, self.retiree_par = Etat.RETIREE, horloge.maintenant(), par
        self.motif_retrait = motif_retrait
        self.save(update_fields=["etat", "retiree_le", "retiree_par", "motif_retrait"])

    def ecarter(self):
        """Jamais publiée, elle ne le sera pas ; ses nombres sont effacés."""
        self.etat, self.contenu, self.rapport, self.changements = Etat.ECARTEE, None, None, []
        self.empreintes.all().delete()
        self.save()


def numero_suivant(annee):
    """« E-2026-001 » : le numéro suivant de l'année ; la transaction en cours tient la suite."""
    with connection.cursor() as curseur:
        curseur.execute("SELECT pg_advisory_xact_lock(hashtext('pilotage_edition_numero'))")
    debut = f"E-{annee}-"
    pris = Edition.objects.filter(numero__startswith=debut).values_list("numero", flat=True)
    return f"{debut}{max((int(numero.removeprefix(debut)) for numero in pris), default=0) + 1:03d}"


class FichierDEdition(models.Model):
    """Un fichier d'une édition publiée, tel que téléchargé ; ni réécriture ni suppression."""

    cloisonne = False  # comme son édition

    class Genre(models.TextChoices):
        """Ce qui se télécharge."""

        PDF = "pdf", "PDF"
        CSV = "csv", "Tableaux CSV"
        XLSX = "xlsx", "Classeur XLSX"
        ODS = "ods", "Classeur ODS"

    TABLEAUX = (Genre.CSV, Genre.XLSX, Genre.ODS)  # les mêmes feuilles, dans l'ordre où la page les propose

    edition = models.ForeignKey(Edition, models.PROTECT, related_name="fichiers")
    genre = models.CharField("genre", max_length=4, choices=Genre)
    contenu = models.BinaryField("fichier")
    taille = models.PositiveIntegerField("taille en octets")
    sha256 = models.CharField("empreinte", max_length=64, db_index=True)
    genre_mime = models.CharField("type", max_length=100)
    pages = models.PositiveSmallIntegerField("pages", null=True)
    sceau = models.CharField("ce que vaut le sceau", max_length=400, blank=True)
    produit_le = models.DateTimeField("produit le")

    class Meta:
        verbose_name = "fichier d'une édition"
        verbose_name_plural = "fichiers d'une édition"
        constraints = [
            models.UniqueConstraint(
                fields=["edition", "genre"],
                name="pilotage_fichier_un_par_genre",
                violation_error_message="Ce fichier de l'édition est déjà produit.",
            )
        ]

    def __str__(self):
        return f"{self.edition_id}.{self.genre}"

    @property
    def poids(self):
        """« 412 ko »."""
        return f"{max(round(self.taille / 1000), 1)} ko"

    @classmethod
    def garder(cls, edition, *, genre, octets, genre_mime, pages=None, sceau=""):
        """Range ce fichier, une fois : celui qui existe déjà reste."""
        champs = {"contenu": octets, "taille": len(octets), "sha256": hashlib.sha256(octets).hexdigest()}
        champs |= {"genre_mime": genre_mime, "pages": pages, "sceau": sceau, "produit_le": horloge.maintenant()}
        return cls.objects.get_or_create(edition=edition, genre=genre, defaults=champs)[0]
