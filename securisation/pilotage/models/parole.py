"""Une phrase de la personne, mot pour mot, proposée pour un rapport : son accord la permet, la direction la relit sans voir le dossier."""

import re

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Exists, OuterRef, Q

from securisation.parcours.models import Accord
from securisation.parcours.models.rendez_vous import nomme, situe
from securisation.pilotage import reperes
from securisation.socle import horloge
from securisation.socle.trace import Trace, TraceQuerySet
from securisation.socle.transitions import NOUVEAU, AvecEtat, transition

FINALITE = "PAROLE"
LONGUEUR, PLUSIEURS = 400, 5
_SANS_CHIFFRES = re.compile(r"(?:\d[ .-]?){5}")
DESIGNE = "Cette phrase nomme ou situe quelqu’un ({mot}) : choisissez-en une autre, ou une part qui ne le fait pas."


class ParoleQuerySet(TraceQuerySet):
    def avec_accord(self):
        """Celles que la personne accepte encore aujourd'hui, ni opposée aux chiffres, ni dossier restreint ou fermé."""
        accords = Accord.objects.en_cours().filter(parcours=OuterRef("parcours"), finalite__code=FINALITE)
        return self.filter(
            Exists(accords),
            parcours__restreint=False,
            parcours__effacement_le=None,
            parcours__personne__opposition_le=None,
        )

    def a_relire(self):
        """Celles qui attendent la direction, la plus ancienne d'abord."""
        return self.avec_accord().filter(etat=Parole.Etat.PROPOSEE).order_by("pk")

    def relues(self):
        """Celles que la direction a retenues ou écartées, la dernière relue d'abord."""
        return (
            self.avec_accord().filter(etat__in=[Parole.Etat.RETENUE, Parole.Etat.ECARTEE]).order_by("-relue_le", "-pk")
        )

    def dans(self, perimetre):
        """Celles des parcours d'un périmètre (`chiffres.Perimetre`), proposées dans sa période."""
        choix = Q(proposee_le__range=(perimetre.du, perimetre.au))
        for nom, chemin in CHEMINS.items():
            if valeurs := getattr(perimetre, nom):
                choix &= Q(**{chemin: list(valeurs)})
        return self.filter(choix)


# Les mêmes restrictions que les chiffres, lues des mêmes faits : une phrase ne vient jamais d'un parcours qui n'y compte pas.
CHEMINS = {
    "equipes": "parcours__fait__equipe_id__in",
    "departements": "parcours__fait__departement__in",
    "publics": "parcours__fait__publics__overlap",
    "origines": "parcours__fait__origine__in",
}


class Parole(Trace, AvecEtat):
    """Ses mots, jamais récrits. Ce que l'accord permet se lit à chaque fois : retiré, plus aucune page ne les montre.

    La page d'une édition publiée non plus. Ses fichiers déjà produits (PDF, classeurs) sont figés et scellés : ils les gardent, et se
    téléchargent encore ; la direction peut retirer cette édition, rien ne reprend un fichier déjà remis.
    """

    # La direction la relit sans ouvrir le dossier : sa visibilité est celle de ses requêtes, pas celle du parcours.
    cloisonne = False

    class Etat(models.TextChoices):
        PROPOSEE = "proposee", "À relire"
        RETENUE = "retenue", "Retenue"
        ECARTEE = "ecartee", "Écartée"
        RETIREE = "retiree", "Retirée"

    parcours = models.ForeignKey("parcours.Parcours", models.CASCADE, related_name="paroles", editable=False)
    etat = models.CharField("état", max_length=8, choices=Etat.choices, default=Etat.PROPOSEE, editable=False)
    texte = models.CharField("ses mots", max_length=LONGUEUR)
    axe = models.ForeignKey("annuaire.Axe", models.PROTECT, verbose_name="axe", related_name="+", null=True, blank=True)
    proposee_le = models.DateField("proposée le", editable=False)
    proposee_par = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="proposée par", related_name="+", editable=False
    )
    relue_le = models.DateField("relue le", null=True, blank=True, editable=False)
    relue_par = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        verbose_name="relue par",
        related_name="+",
        null=True,
        blank=True,
        editable=False,
    )
    motif = models.CharField("pourquoi elle est écartée", max_length=300, blank=True, editable=False)

    objects = ParoleQuerySet.as_manager()

    class Meta:
        verbose_name = "cette phrase"
        verbose_name_plural = "phrases"
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(etat="ecartee") | ~Q(motif=""),
                name="parole_ecartee_motivee",
                violation_error_message="Dites pourquoi la phrase est écartée.",
            ),
            models.CheckConstraint(
                condition=~Q(texte=""), name="parole_dite", violation_error_message="Écrivez la phrase de la personne."
            ),
        ]

    def __str__(self):
        return f"phrase {self.pk}"

    # -- actes

    @transition(de=[NOUVEAU], vers=Etat.PROPOSEE, permission="proposer_parole", finalite=FINALITE)
    def proposer(self, *, par, **champs):
        """Propose une phrase de la personne, mot pour mot, pour un rapport."""
        self.poser(**champs)
        if self.parcours.paroles.exclude(etat__in=[self.Etat.RETIREE, self.Etat.ECARTEE]).count() >= PLUSIEURS:
            raise ValidationError(f"{PLUSIEURS} phrases sont déjà proposées : retirez-en une avant.")
        if mot := self.ce_qui_designe():
            raise ValidationError({"texte": DESIGNE.format(mot=mot)})
        self.proposee_le, self.proposee_par = horloge.aujourd_hui(), par

    @transition(de=[Etat.PROPOSEE, Etat.RETENUE], vers=Etat.RETIREE, permission="retirer_parole", apres_cloture=True)
    def retirer(self, *, par):
        """Retire la phrase : plus aucune page ni aucun rapport à venir ne la cite ; un fichier déjà produit la garde."""

    @transition(
        de=[Etat.PROPOSEE], vers=Etat.RETENUE, permission="relire_parole", finalite=FINALITE, apres_cloture=True
    )
    def retenir(self, *, par):
        """Retient la phrase pour les rapports à venir."""
        self.relue_le, self.relue_par = horloge.aujourd_hui(), par

    @transition(de=[Etat.PROPOSEE, Etat.RETENUE], vers=Etat.ECARTEE, permission="relire_parole", apres_cloture=True)
    def ecarter(self, *, par, motif):
        """Écarte la phrase, avec la raison que l'équipe lira."""
        if not motif.strip():
            raise ValidationError({"motif": "Dites pourquoi, en quelques mots : l’équipe le lit."})
        self.motif, self.relue_le, self.relue_par = motif.strip(), horloge.aujourd_hui(), par

    def ce_qui_designe(self):
        """Ce qui, dans la phrase, nomme ou situe quelqu'un (« son nom », « sa commune »…), ou "" ; des mots, jamais une certitude."""
        parcours, texte = self.parcours, self.texte
        if nomme(texte, parcours.personne):
            return "le nom de la personne"
        if situe(texte, parcours.personne):
            return "son adresse"
        if reperes.cite(texte, reperes.lieux(parcours)):
            return "sa commune, son département ou son intercommunalité"
        if reperes.cite(texte, reperes.proches(parcours)):
            return "quelqu’un de son entourage"
        if reperes.cite(texte, reperes.professionnels(parcours)):
            return "un professionnel"
        if reperes.cite(texte, reperes.association()):
            return "l’association, une équipe ou son territoire"
        if reperes.cite(texte, reperes.partenaires(parcours)):
            return "un service ou un partenaire de son parcours"
        return "un numéro" if _SANS_CHIFFRES.search(texte) else ""
