"""Formulaires des mots des personnes : proposer une phrase, l'écarter."""

from django import forms

from securisation.annuaire.forms import GardeMixin
from securisation.annuaire.models import Axe
from securisation.pilotage.models.parole import LONGUEUR
from securisation.socle.formulaires import FormulaireDActe


class FormulaireParole(GardeMixin, FormulaireDActe):
    """Une phrase de la personne, mot pour mot."""

    champs_gardes = ("texte",)

    texte = forms.CharField(
        label="Sa phrase, exactement comme elle l’a dite",
        max_length=LONGUEUR,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Sans nom, sans lieu, sans maladie. Choisie avec elle, relue avec elle.",
    )
    axe = forms.ModelChoiceField(
        label="De quoi parle-t-elle ?", queryset=None, required=False, empty_label="De son parcours en général"
    )

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        self.fields["axe"].queryset = Axe.objects.ouverts()


class FormulaireEcart(GardeMixin, FormulaireDActe):
    """Pourquoi la direction écarte une phrase."""

    champs_gardes = ("motif",)
    motif = forms.CharField(
        label="Pourquoi l’écarter",
        max_length=300,
        help_text="L’équipe le lit : « un service y est reconnaissable », par exemple.",
    )
