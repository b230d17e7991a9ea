"""Un document demandé, produit, remplacé ; et son fichier, à part."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models.functions import Cast
from django.utils import timezone

from securisation.socle.horloge import aujourd_hui, maintenant
from securisation.socle.outbox import devoir
from securisation.socle.trace import Trace, TraceQuerySet
from securisation.socle.transitions import NOUVEAU, AccordManquant, AvecEtat, EtatRefuse, transition

from . import genres, sceau, verification
from .instantane import revele_la_sante
from .machine import Pdf, empreinte
from .partenaire import sans_reserve

SENSIBLE = "SENSIBLE"  # finalité qui couvre ce qui révèle indirectement la santé
PARTAGE = "PARTAGE"  # finalité d'un accord qui nomme un destinataire : `Document.pour` dit lequel
COTE_A_COTE = ("courrier",)  # genres dont plusieurs valent à la fois : aucun n'en remplace un autre
SANS_EDITION = (*COTE_A_COTE, "liaison")  # genres faits pour quelqu'un d'autre : un rang n'y est pas une édition


class Etat(models.TextChoices):
    """La vie d'un document."""

    DEMANDE = "demande", "En préparation"
    PRODUIT = "produit", "Prêt"
    ECHEC = "echec", "Échec"
    REMPLACE = "remplace", "Remplacé"
    ANNULE = "annule", "Annulé"


class Verifiable(models.Model):
    """Ce qu'un document garde pour se vérifier une fois sorti d'ici : sa clé de contrôle, l'état de son sceau, l'empreinte du fichier."""

    cle = models.CharField("clé de contrôle", max_length=8, blank=True, editable=False)
    sceau = models.CharField("sceau", max_length=10, choices=sceau.Etat, blank=True, editable=False)
    sha256 = models.CharField("empreinte du fichier", max_length=64, blank=True, editable=False)

    class Meta:
        abstract = True

    @property
    def reference(self):
        """Le numéro et la clé, tels que l'adresse les porte ; "" sans clé, ou quand ce genre ne se vérifie pas."""
        return verification.reference(self.numero, self.cle) if self.cle and self.se_verifie else ""

    @property
    def se_verifie(self):
        """Vrai si la page publique connaît ce genre."""
        return True

    @property
    def adresse_de_verification(self):
        """L'adresse imprimée sur le document, ou ""."""
        return verification.adresse(self.numero, self.cle) if self.reference else ""

    def trace_publique(self, **dit):
        """Ce que la page publique en dit ; `dit` : `libelle_du_genre`, `date`, `etat`, `remplace_par`."""
        return verification.TracePublique(
            numero=self.numero, cle=self.cle, sha256=self.sha256, sceau=self.get_sceau_display(), **dit
        )


# L'état que lit qui vérifie un document ; les autres n'ont jamais eu de fichier.
PUBLICS = {
    Etat.PRODUIT: verification.VALIDE,
    Etat.REMPLACE: verification.REMPLACE,
    Etat.ANNULE: verification.ANNULE,
}


class DocumentQuerySet(TraceQuerySet):
    def trace_du_numero(self, numero):
        """La trace publique du document de ce numéro, ou None : une requête."""
        return self._trace(models.Q(numero=numero))

    def trace_de_l_empreinte(self, sha256):
        """La trace publique du document dont le fichier a cette empreinte, ou None : une requête."""
        return self._trace(models.Q(sha256=sha256))

    def _trace(self, lequel):
        memes = {nom: models.OuterRef(nom) for nom in ("parcours", "genre", "pour")}
        suivantes = self.filter(**memes, etat=Etat.PRODUIT).values("numero")
        produits = self.filter(lequel, etat__in=PUBLICS).exclude(sha256="").defer("donnees")
        document = produits.annotate(suivante=models.Subquery(suivantes[:1])).first()
        if document is None or not genres.genre(document.genre).identifie:
            return None
        return document.trace_publique(
            libelle_du_genre=document.libelle,
            date=timezone.localdate(document.produit_le),
            etat=PUBLICS[document.etat],
            remplace_par=(document.suivante or "") if document.etat == Etat.REMPLACE else "",
        )

    def prets(self):
        """Ceux qui valent et peuvent se partager, sans leur contenu ; ce qui a déjà son destinataire n'en est pas."""
        return self.filter(etat=Etat.PRODUIT).exclude(genre__in=SANS_EDITION).defer("donnees")

    def qui_revelent_la_sante(self):
        """Ceux dont l'instantané nomme encore une valeur réservée ; `revele_la_sante` en est la lecture en Python."""
        en_texte = Cast("donnees", models.TextField())
        return self.annotate(_instantane=en_texte).filter(_instantane__contains='"reserve": true')


class Document(AvecEtat, Verifiable, Trace):
    """Un document d'un parcours, produit d'un instantané : le produire de nouveau donne le même contenu."""

    Etat = Etat

    parcours = models.ForeignKey(
        settings.MODELE_PARCOURS, models.CASCADE, related_name="documents", verbose_name="parcours"
    )
    genre = models.CharField("genre", max_length=30, editable=False)
    edition = models.PositiveSmallIntegerField("édition", editable=False)
    numero = models.CharField("numéro", max_length=40, editable=False)
    etat = models.CharField("état", max_length=10, choices=Etat, default=Etat.DEMANDE, editable=False)
    donnees = models.JSONField("instantané", editable=False)
    source = models.CharField("empreinte des données reçues", max_length=64, editable=False)
    empreinte = models.CharField("empreinte de l'instantané", max_length=64, editable=False)
    demande_le = models.DateTimeField("demandé le", editable=False)
    demande_par = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name="demandé par",
        editable=False,
    )
    produit_le = models.DateTimeField("produit le", null=True, editable=False)
    pages = models.PositiveSmallIntegerField("pages", null=True, editable=False)
    erreur = models.CharField("ce qui a manqué", max_length=500, blank=True, editable=False)
    pour = models.CharField("accord de partage, ou démarche", max_length=36, blank=True, editable=False)
    finalites = ArrayField(
        models.CharField(max_length=20), verbose_name="accords dont il dépend", default=list, blank=True, editable=False
    )

    objects = DocumentQuerySet.as_manager()

    class Meta:
        verbose_name = "ce document"
        verbose_name_plural = "documents"
        ordering = ["-demande_le", "-id"]
        indexes = [models.Index(fields=["sha256"], condition=~models.Q(sha256=""), name="documents_par_empreinte")]
        constraints = [
            models.UniqueConstraint(
                fields=["numero"], name="documents_numero", violation_error_message="Ce numéro de document existe déjà."
            ),
            models.UniqueConstraint(
                fields=["parcours", "genre", "edition"],
                name="documents_edition",
                violation_error_message="Cette édition du document existe déjà.",
            ),
            models.UniqueConstraint(
                fields=["parcours", "genre", "pour"],
                condition=models.Q(etat=Etat.PRODUIT) & ~models.Q(genre__in=COTE_A_COTE),
                name="documents_un_seul_valable",
                violation_error_message="Un document du même genre est déjà valable.",
            ),
            models.CheckConstraint(
                condition=~models.Q(etat__in=[Etat.PRODUIT, Etat.REMPLACE])
                | (models.Q(produit_le__isnull=False) & ~models.Q(sha256="")),
                name="documents_produit_complet",
                violation_error_message="Un document produit a une date et une empreinte.",
            ),
        ]

    def __str__(self):
        return self.numero

    @property
    def libelle(self):
        """Le nom du genre : « Bilan de sécurisation du parcours »."""
        return genres.genre(self.genre).libelle

    @property
    def nom_de_fichier(self):
        """« B-2026-0147-1.pdf » : un numéro, jamais un nom de personne."""
        return f"{self.numero}.pdf"

    @property
    def se_verifie(self):
        """Faux pour un courrier : il ne dit pas d'où il vient."""
        return genres.genre(self.genre).identifie

    @property
    def se_modifie(self):
        """Vrai si ce document se remet aussi en ODT, à corriger dans un traitement de texte."""
        return genres.genre(self.genre).modifiable is not None

    def en_odt(self):
        """Les octets de l'ODT, refaits de l'instantané : il ne se garde pas."""
        return genres.genre(self.genre).modifiable(self.donnees)

    @property
    def a_un_contenu(self):
        """Faux quand son instantané est effacé : il ne se produit plus."""
        return set(self.donnees) != {"document"}

    @property
    def se_relance(self):
        """Vrai si sa production a échoué ou a été annulée et que son contenu est encore là."""
        return self.etat in (Etat.ECHEC, Etat.ANNULE) and self.a_un_contenu

    @property
    def se_numerote(self):
        """Faux pour ce qui a un destinataire : un courrier, une fiche de liaison n'ont pas d'édition."""
        return self.genre not in SANS_EDITION

    @property
    def accords_cesses(self):
        """Les accords dont ce document dépend et qui ne courent plus, lus maintenant (codes de finalité)."""
        return [code for code in self.finalites if not self._court(code)]

    @property
    def est_retenu(self):
        """Vrai quand le fichier existe mais dit ce que la personne n'accepte plus de voir gardé, ou remis à ce destinataire."""
        cesses = [code for code in (SENSIBLE, PARTAGE) if code in self.finalites and not self._court(code)]
        return bool(cesses) or (PARTAGE in self.finalites and self.parcours.limite_le is not None)

    def _court(self, code):
        """Vrai si cet accord court ; pour un partage, celui-là même que le document nomme."""
        return self.parcours.a_accord(code, **({"uuid": self.pour} if code == PARTAGE else {}))

    @property
    def se_relit(self):
        """Vrai pour une version facile à lire que personne n'a encore relue."""
        return self.etat == Etat.PRODUIT and "relecture" in self.donnees and not self.donnees["relecture"]

    def exiger_de_se_relire(self):
        """Refuse (409) ce qui n'est pas une version facile à lire, prête, et pas encore relue."""
        if not self.se_relit:
            raise EtatRefuse(
                "Ce document ne se fait pas relire.",
                que_faire="Seule une version facile à lire, prête et pas encore relue, se déclare relue.",
            )

    def ouvre_l_intervention(self, par):
        """Vrai si ce document est un diagnostic que `par` peut faire suivre d'une intervention."""
        parcours = self.parcours
        return (
            self.genre == "diagnostic"
            and parcours.etat == "diagnostic"
            and type(parcours).autorise(par, "demarrer_intervention", parcours)
        )

    @classmethod
    def demander(cls, *, parcours, genre, donnees, par, pour=""):
        """Demande le document d'un parcours dans la transition en cours et le rend ; les mêmes données ne font qu'un document.

        `donnees` : instantané sans son bloc `document` (docs/documents.md). `pour` : clé publique de l'accord de partage d'une
        fiche, de la démarche d'un courrier ; une fiche ne remplace que celle du même accord. Ce que l'écran tait faute d'accord
        sur les données sensibles, le papier le tait aussi.
        """
        if revele_la_sante(donnees) and not parcours.a_accord(SENSIBLE):
            donnees = sans_reserve(donnees)
        source = empreinte(donnees)
        with transaction.atomic():
            type(parcours).objects.select_for_update(of=("self",), no_key=True).get(pk=parcours.pk)
            existants = cls.objects.filter(parcours=parcours, genre=genre).order_by("-edition")
            rang, siens = existants.values_list("edition", flat=True).first() or 0, existants.filter(pour=pour)
            dernier = siens.first() if genre not in COTE_A_COTE else None
            meme = dernier or siens.filter(source=source).exclude(etat=Etat.ANNULE).first()
            if meme and meme.source == source and meme.etat != Etat.ANNULE:
                return meme
            document = cls(parcours=parcours, genre=genre, edition=rang + 1, pour=pour)
            document.preparer(par=par, donnees=donnees, source=source, remplace=dernier)
            devoir("produire_document", document=document.pk)
            return document

    @transition(de=[NOUVEAU], vers=Etat.DEMANDE, apres_cloture=True)
    def preparer(self, *, par, donnees, source, remplace):
        """Fige l'instantané et donne le numéro."""
        moment, self.cle = maintenant(), verification.tirer()
        self.numero = f"{genres.genre(self.genre).lettre}-{self.parcours.numero.removeprefix('P-')}-{self.edition}"
        bloc = {
            "numero": self.numero,
            "edition": self.edition,
            "date": aujourd_hui().isoformat(),
            "demande_le": moment.isoformat(),
            "remplace": remplace.numero if remplace else None,
        }
        self.donnees = donnees | {"document": bloc}
        self.source, self.empreinte = source, empreinte(self.donnees)
        self.demande_le, self.demande_par = moment, par
        dont = (*genres.genre(self.genre).finalites, *([SENSIBLE] if revele_la_sante(self.donnees) else []))
        self.finalites = [code for code in dont if self._court(code)]

    @transition(de=[Etat.DEMANDE], vers=Etat.PRODUIT, apres_cloture=True)
    def produire(self, *, par, pdf: Pdf):
        """Range le fichier produit et remplace l'édition valable jusque-là."""
        for ancien in self._memes_valables():
            ancien.remplacer(par=par)
        self._ranger(pdf)

    @transition(de=[Etat.DEMANDE], vers=Etat.REMPLACE, apres_cloture=True)
    def produire_apres_coup(self, *, par, pdf: Pdf):
        """Range un fichier produit alors qu'une édition plus récente est déjà valable."""
        self._ranger(pdf)

    def _ranger(self, pdf: Pdf):
        Fichier.objects.update_or_create(document=self, defaults={"contenu": pdf.contenu})
        self.produit_le, self.pages, self.erreur = maintenant(), pdf.pages, ""
        self.sha256, self.sceau = pdf.sha256, pdf.sceau

    def est_depasse(self):
        """Vrai quand une édition plus récente est déjà valable."""
        return self._memes_valables().filter(edition__gt=self.edition).exists()

    def remplacant(self, professionnel):
        """L'édition qui vaut à la place de celle-ci, si ce professionnel la voit ; None si aucune ne vaut, ou si celle-ci vaut."""
        if self.etat != Etat.REMPLACE:
            return None
        return self._memes_valables().visibles_pour(professionnel).only("uuid", "numero").first()

    def _memes_valables(self):
        """Les documents valables que celui-ci remplacerait, ou qui le remplacent ; aucun pour un courrier."""
        if self.genre in COTE_A_COTE:
            return type(self).objects.none()
        return type(self).objects.filter(parcours=self.parcours, genre=self.genre, pour=self.pour, etat=Etat.PRODUIT)

    @transition(de=[Etat.PRODUIT], vers=Etat.REMPLACE, apres_cloture=True)
    def remplacer(self, *, par):
        """Une édition plus récente est prête : celle-ci reste lisible, marquée remplacée."""

    @transition(de=[Etat.DEMANDE], vers=Etat.ECHEC, apres_cloture=True)
    def echouer(self, *, par, erreur):
        """La production n'a pas abouti ; `erreur` dit en français quoi faire."""
        self.erreur = erreur[:500]

    @transition(de=list(Etat), vers=Etat.ANNULE, apres_cloture=True)
    def annuler(self, *, par, raison, effacer=False):
        """Un accord dont il dépend a cessé : il ne se produit ni ne se télécharge plus ; au besoin, son contenu s'efface."""
        self.erreur = raison
        if effacer:
            self.donnees = {"document": self.donnees["document"]}
            return Fichier.objects.filter(document=self).delete
        return None

    @transition(de=[Etat.PRODUIT], permission="demander_document", apres_cloture=True)
    def declarer_la_relecture(self, *, par, le, avec):
        """Déclare que des personnes concernées ont relu ce texte : le même, dit « FALC », le remplace."""
        self.exiger_de_se_relire()
        if not timezone.localdate(self.demande_le) <= le <= aujourd_hui():
            raise ValidationError({"le": "Ce jour va de la demande de ce document à aujourd’hui."})
        donnees = {cle: valeur for cle, valeur in self.donnees.items() if cle != "document"}
        donnees["relecture"] = {"le": le.isoformat(), "avec": avec}
        self.relu = type(self).demander(parcours=self.parcours, genre=self.genre, donnees=donnees, par=par)

    @transition(de=[Etat.ECHEC, Etat.ANNULE], vers=Etat.DEMANDE, permission="demander_document", apres_cloture=True)
    def relancer(self, *, par):
        """Redemande la production du même instantané, sous le même numéro, si les accords dont il dépend courent."""
        if not self.a_un_contenu:
            raise EtatRefuse("Le contenu de ce document est effacé : une nouvelle édition le remplace.")
        if cesses := self.accords_cesses:
            raise AccordManquant(self.parcours.accord_demande(cesses[0], "Ce document"))
        self.erreur = ""
        devoir("produire_document", document=self.pk)


class Fichier(models.Model):
    """Les octets d'un document : une ligne à part, effaçable d'un coup avec lui, hors de l'historique."""

    vers_parcours = "document__parcours"
    cloisonne = True

    document = models.OneToOneField(Document, models.CASCADE, primary_key=True, related_name="fichier")
    contenu = models.BinaryField("contenu")

    class Meta:
        verbose_name = "fichier"
        verbose_name_plural = "fichiers"

    def __str__(self):
        return str(self.document)
