"""L'import d'un tableau : un travail long, par lots, dont l'avancement et les résultats survivent au rechargement."""

import datetime
import json
import zlib

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Count, Q
from django.urls import reverse

from securisation.annuaire.termes import termes_propres
from securisation.socle import horloge
from securisation.socle.journal import inscrire
from securisation.socle.outbox import devoir
from securisation.socle.trace import uuid7

CONSERVATION = datetime.timedelta(days=30)
SANS_EQUIPE = "Un parcours s'ouvre dans une équipe ; votre compte n'en a pas."


class ImportationQuerySet(models.QuerySet):
    def visibles_pour(self, professionnel):
        """Ses propres imports : un tableau déposé n'est montré qu'à qui l'a déposé."""
        if not professionnel.is_active or not professionnel.equipe_id:
            return self.none()
        return self.filter(par=professionnel)


class Importation(models.Model):
    """Un fichier déposé : combien de lignes, où on en est, ce qu'il en est sorti. Ce n'est pas un fait d'un dossier."""

    cloisonne = False  # aucun parcours encore : à qui l'a déposé, et effacé au bout de trente jours

    class Etat(models.TextChoices):
        ATTENTE = "attente", "En attente"
        COURS = "cours", "En cours"
        FINI = "fini", "Terminé"
        ECHEC = "echec", "Interrompu"

    uuid = models.UUIDField(default=uuid7, unique=True, editable=False)
    par = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    nom = models.CharField("fichier", max_length=120, blank=True)
    essai = models.BooleanField("essai à blanc", default=False)
    etat = models.CharField("état", max_length=10, choices=Etat.choices, default=Etat.ATTENTE)
    total = models.PositiveIntegerField("lignes à lire", default=0)
    lues = models.PositiveIntegerField("lignes lues", default=0)
    depose_le = models.DateTimeField("déposé le")
    fini_le = models.DateTimeField("terminé le", null=True)
    erreur = models.CharField("ce qui a manqué", max_length=500, blank=True)

    objects = ImportationQuerySet.as_manager()
    parcours_de_rattachement = None

    class Meta:
        verbose_name = "import"
        ordering = ["-depose_le"]
        indexes = [models.Index(fields=["par", "-depose_le"], name="importation_par_auteur")]

    def __str__(self):
        return f"import {self.pk}"

    def get_absolute_url(self):
        """La page de suivi."""
        return reverse("parcours:importation", args=[self.uuid])

    @property
    def est_finie(self):
        return self.etat in (self.Etat.FINI, self.Etat.ECHEC)

    @property
    def comptes(self):
        """Nombre de lignes par sort : {"creee": 24, "doublon": 1, "refusee": 6, "rejets": 7}."""
        lignes = self.lignes.aggregate(**{sort: Count("pk", filter=Q(sort=sort)) for sort in LigneImportee.Sort.values})
        return lignes | {"rejets": lignes["doublon"] + lignes["refusee"]}

    # -- vie

    @classmethod
    def deposer(cls, *, par, fichier, essai=False):
        """Lit le fichier, en garde les lignes le temps de l'import et demande celui-ci ; lève FichierRefuse. Rend l'import."""
        from securisation.parcours import importation as import_

        if par.equipe_id is None:
            raise ValidationError(SANS_EQUIPE)
        cls.purger()
        depot = cls(par=par, nom=import_.nom_court(fichier.name), essai=essai, depose_le=horloge.maintenant())
        depot.save()
        lignes = import_.lire(getattr(fichier, "file", fichier))
        for rang, lot in enumerate(import_.par_lots(lignes, import_.TAILLE_DU_LOT)):
            Lot.objects.create(importation=depot, rang=rang, contenu=Lot.serrer(lot))
            depot.total += len(lot)
        depot.save()
        inscrire("import_depose", par=par, lignes=depot.total, essai=essai)
        devoir("importer", par=par, importation=depot.pk, rang=0)
        return depot

    def avancer(self, rang):
        """Importe un lot, note ses résultats, l'efface, et demande le suivant : tout dans la transaction en cours."""
        from securisation.parcours import importation as import_

        lot = self.lots.select_for_update().filter(rang=rang).first()
        if lot is None or self.est_finie:
            return
        vues = dict(self.lignes.exclude(cle="").values_list("cle", "numero"))
        resultats = import_.importer_lot(
            lot.lignes(), par=self.par, controle=import_.Controle(), vues=vues, essai=self.essai
        )
        LigneImportee.noter(self, resultats)
        lot.delete()
        self.lues += len(resultats)
        self.etat = self.Etat.COURS
        if self.lots.exists():
            devoir("importer", importation=self.pk, rang=rang + 1)
        else:
            self._finir(self.Etat.FINI)
        self.save()

    def echouer(self):
        """Après le dernier essai : ce qui est importé reste, le reste du fichier déposé est effacé."""
        self.erreur = (
            "L'import s'est arrêté. Les lignes déjà importées sont gardées : déposez le même fichier de nouveau, "
            "elles seront reconnues et la suite reprendra."
        )
        self._finir(self.Etat.ECHEC)
        self.save()

    def _finir(self, etat):
        self.etat, self.fini_le = etat, horloge.maintenant()
        self.lots.all().delete()
        inscrire("import_fini", par=self.par, etat=etat, essai=self.essai, **self.comptes)

    @classmethod
    def purger(cls):
        """Efface les imports de plus de trente jours : leurs rejets citent des personnes qui n'ont pas de parcours."""
        cls.objects.filter(depose_le__lt=horloge.maintenant() - CONSERVATION).delete()


class Lot(models.Model):
    """Des lignes déposées qui attendent d'être importées ; effacé dès qu'il l'est. Les numéros de sécurité sociale en sont déjà retirés."""

    cloisonne = False  # comme son import

    importation = models.ForeignKey(Importation, models.CASCADE, related_name="lots")
    rang = models.PositiveIntegerField()
    contenu = models.BinaryField()

    class Meta:
        verbose_name = "lot"
        constraints = [models.UniqueConstraint(fields=["importation", "rang"], name="lot_un_par_rang")]

    def __str__(self):
        return f"lot {self.rang}"

    @staticmethod
    def serrer(lignes):
        """Lignes lues → octets."""
        return zlib.compress(json.dumps([vars(ligne) for ligne in lignes]).encode())

    def lignes(self):
        """Octets → lignes lues."""
        from securisation.parcours.importation.lecture import Ligne

        return [Ligne(**ligne) for ligne in json.loads(zlib.decompress(bytes(self.contenu)))]


class LigneImportee(models.Model):
    """Le sort d'une ligne du fichier, et ce qu'il faut pour la corriger si elle est rejetée."""

    cloisonne = False  # comme son import

    class Sort(models.TextChoices):
        CREEE = "creee", "Créée"
        DOUBLON = "doublon", "Doublon"
        REFUSEE = "refusee", "Refusée"

    importation = models.ForeignKey(Importation, models.CASCADE, related_name="lignes")
    numero = models.PositiveIntegerField("ligne")
    sort = models.CharField("sort", max_length=8, choices=Sort.choices)
    raison = models.TextField("raison", blank=True)
    parcours = models.ForeignKey("parcours.Parcours", models.SET_NULL, null=True, related_name="+")
    valeurs = models.JSONField("valeurs à corriger", default=dict)
    cle = models.CharField(max_length=64, blank=True)

    class Meta:
        verbose_name = "ligne importée"
        ordering = ["numero"]
        constraints = [models.UniqueConstraint(fields=["importation", "numero"], name="ligne_importee_une_fois")]
        indexes = [models.Index(fields=["importation", "sort", "numero"], name="ligne_importee_par_sort")]

    def __str__(self):
        return f"ligne {self.numero}"

    @property
    def appellation(self):
        """Qui, pour retrouver la ligne : prénom et nom de la ligne rejetée."""
        return " ".join(filter(None, (self.valeurs.get("prenom"), self.valeurs.get("nom"))))

    @classmethod
    def noter(cls, importation, resultats):
        """Garde le sort de chaque ligne d'un lot."""
        from securisation.parcours.importation.rejets import a_garder

        propres = termes_propres()
        cls.objects.bulk_create(
            cls(
                importation=importation,
                numero=resultat.ligne.numero,
                sort=resultat.sort,
                raison=resultat.raison,
                parcours=None if importation.essai else resultat.parcours,
                valeurs={} if resultat.sort == cls.Sort.CREEE else a_garder(resultat.ligne, propres),
                cle=resultat.cle,
            )
            for resultat in resultats
        )
