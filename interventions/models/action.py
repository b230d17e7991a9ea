"""L'action : un levier de droit commun mobilisé pour un facteur, ses cinq réponses de non-substitution, son issue."""

from datetime import date

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from interventions import silences
from interventions.courriers import redaction
from interventions.models.intervention import exiger_l_accord_sensible
from interventions.querysets import ActionQuerySet
from securisation.documents.models import Document
from securisation.socle import horloge
from securisation.socle.trace import Trace
from securisation.socle.transitions import NOUVEAU, AvecEtat, EtatRefuse, transition

ENTRE_2000_ET_2100 = (date(2000, 1, 1), date(2100, 1, 1))
FIGES_APRES_LE_TERME = ("levier", "axe", "facteur", "mode", "intitule")
ABANDON = "DEM-ABN"  # la seule issue qui ne suppose aucune demande
INCOMPLET = "DEM-INC"
REPONSES = ("DEM-OK", "DEM-REF", "DEM-ACC", INCOMPLET)  # issues qui sont une réponse
SANS_DECISION = ("DEM-ATT", "DEM-SIL", INCOMPLET)  # ces issues laissent courir le silence


def possible(champ):
    """Condition : cette date est vide ou plausible."""
    return Q(**{champ: None}) | Q(**{f"{champ}__range": ENTRE_2000_ET_2100})


SANS_PARTAGE = (
    "Aucun accord de partage en cours ne nomme ce destinataire (première ligne) : décochez, ou recueillez l’accord."
)
PAS_ENCORE_COMPLET = (
    "Une pièce manquait le {le:%d/%m/%Y} : indiquez le jour où le dossier complet a été reçu, ce jour-là au plus tôt. "
    "Tant qu’elle manque, gardez « Incomplète »."
)
FACONS = {
    "la personne seule": "par la personne seule",
    "la personne avec le dispositif": "avec la personne",
    "un tiers mandaté": "par un tiers mandaté",
    "le dispositif seul": "par le dispositif seul",
}
# Ce que montre une issue : icône, ton de l'icône, ton de l'étiquette. Un refus n'est pas une réussite.
SIGNES = {
    "DEM-OK": ("circle-check", "ok", "tag--green"),
    "DEM-REF": ("circle-x", "muted", "tag--plain"),
    ABANDON: ("ban", "muted", "tag--plain"),
}


def _accord_de(action):
    """L'accord que demande ce qui révèle la santé ; un dossier repris l'a déjà écrit."""
    return ["SENSIBLE"] if action.revele_la_sante and not horloge.moment_de_reprise() else []


def _accords_d_un_courrier(action):
    """Un courrier engage la personne : son adhésion court, et l'accord que demande ce qu'il laisserait deviner."""
    return ["ADHESION", *_accord_de(action)]


class Action(Trace, AvecEtat):
    """Une démarche de l'intervention. Elle nomme le facteur qu'elle traite."""

    vers_parcours = "intervention__parcours"
    est_tue = False  # vrai quand une page a ôté, en mémoire, ce que l'accord sur les données sensibles couvre

    class Etat(models.TextChoices):
        OUVERTE = "ouverte", "En cours"
        CLOSE = "close", "Close"

    class Reponse(models.TextChoices):
        OUI = "oui", "Oui"
        NON = "non", "Non"
        INCONNU = "inconnu", "Je ne sais pas encore"

    class Qui(models.TextChoices):
        PERSONNE = "la personne seule", "La personne seule"
        ENSEMBLE = "la personne avec le dispositif", "La personne avec le dispositif"
        TIERS = "un tiers mandaté", "Un tiers mandaté"
        DISPOSITIF = "le dispositif seul", "Le dispositif seul"

    intervention = models.ForeignKey("interventions.Intervention", models.CASCADE, related_name="actions")
    etat = models.CharField("état", max_length=10, choices=Etat.choices, default=Etat.OUVERTE, editable=False)
    levier = models.ForeignKey("annuaire.Levier", models.PROTECT, related_name="+", verbose_name="levier")
    axe = models.ForeignKey("annuaire.Axe", models.PROTECT, related_name="+", verbose_name="axe")
    facteur = models.ForeignKey("annuaire.Facteur", models.PROTECT, related_name="+", verbose_name="facteur")
    mode = models.ForeignKey("annuaire.ModeAction", models.PROTECT, related_name="+", verbose_name="mode d’action")
    intitule = models.CharField("intitulé", max_length=300)
    ns1 = models.CharField("un levier de droit commun existe", max_length=10, choices=Reponse.choices)
    ns1_precision = models.CharField("ce qui a été cherché", max_length=500, blank=True)
    ns2_sollicite_le = models.DateField("sollicité le", null=True, blank=True)
    ns2_motif = models.ForeignKey(
        "annuaire.MotifNonSollicitation",
        models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
        verbose_name="motif de non-sollicitation",
    )
    ns3 = models.CharField("qui fait la démarche", max_length=40, choices=Qui.choices)
    ns3_justification = models.CharField("pourquoi le dispositif seul", max_length=500, blank=True)
    ns4_relais = models.CharField("relais après la sortie", max_length=200, blank=True)
    ns5 = models.BooleanField("relève du soin ou d’une décision réservée", default=False)
    ns5_precision = models.CharField("précision sur le soin", max_length=500, blank=True)
    reponse_attendue_le = models.DateField("réponse attendue le", null=True, blank=True)
    complet_le = models.DateField("dossier complet reçu le", null=True, blank=True)
    issue = models.ForeignKey(
        "annuaire.IssueDemarche", models.PROTECT, related_name="+", null=True, blank=True, editable=False
    )
    issue_le = models.DateField("issue du", null=True, blank=True, editable=False)
    issue_note = models.CharField("précision sur l’issue", max_length=1000, blank=True, editable=False)

    objects = ActionQuerySet.as_manager()

    class Meta:
        verbose_name = "cette action"
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(intitule=""),
                name="action_intitulee",
                violation_error_message="Dites en quelques mots ce que fait cette action.",
            ),
            models.CheckConstraint(
                condition=Q(ns1="oui") | (Q(ns1__in=["non", "inconnu"]) & ~Q(ns1_precision="")),
                name="action_ns1_recherche_tracee",
                violation_error_message="Sans levier de droit commun connu, dites ce qui a été cherché.",
            ),
            models.CheckConstraint(
                condition=Q(ns2_sollicite_le__isnull=False, ns2_motif__isnull=True)
                | Q(ns2_sollicite_le__isnull=True, ns2_motif__isnull=False),
                name="action_ns2_date_ou_motif",
                violation_error_message="Le levier a été sollicité à une date, ou ne l’a pas été pour un motif : l’un des deux.",
            ),
            models.CheckConstraint(
                condition=(Q(ns3__in=["la personne seule", "la personne avec le dispositif", "un tiers mandaté"]))
                | (Q(ns3="le dispositif seul") & ~Q(ns3_justification="")),
                name="action_ns3_ecart_justifie",
                violation_error_message="Le dispositif seul est un écart : justifiez-le.",
            ),
            models.CheckConstraint(
                condition=Q(ns5=False),
                name="action_ns5_interdite",
                violation_error_message=(
                    "Une action qui relève du soin, d’une expertise médicale ou d’une décision réservée à une institution "
                    "n’est pas permise : orientez la personne."
                ),
            ),
            models.CheckConstraint(
                condition=Q(ns2_sollicite_le=None) | Q(reponse_attendue_le__gte=F("ns2_sollicite_le")),
                name="action_reponse_apres_demande",
                violation_error_message="La réponse est attendue avant la demande.",
            ),
            models.CheckConstraint(
                condition=possible("ns2_sollicite_le") & possible("reponse_attendue_le") & possible("issue_le"),
                name="action_dates_possibles",
                violation_error_message="Une date est hors de la période possible (de 2000 à 2100).",
            ),
            models.CheckConstraint(
                condition=Q(complet_le=None) | Q(ns2_sollicite_le__isnull=False, complet_le__gte=F("ns2_sollicite_le")),
                name="action_complete_apres_demande",
                violation_error_message="Le dossier est complet au plus tôt le jour de la demande.",
            ),
            models.CheckConstraint(
                condition=Q(etat="ouverte") | Q(etat="close", issue__isnull=False, issue_le__isnull=False),
                name="action_close_datee",
                violation_error_message="Une démarche close porte son issue et sa date.",
            ),
        ]

    def __str__(self):
        return f"action {self.pk}"

    def get_absolute_url(self):
        """La page de l'action."""
        return reverse("interventions:action", args=[self.uuid])

    @property
    def source(self):
        """Nom de cette action dans ce qui est dû."""
        return f"action:{self.pk}"

    @property
    def revele_la_sante(self):
        """Vrai si le facteur ou le levier, en se lisant, dit quelque chose de la santé."""
        return self.facteur.revele_la_sante or self.levier.revele_la_sante

    @property
    def est_en_retard(self):
        """Vrai si la réponse attendue n'est pas venue à sa date ; un parcours fini n'en attend plus."""
        attendue = self.reponse_attendue_le
        passee = attendue is not None and attendue < horloge.aujourd_hui()
        return passee and self.etat == self.Etat.OUVERTE and not self.intervention.parcours.est_fige

    @property
    def attend_une_reponse(self):
        """Vrai si une demande est partie et qu'aucune décision n'est encore connue."""
        code = self.issue.code if self.issue_id else "DEM-ATT"
        return self.etat == self.Etat.OUVERTE and self.ns2_sollicite_le is not None and code in SANS_DECISION

    @property
    def manque_une_piece(self):
        """Vrai si le dossier a été dit incomplet, et n'a pas été complété depuis."""
        if not self._est_incomplet:
            return False
        return None in (self.issue_le, self.complet_le) or self.complet_le < self.issue_le

    @property
    def _est_incomplet(self):
        return self.issue_id is not None and self.issue.code == INCOMPLET

    @property
    def a_une_reponse(self):
        """Vrai si une réponse est notée, même provisoire : accord, refus, pièce demandée, démarche aboutie."""
        return self.issue_id is not None and self.issue.code in REPONSES

    @property
    def silence(self):
        """L'horloge du silence aujourd'hui (`silences.Silence`), ou None : rien demandé, réponse connue, délai non renseigné."""
        return silences.de_l_action(self, horloge.aujourd_hui())

    @property
    def silence_dit(self):
        """Le même silence, en mots pour une page (`silences.en_mots`)."""
        return silences.en_mots(self, horloge.aujourd_hui())

    @property
    def signe(self):
        """Icône et tons de l'action en cet instant : {icone, ton, tag}."""
        if self.etat == self.Etat.CLOSE:
            signe = SIGNES.get(self.issue.code, ("flag", "muted", "tag--plain"))
        elif self.est_en_retard:
            signe = ("alert-circle", "late", "tag--red")
        elif self.issue_id:
            signe = ("clock", "wait", "tag--amber")
        else:
            signe = ("circle-dashed", "run", "tag--brand")
        return dict(zip(("icone", "ton", "tag"), signe, strict=True))

    @property
    def facon(self):
        """La façon d'agir et qui agit, en une phrase qui ne se répète pas."""
        qui = FACONS[self.ns3]
        mode = self.mode.libelle
        return mode if mode.endswith(qui) else f"{mode}, {qui}"

    # -- actes

    @transition(de=[NOUVEAU], vers=Etat.OUVERTE, permission="conduire_action", finalite="ADHESION")
    def inscrire(self, *, par, **champs):
        """Inscrit une action : avant le terme, ou sous dérogation ; jamais pendant une suspension."""
        self.intervention.exiger_l_inscription()
        self.poser(**champs)
        self._verifier()
        return self._devoir

    @transition(de=[Etat.OUVERTE, Etat.CLOSE], permission="conduire_action", finalite=_accord_de)
    def modifier(self, *, par, **champs):
        """Corrige l'action ; changer ce qu'elle est (levier, facteur, mode, intitulé) demande ce que demande une inscription."""
        avant = self._identite()
        self.poser(**champs)
        if self._identite() != avant:
            self.intervention.exiger_l_engagement()
        self._verifier(facteur_change=self.facteur_id != avant["facteur"])
        return self._devoir

    @transition(de=[Etat.OUVERTE, Etat.CLOSE], permission="conduire_action", finalite=_accord_de)
    def noter_issue(self, *, par, issue, issue_le=None, issue_note="", reponse_attendue_le=None, complet_le=None):
        """Note où en est la démarche ; une issue ouverte laisse l'action en cours, les autres la closent à leur date."""
        self._verifier_l_issue(issue, issue_le)
        self._verifier_le_dossier_complet(issue, complet_le)
        self.issue, self.issue_le, self.issue_note = issue, issue_le, issue_note
        self.complet_le = complet_le
        if reponse_attendue_le:
            self.reponse_attendue_le = reponse_attendue_le
        self.etat = self.Etat.OUVERTE if issue.ouverte else self.Etat.CLOSE
        return self._devoir

    @transition(de=[Etat.OUVERTE, Etat.CLOSE], permission="conduire_action", finalite=_accords_d_un_courrier)
    def ecrire_courrier(self, *, par, avec_equipe=False, **champs):
        """Écrit un courrier que la personne signera : un document du parcours, demandé deux fois il n'en fait qu'un."""
        parcours = self.intervention.parcours
        if avec_equipe and not redaction.partage_permis(parcours, champs["destinataire"]):
            raise ValidationError({"avec_equipe": SANS_PARTAGE})
        donnees = redaction.instantane(self, par=par, avec_equipe=avec_equipe, **champs)
        self.courrier = Document.demander(
            parcours=parcours, genre=redaction.GENRE, donnees=donnees, par=par, pour=str(self.uuid)
        )

    # -- pièces des actes

    def exiger_l_accord(self):
        """Refuse (409), en menant à la page des accords, d'ouvrir ce qui révèle la santé sans l'accord de la personne."""
        exiger_l_accord_sensible(self.intervention.parcours, self.revele_la_sante)

    def _identite(self):
        """Ce qui fait l'action : y toucher, c'est en inscrire une autre."""
        return {nom: getattr(self, self._meta.get_field(nom).attname) for nom in FIGES_APRES_LE_TERME}

    def _verifier_l_issue(self, issue, issue_le):
        """Une réponse suppose une demande ; une fin et une pièce réclamée, leur date ; rien ne se rouvre sans le droit d'inscrire."""
        if not self.ns2_sollicite_le and issue.code != ABANDON:
            raise ValidationError(
                {
                    "issue": "Ce levier n’a pas été sollicité. Notez d’abord la date de la demande "
                    "(bouton « Modifier » de l’action), puis sa réponse."
                }
            )
        if issue.ouverte:
            self._exiger_de_rester_ouverte()
        if issue_le is None and (issue.code == INCOMPLET or not issue.ouverte):
            raise ValidationError({"issue_le": "Indiquez la date de cette réponse."})
        if issue_le and not self._jour_plausible(issue_le):
            raise ValidationError({"issue_le": "Cette date va de la demande à aujourd’hui."})

    def _verifier_le_dossier_complet(self, issue, complet_le):
        """De la demande à aujourd'hui ; une pièce réclamée, rien n'attend de nouveau avant que le dossier soit complet."""
        if complet_le and not self.ns2_sollicite_le:
            raise ValidationError({"complet_le": "Notez d’abord la date de la demande."})
        if complet_le and not self.ns2_sollicite_le <= complet_le <= horloge.aujourd_hui():
            raise ValidationError({"complet_le": "Cette date va de la demande à aujourd’hui."})
        if self._est_incomplet and issue.code in SANS_DECISION and issue.code != INCOMPLET:
            reclamee_le = self.issue_le or self.ns2_sollicite_le
            if complet_le is None or complet_le < reclamee_le:
                raise ValidationError({"complet_le": PAS_ENCORE_COMPLET.format(le=reclamee_le)})

    def _exiger_de_rester_ouverte(self):
        if self.etat == self.Etat.CLOSE:
            self.intervention.exiger_l_engagement()
        elif not self.intervention.est_dans_sa_phase:
            raise EtatRefuse(
                "La sortie est ouverte : une réponse s’y note pour clore la démarche.",
                que_faire="Une démarche qui continue passe à un relais : inscrivez-la dans la sortie, en risque résiduel.",
                lien=self.get_absolute_url(),
            )

    def _verifier(self, *, facteur_change=True):
        self._verifier_le_levier()
        if self.ns5:
            raise ValidationError({"ns5": self._message("action_ns5_interdite")})
        if self.ns2_sollicite_le and not self.reponse_attendue_le:
            raise ValidationError({"reponse_attendue_le": "Indiquez quand une réponse est attendue."})
        if self.ns2_sollicite_le and self.ns2_sollicite_le > horloge.aujourd_hui():
            raise ValidationError({"ns2_sollicite_le": "La date de la demande est dans l’avenir."})
        if self.facteur.axe_id != self.axe_id:
            raise ValidationError({"facteur": "Ce facteur est celui d’un autre axe."})
        if facteur_change and not self.intervention.facteurs_retenus(self.axe).filter(pk=self.facteur_id).exists():
            raise ValidationError({"facteur": "Une action traite un facteur retenu au diagnostic."})

    def _verifier_le_levier(self):
        """Un levier qui révèle la santé suit l'accord de la personne, comme un facteur ; un dossier repris garde ce qui fut fait."""
        if not self.levier.revele_la_sante or horloge.moment_de_reprise():
            return
        if not self.intervention.parcours.a_accord("SENSIBLE"):
            raise ValidationError(
                {
                    "levier": "Ce levier révèle indirectement la santé : l’accord de la personne vient d’abord. "
                    "Recueillez-le sur la page des accords du parcours, ou choisissez un autre levier."
                }
            )

    def _message(self, nom):
        return next(c.violation_error_message for c in self._meta.constraints if c.name == nom)

    def _jour_plausible(self, jour):
        debut = min(self.ns2_sollicite_le or self.intervention.demarre_le, self.intervention.demarre_le)
        return debut <= jour <= horloge.aujourd_hui()

    def _devoir(self):
        """Ce que cette action doit : une réponse à sa date, un silence à son effet, un relais avant le terme."""
        parcours = self.intervention.parcours
        self.dater_le_silence()
        if self.ns4_relais or not self.intervention.est_dans_sa_phase:
            parcours.lever_echeance("relais", self.source)
        else:
            libelle = f"Nommer un relais ou inscrire un risque résiduel : {self.intitule}"
            parcours.poser_echeance("relais", self.intervention.terme, libelle, self.source)
        parcours.lever_echeance("agir", f"axe:{self.axe.code}")

    def dater_le_silence(self):
        """Pose la réponse attendue et l'effet du silence parmi ce qui est dû ; le même jour, une seule ligne dit les deux."""
        parcours, silence = self.intervention.parcours, self.silence
        if silence:
            suite = f", à contester jusqu’au {silence.contester_avant:%d/%m/%Y}" if silence.contester_avant else ""
            libelle = f"Silence, vaut {silence.effet} ce jour{suite} : {self.intitule}"
            parcours.poser_echeance("silence", silence.effet_le, libelle, self.source)
        else:
            parcours.lever_echeance("silence", self.source)
        attendue = self.reponse_attendue_le if self.etat == self.Etat.OUVERTE else None
        if attendue and not (silence and attendue >= silence.effet_le):
            parcours.poser_echeance("reponse", attendue, f"Réponse attendue : {self.intitule}", self.source)
        else:
            parcours.lever_echeance("reponse", self.source)
