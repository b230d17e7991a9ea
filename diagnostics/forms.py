"""Formulaires du diagnostic : un axe et ses facteurs, une suite possible, la parole de la personne."""

import copy

from django import forms
from django.core.exceptions import ValidationError

from diagnostics.models import FacteurRetenu
from securisation.annuaire.forms import GardeMixin
from securisation.annuaire.garde import refuses
from securisation.annuaire.models.situation import lisible
from securisation.socle import horloge
from securisation.socle.formulaires import ChampJour, FormulaireDActe

SANS_AVIS = "sans"
APPUIS = "Une personne, un droit, une habitude, un savoir-faire. Un point par ligne."
NIVEAUX = [(str(niveau), str(niveau)) for niveau in range(5)]


def zone(libelle, longueur, lignes, aide=""):
    """Zone de texte facultative."""
    return forms.CharField(
        label=libelle,
        max_length=longueur,
        required=False,
        help_text=aide,
        widget=forms.Textarea(attrs={"rows": lignes}),
    )


class FormulaireAxe(GardeMixin, FormulaireDActe):
    """Tout un axe : niveaux, mots, ce qui protège, et trois champs par facteur retenu.

    `facteurs` : {code: Facteur} de l'axe ; `codes` : ceux que la page montre ; `proposes` : ceux qu'on peut ajouter.
    """

    criticite = forms.TypedChoiceField(
        label="Niveau",
        choices=NIVEAUX,
        coerce=int,
        widget=forms.RadioSelect,
        error_messages={"required": "Choisissez un niveau de criticité."},
    )
    criticite_de_la_personne = forms.ChoiceField(
        label="Niveau de la personne",
        choices=[*NIVEAUX, (SANS_AVIS, "Ne se prononce pas")],
        required=False,
        widget=forms.RadioSelect,
    )
    parole = zone(
        "Ses mots",
        2000,
        3,
        "Tels qu’elle les a dits. Ni maladie, ni traitement, ni nom de service : le texte est vérifié avant l’enregistrement.",
    )
    points_d_appui = zone("Ce qui protège", 2000, 3, APPUIS)
    recueilli_le = ChampJour(
        label="Recueilli le",
        required=False,
        help_text="Le jour de l’entretien, si vous le notez après : feuille remplie sur place, appel.",
    )

    def __init__(self, data=None, *, facteurs, codes, proposes=(), **options):
        super().__init__(data, **options)
        self.fields["recueilli_le"].avant = horloge.aujourd_hui()
        self.facteurs, self.codes, self.proposes = facteurs, codes, proposes
        for code in codes:
            if code in facteurs:
                self._ajouter_les_champs(code, facteurs[code])
        self.champs_gardes = ("parole", "points_d_appui", *(f"note_{code}" for code in codes if code in facteurs))

    def _ajouter_les_champs(self, code, facteur):
        nom = lisible(facteur.libelle)
        self.fields[f"constate_{code}"] = forms.ChoiceField(
            label=nom,
            choices=FacteurRetenu.Constate.choices,
            widget=forms.RadioSelect,
            error_messages={"required": "Indiquez comment vous le savez."},
        )
        self.fields[f"echeance_{code}"] = ChampJour(label=nom, required=False)
        self.fields[f"note_{code}"] = zone(nom, 1000, 1)

    def clean(self):
        donnees = super().clean()
        if any(code not in self.facteurs for code in self.codes):
            raise ValidationError("Un facteur appartient à un autre axe : il n'a pas été retenu.")
        return donnees

    def cartes(self):
        """Les facteurs montrés, chacun avec ses trois champs."""
        for code in self.codes:
            if code in self.facteurs:
                champs = {nom: self[f"{nom}_{code}"] for nom in ("constate", "echeance", "note")}
                yield {"facteur": self.facteurs[code], "nom": lisible(self.facteurs[code].libelle), **champs}

    def champs(self):
        lus, personne = self.cleaned_data, self.cleaned_data["criticite_de_la_personne"]
        return {
            "criticite": lus["criticite"],
            "criticite_de_la_personne": int(personne) if personne not in ("", SANS_AVIS) else None,
            "sans_avis_de_la_personne": personne == SANS_AVIS,
            "parole": lus["parole"],
            "points_d_appui": lus["points_d_appui"],
            "recueilli_le": lus["recueilli_le"],
            "facteurs": {
                code: {nom: lus[f"{nom}_{code}"] for nom in ("constate", "echeance", "note")} for code in self.codes
            },
        }


class FormulaireEntretien(FormulaireDActe):
    """Une seule question de l'axe (`champ`), posée à la personne : le même champ que la page d'axe. Un numéro ou un code s'y refuse."""

    question = forms.ChoiceField(
        choices=[(code, code) for code in ("mots", "niveau", "appuis")], widget=forms.HiddenInput
    )

    def __init__(self, data=None, *, champ, **options):
        super().__init__(data, **options)
        self.fields[champ] = copy.deepcopy(FormulaireAxe.base_fields[champ])
        self.reponse = self[champ]

    def clean(self):
        donnees = super().clean()
        nom = self.reponse.name
        if nom not in self.errors and refuses(self.data.get(nom, "")):
            self.add_error(nom, "Retirez le numéro ou le code : il ne se garde nulle part.")
        return donnees


class FormulaireSuite(GardeMixin, FormulaireDActe):
    """Examiner une suite possible : la retenir, ou l'écarter avec un motif."""

    champs_gardes = ("note",)
    retenu = forms.TypedChoiceField(
        label="Cette suite est-elle à craindre ?",
        choices=[("oui", "Oui, la retenir"), ("non", "Non, l’écarter")],
        coerce=lambda valeur: valeur == "oui",
        widget=forms.RadioSelect,
        error_messages={"required": "Dites si cette suite est retenue ou écartée."},
    )
    note = zone("Précision, ou motif si elle est écartée", 1000, 2)

    def __init__(self, data=None, *, objet=None, **options):
        super().__init__(data, objet=objet, **options)
        if objet is not None and objet.pk:
            self.initial["retenu"] = "oui" if objet.retenu else "non"

    def clean(self):
        donnees = super().clean()
        if donnees.get("retenu") is False and not donnees.get("note") and "note" not in self.errors:
            self.add_error("note", "Écarter une suite demande un motif.")
        return donnees


class FormulaireParole(GardeMixin, FormulaireDActe):
    """Ce qui compte d'abord pour la personne, et son désaccord."""

    champs_gardes = ("priorite_de_la_personne", "desaccord_de_la_personne")
    priorite_de_la_personne = zone("Ce qui compte d’abord pour la personne", 1000, 3, "Avec ses mots.")
    sans_priorite = forms.BooleanField(label="La personne ne souhaite pas dire de priorité", required=False)
    desaccord_de_la_personne = zone(
        "Son désaccord", 2000, 3, "Ce qu’elle ne partage pas dans ce diagnostic. Il figure tel quel dans le document."
    )

    def clean(self):
        donnees = super().clean()
        if donnees.get("sans_priorite") and donnees.get("priorite_de_la_personne"):
            self.add_error("sans_priorite", "Notez une priorité, ou qu’elle n’en dit pas : pas les deux.")
        return donnees
