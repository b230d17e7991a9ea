"""L'invitation d'un partenaire : un accord de partage, un lien, un code dit par un autre chemin."""

import datetime
import hashlib
import secrets

from django.conf import settings
from django.contrib.auth.hashers import check_password, make_password
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import F, Q
from django.urls import reverse

from securisation.comptes.models import Professionnel
from securisation.coordination.querysets import InvitationQuerySet, accords_de_partage
from securisation.socle import horloge
from securisation.socle.cloison import lire_en_systeme
from securisation.socle.journal import inscrire
from securisation.socle.outbox import devoir
from securisation.socle.refus import Refus
from securisation.socle.trace import Trace, hors_porte
from securisation.socle.transitions import NOUVEAU, AccordManquant, AvecEtat, transition

JOURS_MAX = 14
ESSAIS_MAX = 5
OCTETS_DU_LIEN = 32  # 256 bits tirés au sort ; le lien est leur écriture en 43 signes
CHIFFRES_DU_CODE = 8
ECHANGE = "échange d'une invitation"
# Le nom réservé « .invalid » (RFC 2606) ne reçoit aucun courriel : un compte invité ne se donne jamais de mot de passe.
DOMAINE_INVITE = "invitation.invalid"


def empreinte(cle):
    """SHA-256 de la clé d'un lien, en hexadécimal : la base ne garde qu'elle."""
    return hashlib.sha256(cle.encode()).hexdigest()


class Invitation(AvecEtat, Trace):
    """Ce qu'une professionnelle ouvre à un partenaire, au nom d'un accord qui court : quatorze jours au plus, révocable."""

    vers_parcours = "accord__parcours"

    class Etat(models.TextChoices):
        EN_COURS = "en_cours", "En cours"
        REVOQUEE = "revoquee", "Révoquée"
        BLOQUEE = "bloquee", "Bloquée"

    class Envoi(models.TextChoices):
        AUCUN = "", "Pas encore transmis"
        DU = "du", "Envoi en cours"
        PARTI = "parti", "Envoyé par courriel"
        ECHEC = "echec", "Envoi impossible"
        COPIE = "copie", "Copié à l'écran"

    accord = models.ForeignKey("parcours.Accord", models.CASCADE, related_name="invitations", editable=False)
    courriel = models.EmailField("adresse du partenaire")
    etat = models.CharField("état", max_length=10, choices=Etat.choices, default=Etat.EN_COURS, editable=False)
    le = models.DateField("faite le", editable=False)
    jusqu_au = models.DateField("ouverte jusqu'au")
    envoi = models.CharField("lien", max_length=6, choices=Envoi.choices, blank=True, editable=False)
    empreinte = models.CharField("empreinte du lien", max_length=64, null=True, unique=True, editable=False)
    code = models.CharField("empreinte du code", max_length=200, blank=True, editable=False)
    code_le = models.DateTimeField("code affiché le", null=True, blank=True, editable=False)
    essais = models.PositiveSmallIntegerField("codes faux", default=0, editable=False)
    arrivees = models.PositiveSmallIntegerField("arrivées", default=0, editable=False)
    arrivee_le = models.DateTimeField("dernière arrivée", null=True, blank=True, editable=False)
    compte = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="invitations",
        verbose_name="compte du partenaire",
        editable=False,
    )

    objects = InvitationQuerySet.as_manager()

    class Meta:
        verbose_name = "cette invitation"
        verbose_name_plural = "invitations"
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["accord"],
                condition=Q(etat="en_cours"),
                name="invitation_une_par_accord",
                violation_error_message="Une invitation court déjà pour cet accord.",
            ),
            models.CheckConstraint(
                condition=Q(jusqu_au__gte=F("le")) & Q(jusqu_au__lte=F("le") + datetime.timedelta(days=JOURS_MAX)),
                name="invitation_quatorze_jours",
                violation_error_message="Une invitation dure quatorze jours au plus.",
            ),
            models.CheckConstraint(
                condition=Q(essais__lte=ESSAIS_MAX),
                name="invitation_cinq_essais",
                violation_error_message="Une invitation se ferme au cinquième code faux.",
            ),
        ]

    def __str__(self):
        return f"invitation {self.pk}"

    def get_absolute_url(self):
        """La page de l'invitation, pour l'équipe."""
        return reverse("coordination:invitation", args=[self.uuid])

    @property
    def est_ouverte(self):
        """Vrai si elle laisse entrer aujourd'hui : ni révoquée, ni bloquée, ni échue, et l'accord court."""
        return type(self).objects.ouvertes().filter(pk=self.pk).exists()

    @staticmethod
    def dernier_jour(accord):
        """Le dernier jour possible : dans quatorze jours, et jamais après l'accord."""
        limite = horloge.aujourd_hui() + datetime.timedelta(days=JOURS_MAX)
        return min(limite, accord.jusqu_au) if accord.jusqu_au else limite

    # -- actes de l'équipe

    @transition(de=[NOUVEAU], permission="inviter_partenaire", apres_cloture=True)
    def inviter(self, *, par, courriel, jusqu_au):
        """Invite un partenaire à lire ce que cet accord nomme ; l'invitation d'avant, pour le même accord, cesse."""
        self._exiger_l_accord()
        if not horloge.aujourd_hui() <= jusqu_au <= self.dernier_jour(self.accord):
            raise ValidationError({"jusqu_au": "Choisissez un jour dans les quatorze jours, avant la fin de l'accord."})
        for ancienne in self.accord.invitations.filter(etat=self.Etat.EN_COURS):
            ancienne.revoquer(par=par)
        self.courriel, self.le, self.jusqu_au = courriel.lower(), horloge.aujourd_hui(), jusqu_au

    @transition(de=[Etat.EN_COURS], permission="inviter_partenaire", apres_cloture=True)
    def donner_un_code(self, *, par):
        """Tire un code à dire de vive voix, montré une seule fois ; le code d'avant ne vaut plus. Il est dans `code_clair`."""
        self._exiger_l_accord()
        self.code_clair = f"{secrets.randbelow(10**CHIFFRES_DU_CODE):0{CHIFFRES_DU_CODE}d}"
        self.code, self.code_le = make_password(self.code_clair), horloge.maintenant()

    @transition(de=[Etat.EN_COURS], permission="inviter_partenaire", apres_cloture=True)
    def copier_le_lien(self, *, par):
        """Tire un lien à transmettre soi-même, montré une seule fois ; le lien d'avant ne vaut plus. Sa clé est dans `cle_claire`."""
        self._exiger_l_accord()
        self._tirer_un_lien(self.Envoi.COPIE)

    @transition(de=[Etat.EN_COURS], permission="inviter_partenaire", apres_cloture=True)
    def envoyer_le_lien(self, *, par):
        """Demande l'envoi du lien par courriel : le lien est tiré au moment de l'envoi, personne ne le voit ici."""
        self._exiger_l_accord()
        self.envoi = self.Envoi.DU
        devoir("envoyer_invitation", invitation=self.pk)

    @transition(de=[Etat.EN_COURS, Etat.BLOQUEE], vers=Etat.REVOQUEE, permission="retirer_accord", apres_cloture=True)
    def revoquer(self, *, par):
        """Ferme l'invitation : le lien et le code ne valent plus, une page ouverte se ferme à la suivante."""
        self.empreinte, self.code = None, ""

    # -- actes de l'application

    @transition(de=[Etat.EN_COURS], apres_cloture=True)
    def partir(self, *, par):
        """Tire le lien que le courriel emporte ; appelée par le travailleur."""
        self._tirer_un_lien(self.Envoi.PARTI)

    @transition(apres_cloture=True)
    def ne_pas_partir(self, *, par):
        """Le courriel n'est pas parti : l'équipe le voit et transmet le lien autrement."""
        self.envoi = self.Envoi.ECHEC

    @transition(de=[Etat.EN_COURS], apres_cloture=True)
    def accueillir(self, *, par):
        """Le partenaire a montré le lien et le code : il entre, et ses sessions d'avant se ferment."""
        self._exiger_l_accord()
        self.arrivees, self.arrivee_le = self.arrivees + 1, horloge.maintenant()
        if self.compte is None:
            self.compte = self._compte_connu() or self._ouvrir_un_compte()
        elif self.compte.est_invite:
            self.compte.set_unusable_password()
            self.compte.save()

    @transition(de=[Etat.EN_COURS], apres_cloture=True)
    def refuser_le_code(self, *, par):
        """Compte un code faux ; au cinquième, l'invitation se ferme."""
        self.essais += 1
        return self._bloquer if self.essais >= ESSAIS_MAX else None

    @transition(de=[Etat.EN_COURS], vers=Etat.BLOQUEE, apres_cloture=True)
    def bloquer(self, *, par):
        """Trop de codes faux : le lien ne vaut plus, une nouvelle invitation est nécessaire."""
        self.empreinte, self.code = None, ""

    @classmethod
    def echanger(cls, *, cle, code):
        """L'invitation que ce lien et ce code ouvrent, ou None. Un lien inconnu coûte le même calcul qu'un code faux."""
        with transaction.atomic(), lire_en_systeme(), hors_porte(ECHANGE):
            invitation = cls.objects.ouvertes().filter(empreinte=empreinte(cle)).select_related("accord").first()
            connu = invitation.code if invitation and invitation.code else _leurre()
            juste = check_password(code, connu) and connu != _leurre()
            try:
                if juste:
                    return invitation.accueillir(par=None)
                if invitation is not None:
                    invitation.refuser_le_code(par=None)
            except Refus:
                juste = False  # révoquée ou bloquée pendant le calcul : la réponse reste la même
            inscrire("invitation refusée", parcours=invitation and invitation.accord.parcours_id, objet=invitation)
            return None

    # -- suites des actes

    def _exiger_l_accord(self):
        """Seul un accord de partage qui court ouvre quelque chose (AccordManquant)."""
        # L'accord se lit ici, pendant que la base le montre : la page où l'échange mène s'en sert après.
        if not accords_de_partage().filter(pk=self.accord.pk).exists():
            raise AccordManquant("Cet acte demande un accord de partage en cours, avec ce destinataire.")

    def _tirer_un_lien(self, envoi):
        self.cle_claire = secrets.token_urlsafe(OCTETS_DU_LIEN)
        self.empreinte, self.envoi = empreinte(self.cle_claire), envoi

    def _bloquer(self):
        self.bloquer(par=None)

    def _compte_connu(self):
        """Le compte de partenaire qui a cette adresse : l'échange l'y relie, sans l'y faire entrer."""
        return Professionnel.objects.partenaires().de_courriel(self.courriel).first()

    def _ouvrir_un_compte(self):
        nom = self.accord.partenaire[: Professionnel._meta.get_field("nom").max_length]
        adresse = f"{self.uuid.hex}@{DOMAINE_INVITE}"
        return Professionnel.objects.create_user(adresse, nom=nom, metier="Partenaire invité", est_invite=True)


def _leurre():
    """Une empreinte qu'aucun code n'ouvre, de la même force que les vraies ; calculée une fois."""
    if "valeur" not in _LEURRE:
        _LEURRE["valeur"] = make_password(secrets.token_urlsafe(OCTETS_DU_LIEN))
    return _LEURRE["valeur"]


_LEURRE = {}
