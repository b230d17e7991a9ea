"""Le parcours : l'ancre des droits, la suite de ses états et ce qui est dû."""

import datetime

from django.core.exceptions import ValidationError
from django.db import connection, models, transaction
from django.db.models import Q
from django.urls import reverse

from securisation.documents import genres
from securisation.documents.models import PARTAGE, Document
from securisation.parcours import droits
from securisation.parcours.querysets import ParcoursQuerySet
from securisation.socle import horloge
from securisation.socle.trace import Trace
from securisation.socle.transitions import NOUVEAU, AvecEtat, EtatRefuse, transition

SANS_ECHEANCE = datetime.date(9999, 12, 31)
DELAI_QUALIFICATION = datetime.timedelta(days=7)


class Parcours(Trace, AvecEtat):
    """Le dossier d'une personne dans le dispositif, de l'orientation au bilan."""

    vers_parcours = ""
    # La liste et la recherche le parcourent en entier ; ses enfants et son historique, eux, sont derrière le mur.
    cloisonne, histoire_cloisonnee = False, True
    champs_calcules = ("echeance", "derniere_nouvelle_le")

    class Etat(models.TextChoices):
        ORIENTE = "oriente", "Orienté, à qualifier"
        ADMIS = "admis", "Admis"
        NON_ADMIS = "non_admis", "Non admis, orienté"
        DIAGNOSTIC = "diagnostic", "Diagnostic"
        INTERVENTION = "intervention", "Intervention"
        SORTIE = "sortie", "Sortie"
        CLOS = "clos", "Clos"
        INTERROMPU = "interrompu", "Interrompu"

    FIGES = (Etat.NON_ADMIS, Etat.CLOS, Etat.INTERROMPU)

    class MotifInterruption(models.TextChoices):
        SOUHAIT = "souhait", "Souhait de la personne"
        ADHESION_RETIREE = "adhesion_retiree", "Adhésion retirée"
        SANS_CONTACT = "sans_contact", "Perte de contact après tentatives tracées"
        DEMENAGEMENT = "demenagement", "Déménagement hors du territoire"
        DECES = "deces", "Décès de la personne"

    class RaisonRestriction(models.TextChoices):
        COLLEGUE = "collegue", "La personne travaille ici, ou y a travaillé"
        PROCHE = "proche", "La personne est un proche de quelqu'un d'ici"
        CONFLIT = "conflit", "Un autre conflit d'intérêts"
        SOUHAIT = "souhait", "La personne le demande"

    numero = models.CharField("numéro", max_length=16, unique=True, editable=False)
    personne = models.ForeignKey("parcours.Personne", models.PROTECT, related_name="parcours")
    equipe = models.ForeignKey("comptes.Equipe", models.PROTECT, related_name="parcours")
    restreint = models.BooleanField("restreint", default=False)
    raison_restriction = models.CharField(
        "raison de la restriction", max_length=10, choices=RaisonRestriction.choices, blank=True, editable=False
    )
    motif_restriction = models.TextField("motif de la restriction", max_length=1000, blank=True, editable=False)
    etat = models.CharField("état", max_length=14, choices=Etat.choices, default=Etat.ORIENTE, editable=False)
    echeance = models.DateField("prochaine échéance", default=SANS_ECHEANCE, editable=False)
    recue_le = models.DateField("demande reçue le")
    origine = models.ForeignKey("annuaire.Origine", models.PROTECT, related_name="+", verbose_name="origine")
    orienteur = models.CharField("orienteur", max_length=200, blank=True)
    demande = models.TextField("demande", max_length=4000, blank=True)
    intervention_collective_prealable = models.BooleanField("intervention collective préalable", default=False)
    clos_le = models.DateField("clos le", null=True, blank=True, editable=False)
    limite_le = models.DateField("traitement limité depuis le", null=True, blank=True, editable=False)
    motif_interruption = models.CharField(max_length=20, choices=MotifInterruption.choices, blank=True, editable=False)
    precisions_interruption = models.TextField(max_length=2000, blank=True, editable=False)
    cle_import = models.CharField(max_length=64, null=True, blank=True, editable=False)
    derniere_nouvelle_le = models.DateField(
        "dernières nouvelles de la personne", null=True, editable=False, db_index=True
    )
    effacement_le = models.DateTimeField("fermé pour effacement le", null=True, blank=True, editable=False)

    objects = ParcoursQuerySet.as_manager()

    class Meta:
        verbose_name = "ce parcours"
        verbose_name_plural = "parcours"
        default_permissions = ()
        permissions = list(droits.ROLES.items())
        indexes = [
            models.Index(
                fields=["equipe", "restreint", "echeance", "id"], include=["etat"], name="parcours_de_l_equipe"
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["equipe", "cle_import"],
                name="parcours_importe_une_fois",
                violation_error_message="Cette ligne a déjà été importée.",
            ),
            models.CheckConstraint(
                condition=Q(recue_le__range=(datetime.date(2000, 1, 1), datetime.date(2100, 1, 1))),
                name="parcours_recue_le_possible",
                violation_error_message="La date de réception est hors de la période possible (après 2000).",
            ),
            models.CheckConstraint(
                condition=Q(etat="clos", clos_le__isnull=False)
                | Q(etat="interrompu", clos_le__isnull=False)
                | ~Q(etat__in=["clos", "interrompu"]),
                name="parcours_clos_date",
                violation_error_message="Un parcours clos porte sa date de clôture.",
            ),
        ]

    def __str__(self):
        return self.numero

    def get_absolute_url(self):
        """La page du parcours."""
        return reverse("synthese:parcours", args=[self.uuid])

    @property
    def est_fige(self):
        """Plus rien ne s'y écrit, hors additif, réponse donnée, retrait d'accord, rôles et restriction."""
        return self.etat in self.FIGES

    def permet_en_limitation(self, mot):
        """Vrai si cet acte reste permis : le traitement n'est pas limité, ou l'acte protège la personne."""
        return self.limite_le is None or mot in droits.PROTECTEURS

    # -- droits

    def roles_de(self, professionnel):
        """Rôles et place de ce professionnel ici (ensemble de mots) ; lu une fois par objet, relu par la porte d'écriture."""
        connus = self.__dict__.setdefault("_roles", {})
        if professionnel.pk not in connus:
            trouves = set(
                self.attributions.filter(user=professionnel).values_list("permission__codename", flat=True)
                if professionnel.equipe_id
                else ()
            )
            if self.equipe_id in professionnel.equipes_supervisees:
                trouves.update({droits.RESPONSABLE} if self.restreint else {droits.RESPONSABLE, droits.SUPERVISEUR})
            if professionnel.a_fonction("DPO"):
                trouves.add(droits.DPO)
                if self.ouvertures.en_cours().filter(professionnel=professionnel).exists():
                    trouves.add(droits.DELEGUE)
            if professionnel.a_fonction("DIRECTION"):
                trouves.add(droits.DIRECTION)
            connus[professionnel.pk] = trouves
        return connus[professionnel.pk]

    @classmethod
    def autorise(cls, par, mot, parcours):
        """Vrai si `par` peut faire `mot` (de la table des droits) sur ce parcours, ou avant qu'il n'existe (None)."""
        permis = droits.DROITS[mot]
        if not par.is_active:
            return False
        if parcours is None:
            return (droits.PROFESSIONNEL in permis and par.equipe_id is not None) or (
                droits.DPO in permis and par.a_fonction("DPO")
            )
        if parcours.effacement_le is not None and mot not in droits.SUR_UN_FERME:
            return False
        return bool(permis & parcours.roles_de(par))

    def permet(self, par, mot):
        """Vrai si `par` peut faire `mot` ici maintenant : son rôle le donne, et une limitation ne l'arrête pas."""
        return self.permet_en_limitation(mot) and self.autorise(par, mot, self)

    def refresh_from_db(self, *args, **kwargs):
        self.__dict__.pop("_roles", None)
        super().refresh_from_db(*args, **kwargs)

    # -- accords

    def a_accord(self, code, **destinataire):
        """Vrai si un accord de cette finalité court aujourd'hui."""
        return self.accords.en_cours().filter(finalite__code=code, **destinataire).exists()

    @staticmethod
    def accord_demande(code, qui="Cet acte"):
        """« Cet acte demande un accord en cours : l’adhésion. » : la phrase de tout refus faute d'accord."""
        from securisation.annuaire.models import Finalite

        libelle = Finalite.objects.filter(code=code).values_list("libelle", flat=True).first() or code
        return f"{qui} demande un accord en cours : {libelle}."

    # -- documents

    def empechement(self, genre, pour="", *, courants=None):
        """Pourquoi ce genre de document ne se demande pas maintenant, en une phrase ; vide s'il se demande.

        L'accord de partage d'une fiche est celui que `pour` désigne : le genre le vérifie lui-même. `courants` : les finalités
        dont un accord court, si elles sont déjà lues.
        """
        if raison := genre.empechement(self, pour):
            return raison
        court = self.a_accord if courants is None else courants.__contains__
        manque = next((code for code in genre.finalites if code != PARTAGE and not court(code)), None)
        return self.accord_demande(manque, "Il") if manque else ""

    # -- ce qui est dû

    def poser_echeance(self, nature, date, libelle, source=""):
        """Dit ce qui est dû et quand ; la même nature et la même source se remplacent."""
        self.echeances.update_or_create(nature=nature, source=source, defaults={"date": date, "libelle": libelle[:200]})

    def lever_echeance(self, nature, source=None):
        """Ce dû est acquitté (toutes sources si `source` est None)."""
        dus = self.echeances.filter(nature=nature)
        (dus if source is None else dus.filter(source=source)).delete()

    def lever_les_echeances(self):
        """Plus rien n'est dû sur un parcours qui finit, sauf la réponse à une demande de la personne."""
        self.echeances.exclude(nature="demande").delete()

    # -- actes, dans l'ordre de la vie

    @classmethod
    def orienter(cls, *, par, personne, orientation, cle_import=None):
        """Enregistre la personne et ouvre son parcours, d'un seul acte ; rend le parcours. Écran, import et reprise passent ici."""
        from securisation.parcours.models import Personne

        with transaction.atomic():
            return cls(personne=Personne().enregistrer(par=par, **personne)).ouvrir(
                par=par, cle_import=cle_import, **orientation
            )

    @transition(de=[NOUVEAU], vers=Etat.ORIENTE, permission="ouvrir_parcours")
    def ouvrir(self, *, par, cle_import=None, **champs):
        """Ouvre le parcours d'une personne orientée ; qui l'ouvre en devient le référent."""
        self.poser(**champs)
        self.cle_import = cle_import
        self.equipe = par.equipe
        if self.recue_le > horloge.aujourd_hui():
            raise ValidationError({"recue_le": "La date de réception est dans l'avenir."})
        self.numero = Compteur.numero_suivant(horloge.aujourd_hui().year)

        def ensuite():
            from securisation.parcours.roles import poser_role

            poser_role(self, par, droits.REFERENT)
            self.poser_echeance("qualification", self.recue_le + DELAI_QUALIFICATION, "Qualifier la demande")

        return ensuite

    @transition(
        de=[Etat.ORIENTE, Etat.ADMIS, Etat.DIAGNOSTIC, Etat.INTERVENTION, Etat.SORTIE], permission="modifier_personne"
    )
    def modifier(self, *, par, **champs):
        """Met à jour l'orientation (origine, orienteur, demande)."""
        self.poser(**champs)

    @transition(de=[Etat.ORIENTE], vers=Etat.ADMIS)
    def admettre(self, *, par):
        """Admet la personne dans le dispositif ; appelée par la qualification."""
        self.lever_echeance("qualification")
        self.poser_echeance(
            "diagnostic", horloge.aujourd_hui() + datetime.timedelta(days=15), "Ouvrir puis valider le diagnostic"
        )

    @transition(de=[Etat.ORIENTE], vers=Etat.NON_ADMIS)
    def ne_pas_admettre(self, *, par):
        """Oriente la personne ailleurs ; appelée par la qualification."""
        self.lever_echeance("qualification")

    @transition(de=[Etat.ADMIS], vers=Etat.DIAGNOSTIC)
    def commencer_diagnostic(self, *, par):
        """Le diagnostic est ouvert."""

    @transition(de=[Etat.DIAGNOSTIC], vers=Etat.INTERVENTION)
    def commencer_intervention(self, *, par):
        """L'intervention démarre."""
        self.lever_echeance("intervention")

    @transition(de=[Etat.INTERVENTION], vers=Etat.SORTIE)
    def commencer_sortie(self, *, par):
        """La sortie est ouverte."""

    @transition(de=[Etat.SORTIE], vers=Etat.CLOS)
    def clore(self, *, par):
        """La sortie est validée : le parcours est figé."""
        self.clos_le = horloge.aujourd_hui()
        self.lever_les_echeances()

    @transition(
        de=[Etat.ORIENTE, Etat.ADMIS, Etat.DIAGNOSTIC, Etat.INTERVENTION, Etat.SORTIE],
        vers=Etat.INTERROMPU,
        permission="interrompre",
    )
    def interrompre(self, *, par, motif, precisions=""):
        """Interrompt le parcours, à tout moment, avec son motif ; il est figé."""
        if motif == self.MotifInterruption.SANS_CONTACT and not precisions.strip():
            raise ValidationError({"precisions": "Indiquez les tentatives de contact : dates et moyens."})
        self.motif_interruption, self.precisions_interruption = motif, precisions
        self.clos_le = horloge.aujourd_hui()
        self.lever_les_echeances()

    @transition(apres_cloture=True)
    def limiter(self, *, par):
        """Gèle l'écriture, hors actes de protection, et lève un effacement annoncé ; appelée par la demande de la personne."""
        self.limite_le = horloge.aujourd_hui()

        def ensuite():
            for annonce in self.conservations.filter(etat="preavis"):
                annonce.lever(par=par)

        return ensuite

    @transition(apres_cloture=True)
    def ne_plus_limiter(self, *, par):
        """Rouvre l'écriture ; appelée par la levée de la limitation."""
        self.limite_le = None

    @transition(de=[Etat.ORIENTE, Etat.ADMIS, Etat.DIAGNOSTIC, Etat.INTERVENTION, Etat.SORTIE], vers=Etat.INTERROMPU)
    def interrompre_sans_adhesion(self, *, par):
        """La personne a retiré son adhésion : le parcours s'interrompt ; appelée par ce retrait."""
        self.motif_interruption = self.MotifInterruption.ADHESION_RETIREE
        self.clos_le = horloge.aujourd_hui()
        self.lever_les_echeances()

    @transition(permission="demander_document", apres_cloture=True)
    def demander_document(self, *, par, genre, pour=""):
        """Demande un document tel que le dossier est maintenant ; redemandé sans changement, il n'en fait qu'un."""
        choisi = genres.genre(genre)
        pour = pour if choisi.destinataires else ""
        if choisi.empechement is None:
            raise EtatRefuse("Ce document ne se demande pas.", que_faire=choisi.role)
        if raison := self.empechement(choisi, pour):
            raise EtatRefuse(raison, que_faire="La page « Documents » du parcours dit ce qui se demande maintenant.")
        donnees = choisi.refaire(self, pour)
        self.document = Document.demander(parcours=self, genre=genre, donnees=donnees, par=par, pour=pour)

    @transition(permission="restreindre", apres_cloture=True)
    def restreindre(self, *, par, restreint, motif="", raison=""):
        """Sort le parcours de la vue de l'équipe, ou l'y remet, et garde pourquoi."""
        self.restreint, self.motif_restriction = restreint, motif
        self.raison_restriction = raison if restreint else ""
        self.__dict__.pop("_roles", None)  # qui le supervise ne le voit peut-être plus

    @transition(apres_cloture=True)
    def se_fermer(self, *, par):
        """Un effacement est demandé : le dossier sort de toutes les vues et plus rien ne s'y fait ; appelée par cette demande."""
        self.restreint, self.effacement_le = True, horloge.maintenant()
        self.attributions.all().delete()

    @transition(apres_cloture=True)
    def se_rouvrir(self, *, par, roles, restreint):
        """L'effacement n'a pas lieu : rôles ([clé du compte, rôle]) et restriction redeviennent ce qu'ils étaient."""
        from securisation.parcours.roles import rendre_les_roles

        self.restreint, self.effacement_le = restreint, None
        return lambda: rendre_les_roles(self, roles)

    @transition(apres_cloture=True)
    def s_archiver(self, *, par):
        """Le dossier est archivé : plus personne ne le lit couramment, le délégué l'ouvre avec un motif ; appelée par l'archivage."""
        self.restreint = True
        self.attributions.all().delete()


class Echeance(models.Model):
    """Ce qui est dû sur un parcours, et quand. Calculée de faits eux-mêmes suivis : elle n'a pas d'historique propre."""

    cloisonne = False  # des libellés de l'application, sans mot de la personne ; « à faire » les lit toutes

    parcours = models.ForeignKey(Parcours, models.CASCADE, related_name="echeances")
    nature = models.CharField(max_length=30)
    source = models.CharField(max_length=60, blank=True)
    date = models.DateField()
    libelle = models.CharField(max_length=200)

    class Meta:
        verbose_name = "échéance"
        ordering = ["date", "pk"]
        constraints = [models.UniqueConstraint(fields=["parcours", "nature", "source"], name="echeance_une_par_source")]
        indexes = [models.Index(fields=["parcours", "date"], name="echeance_par_date")]

    def __str__(self):
        return f"{self.nature} {self.date}"


class Compteur(models.Model):
    """Dernier numéro donné dans l'année ; la ligne verrouillée garantit une suite sans trou ni double."""

    annee = models.PositiveSmallIntegerField(primary_key=True)
    dernier = models.PositiveIntegerField(default=0)

    def __str__(self):
        return f"{self.annee} : {self.dernier}"

    @staticmethod
    def numero_suivant(annee):
        """« P-2026-0001 » : le numéro suivant de l'année, dans la transaction en cours."""
        with connection.cursor() as curseur:
            curseur.execute(
                "INSERT INTO parcours_compteur (annee, dernier) VALUES (%s, 1) "
                "ON CONFLICT (annee) DO UPDATE SET dernier = parcours_compteur.dernier + 1 RETURNING dernier",
                [annee],
            )
            return f"P-{annee}-{curseur.fetchone()[0]:04d}"
