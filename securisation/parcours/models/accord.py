"""Les accords de la personne : un par finalité, avec sa preuve, son texte, sa durée, son refus ou son retrait."""

import datetime
from functools import partial

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Max, Q

from securisation.annuaire.models import TexteAccord
from securisation.socle import horloge
from securisation.socle.trace import Trace, TraceQuerySet
from securisation.socle.transitions import NOUVEAU, EtatRefuse, transition

INFORMATION, PARTAGE, CONTACT, ADHESION = "INFORMATION", "PARTAGE", "CONTACT", "ADHESION"
SENSIBLE, STATISTIQUES = "SENSIBLE", "STATISTIQUES"
BIENTOT = datetime.timedelta(days=15)  # un accord qui finit dans ce délai est à renouveler : une échéance le dit


class AccordQuerySet(TraceQuerySet):
    def en_cours(self, jour=None):
        """Accords qui courent ce jour : commencés, ni retirés ni échus."""
        jour = jour or horloge.aujourd_hui()
        return self.filter(
            Q(jusqu_au=None) | Q(jusqu_au__gte=jour),
            Q(retire_le=None) | Q(retire_le__gt=jour),
            le__lte=jour,
            accorde=True,
            parcours__effacement_le=None,  # un dossier fermé pour effacement ne se partage plus
        )


class Accord(Trace):
    """Un accord tracé, ou un refus : finalité, preuve, texte lu, destinataire, durée ; un retrait mord à la requête suivante."""

    class Mode(models.TextChoices):
        ECRIT = "écrit signé", "Papier signé"
        TEMOIN = "oral avec témoin", "Oral, devant un témoin"
        VOIX = "lu à voix haute", "Lu à voix haute, puis accepté"
        REMIS = "remise en main propre", "Remis en main propre"
        LU = "lue avec la personne à son domicile", "Lu avec la personne, à son domicile"
        ORAL = "oral", "Oral, noté par le professionnel"

    parcours = models.ForeignKey("parcours.Parcours", models.CASCADE, related_name="accords")
    finalite = models.ForeignKey("annuaire.Finalite", models.PROTECT, related_name="+", verbose_name="finalité")
    accorde = models.BooleanField("accordé", default=True, editable=False)
    le = models.DateField("recueilli le")
    mode = models.CharField("preuve", max_length=80, blank=True)
    temoin = models.CharField("témoin", max_length=120, blank=True)
    interprete = models.CharField("interprète, en", max_length=60, blank=True)
    preuve_sha256 = models.CharField("empreinte du papier numérisé", max_length=64, blank=True, editable=False)
    texte = models.ForeignKey(
        TexteAccord, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="texte lu", editable=False
    )
    empreinte_du_texte = models.CharField("empreinte du texte lu", max_length=64, blank=True, editable=False)
    canal = models.CharField("canal", max_length=12, blank=True)
    partenaire = models.CharField("destinataire", max_length=200, blank=True)
    professionnel = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="compte du destinataire",
    )
    axes = ArrayField(models.CharField(max_length=3), verbose_name="axes", default=list, blank=True)
    documents = ArrayField(models.CharField(max_length=40), verbose_name="documents", default=list, blank=True)
    jusqu_au = models.DateField("jusqu'au", null=True, blank=True)
    retire_le = models.DateField("retiré le", null=True, blank=True, editable=False)
    motif_du_retrait = models.TextField("motif du retrait", max_length=1000, blank=True, editable=False)

    objects = AccordQuerySet.as_manager()

    class Meta:
        verbose_name = "cet accord"
        ordering = ["le", "pk"]
        indexes = [
            models.Index(fields=["parcours", "finalite"], name="accord_par_finalite"),
            models.Index(fields=["jusqu_au"], condition=Q(retire_le=None, accorde=True), name="accord_qui_finit"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(jusqu_au=None) | Q(jusqu_au__gte=F("le")),
                name="accord_fin_apres_debut",
                violation_error_message="La fin de l'accord précède son début.",
            ),
            models.CheckConstraint(
                condition=Q(retire_le=None) | Q(retire_le__gte=F("le")),
                name="accord_retrait_apres_debut",
                violation_error_message="Le retrait précède l'accord.",
            ),
            models.CheckConstraint(
                condition=~Q(mode="oral avec témoin") | ~Q(temoin=""),
                name="accord_temoin_nomme",
                violation_error_message="Un accord oral nomme son témoin.",
            ),
            models.CheckConstraint(
                condition=Q(accorde=True) | Q(retire_le=None, jusqu_au=None),
                name="accord_refus_sans_suite",
                violation_error_message="Un refus n'a ni fin ni retrait.",
            ),
        ]

    def __str__(self):
        return f"accord {self.pk}"

    @property
    def est_en_cours(self):
        jour = horloge.aujourd_hui()
        fini = (self.jusqu_au and self.jusqu_au < jour) or (self.retire_le and self.retire_le <= jour)
        return self.accorde and self.le <= jour and not fini

    @property
    def finit_bientot(self):
        """Vrai quand l'accord court et finit dans les quinze jours."""
        limite = horloge.aujourd_hui() + BIENTOT
        return self.est_en_cours and self.jusqu_au is not None and self.jusqu_au <= limite

    @property
    def source(self):
        """Nom de cet accord dans ce qui est dû."""
        return f"accord:{self.pk}"

    # -- actes

    @transition(de=[NOUVEAU], permission="recueillir_accord")
    def recueillir(self, *, par, preuve=None, textes_lus=None, **champs):
        """Enregistre un accord donné par la personne, avec sa preuve ; le texte lu est gardé."""
        self._decrire(textes_lus, preuve, **champs)
        self._verifier_la_suite(self.finalite.code)
        self._exiger_la_preuve()
        self.parcours.lever_echeance("accord", source=self.finalite.code)
        self._lever_les_fins(self._pareils())

        def ensuite():
            self._garder_la_preuve(preuve)
            if self.finit_bientot:
                self.annoncer_la_fin()

        return ensuite

    @transition(de=[NOUVEAU], permission="recueillir_accord")
    def refuser(self, *, par, preuve=None, textes_lus=None, **champs):
        """Enregistre un refus de la personne : un fait daté, qui fait cesser l'accord qui courait."""
        self.accorde = False
        self._decrire(textes_lus, preuve, **champs | {"jusqu_au": None})
        self._verifier_le_refus()
        self.parcours.lever_echeance("accord", source=self.finalite.code)

        def ensuite():
            self._garder_la_preuve(preuve)
            self._retirer_les_pareils(par, "La personne refuse désormais.", echus=True)
            if self.finalite.code == SENSIBLE:
                self._suites_du_retrait(par)

        return ensuite

    @transition(permission="recueillir_accord", apres_cloture=True)
    def joindre(self, *, par, preuve):
        """Joint le papier signé, numérisé après coup ; une preuve jointe ne se remplace pas."""
        if self.preuve_sha256:
            raise EtatRefuse("Le papier signé est déjà joint : il ne se remplace pas.")
        self.preuve_sha256 = preuve.sha256
        return partial(self._garder_la_preuve, preuve)

    @transition(permission="retirer_accord", apres_cloture=True)
    def retirer(self, *, par, motif=""):
        """La personne retire son accord : il cesse de valoir tout de suite, avec ses suites."""
        self.refuser_si_remise()
        if self.retire_le or not self.accorde:
            raise ValidationError("Cet accord est déjà retiré." if self.retire_le else "Un refus ne se retire pas.")
        self.retire_le, self.motif_du_retrait = horloge.aujourd_hui(), motif
        self._lever_les_fins([self])

        def ensuite():
            self._retirer_les_pareils(par, motif)
            self._suites_du_retrait(par)

        return ensuite

    # -- pièces des actes

    def refuser_si_remise(self):
        """Une information remise est un fait : elle ne se retire pas (EtatRefuse)."""
        if self.finalite.code == INFORMATION:
            raise EtatRefuse(
                "L'information remise à la personne ne se retire pas.",
                que_faire="Si la personne ne souhaite plus être accompagnée, retirez son adhésion.",
            )

    def _exiger_la_preuve(self):
        """Un partage est désigné et borné ; tout accord a sa preuve (ValidationError).

        Un dossier repris, antérieur à l'outil, peut n'en dire aucune pour un partage ou un contact.
        """
        code = self.finalite.code
        if code == PARTAGE and not (self.partenaire and (self.axes or self.documents) and self.jusqu_au):
            raise ValidationError(
                "Un accord de partage nomme un destinataire, des axes ou des documents, et une durée."
            )
        repris = horloge.moment_de_reprise() and code in (PARTAGE, CONTACT)
        if not self.mode and not repris:
            raise ValidationError({"mode": "Indiquez la preuve de cet accord."})

    def _verifier_le_refus(self):
        if self.finalite.code == INFORMATION:
            raise ValidationError({"finalite": "L'information se remet : elle ne se refuse pas."})
        if self.finalite.code == PARTAGE and not self.partenaire:
            raise ValidationError({"partenaire": "Indiquez à qui la personne refuse le partage."})

    @staticmethod
    def fautes_de_date(le, jusqu_au):
        """{champ: phrase} de toutes les fautes de ces deux dates, l'une ou l'autre pouvant manquer."""
        fautes = {}
        if le and le > horloge.aujourd_hui():
            fautes["le"] = "La date de l'accord est dans l'avenir."
        if le and jusqu_au and jusqu_au < le:
            fautes["jusqu_au"] = "La fin de l'accord précède son début."
        return fautes

    def _decrire(self, textes_lus, preuve, **champs):
        """Pose ce qui est dit de l'accord ou du refus : date passée, destinataire, texte en vigueur, durée prévue (ValidationError)."""
        self.poser(**champs)
        self.preuve_sha256 = preuve.sha256 if preuve else ""
        if fautes := self.fautes_de_date(self.le, self.jusqu_au):
            raise ValidationError(fautes)
        if self.finalite.code == CONTACT and not self.canal:
            raise ValidationError({"canal": "Indiquez le canal dont parle la personne."})
        if self.documents and set(self.documents) - set(self.parcours.documents.values_list("numero", flat=True)):
            raise ValidationError({"documents": "Un document désigné n'est pas de ce parcours."})
        if self.professionnel_id and not self.partenaire.strip():
            self.partenaire = self.professionnel.nom_complet
        self.partenaire = self.partenaire.strip()
        if horloge.moment_de_reprise():
            return
        duree = self.finalite.validite_jours
        if self.accorde and not self.jusqu_au and duree:
            self.jusqu_au = self.le + datetime.timedelta(days=duree)
        self._lier_le_texte(textes_lus)

    def _lier_le_texte(self, textes_lus):
        """Garde la version et l'empreinte du texte lu ; un texte changé depuis l'ouverture de la page se relit (ValidationError)."""
        texte = TexteAccord.objects.en_vigueur().filter(finalite=self.finalite_id).first()
        if texte is None:
            return
        if textes_lus is not None and texte.pk not in textes_lus:
            raise ValidationError(
                "Le texte de cet accord a changé depuis l'ouverture de la page : relisez-le avec la personne."
            )
        self.texte, self.empreinte_du_texte = texte, texte.empreinte

    def _garder_la_preuve(self, preuve):
        from securisation.parcours.models.preuve import PreuveAccord

        if preuve is not None:
            PreuveAccord.objects.create(accord=self, contenu=preuve.contenu, genre=preuve.genre)

    def _lever_les_fins(self, accords):
        """Ces accords n'annoncent plus leur fin : renouvelés, ou retirés."""
        sources = [accord.source for accord in accords]
        self.parcours.echeances.filter(nature="fin_accord", source__in=sources).delete()

    @property
    def est_renouvele(self):
        """Vrai si une autre ligne du même accord court au-delà de la fin de celle-ci."""
        return self._pareils().en_cours().filter(Q(jusqu_au=None) | Q(jusqu_au__gt=self.jusqu_au)).exists()

    def annoncer_la_fin(self):
        """Ce qui est dû : renouveler cet accord, ou laisser finir, en connaissance de cause."""
        from securisation.parcours.presentation import phrase_de_fin

        self.parcours.poser_echeance("fin_accord", self.jusqu_au, phrase_de_fin(self), source=self.source)

    def _retirer_les_pareils(self, par, motif, *, echus=False):
        """Un retrait ou un refus ne laisse valoir aucune autre ligne du même accord ; chacune, retirée, cherche la suivante.

        `echus` : un refus fait aussi cesser l'accord qui a fini sans être renouvelé, et entraîne les mêmes suites.
        """
        pareils = self._pareils()
        pareils = pareils.filter(accorde=True, retire_le=None) if echus else pareils.en_cours()
        if pareil := pareils.first():
            pareil.retirer(par=par, motif=motif)

    def _suites_du_retrait(self, par):
        """Sans adhésion, le parcours s'interrompt et rien ne se partage plus ; sans accord sensible, ce qu'il couvrait s'efface."""
        code = self.finalite.code
        if code == ADHESION and not self.parcours.est_fige:
            for partage in self.parcours.accords.en_cours().filter(finalite__code=PARTAGE):
                partage.retirer(par=par, motif="L'adhésion est retirée.")
            self.parcours.interrompre_sans_adhesion(par=par)
        from securisation.parcours import retraits

        if code == PARTAGE:
            retraits.annuler_les_fiches(self.parcours, [self], par)
        if code == SENSIBLE:
            retraits.cacher_le_sensible(self, par)

    def _pareils(self):
        """Les autres lignes du même accord : même finalité ; et même destinataire pour un partage, même canal pour un contact."""
        pareils = self.parcours.accords.filter(finalite=self.finalite_id).exclude(pk=self.pk)
        if self.finalite.code == PARTAGE:
            destinataire = Q(partenaire__iexact=self.partenaire.strip())
            compte = Q(professionnel=self.professionnel_id) if self.professionnel_id else Q(pk=None)
            return pareils.filter(destinataire | compte)
        return pareils.filter(canal=self.canal) if self.finalite.code == CONTACT else pareils

    def _verifier_la_suite(self, code):
        """Un accord ne double pas celui qui court, ne précède pas un retrait, et l'adhésion suit l'information (ValidationError).

        Celui qui finit dans les quinze jours se renouvelle.
        """
        court = self._pareils().en_cours().order_by(F("jusqu_au").desc(nulls_first=True)).first()
        if court and not court.finit_bientot:
            suite = "" if code == INFORMATION else " S'il change, retirez-le d'abord."
            raise ValidationError(f"Cet accord court déjà, depuis le {court.le:%d/%m/%Y}.{suite}")
        retrait = self._pareils().aggregate(dernier=Max("retire_le"))["dernier"]
        if retrait and self.le < retrait:
            raise ValidationError(
                {
                    "le": f"La personne a retiré cet accord le {retrait:%d/%m/%Y} : un nouvel accord ne peut pas être daté d'avant."
                }
            )
        if code == ADHESION and not self.parcours.accords.filter(finalite__code=INFORMATION, le__lte=self.le).exists():
            raise ValidationError(
                "L'adhésion suit l'information : enregistrez d'abord l'information remise à la personne."
            )
