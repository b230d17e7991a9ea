"""Formulaires des actions collectives : le filtre de la liste, la saisie, le retrait."""

from django import forms

from securisation.annuaire.forms import GardeMixin
from securisation.annuaire.models import ActionCollective, ObjectifPraps
from securisation.pilotage.models.collective import HEURES_MAX, PARTICIPANTS_MAX
from securisation.socle import horloge
from securisation.socle.formulaires import ChampJour, FormulaireDActe

SANS_NOM = "Une structure, une fonction ; ni le nom d’une personne, ni sa situation."


def _heures(libelle, **options):
    """Un nombre d'heures, écrit « 1,5 »."""
    return forms.DecimalField(
        label=libelle,
        max_digits=5,
        decimal_places=2,
        max_value=HEURES_MAX,
        localize=True,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
        error_messages={
            "invalid": "Écrivez un nombre d’heures, comme 1,5.",
            "max_decimal_places": "Deux décimales au plus.",
        },
        **options,
    )


def _nombre(libelle, **options):
    """Un nombre de présents."""
    return forms.IntegerField(label=libelle, min_value=0, max_value=PARTICIPANTS_MAX, **options)


class FormulaireCollective(GardeMixin, FormulaireDActe):
    """Une action collective, en douze champs : on y compte des présents, on n'en nomme aucun."""

    champs_gardes = ("partenaires", "precisions")

    le = ChampJour(label="Menée le")
    nature = forms.ModelChoiceField(label="Nature", queryset=None, empty_label="Choisir…")
    commune = forms.CharField(label="Commune", max_length=120)
    code_postal = forms.RegexField(
        label="Code postal",
        regex=r"^[0-9][0-9AB][0-9]{3}$",
        required=False,
        help_text="Il dit le département et l’intercommunalité.",
        error_messages={"invalid": "Le code postal s'écrit en cinq chiffres."},
    )
    heures = _heures("Durée, en heures", min_value=0)
    preparation = _heures(
        "Préparation et coordination, en heures",
        min_value=0,
        required=False,
        help_text="Le temps de l’équipe, toutes personnes réunies.",
    )
    participants = _nombre(
        "Participants, sans les professionnels", required=False, help_text="Un nombre : aucun nom ne s’écrit ici."
    )
    professionnels = _nombre("Professionnels présents", required=False)
    partenaires = forms.CharField(label="Partenaires", max_length=300, required=False, help_text=SANS_NOM)
    objectifs = forms.ModelMultipleChoiceField(
        label="Objectifs du PRAPS",
        queryset=None,
        to_field_name="code",
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    aller_vers = forms.BooleanField(
        label="C’était de l’aller-vers",
        required=False,
        help_text="Là où sont les personnes, sans attendre leur demande.",
    )
    precisions = forms.CharField(
        label="Précisions",
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=SANS_NOM,
    )

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        self.fields["nature"].queryset = ActionCollective.objects.ouverts()
        self.fields["objectifs"].queryset = ObjectifPraps.objects.ouverts()
        self.fields["le"].initial = horloge.aujourd_hui()

    def clean_heures(self):
        """Une action dure plus que rien."""
        if self.cleaned_data["heures"] <= 0:
            raise forms.ValidationError("Écrivez sa durée : une demi-heure s’écrit 0,5.")
        return self.cleaned_data["heures"]

    def champs(self):
        """Un nombre laissé vide vaut zéro ; les objectifs se gardent par leur code."""
        tous = super().champs()
        vides = {nom: tous[nom] or 0 for nom in ("preparation", "participants", "professionnels")}
        return tous | vides | {"objectifs": [objectif.code for objectif in tous["objectifs"]]}


class FormulaireRetrait(GardeMixin, FormulaireDActe):
    """Pourquoi une action collective est retirée."""

    champs_gardes = ("raison",)
    raison = forms.CharField(label="Pourquoi la retirer", max_length=300, help_text="Par exemple : notée deux fois.")
