"""Formulaires de la coordination : inviter un partenaire ; arriver par une invitation."""

import re

from django import forms
from django.core.exceptions import ValidationError

from securisation.coordination.models import Invitation
from securisation.socle.formulaires import ChampJour, FormulaireDActe

CLE = re.compile(r"[A-Za-z0-9_-]{43}")
CODE = re.compile(r"[0-9]{8}")


class FormulaireInvitation(FormulaireDActe):
    """À qui part l'invitation, et jusqu'à quel jour elle laisse entrer."""

    courriel = forms.EmailField(
        label="Adresse du partenaire",
        max_length=254,
        help_text="Une adresse professionnelle, à une seule personne.",
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )
    jusqu_au = ChampJour(label="Ouverte jusqu’au", help_text="Quatorze jours au plus, et jamais après l’accord.")

    def __init__(self, *args, accord, **options):
        super().__init__(*args, **options)
        self.fields["jusqu_au"].initial = Invitation.dernier_jour(accord)


class FormulaireArrivee(FormulaireDActe):
    """Les deux choses qu'un partenaire a reçues par deux chemins : le lien et le code."""

    lien = forms.CharField(
        label="Lien reçu",
        max_length=600,
        help_text="Copiez le lien entier du courriel.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "autocapitalize": "none"}),
    )
    code = forms.CharField(
        label="Code à huit chiffres",
        max_length=20,
        help_text="La personne qui vous invite vous le dit de vive voix.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "inputmode": "numeric"}),
    )

    def clean_lien(self):
        """La clé qui suit le signe dièse, ou seule ; un lien d'une autre forme est gardé tel quel : il n'ouvrira rien."""
        return self.cleaned_data["lien"].strip().rpartition("#")[2]

    def clean_code(self):
        """Huit chiffres, avec ou sans espaces."""
        code = re.sub(r"[\s.\u00a0-]", "", self.cleaned_data["code"])
        if not CODE.fullmatch(code):
            raise ValidationError("Le code compte huit chiffres.")
        return code
