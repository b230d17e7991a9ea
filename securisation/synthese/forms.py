"""Formulaires de la surveillance : regarder une alerte, dire pourquoi l'on ouvre beaucoup de dossiers."""

from django import forms

from securisation.annuaire.forms import GardeMixin
from securisation.socle.formulaires import ChampJour, FormulaireDActe


class FormulaireRegard(GardeMixin, FormulaireDActe):
    """Ce que le délégué a vérifié ; pour une alerte de nuit, jusqu'à quand dure l'astreinte."""

    champs_gardes = ("note",)
    note = forms.CharField(
        label="Ce que vous avez vérifié",
        min_length=10,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="Ce que vous avez regardé et ce que vous en concluez. La note reste avec l'alerte.",
    )
    astreinte_jusqu_au = ChampJour(
        label="D'astreinte jusqu'au",
        required=False,
        help_text="31 jours au plus. Jusqu'à ce jour compris, les nuits de ce compte ne feront plus d'alerte.",
    )

    def __init__(self, *args, objet=None, **options):
        super().__init__(*args, objet=objet, **options)
        if objet is not None and objet.regle != "nuit":
            del self.fields["astreinte_jusqu_au"]


class FormulaireJustification(GardeMixin, FormulaireDActe):
    """Pourquoi ouvrir plus de cinquante dossiers dans l'heure."""

    champs_gardes = ("motif",)
    motif = forms.CharField(
        label="Pourquoi vous ouvrez ces dossiers",
        min_length=20,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="Par exemple : relecture trimestrielle des parcours de l'équipe. N'écrivez le nom de personne.",
    )
