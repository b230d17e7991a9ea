"""Un axe évalué, ses facteurs retenus, et le brouillon de qui le remplit."""

import datetime

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.urls import reverse

from diagnostics.models.champs import entre_0_et_4, niveau, texte_libre
from securisation.socle import horloge
from securisation.socle.trace import Trace
from securisation.socle.transitions import NOUVEAU, AccordManquant, transition

NIVEAU_FRAGILE = 2
JOURS_POSSIBLES = (datetime.date(2000, 1, 1), datetime.date(2100, 1, 1))


class EvaluationAxe(Trace):
    """Ce qui est vrai sur un axe : le niveau du professionnel, celui de la personne et ses mots, ce qui protège."""

    vers_parcours = "diagnostic__parcours"
    REPRIS = (
        "criticite",
        "criticite_de_la_personne",
        "sans_avis_de_la_personne",
        "parole",
        "points_d_appui",
        "recueilli_le",
    )

    diagnostic = models.ForeignKey("diagnostics.Diagnostic", models.CASCADE, related_name="evaluations", editable=False)
    axe = models.ForeignKey("annuaire.Axe", models.PROTECT, related_name="+", editable=False)
    criticite = niveau("niveau")
    criticite_de_la_personne = niveau("niveau de la personne")
    sans_avis_de_la_personne = models.BooleanField("la personne ne se prononce pas", default=False)
    parole = texte_libre("ses mots", 2000)
    points_d_appui = texte_libre("ce qui protège", 2000)
    recueilli_le = models.DateField("recueilli le", null=True, blank=True)

    class Meta:
        verbose_name = "cet axe"
        verbose_name_plural = "évaluations d'axe"
        constraints = [
            models.UniqueConstraint(
                fields=["diagnostic", "axe"],
                name="evaluation_une_par_axe",
                violation_error_message="Cet axe est déjà évalué dans ce diagnostic.",
            ),
            models.CheckConstraint(
                condition=entre_0_et_4("criticite") & entre_0_et_4("criticite_de_la_personne"),
                name="evaluation_niveaux_0_a_4",
                violation_error_message="Le niveau va de 0 à 4.",
            ),
            models.CheckConstraint(
                condition=Q(sans_avis_de_la_personne=False) | Q(criticite_de_la_personne=None),
                name="evaluation_avis_ou_sans",
                violation_error_message="La personne donne un niveau ou ne se prononce pas : pas les deux.",
            ),
            models.CheckConstraint(
                condition=Q(recueilli_le=None) | Q(recueilli_le__range=JOURS_POSSIBLES),
                name="evaluation_recueilli_le_possible",
                violation_error_message="Cette date n'est pas possible : elle doit être entre 2000 et 2100.",
            ),
        ]

    def __str__(self):
        return f"évaluation {self.pk}"

    def get_absolute_url(self):
        return reverse("diagnostics:axe", args=[self.uuid])

    @property
    def personne_entendue(self):
        """La personne a donné son niveau, ou dit qu'elle ne se prononce pas."""
        return self.criticite_de_la_personne is not None or self.sans_avis_de_la_personne

    @property
    def est_vierge(self):
        return self.criticite is None and not self.personne_entendue and not self.parole and not self.points_d_appui

    @property
    def appuis(self):
        """Les points d'appui, un par ligne saisie."""
        return [ligne.strip() for ligne in self.points_d_appui.splitlines() if ligne.strip()]

    def manques(self):
        """Phrases de ce qui manque à cet axe pour valider (les facteurs sont à précharger)."""
        nom = self.axe.libelle
        if self.criticite is None:
            yield f"{nom} : le niveau n'est pas coté."
        if not self.personne_entendue:
            yield f"{nom} : le niveau de la personne n'est pas noté, ni qu'elle ne se prononce pas."
        if (self.criticite or 0) >= NIVEAU_FRAGILE and not self.facteurs.all():
            yield f"{nom} : un niveau {self.criticite} demande au moins un facteur."

    @transition(de=[NOUVEAU])
    def preparer(self, *, par, d_apres=None):
        """Ajoute l'axe à un diagnostic qui s'ouvre, vide ou repris d'une version précédente."""
        if d_apres is None:
            return None
        self.poser(**{champ: getattr(d_apres, champ) for champ in self.REPRIS})

        def ensuite():
            for facteur in d_apres.facteurs.all():
                if facteur.facteur.revele_la_sante and not self.diagnostic.garde_le_sensible:
                    continue
                FacteurRetenu(evaluation=self, facteur=facteur.facteur).preparer(par=par, d_apres=facteur)

        return ensuite

    @transition(permission="renseigner_diagnostic", finalite="ADHESION")
    def coter(self, *, par, **champs):
        """Note les niveaux, les mots de la personne, ce qui protège, et le jour de l'entretien."""
        self.diagnostic.exiger_brouillon()
        self.poser(**champs)
        if self.recueilli_le and self.recueilli_le > horloge.aujourd_hui():
            raise ValidationError({"recueilli_le": "L'entretien a déjà eu lieu : cette date est à venir."})


class FacteurRetenu(Trace):
    """Un facteur de rupture constaté sur un axe, avec sa date et la façon dont on le sait."""

    vers_parcours = "evaluation__diagnostic__parcours"
    REPRIS = ("constate", "echeance", "note")

    class Constate(models.TextChoices):
        DIT = "dit par la personne", "Dit par la personne"
        CONSTATE = "constaté", "Constaté"
        DOCUMENT = "document vu", "Document vu"

    evaluation = models.ForeignKey(EvaluationAxe, models.CASCADE, related_name="facteurs", editable=False)
    facteur = models.ForeignKey("annuaire.Facteur", models.PROTECT, related_name="+", editable=False)
    constate = models.CharField("comment on le sait", max_length=20, choices=Constate.choices)
    echeance = models.DateField("échéance", null=True, blank=True)
    note = texte_libre("précision", 1000)
    accord_a_recueillir = models.BooleanField("accord à recueillir", default=False, editable=False)

    class Meta:
        verbose_name = "ce facteur"
        verbose_name_plural = "facteurs retenus"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["evaluation", "facteur"],
                name="facteur_retenu_une_fois",
                violation_error_message="Ce facteur est déjà retenu.",
            ),
            models.CheckConstraint(
                condition=Q(echeance=None) | Q(echeance__range=JOURS_POSSIBLES),
                name="facteur_echeance_possible",
                violation_error_message="Cette date n'est pas possible : elle doit être entre 2000 et 2100.",
            ),
        ]

    def __str__(self):
        return f"facteur {self.pk}"

    @transition(de=[NOUVEAU])
    def preparer(self, *, par, d_apres):
        """Reprend un facteur de la version précédente ; appelée à l'ouverture."""
        self.poser(**{champ: getattr(d_apres, champ) for champ in self.REPRIS})
        self.accord_a_recueillir = d_apres.accord_a_recueillir

    @transition(de=[NOUVEAU], permission="renseigner_diagnostic", finalite="ADHESION")
    def retenir(self, *, par, **champs):
        """Retient un facteur de l'axe ; celui qui révèle la santé demande l'accord de la personne."""
        self.evaluation.diagnostic.exiger_brouillon()
        if self.facteur.axe_id != self.evaluation.axe_id:
            raise ValidationError({"facteur": "Ce facteur appartient à un autre axe."})
        if not self.facteur.est_ouvert and not horloge.moment_de_reprise():
            raise ValidationError({"facteur": "Ce facteur n'est plus proposé par le référentiel."})
        self.poser(**champs)
        if self.facteur.revele_la_sante:
            self._exiger_l_accord()

    @transition(permission="renseigner_diagnostic", finalite="ADHESION")
    def modifier(self, *, par, **champs):
        """Change la date, la précision ou la façon dont on le sait."""
        self.evaluation.diagnostic.exiger_brouillon()
        self.poser(**champs)

    @transition(permission="renseigner_diagnostic", finalite="ADHESION")
    def retirer(self, *, par):
        """Retire le facteur, et les suites examinées qui partaient de lui."""
        diagnostic = self.evaluation.diagnostic
        diagnostic.exiger_brouillon()
        for domino in diagnostic.dominos.filter(de=self.facteur_id):
            domino.oublier(par=par)
        return self.delete

    def _exiger_l_accord(self):
        """À l'écran, l'accord d'abord ; un dossier repris garde le facteur, et l'accord devient dû."""
        parcours = self.parcours_de_rattachement
        if parcours.a_accord("SENSIBLE"):
            return
        if not horloge.moment_de_reprise():
            raise AccordManquant(
                f"« {self.facteur.libelle} » révèle indirectement la santé : l'accord de la personne vient d'abord."
            )
        self.accord_a_recueillir = True
        libelle = "Recueillir l'accord sur les données sensibles"
        parcours.poser_echeance("accord", horloge.aujourd_hui(), libelle, source="SENSIBLE")


class BrouillonAxe(models.Model):
    """La saisie en cours d'un professionnel sur un axe : lui seul la voit, elle disparaît quand il enregistre. Pas un fait du dossier."""

    vers_parcours = "evaluation__diagnostic__parcours"
    cloisonne = True

    evaluation = models.ForeignKey(EvaluationAxe, models.CASCADE, related_name="brouillons")
    auteur = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    version = models.PositiveIntegerField()
    saisie = models.JSONField(default=dict)
    enregistre_le = models.DateTimeField()

    class Meta:
        verbose_name = "brouillon"
        constraints = [models.UniqueConstraint(fields=["evaluation", "auteur"], name="brouillon_un_par_auteur")]

    @property
    def a_enregistrer(self):
        """Ce qui manque pour figer l'axe : « Budget : Awa Diarra y a un brouillon. … »."""
        return (
            f"{self.evaluation.axe.libelle} : {self.auteur.nom_complet} y a un brouillon. "
            "Ouvrez l'axe, puis enregistrez-le ou effacez-le."
        )

    def __str__(self):
        return f"brouillon {self.pk}"

    @classmethod
    def garder(cls, evaluation, auteur, *, saisie, version):
        """Remplace le brouillon de ce professionnel sur cet axe ; rien du dossier ne change."""
        valeurs = {"saisie": saisie, "version": version, "enregistre_le": horloge.maintenant()}
        return cls.objects.update_or_create(evaluation=evaluation, auteur=auteur, defaults=valeurs)[0]

    def oter(self, codes):
        """Ôte de la saisie ce qui parle de ces facteurs (codes) ; le reste est gardé."""
        reste = {nom: mots for nom, mots in self.saisie.items() if nom.rpartition("_")[2] not in codes}
        reste["facteurs"] = [code for code in reste.get("facteurs", []) if code not in codes]
        if reste != self.saisie:
            self.saisie = reste
            self.save(update_fields=["saisie"])
