"""Nomenclatures de ce qui se fait : leviers, modes, issues, motifs, accords, rôles, objectifs."""

from django.db import models

from securisation.annuaire.models.base import Nomenclature
from securisation.annuaire.models.situation import RangeParAxes, revele_la_sante

DELAI_INCERTAIN = ("à vérifier", "à confirmer")


class Levier(RangeParAxes):
    """Un levier de droit commun. `delai_et_silence` est une indication datée et sourcée, jamais une règle codée."""

    class Type(models.TextChoices):
        DROIT_COMMUN = "DC", "droit commun"
        DROIT_COMMUN_SPECIALISE = "DCS", "droit commun spécialisé"
        ASSOCIATION = "ASSO", "association"

    type = models.CharField("type", max_length=10, choices=Type.choices)
    delai_et_silence = models.TextField("délai et silence", max_length=600, blank=True)
    delai_verifie_le = models.DateField("délai vérifié le", null=True, blank=True)
    revele_la_sante = revele_la_sante()

    class Meta(Nomenclature.Meta):
        verbose_name = "levier"
        verbose_name_plural = "leviers"

    @property
    def details(self):
        delai = [f"Délai et silence : {self.delai_et_silence}"] if self.delai_et_silence else []
        return [self.get_type_display().capitalize(), *delai]

    @property
    def delai_est_a_verifier(self):
        """Vrai si le texte du délai se dit lui-même incertain et que personne ne l'a daté."""
        return self.delai_verifie_le is None and any(mots in self.delai_et_silence for mots in DELAI_INCERTAIN)


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
