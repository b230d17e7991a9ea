"""L'effacement d'un dossier : demandé, décidé par deux personnes, exécuté par étapes ; il reste un certificat sans contenu."""

import hashlib
import json

from django.conf import settings
from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from securisation.parcours import droits
from securisation.socle import horloge
from securisation.socle.outbox import devoir
from securisation.socle.refus import DroitRefuse
from securisation.socle.trace import Trace, TraceQuerySet
from securisation.socle.transitions import NOUVEAU, AvecEtat, EtatRefuse, transition


def empreinte_d_un_parcours(parcours):
    """SHA-256 hexadécimal de la clé publique : elle ne se devine pas, donc son empreinte ne désigne personne."""
    return hashlib.sha256(str(parcours.uuid).encode()).hexdigest()


class EffacementQuerySet(TraceQuerySet):
    def visibles_pour(self, professionnel):
        """Ceux des équipes qu'il supervise et ceux qu'il a demandés ; le délégué à la protection des données les voit tous."""
        if not professionnel.is_authenticated or not professionnel.is_active:
            return self.none()
        if professionnel.a_fonction("DPO"):
            return self.all()
        return self.filter(Q(equipe__in=professionnel.equipes_supervisees) | Q(demande_par=professionnel))

    def ouverts(self):
        """Ceux qui ne sont pas finis."""
        return self.filter(etat__in=Effacement.OUVERTS)

    def a_decider(self):
        """Ceux qui attendent une décision."""
        return self.filter(etat__in=(Effacement.Etat.DEMANDE, Effacement.Etat.ACCEPTE))

    def executes(self):
        """Ceux qui sont faits, le plus récent d'abord."""
        return self.filter(etat=Effacement.Etat.EXECUTE).order_by("-execute_le", "-pk")


class Effacement(Trace, AvecEtat):
    """Un dossier à effacer. Il survit au dossier : il n'en garde que des nombres, des dates et une empreinte."""

    # Les deux décideurs le lisent sans ouvrir le dossier : sa visibilité est celle de `visibles_pour`.
    cloisonne = False

    class Origine(models.TextChoices):
        PERSONNE = "personne", "Demande de la personne"
        CONSERVATION = "conservation", "Fin de la durée de conservation"
        REJEU = "rejeu", "Rejoué après une restauration"

    class Etat(models.TextChoices):
        DEMANDE = "demande", "À décider par le superviseur"
        ACCEPTE = "accepte", "À décider par le délégué"
        DECIDE = "decide", "Décidé"
        EXECUTION = "execution", "En cours"
        EXECUTE = "execute", "Effacé"
        REFUSE = "refuse", "Refusé"
        ANNULE = "annule", "Sans objet"

    A_DECIDER = (Etat.DEMANDE, Etat.ACCEPTE)
    OUVERTS = (*A_DECIDER, Etat.DECIDE, Etat.EXECUTION)

    # Sans contrainte : la clé reste, le parcours non ; elle est aussi le numéro de sa chaîne au journal.
    parcours = models.ForeignKey(
        "parcours.Parcours", models.DO_NOTHING, db_constraint=False, related_name="effacements", editable=False
    )
    equipe = models.ForeignKey("comptes.Equipe", models.PROTECT, related_name="+", editable=False)
    origine = models.CharField("origine", max_length=14, choices=Origine.choices, editable=False)
    etat = models.CharField("état", max_length=10, choices=Etat.choices, default=Etat.DEMANDE, editable=False)
    demande_le = models.DateTimeField("demandé le", editable=False)
    demande_par = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", editable=False
    )
    pas_avant = models.DateField("pas avant le", null=True, blank=True, editable=False)
    inventaire = models.JSONField("ce qui part, en nombres", default=dict, editable=False)
    roles_retires = models.JSONField("rôles retirés", default=list, blank=True, editable=False)
    etait_restreint = models.BooleanField("était restreint", default=False, editable=False)
    superviseur_par = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="accepté par",
        editable=False,
    )
    superviseur_le = models.DateTimeField("accepté le", null=True, blank=True, editable=False)
    dpo_par = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="décidé par",
        editable=False,
    )
    dpo_le = models.DateTimeField("décidé le", null=True, blank=True, editable=False)
    motif_du_refus = models.TextField("motif du refus", max_length=2000, blank=True, editable=False)
    etapes = models.JSONField("étapes franchies", default=list, blank=True, editable=False)
    incident = models.CharField("ce qui a manqué", max_length=300, blank=True, editable=False)
    empreinte_du_parcours = models.CharField("empreinte du parcours", max_length=64, editable=False)
    numero = models.CharField("numéro", max_length=16, null=True, blank=True, unique=True, editable=False)
    execute_le = models.DateTimeField("effacé le", null=True, blank=True, editable=False)
    certificat = models.JSONField("certificat", default=dict, blank=True, editable=False)
    empreinte = models.CharField("empreinte du certificat", max_length=64, blank=True, editable=False)

    objects = EffacementQuerySet.as_manager()

    class Meta:
        verbose_name = "cet effacement"
        ordering = ["-demande_le", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["parcours"],
                condition=Q(etat__in=["demande", "accepte", "decide", "execution"]),
                name="effacement_un_seul_ouvert",
                violation_error_message="Un effacement est déjà demandé pour ce parcours.",
            ),
            models.CheckConstraint(
                condition=Q(superviseur_par=None) | Q(dpo_par=None) | ~Q(superviseur_par=F("dpo_par")),
                name="effacement_deux_personnes",
                violation_error_message="Deux personnes distinctes décident d'un effacement.",
            ),
            models.CheckConstraint(
                condition=~Q(etat__in=["decide", "execution", "execute"])
                | Q(origine="rejeu")
                | Q(superviseur_par__isnull=False, dpo_par__isnull=False),
                name="effacement_decide_a_deux",
                violation_error_message="Un effacement se décide à deux : superviseur, puis délégué.",
            ),
            models.CheckConstraint(
                condition=~Q(etat="execute") | Q(execute_le__isnull=False, numero__isnull=False),
                name="effacement_execute_date",
                violation_error_message="Un effacement fait porte son numéro et sa date.",
            ),
            models.CheckConstraint(
                condition=~Q(etat="refuse") | ~Q(motif_du_refus=""),
                name="effacement_refus_motive",
                violation_error_message="Un refus porte son motif.",
            ),
        ]

    def __str__(self):
        return self.numero or f"effacement {self.pk}"

    def get_absolute_url(self):
        """La page de l'effacement."""
        return reverse("parcours:effacement", args=[self.uuid])

    @property
    def parcours_de_rattachement(self):
        """Le parcours, ou None quand il est effacé."""
        try:
            return self.parcours
        except ObjectDoesNotExist:
            return None

    @property
    def attend_son_jour(self):
        """Vrai si le terme de conservation n'est pas atteint : le dossier vit encore."""
        return self.pas_avant is not None and self.pas_avant > horloge.aujourd_hui()

    @property
    def est_fini(self):
        """Vrai quand plus rien n'est attendu."""
        return self.etat not in self.OUVERTS

    # -- actes, dans l'ordre de la vie

    @transition(de=[NOUVEAU], vers=Etat.DEMANDE, permission="demander_effacement", apres_cloture=True)
    def demander(self, *, par, recue_le=None, moyen=""):
        """Demande l'effacement pour la personne : le dossier est fermé à tous aussitôt, en attendant deux décisions."""
        from securisation.parcours.models.demande import Demande

        demande = self.demande_de_la_personne(self.parcours)
        if demande is None:
            if not recue_le:
                raise ValidationError("Dites d'abord quand la personne a demandé l'effacement, et comment.")
            demande = Demande(parcours=self.parcours)
            demande.enregistrer(par=par, genre="effacement", recue_le=recue_le, moyen=moyen)
        # La demande de la personne passe avant une fin de conservation seulement annoncée.
        for annonce in type(self).objects.ouverts().filter(parcours=self.parcours, origine=self.Origine.CONSERVATION):
            annonce.devenir_sans_objet(par=par)
        self._decrire(par, self.Origine.PERSONNE)
        self.demande_le = horloge.debut_du_jour(demande.recue_le)  # son jour à elle : la saisie vient parfois après
        self._retenir_les_roles()
        return lambda: self.parcours.se_fermer(par=par)

    @transition(de=[NOUVEAU], vers=Etat.DEMANDE, apres_cloture=True)
    def annoncer(self, *, par, pas_avant):
        """La durée de conservation finit dans trente jours : les deux décisions peuvent se prendre, le dossier vit encore."""
        self._decrire(par, self.Origine.CONSERVATION)
        self.pas_avant = pas_avant

    @transition(de=[NOUVEAU], vers=Etat.DECIDE, apres_cloture=True)
    def rejouer(self, *, par, numero):
        """Efface de nouveau un dossier qu'une restauration a rendu ; la décision est celle du registre des effacements."""
        self._decrire(par, self.Origine.REJEU)
        self.numero = numero
        self._retenir_les_roles()
        return lambda: self.parcours.se_fermer(par=par)

    @transition(de=A_DECIDER, apres_cloture=True)
    def fermer(self, *, par):
        """Le terme est atteint sans décision : le dossier est fermé à tous, les décisions restent dues."""
        self._retenir_les_roles()
        return lambda: self.parcours.se_fermer(par=par)

    @transition(de=[Etat.DEMANDE], vers=Etat.ACCEPTE, permission="accepter_effacement", apres_cloture=True)
    def accepter(self, *, par):
        """Première décision : la superviseure, ou le superviseur, de l'équipe accepte l'effacement."""
        self.superviseur_par, self.superviseur_le = par, horloge.maintenant()

    @transition(de=[Etat.ACCEPTE], vers=Etat.DECIDE, permission="decider_effacement", apres_cloture=True)
    def decider(self, *, par):
        """Seconde décision, par une autre personne : le délégué ordonne l'effacement, qui commence au jour dit."""
        if par.pk == self.superviseur_par_id:
            raise DroitRefuse("Vous avez déjà donné la première décision : la seconde revient à une autre personne.")
        if par.pk in self._referents():
            raise DroitRefuse("Vous êtes référent de ce parcours : la seconde décision revient à une autre personne.")
        self.dpo_par, self.dpo_le = par, horloge.maintenant()
        if not self.attend_son_jour:
            return self.commander
        return None

    @transition(de=A_DECIDER, vers=Etat.REFUSE, permission="refuser_effacement", apres_cloture=True)
    def refuser(self, *, par, motif):
        """Refuse l'effacement, avec un motif écrit ; le dossier est rendu à son équipe."""
        if par.pk == self.superviseur_par_id:
            raise DroitRefuse("Vous avez déjà accepté cet effacement : le refuser revient maintenant au délégué.")
        if self.origine == self.Origine.CONSERVATION:
            raise ValidationError("Au terme de la conservation, un dossier s'archive avec un motif, ou s'efface.")
        if not motif.strip():
            raise ValidationError({"motif": "Écrivez pourquoi : la personne en est informée."})
        self.motif_du_refus = motif
        return lambda: self._rendre(par)

    @transition(de=[*A_DECIDER, Etat.DECIDE], vers=Etat.ANNULE, apres_cloture=True)
    def devenir_sans_objet(self, *, par):
        """Le dossier ne s'efface plus : la personne a donné des nouvelles, ou il est archivé, ou l'effacement est rejoué."""
        return lambda: self._rendre(par)

    @transition(de=[Etat.DECIDE], vers=Etat.EXECUTION, apres_cloture=True)
    def commencer(self, *, par):
        """La première étape commence : plus rien ne l'arrête."""
        if self.parcours.effacement_le is None:
            self._retenir_les_roles()
            return lambda: self.parcours.se_fermer(par=par)
        return None

    @transition(de=[Etat.EXECUTION], apres_cloture=True)
    def garder_le_numero(self, *, par, numero):
        """Une sauvegarde l'a rendu inachevé : il finira sous le numéro que le registre lui a donné."""
        self.numero = numero

    @transition(de=[Etat.EXECUTION], apres_cloture=True)
    def noter_etape(self, *, par, code, nombre):
        """Une étape est franchie : son code, son jour, le nombre de choses effacées."""
        self.etapes = [*self.etapes, {"code": code, "le": horloge.maintenant().isoformat(), "nombre": nombre}]
        self.incident = ""

    @transition(de=[Etat.EXECUTION, Etat.DECIDE], apres_cloture=True)
    def noter_incident(self, *, par, incident):
        """Une étape n'a pas abouti après plusieurs essais : rien n'est perdu, elle se relance."""
        self.incident = incident[:300]

    @transition(de=[Etat.EXECUTION], vers=Etat.EXECUTE, apres_cloture=True)
    def certifier(self, *, par, numero, certificat):
        """Tout est effacé : le certificat est figé, ce qui pouvait encore désigner le dossier est vidé."""
        self.numero, self.execute_le, self.certificat = numero, horloge.maintenant(), certificat
        self.empreinte = self.empreinte_de(certificat)
        self.roles_retires, self.incident = [], ""

    @transition(de=[Etat.DECIDE, Etat.EXECUTION], permission="relancer_effacement", apres_cloture=True)
    def relancer(self, *, par):
        """Redemande l'étape arrêtée ; les précédentes ne se refont pas, et rien ne commence avant le jour dit (EtatRefuse)."""
        if self.attend_son_jour:
            raise EtatRefuse("Cet effacement attend la fin du préavis : il commencera ce jour-là, sans rien relancer.")
        if self.origine == self.Origine.REJEU:
            raise EtatRefuse("Un effacement rejoué finit par la commande rejouer_effacements, que passe l’exploitant.")
        self.incident = ""
        return self.commander

    # -- pièces des actes

    @staticmethod
    def demande_de_la_personne(parcours):
        """Sa demande d'effacement encore sans réponse, ou None."""
        return parcours.demandes.filter(genre="effacement", etat="recue").first()

    @staticmethod
    def empreinte_de(certificat):
        """SHA-256 hexadécimal du certificat en JSON canonique (clés triées, UTF-8, sans espace)."""
        texte = json.dumps(certificat, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(texte.encode()).hexdigest()

    def commander(self):
        """Inscrit la première étape parmi ce qui est dû, ou celle où l'on en est."""
        devoir("effacer", effacement=self.pk, rang=len(self.etapes))

    def _decrire(self, par, origine):
        from securisation.parcours.effacement.inventaire import compter

        self.origine, self.equipe_id = origine, self.parcours.equipe_id
        self.demande_par, self.demande_le = par, horloge.maintenant()
        self.empreinte_du_parcours = empreinte_d_un_parcours(self.parcours)
        self.inventaire = compter(self.parcours)

    def _retenir_les_roles(self):
        """Garde qui avait quel rôle, pour le rendre si l'effacement n'a pas lieu."""
        roles = self.parcours.attributions.order_by("pk").values_list("user_id", "permission__codename")
        self.roles_retires = [list(ligne) for ligne in roles]
        self.etait_restreint = self.parcours.restreint

    def _rendre(self, par):
        if self.parcours.effacement_le is not None:
            self.parcours.se_rouvrir(par=par, roles=self.roles_retires, restreint=self.etait_restreint)

    def _referents(self):
        tenus = self.parcours.attributions.values_list("user_id", "permission__codename")
        return {compte for compte, role in [*self.roles_retires, *tenus] if role == droits.REFERENT}
