"""La sortie : un brouillon, puis le bilan qui clôt le parcours."""

import datetime
from functools import partial
from typing import NamedTuple

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from diagnostics.models import FacteurRetenu
from diagnostics.models.champs import texte_libre
from securisation.annuaire.models import Facteur
from securisation.socle import horloge
from securisation.socle.trace import Trace
from securisation.socle.transitions import NOUVEAU, AvecEtat, EtatRefuse, transition
from sorties.models.cotation import CotationSortie
from sorties.models.libelles import en_clair
from sorties.querysets import SortieQuerySet

DELAI_DE_SORTIE = datetime.timedelta(days=15)
RELAYEES_PAR_LA_SORTIE = ("terme", "reprise", "prolongation", "relais", "agir")


class Manque(NamedTuple):
    """Ce qui empêche de valider : la phrase, et où le compléter (un mot de la page, une cote, un risque, un dû)."""

    texte: str
    lieu: object


class Sortie(Trace, AvecEtat):
    """La dernière phase : ce qui a changé, ce qui reste, qui prend le relais, ce qu'en dit la personne."""

    class Etat(models.TextChoices):
        BROUILLON = "brouillon", "En cours"
        VALIDEE = "validee", "Validée"

    class Remis(models.TextChoices):
        BILAN = "bilan", "Le bilan de sécurisation"
        FACILE = "version facile à lire", "La version facile à lire"
        REGISTRE = "registre d'accès", "Le registre d'accès : qui a vu son dossier"
        RIEN = "aucune copie", "Aucune copie : la personne n'en souhaite pas"

    parcours = models.OneToOneField("parcours.Parcours", models.CASCADE, related_name="sortie", editable=False)
    etat = models.CharField("état", max_length=10, choices=Etat.choices, default=Etat.BROUILLON, editable=False)
    ouverte_le = models.DateField("ouverte le", editable=False)
    validee_le = models.DateField("validée le", null=True, blank=True, editable=False)
    validee_par = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", editable=False
    )
    motif = models.ForeignKey(
        "annuaire.MotifSortie", models.PROTECT, null=True, blank=True, related_name="+", verbose_name="motif de sortie"
    )
    evaluateur_identique = models.BooleanField("même évaluateur qu'à l'entrée", null=True, blank=True)
    evaluateur_precision = models.CharField("qui a coté", max_length=300, blank=True)
    parole_de_la_personne = texte_libre("ses mots sur le parcours", 2000)
    sans_parole = models.BooleanField("la personne n'a pas souhaité s'exprimer", default=False)
    desaccord_de_la_personne = texte_libre("son désaccord", 2000)
    remis_a_la_personne = ArrayField(
        models.CharField(max_length=40, choices=Remis.choices),
        verbose_name="remis à la personne",
        default=list,
        blank=True,
    )

    objects = SortieQuerySet.as_manager()

    class Meta:
        verbose_name = "cette sortie"
        verbose_name_plural = "sorties"
        constraints = [
            models.CheckConstraint(
                condition=Q(etat="brouillon", validee_le=None)
                | Q(etat="validee", validee_le__gte=F("ouverte_le"), motif__isnull=False),
                name="sortie_validee_datee",
                violation_error_message="Une sortie validée porte sa date, après l'ouverture, et son motif.",
            ),
            models.CheckConstraint(
                condition=Q(sans_parole=False) | Q(parole_de_la_personne="", desaccord_de_la_personne=""),
                name="sortie_parole_ou_sans",
                violation_error_message="Notez les mots de la personne, ou qu'elle n'a pas souhaité s'exprimer : pas les deux.",
            ),
            models.CheckConstraint(
                condition=~Q(remis_a_la_personne__contains=["aucune copie"]) | Q(remis_a_la_personne__len=1),
                name="sortie_copie_ou_aucune",
                violation_error_message="Une copie est remise, ou aucune : pas les deux.",
            ),
        ]

    def __str__(self):
        return f"sortie {self.pk}"

    @property
    def est_en_cours(self):
        return self.etat == self.Etat.BROUILLON

    @property
    def a_valider_le(self):
        """Le jour où la sortie se termine : quinze jours après son ouverture."""
        return self.ouverte_le + DELAI_DE_SORTIE

    @property
    def motif_en_clair(self):
        """Pourquoi le parcours s'arrête, tel qu'on le lit ; vide tant que ce n'est pas choisi."""
        return en_clair(self.motif.libelle) if self.motif else ""

    @property
    def entree(self):
        """Le diagnostic sur lequel l'intervention a démarré : l'avant du bilan."""
        return self.parcours.intervention.diagnostic

    def get_absolute_url(self):
        """La liste des tâches, ou la lecture du bilan une fois validé."""
        return reverse("sorties:detail", args=[self.uuid])

    def exiger_l_intervention(self):
        """Refuse (409) d'ouvrir une sortie hors de l'intervention, ou sur un diagnostic qui n'est pas validé."""
        if self.parcours.etat != self.parcours.Etat.INTERVENTION:
            raise EtatRefuse(
                "La sortie s'ouvre pendant l'intervention, ou après son terme.",
                que_faire="Revenez au parcours : sa phase en cours y est indiquée.",
            )
        if brouillon := self.parcours.diagnostics.filter(etat="brouillon").first():
            raise EtatRefuse(
                f"La version {brouillon.rang} du diagnostic n'est pas validée : après l'ouverture, elle ne pourrait plus l'être.",
                que_faire="Relisez et validez d'abord cette version du diagnostic, puis ouvrez la sortie.",
            )

    def exiger_brouillon(self):
        """Refuse (409) de modifier un bilan validé, ou une sortie dont le parcours est figé."""
        if not self.est_en_cours or self.parcours.est_fige:
            raise EtatRefuse(
                "Ce parcours est clos : il ne se modifie plus.",
                que_faire="Une correction s'écrit en additif, avec son motif.",
            )

    def par_axe(self):
        """Les cotes de sortie dans l'ordre des axes, chacune avec son `entree` (l'évaluation du diagnostic) : deux requêtes."""
        entrees = {e.axe_id: e for e in self.entree.evaluations.all()}
        cotations = list(self.cotations.select_related("axe").order_by("axe__ordre", "axe__code"))
        for cotation in cotations:
            cotation.entree = entrees.get(cotation.axe_id)
        return cotations

    def facteurs_constates(self):
        """Facteurs retenus à un diagnostic validé du parcours, dans l'ordre du référentiel."""
        retenus = FacteurRetenu.objects.filter(evaluation__diagnostic__parcours=self.parcours_id).exclude(
            evaluation__diagnostic__etat="brouillon"
        )
        facteurs = Facteur.objects.filter(pk__in=retenus.values("facteur")).select_related("axe")
        return facteurs.order_by("axe__ordre", "ordre", "code")

    def liste_des_risques(self):
        """Les risques avec tout ce qu'une page en dit : une requête."""
        return list(
            self.risques.select_related(
                "risque", "facteur__axe", "action__axe", "action__facteur__axe", "action__levier"
            )
        )

    def liste_des_additifs(self):
        """Les additifs avec leur auteur, dans l'ordre : une requête."""
        return list(self.additifs.select_related("par"))

    def manques(self, *, cotations=None, risques=None, dus=None):
        """Ce qui empêche de valider, dans l'ordre de la page (liste de Manque)."""
        from sorties.risques_dus import risques_dus

        cotations = self.par_axe() if cotations is None else cotations
        risques = self.liste_des_risques() if risques is None else risques
        if dus is None:
            dus = risques_dus(self, cotations, risques, sensible=None)
        manques = [Manque(texte, cotation) for cotation in cotations for texte in cotation.manques()]
        manques += self._manques_du_cadre()
        manques += [Manque(du.texte, du) for du in dus if du.exige]
        manques += [Manque(texte, risque) for risque in risques for texte in risque.manques()]
        if not self.parole_de_la_personne and not self.sans_parole:
            manques.append(Manque("Les mots de la personne ne sont pas notés, ni qu'elle n'en dit pas.", "parole"))
        if not self.remis_a_la_personne:
            manques.append(Manque("Ce qui est remis à la personne n'est pas noté.", "remise"))
        return manques

    def _manques_du_cadre(self):
        if self.motif_id is None:
            yield Manque("Le motif de sortie n'est pas choisi.", "cadre")
        if self.evaluateur_identique is None:
            yield Manque("Il n'est pas dit si l'évaluateur est le même qu'à l'entrée.", "cadre")

    # -- actes, dans l'ordre de la vie

    @transition(de=[NOUVEAU], vers=Etat.BROUILLON, permission="ouvrir_sortie")
    def ouvrir(self, *, par):
        """Ouvre la sortie : l'intervention ne reçoit plus rien de nouveau."""
        self.exiger_l_intervention()
        self.parcours.commencer_sortie(par=par)
        self.ouverte_le = horloge.aujourd_hui()
        for nature in RELAYEES_PAR_LA_SORTIE:
            self.parcours.lever_echeance(nature)
        self.parcours.poser_echeance("sortie", self.a_valider_le, "Terminer et valider la sortie")
        return partial(self._preparer, par)

    @transition(de=[Etat.BROUILLON], permission="renseigner_sortie")
    def noter_cadre(self, *, par, **champs):
        """Note le motif de sortie et dit si l'évaluateur est le même qu'à l'entrée."""
        self.poser(**champs)

    @transition(de=[Etat.BROUILLON], permission="renseigner_sortie")
    def noter_parole(self, *, par, **champs):
        """Note les mots de la personne et son désaccord, ou qu'elle n'a pas souhaité s'exprimer."""
        self.poser(**champs)

    @transition(de=[Etat.BROUILLON], permission="renseigner_sortie")
    def noter_remise(self, *, par, remis_a_la_personne):
        """Note les copies remises à la personne."""
        self.remis_a_la_personne = remis_a_la_personne

    @transition(de=[Etat.BROUILLON], vers=Etat.VALIDEE, permission="valider_sortie")
    def valider(self, *, par):
        """Fige le bilan, termine l'intervention, clôt le parcours et demande le document."""
        if manques := self.manques():
            raise ValidationError([manque.texte for manque in manques])
        self.validee_le, self.validee_par = horloge.aujourd_hui(), par
        self.parcours.intervention.terminer(par=par)
        self.parcours.clore(par=par)
        return partial(self._demander_le_bilan, par)

    # -- suites des actes

    def _preparer(self, par):
        """Crée une cote à renseigner par axe coté à l'entrée."""
        for evaluation in self.entree.evaluations.select_related("axe").order_by("axe__ordre"):
            CotationSortie(sortie=self, axe=evaluation.axe).preparer(par=par)

    def _demander_le_bilan(self, par):
        from securisation.documents.models import Document
        from sorties.instantane import instantane

        Document.demander(parcours=self.parcours, genre="bilan", donnees=instantane(self), par=par)
