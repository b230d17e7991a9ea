"""Formulaires de l'effacement et de la conservation."""

import datetime

from django import forms

from securisation.annuaire.forms import GardeMixin
from securisation.parcours.models import Demande
from securisation.socle import horloge
from securisation.socle.formulaires import ChampJour, FormulaireDActe


class FormulaireDeDemande(FormulaireDActe):
    """La demande de la personne, quand elle n'est pas encore enregistrée : quand et comment elle l'a dite."""

    recue_le = ChampJour(label="Demandé par la personne le")
    moyen = forms.ChoiceField(label="Comment", choices=Demande.Moyen.choices, widget=forms.RadioSelect)

    def __init__(self, *args, deja=False, **options):
        super().__init__(*args, **options)
        if deja:
            del self.fields["recue_le"], self.fields["moyen"]
        else:
            self.initial.setdefault("recue_le", horloge.aujourd_hui())


class FormulaireDeRefus(GardeMixin, FormulaireDActe):
    """Pourquoi le dossier ne s'efface pas ; la personne en est informée (RGPD, article 12.4)."""

    champs_gardes = ("motif",)
    motif = forms.CharField(
        label="Pourquoi refuser",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="La personne en est informée, avec ses recours : la CNIL, le juge. N’écrivez rien de sa situation.",
    )


class FormulaireDArchivage(GardeMixin, FormulaireDActe):
    """Pourquoi et jusqu'à quand un dossier est gardé au-delà de sa durée."""

    champs_gardes = ("motif",)
    motif = forms.CharField(
        label="Pourquoi garder ce dossier",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="Le texte de loi, le litige ou la demande en cours. N’écrivez rien de la situation de la personne.",
    )
    jusqu_au = ChampJour(label="Jusqu’au", help_text="Cinq ans au plus. Un nouveau préavis court ensuite.")

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        self.initial.pop("motif", None)
        self.initial["jusqu_au"] = self.initial.get("jusqu_au") or horloge.aujourd_hui() + datetime.timedelta(days=365)
