"""Les formulaires de la direction : une convention, une édition à préparer, ce qui change, pourquoi elle est retirée."""

import re
import unicodedata

from django import forms

from securisation.annuaire.forms import GardeMixin
from securisation.annuaire.models import Departement, ObjectifPraps, Origine, Public
from securisation.annuaire.pliage import en_lettres_latines, plier
from securisation.comptes.models import Equipe
from securisation.pilotage.conventions import comptes_de_financeurs
from securisation.pilotage.edition.noms import nom_ecrit, vocabulaire
from securisation.pilotage.models.convention import LIENS
from securisation.socle.formulaires import ChampJour, FormulaireDActe

NI_NOM_NI_NOMBRE = "Ni nom, ni nombre : ceux qui se publient sont protégés, celui-ci ne le serait pas."
UN_NOMBRE = "Ce texte porte un nombre (« {mot} ») : il se publierait sans protection. Dites-le sans nombre, « des demandes » par exemple."
UN_NOM = "Ce texte nomme quelqu’un (« {mot} ») : le financeur le lirait. Dites « une personne », ou son rôle."
# La forme seule juge : ni l'une ni l'autre ne lit un dossier, leur refus ne dit donc pas qui est accompagné.
FORME_D_UN_NOM = (
    "« {mot} » a la forme d’un nom de personne : le financeur le lirait. Écrivez plutôt le rôle de la personne, ou la sorte de service. "
    "Ce qui n’est pas un nom s’écrit sans majuscule, ou autrement."
)
EN_LETTRES_LATINES = "« {mot} » n’est pas en lettres latines : retapez-le au clavier."
_CIVILITE = re.compile(r"\b(?:M\.|MM\.|Mmes?|Mlles?|Mr|[Mm]onsieur|[Mm]adame|[Mm]ademoiselle)\s+[A-ZÀ-Ý][\w’'-]*")
_EDITION = re.compile(r"\bE-\d{4}-\d{3,}\b")
_EN_LETTRES = re.compile(
    r"\b(?:dix|onze|douze|treize|quatorze|quinze|seize|vingt|trente|quarante|cinquante|soixante|septante|huitante|octante|nonante"
    r"|cent|mille?|millier|million|milliard"
    r"|(?:diz|douz|quinz|vingt|trent|quarant|cinquant|soixant|cent)aine)s?\b"
)


def nombre_ecrit(texte):
    """Le premier nombre de ce texte, en chiffres de toute écriture ou en lettres au-delà de neuf, ou "".

    Le numéro d'une édition n'en est pas un.
    """
    sans_numero = _EDITION.sub(" ", texte)
    if chiffre := next((c for c in sans_numero if unicodedata.numeric(c, None) is not None), ""):
        return chiffre
    en_lettres = _EN_LETTRES.search(plier(sans_numero).texte)
    return en_lettres.group() if en_lettres else ""


def qui_est_nomme(texte):
    """Pourquoi ce texte nomme, ou semble nommer, quelqu'un ; "" sinon."""
    if nomme := _CIVILITE.search(texte):
        return UN_NOM.format(mot=nomme.group())
    if autre := next((mot for mot in texte.split() if not en_lettres_latines(mot)), ""):
        return EN_LETTRES_LATINES.format(mot=autre)
    if texte and (mot := nom_ecrit(_EDITION.sub(" ", texte), vocabulaire())):
        return FORME_D_UN_NOM.format(mot=mot)
    return ""


class SansNombreMixin(GardeMixin):
    """Les textes qu'un financeur lira : relus par la garde, en lettres latines, sans aucun nombre ni rien qui ait la forme d'un nom."""

    def clean(self):
        propres = super().clean()
        for nom in self.champs_gardes:
            texte = propres.get(nom) or ""
            if mot := nombre_ecrit(texte):
                self.add_error(nom, UN_NOMBRE.format(mot=mot))
            if dit := qui_est_nomme(texte):
                self.add_error(nom, dit)
        return propres


def _cases(libelle, lignes, *, aide=""):
    champ = {"label": libelle, "required": False, "help_text": aide, "widget": forms.CheckboxSelectMultiple}
    return forms.ModelMultipleChoiceField(lignes, **champ)


class FormulaireConvention(GardeMixin, FormulaireDActe):
    """Une convention, à créer ou à corriger."""

    champs_gardes = ("objet_paye",)

    numero = forms.CharField(label="Numéro de la convention", max_length=60)
    financeur = forms.CharField(
        label="Organisme financeur", max_length=160, help_text="Le nom de l’organisme, jamais celui d’une personne."
    )
    du = ChampJour(label="Premier jour")
    au = ChampJour(label="Dernier jour")
    objet_paye = forms.CharField(label="Ce qui est payé", max_length=2000, widget=forms.Textarea(attrs={"rows": 4}))
    equipes = _cases("Équipes", Equipe.objects.none(), aide="Une équipe au moins, ou un département.")
    departements = _cases("Départements", Departement.objects.none(), aide="Les parcours des personnes qui y vivent.")
    objectifs = _cases("Objectifs du programme régional (PRAPS)", ObjectifPraps.objects.none())
    publics = _cases("Publics qui comptent", Public.objects.none(), aide="Aucun coché : tous comptent.")
    origines = _cases("Origines qui comptent", Origine.objects.none(), aide="Aucune cochée : toutes comptent.")
    lecteurs = _cases(
        "Comptes qui liront les éditions",
        None,
        aide="Des comptes de fonction financeur, choisis un par un. Ils ne voient que cette convention et ses éditions publiées.",
    )

    def __init__(self, data=None, *args, objet=None, **options):
        super().__init__(data, *args, objet=objet, **options)
        self.fields["equipes"].queryset = Equipe.objects.order_by("nom")
        for nom, modele in (
            ("departements", Departement), ("objectifs", ObjectifPraps), ("publics", Public), ("origines", Origine),
        ):  # fmt: skip
            self.fields[nom].queryset = modele.objects.ouverts()
        self.fields["lecteurs"].queryset = comptes_de_financeurs()
        if objet is not None:
            self.initial |= {nom: [lie.pk for lie in getattr(objet, nom).all()] for nom in LIENS}
            self._garder_ce_qui_est_lie(objet)

    def _garder_ce_qui_est_lie(self, objet):
        """Une ligne fermée depuis, ou un compte dont la fonction a cessé, restent cochés tant qu'on ne les retire pas."""
        for nom in LIENS:
            champ = self.fields[nom]
            proposees = champ.queryset.values_list("pk", flat=True)
            champ.queryset = champ.queryset.model.objects.filter(pk__in=[*proposees, *self.initial[nom]])

    def clean(self):
        propres = super().clean()
        if propres.get("du") and propres.get("au") and propres["du"] > propres["au"]:
            self.add_error("au", "Ce dernier jour vient avant le premier : corrigez l’un des deux.")
        if not propres.get("equipes") and not propres.get("departements") and "equipes" not in self.errors:
            self.add_error("equipes", "Choisissez au moins une équipe ou un département.")
        return propres


class FormulairePreparation(FormulaireDActe):
    """La période d'une édition à préparer."""

    du = ChampJour(label="Premier jour de la période")
    au = ChampJour(label="Dernier jour de la période", help_text="Une période finie, dans celle de la convention.")


class FormulaireCorrection(SansNombreMixin, FormulaireDActe):
    """Ce qui change, et pourquoi."""

    champs_gardes = ("mot",)

    mot = forms.CharField(
        label="Ce qui change et pourquoi",
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=f"Le financeur le lira en tête de la nouvelle édition. Les nombres changés y sont listés d’eux-mêmes. {NI_NOM_NI_NOMBRE}",
    )


class FormulaireRetrait(SansNombreMixin, FormulaireDActe):
    """Pourquoi l'édition est retirée."""

    champs_gardes = ("motif_retrait",)

    motif_retrait = forms.CharField(
        label="Pourquoi elle est retirée",
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=f"Le financeur lira ce motif à la place des nombres. {NI_NOM_NI_NOMBRE}",
    )
