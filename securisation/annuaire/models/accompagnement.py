"""Nomenclatures de ce qui se fait : leviers, modes, issues, motifs, accords, rôles, objectifs."""

from django.conf import settings
from django.db import models, transaction
from django.db.models import Q

from securisation.annuaire.models.base import Nomenclature
from securisation.annuaire.models.situation import RangeParAxes, revele_la_sante
from securisation.socle.horloge import aujourd_hui
from securisation.socle.journal import inscrire
from securisation.socle.outbox import devoir

DELAI_INCERTAIN = ("à vérifier", "à confirmer")


class Levier(RangeParAxes):
    """Un levier de droit commun. `delai_et_silence` est une indication datée et sourcée, jamais une règle codée."""

    class Type(models.TextChoices):
        DROIT_COMMUN = "DC", "droit commun"
        DROIT_COMMUN_SPECIALISE = "DCS", "droit commun spécialisé"
        ASSOCIATION = "ASSO", "association"

    class Effet(models.TextChoices):
        REJET = "rejet", "rejet"
        ACCORD = "accord", "accord"

    DU_SILENCE = (
        "delai_et_silence", "silence_mois", "silence_effet", "silence_source", "recours_mois", "recours_aupres",
    )  # fmt: skip

    type = models.CharField("type", max_length=10, choices=Type.choices)
    delai_et_silence = models.TextField("délai et silence", max_length=600, blank=True)
    silence_mois = models.PositiveSmallIntegerField(
        "délai de réponse, en mois", null=True, blank=True, help_text="Vide : délai non renseigné, rien ne se calcule."
    )
    silence_effet = models.CharField("le silence vaut", max_length=10, choices=Effet.choices, blank=True)
    recours_mois = models.PositiveSmallIntegerField("délai pour contester, en mois", null=True, blank=True)
    recours_aupres = models.CharField("contester auprès de", max_length=200, blank=True)
    silence_source = models.CharField(
        "source du délai", max_length=300, blank=True, help_text="L'article ou la page officielle qui le dit."
    )
    delai_verifie_le = models.DateField("délai vérifié le", null=True, blank=True, editable=False)
    delai_verifie_par = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        verbose_name="délai vérifié par",
        null=True,
        blank=True,
        editable=False,
        related_name="+",
    )
    revele_la_sante = revele_la_sante()

    class Meta(Nomenclature.Meta):
        verbose_name = "levier"
        verbose_name_plural = "leviers"
        constraints = [
            models.CheckConstraint(
                condition=Q(silence_mois=None, silence_effet="")
                | (Q(silence_mois__range=(1, 24), silence_effet__in=["rejet", "accord"]) & ~Q(silence_source="")),
                name="levier_silence_source",
                violation_error_message=(
                    "Un délai de silence (de 1 à 24 mois) dit ce que vaut le silence, et la source qui le dit."
                ),
            ),
            models.CheckConstraint(
                condition=Q(recours_mois=None) | Q(recours_mois__range=(1, 24), silence_effet="rejet"),
                name="levier_recours_d_un_rejet",
                violation_error_message="Un délai pour contester (de 1 à 24 mois) suit un silence qui vaut rejet.",
            ),
        ]

    @property
    def details(self):
        """Ce que la page du référentiel en dit : son type, son délai en une phrase, sa source et sa note."""
        dits = [self.get_type_display().capitalize(), f"Silence : {self.silence_dit}"]
        dits += [f"Source : {self.silence_source}"] if self.silence_source else []
        return dits + ([f"Note : {self.delai_et_silence}"] if self.delai_et_silence else [])

    @property
    def silence_dit(self):
        """« sans réponse après 4 mois, vaut rejet ; 2 mois pour contester, devant … » ; ou « délai non renseigné »."""
        if not self.silence_mois:
            return "délai non renseigné"
        dit = f"sans réponse après {self.silence_mois} mois, vaut {self.silence_effet}"
        if self.recours_mois:
            dit += f" ; {self.recours_mois} mois pour contester"
            dit += f", devant {self.recours_aupres}" if self.recours_aupres else ""
        return dit

    @transaction.atomic
    def corriger(self, *, par, **champs):
        """De même que toute ligne ; un délai changé n'est plus vérifié, et ce qui en dépendait se recalcule."""
        change = any(getattr(self, nom) != champs[nom] for nom in self.DU_SILENCE if nom in champs)
        if change:
            self.delai_verifie_le = self.delai_verifie_par = None
        changes = super().corriger(par=par, **champs)
        if change:
            devoir("dater_les_silences", levier=self.pk)
        return changes

    @transaction.atomic
    def verifier_le_delai(self, *, par):
        """Dit le délai vérifié par `par` aujourd'hui ; sans effet s'il l'a déjà été aujourd'hui."""
        if self.delai_verifie_le != aujourd_hui():
            valeurs = {"delai_verifie_le": aujourd_hui(), "delai_verifie_par": par}
            self._poser(changes=[], valeurs=valeurs)
            inscrire("délai vérifié", objet=self, par=par, nomenclature=self._meta.model_name, code=self.code)

    @property
    def delai_est_a_verifier(self):
        """Vrai si un délai est dit, par ses nombres ou par un texte incertain, et que personne ne l'a daté."""
        incertain = any(mots in self.delai_et_silence for mots in DELAI_INCERTAIN)
        return self.delai_verifie_le is None and (self.silence_mois is not None or incertain)


class ModeAction(Nomenclature):
    """Ce que fait le professionnel dans une action : informer, faire avec, orienter…"""

    class Meta(Nomenclature.Meta):
        verbose_name = "mode d'action"
        verbose_name_plural = "modes d'action"


class IssueDemarche(Nomenclature):
    """Où en est une démarche ; `ouverte` tant qu'une réponse ou un effet reste à venir."""

    ouverte = models.BooleanField("ouverte", default=True)

    class Meta(Nomenclature.Meta):
        verbose_name = "issue de démarche"
        verbose_name_plural = "issues de démarche"


class MotifSortie(Nomenclature):
    """Pourquoi l'accompagnement s'arrête."""

    nature = models.CharField("nature", max_length=40)

    class Meta(Nomenclature.Meta):
        verbose_name = "motif de sortie"
        verbose_name_plural = "motifs de sortie"


class MotifNonSollicitation(Nomenclature):
    """Pourquoi un levier qui existe n'a pas été sollicité."""

    class Meta(Nomenclature.Meta):
        verbose_name = "motif de non-sollicitation"
        verbose_name_plural = "motifs de non-sollicitation"


class QuestionNonSubstitution(Nomenclature):
    """Une des cinq questions qui vérifient que le dispositif ne se substitue pas au droit commun."""

    question = models.CharField("question", max_length=300)
    reponse_attendue = models.CharField("réponse attendue", max_length=300)

    champ_libelle = "question"

    class Meta(Nomenclature.Meta):
        verbose_name = "question de non-substitution"
        verbose_name_plural = "questions de non-substitution"

    @property
    def libelle(self):
        return self.question

    @property
    def details(self):
        return [f"Réponse attendue : {self.reponse_attendue}"]


class Finalite(Nomenclature):
    """Ce à quoi la personne dit oui : un accord par finalité."""

    portee = models.CharField("portée", max_length=100)
    obligatoire_pour = models.CharField("obligatoire pour", max_length=200)
    permet = models.CharField("ce que cet accord permet", max_length=300, blank=True)
    validite_jours = models.PositiveSmallIntegerField(
        "validité, en jours",
        null=True,
        blank=True,
        help_text="Durée d'un accord quand aucune fin n'est dite ; vide : sans fin.",
    )

    class Meta(Nomenclature.Meta):
        verbose_name = "finalité d'accord"
        verbose_name_plural = "finalités d'accord"


class RoleParcours(Nomenclature):
    """La place de quelqu'un autour de la personne."""

    sens = models.CharField("sens", max_length=300)

    class Meta(Nomenclature.Meta):
        verbose_name = "rôle dans le parcours"
        verbose_name_plural = "rôles dans le parcours"


class ObjectifPraps(Nomenclature):
    """Un objectif du programme régional 2023-2028 ; celui qui révèle la santé ne se rattache jamais à un parcours."""

    numero = models.PositiveSmallIntegerField("numéro", unique=True)
    nature = models.CharField("nature", max_length=40)
    rattachable_a_un_parcours = models.BooleanField("rattachable à un parcours", default=True)
    reserve = models.CharField("réserve", max_length=200, blank=True)

    class Meta(Nomenclature.Meta):
        verbose_name = "objectif du PRAPS"
        verbose_name_plural = "objectifs du PRAPS"


class ActionCollective(Nomenclature):
    """Un genre d'action collective, comptée sans nom."""

    class Meta(Nomenclature.Meta):
        verbose_name = "action collective"
        verbose_name_plural = "actions collectives"
