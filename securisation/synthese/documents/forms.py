"""Le formulaire d'une relecture : sans lui, une version facile à lire ne s'appelle pas « FALC »."""

from django import forms

from securisation.annuaire.forms import GardeMixin
from securisation.socle.formulaires import ChampJour, FormulaireDActe


class FormulaireRelecture(GardeMixin, FormulaireDActe):
    """Quand, et avec qui : des personnes concernées, pas des professionnels."""

    champs_gardes = ("avec",)

    relue = forms.BooleanField(label="Ce texte a été relu, mot à mot, par des personnes concernées")
    le = ChampJour(label="Relu le")
    avec = forms.CharField(
        label="Avec qui ?",
        max_length=200,
        help_text="Un groupe ou une association, sans nom de famille : « le groupe de lecture, quatre personnes ».",
    )
    a_part = (*FormulaireDActe.a_part, "relue")
