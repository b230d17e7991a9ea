"""Le diagnostic : un brouillon, puis une pièce figée qu'une version suivante remplace."""

import datetime
from functools import partial
from typing import NamedTuple

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.functional import cached_property

from diagnostics.models.axe import NIVEAU_FRAGILE, BrouillonAxe, EvaluationAxe, FacteurRetenu
from diagnostics.models.champs import texte_libre
from diagnostics.models.domino import DominoExamine
from securisation.annuaire.models import Axe, Criticite
from securisation.socle import horloge
from securisation.socle.trace import Trace
from securisation.socle.transitions import (
    NOUVEAU,
    AccordManquant,
    AvecEtat,
    EtatRefuse,
    TraitementLimite,
    transition,
)

DELAI_DE_RELECTURE = datetime.timedelta(days=15)


class Manque(NamedTuple):
    """Ce qui empêche de valider : la phrase, et où le compléter (une évaluation, « dominos » ou « parole »)."""

    texte: str
    lieu: object


class Diagnostic(Trace, AvecEtat):
    """Une version du diagnostic : un brouillon, puis une pièce figée qu'une version suivante remplace."""

    class Etat(models.TextChoices):
        BROUILLON = "brouillon", "En cours"
        VALIDE = "valide", "Validé"
        REMPLACE = "remplace", "Remplacé"

    REPRIS = ("priorite_de_la_personne", "sans_priorite", "desaccord_de_la_personne")

    parcours = models.ForeignKey("parcours.Parcours", models.CASCADE, related_name="diagnostics", editable=False)
    rang = models.PositiveSmallIntegerField("version", default=1, editable=False)
    etat = models.CharField("état", max_length=10, choices=Etat.choices, default=Etat.BROUILLON, editable=False)
    ouvert_le = models.DateField("ouvert le", editable=False)
    valide_le = models.DateField("validé le", null=True, blank=True, editable=False)
    valide_par = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", editable=False
    )
    priorite_de_la_personne = texte_libre("priorité de la personne", 1000)
    sans_priorite = models.BooleanField("la personne ne souhaite pas dire de priorité", default=False)
    desaccord_de_la_personne = texte_libre("désaccord de la personne", 2000)

    class Meta:
        verbose_name = "ce diagnostic"
        verbose_name_plural = "diagnostics"
        ordering = ["rang"]
        constraints = [
            models.UniqueConstraint(
                fields=["parcours", "rang"],
                name="diagnostic_rang_unique",
                violation_error_message="Cette version du diagnostic existe déjà.",
            ),
            models.UniqueConstraint(
                fields=["parcours"],
                condition=Q(etat="brouillon"),
                name="diagnostic_un_seul_brouillon",
                violation_error_message="Un diagnostic est déjà en cours sur ce parcours.",
            ),
            models.UniqueConstraint(
                fields=["parcours"],
                condition=Q(etat="valide"),
                name="diagnostic_un_seul_valide",
                violation_error_message="Un autre diagnostic est déjà validé sur ce parcours.",
            ),
            models.CheckConstraint(
                condition=Q(etat="brouillon", valide_le=None) | ~Q(etat="brouillon") & Q(valide_le__gte=F("ouvert_le")),
                name="diagnostic_valide_apres_ouverture",
                violation_error_message="La validation suit l'ouverture, et un brouillon n'est pas validé.",
            ),
            models.CheckConstraint(
                condition=Q(sans_priorite=False) | Q(priorite_de_la_personne=""),
                name="diagnostic_priorite_ou_sans",
                violation_error_message="Notez la priorité de la personne, ou qu'elle n'en dit pas : pas les deux.",
            ),
        ]

    def __str__(self):
        return f"diagnostic {self.rang}"

    def get_absolute_url(self):
        """La liste des tâches, ou la lecture une fois validé."""
        return reverse("diagnostics:detail", args=[self.uuid])

    @property
    def est_en_cours(self):
        return self.etat == self.Etat.BROUILLON

    @property
    def dernier_valide(self):
        """La version validée de ce parcours, ou None."""
        return type(self).objects.filter(parcours=self.parcours_id, etat=self.Etat.VALIDE).first()

    @cached_property
    def garde_le_sensible(self):
        """Une version suivante reprend ce qui révèle la santé si l'accord court encore, ou dans un dossier repris."""
        return bool(horloge.moment_de_reprise()) or self.parcours.a_accord("SENSIBLE")

    def par_axe(self):
        """Les évaluations dans l'ordre des axes, avec leurs facteurs : deux requêtes."""
        facteurs = FacteurRetenu.objects.select_related("facteur")
        evaluations = self.evaluations.select_related("axe").order_by("axe__ordre", "axe__code")
        return list(evaluations.prefetch_related(models.Prefetch("facteurs", facteurs)))

    def exiger_brouillon(self):
        """Un diagnostic validé ne se modifie plus (EtatRefuse)."""
        if not self.est_en_cours:
            raise EtatRefuse(
                "Ce diagnostic est validé : il ne se modifie plus.",
                que_faire="Ouvrez une nouvelle version : elle reprend celle-ci et pourra lui être comparée.",
            )

    def exiger_une_saisie_permise(self):
        """Ce qu'une transition exige, pour le brouillon qui n'en est pas une : en cours, parcours vivant, adhésion donnée."""
        self.exiger_brouillon()
        if self.parcours.est_fige:
            raise EtatRefuse("Ce parcours est clos : il ne se modifie plus.")
        if not self.parcours.permet_en_limitation("renseigner_diagnostic"):
            raise TraitementLimite()
        if not self.parcours.a_accord("ADHESION"):
            raise AccordManquant(self.parcours.accord_demande("ADHESION"))

    @property
    def phase_permise(self):
        """Un diagnostic s'ouvre et se valide entre l'admission et la sortie."""
        etats = self.parcours.Etat
        return self.parcours.etat in (etats.ADMIS, etats.DIAGNOSTIC, etats.INTERVENTION)

    def manques(self, evaluations=None):
        """Ce qui empêche de valider, dans l'ordre de la page (liste de Manque). En reprise, les suites non examinées sont admises."""
        from diagnostics.dominos import proposer

        evaluations = self.par_axe() if evaluations is None else evaluations
        manques = [Manque(texte, evaluation) for evaluation in evaluations for texte in evaluation.manques()]
        if not self.priorite_de_la_personne and not self.sans_priorite:
            manques.append(Manque("La priorité de la personne n'est pas notée.", "parole"))
        if not horloge.moment_de_reprise() and (reste := len(proposer(self))):
            pluriel = "s" if reste > 1 else ""
            manques.append(Manque(f"Il reste {reste} suite{pluriel} possible{pluriel} à examiner.", "dominos"))
        return manques

    # -- actes

    @transition(de=[NOUVEAU], vers=Etat.BROUILLON, permission="ouvrir_diagnostic", finalite=("INFORMATION", "ADHESION"))
    def ouvrir(self, *, par):
        """Ouvre le diagnostic ; une nouvelle version reprend la dernière validée."""
        self._exiger_la_phase()
        if self.parcours.etat == self.parcours.Etat.ADMIS:
            self.parcours.commencer_diagnostic(par=par)
        self.rang = self.parcours.diagnostics.count() + 1
        self.ouvert_le = horloge.aujourd_hui()
        precedent = self.dernier_valide
        if precedent:
            self.poser(**{champ: getattr(precedent, champ) for champ in self.REPRIS})
        return partial(self._preparer, par, precedent)

    @transition(de=[Etat.BROUILLON], permission="renseigner_diagnostic", finalite="ADHESION")
    def noter_priorite(self, *, par, **champs):
        """Note ce qui compte d'abord pour la personne, et son désaccord s'il y en a un."""
        self.poser(**champs)

    @transition(
        de=[Etat.BROUILLON], vers=Etat.VALIDE, permission="valider_diagnostic", finalite=("INFORMATION", "ADHESION")
    )
    def valider(self, *, par):
        """Fige cette version, remplace la précédente, pose les délais d'action et demande le document."""
        evaluations = self.par_axe()
        self._exiger_de_quoi_valider(evaluations)
        precedent = self.dernier_valide
        if precedent:
            precedent.remplacer(par=par)
        self.valide_le, self.valide_par = horloge.aujourd_hui(), par
        self.parcours.lever_echeance("diagnostic")
        self._poser_les_delais(evaluations, precedent)
        # Il n'en reste que de comptes fermés : aucune page n'ouvrirait encore ces saisies.
        BrouillonAxe.objects.filter(evaluation__in=evaluations).delete()
        if not precedent:
            limite = self.valide_le + DELAI_DE_RELECTURE
            self.parcours.poser_echeance("intervention", limite, "Démarrer l'intervention")
        return partial(self._demander_le_document, par)

    @transition(de=[Etat.VALIDE], vers=Etat.REMPLACE)
    def remplacer(self, *, par):
        """Une version plus récente est validée : celle-ci reste lisible."""

    # -- suites des actes

    def _exiger_la_phase(self):
        """Un diagnostic s'ouvre entre l'admission et la sortie, un seul à la fois (EtatRefuse)."""
        if not self.phase_permise:
            raise EtatRefuse("Un diagnostic s'ouvre après l'admission et avant la sortie.")
        if self.parcours.diagnostics.filter(etat=self.Etat.BROUILLON).exists():
            raise EtatRefuse(
                "Un diagnostic est déjà en cours sur ce parcours.", que_faire="Reprenez-le depuis le parcours."
            )

    def _exiger_de_quoi_valider(self, evaluations):
        """Un diagnostic se valide avant la sortie (EtatRefuse), et quand rien n'y manque (ValidationError)."""
        if not self.phase_permise:
            raise EtatRefuse(
                "Un diagnostic se valide avant la sortie.",
                que_faire="Ce qui a changé depuis se note sur la page de la sortie. Rien n'a été enregistré.",
            )
        if manques := self.manques(evaluations):
            raise ValidationError([manque.texte for manque in manques])
        # Un axe figé ne s'ouvre plus : ce qui n'est encore qu'un brouillon, le sien ou celui d'un collègue, y serait perdu.
        attendent = BrouillonAxe.objects.filter(evaluation__in=evaluations, auteur__is_active=True)
        if textes := [brouillon.a_enregistrer for brouillon in attendent.select_related("auteur", "evaluation__axe")]:
            raise ValidationError(textes)

    def _preparer(self, par, precedent):
        """Crée les cinq évaluations, vides ou reprises de la dernière version validée."""
        reprises = {e.axe_id: e for e in precedent.par_axe()} if precedent else {}
        for axe in Axe.objects.ouverts():
            EvaluationAxe(diagnostic=self, axe=axe).preparer(par=par, d_apres=reprises.get(axe.pk))
        if precedent:
            for domino in precedent.dominos.select_related("de"):
                if domino.de.revele_la_sante and not self.garde_le_sensible:
                    continue
                DominoExamine(diagnostic=self, de=domino.de, vers=domino.vers).preparer(par=par, d_apres=domino)
            limite = horloge.aujourd_hui() + DELAI_DE_RELECTURE
            self.parcours.poser_echeance("diagnostic", limite, "Valider la nouvelle version du diagnostic")

    def _poser_les_delais(self, evaluations, precedent):
        """Un axe fragile ou pire appelle une action sous le délai de son niveau ; une version suivante ne redit que ce qui s'aggrave."""
        avant = dict(precedent.evaluations.values_list("axe", "criticite")) if precedent else {}
        delais = dict(Criticite.objects.values_list("niveau", "delai_jours"))
        for evaluation in evaluations:
            jours = delais.get(evaluation.criticite)
            if (
                jours is None
                or evaluation.criticite < NIVEAU_FRAGILE
                or evaluation.criticite <= avant.get(evaluation.axe_id, -1)
            ):
                continue
            limite = horloge.aujourd_hui() + datetime.timedelta(days=jours)
            libelle = f"Agir sur l'axe « {evaluation.axe.libelle} »"
            self.parcours.poser_echeance("agir", limite, libelle, source=f"axe:{evaluation.axe.code}")

    def _demander_le_document(self, par):
        from diagnostics.instantane import instantane
        from securisation.documents.models import Document

        Document.demander(parcours=self.parcours, genre="diagnostic", donnees=instantane(self), par=par)
