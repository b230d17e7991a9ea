"""Formulaires de l'ouverture motivée."""

from django import forms

from securisation.annuaire.forms import GardeMixin
from securisation.parcours.forms import FormulaireRole
from securisation.parcours.models.ouverture import MOTIF_MIN
from securisation.socle.formulaires import FormulaireDActe

NUMERO = r"^[Pp]-\d{4}-\d{4,9}$"


class FormulaireDOuverture(GardeMixin, FormulaireDActe):
    """Quel dossier, par son numéro, et pourquoi."""

    champs_gardes = ("motif",)

    numero = forms.RegexField(
        NUMERO,
        label="Numéro du parcours",
        max_length=16,
        help_text="Celui de la demande, du courrier ou de l’alerte : P-2026-0001.",
        error_messages={"invalid": "Un numéro de parcours s’écrit P-2026-0001."},
    )
    motif = forms.CharField(
        label="Pourquoi ce dossier doit être lu",
        min_length=MOTIF_MIN,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="La supervision de l’équipe lira cette phrase : n’y écrivez rien du dossier.",
    )

    def clean_numero(self):
        """Le numéro tel qu'il est enregistré."""
        return self.cleaned_data["numero"].upper()


class FormulaireDeReferent(FormulaireRole):
    """Nommer un référent à un parcours qui n'en a plus."""

    role = None

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        self.fields["conflit"].required = True
        self.fields["conflit"].help_text = "Demandez-le-lui. Un conflit déclaré empêche de le nommer."
