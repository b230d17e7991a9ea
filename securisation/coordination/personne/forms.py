"""Formulaires des droits de la personne : enregistrer une demande, y répondre, prolonger, lever."""

from django import forms

from securisation.annuaire.forms import GardeMixin
from securisation.parcours.models import Demande
from securisation.socle import horloge
from securisation.socle.formulaires import ChampJour, FormulaireDActe


def _texte(libelle, *, max_length=2000, rows=4, **options):
    return forms.CharField(label=libelle, max_length=max_length, widget=forms.Textarea(attrs={"rows": rows}), **options)


class FormulaireDemande(GardeMixin, FormulaireDActe):
    """Ce que la personne demande, quand et comment elle l'a demandé."""

    champs_gardes = ("texte",)

    genre = forms.ChoiceField(label="Ce qu’elle demande", choices=Demande.Genre.choices, widget=forms.RadioSelect)
    recue_le = ChampJour(label="Demandé le", help_text="Le délai d’un mois pour répondre court de ce jour.")
    moyen = forms.ChoiceField(label="Comment", choices=Demande.Moyen.choices, widget=forms.RadioSelect)
    texte = _texte(
        "Dans ses mots",
        max_length=4000,
        required=False,
        help_text="Pour une rectification : ce qui est inexact, et ce qu’il faudrait écrire.",
    )

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        self.fields["recue_le"].initial = horloge.aujourd_hui()

    def clean(self):
        donnees = super().clean()
        if donnees.get("genre") in Demande.AVEC_TEXTE and not donnees.get("texte") and "texte" not in self.errors:
            self.add_error("texte", "Écrivez ce que la personne demande de corriger.")
        return donnees


class FormulaireReponse(GardeMixin, FormulaireDActe):
    """La réponse donnée à la personne ; pour une rectification, les corrections faites, prises dans le journal."""

    champs_gardes = ("reponse", "corrige")

    decision = forms.ChoiceField(label="Décision", choices=Demande.Decision.choices, widget=forms.RadioSelect)
    repondue_le = ChampJour(label="Répondu à la personne le")
    reponse = _texte("Ce qui lui a été répondu", max_length=4000)
    ecritures = forms.TypedMultipleChoiceField(
        label="Corrections faites pour cette demande",
        coerce=int,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="Les modifications du dossier depuis la demande : cochez celles qui y répondent.",
    )
    corrige = _texte(
        "Sinon, ce qui a été corrigé, et où",
        max_length=1000,
        rows=2,
        required=False,
        help_text="Une correction faite hors de ce dossier, ou avant la demande. Gardé avec la réponse.",
    )

    def __init__(self, *args, peut_refuser, corrections=(), **options):
        super().__init__(*args, **options)
        self.initial["repondue_le"] = horloge.aujourd_hui()
        if not peut_refuser:
            self.fields["decision"].choices = [
                choix for choix in Demande.Decision.choices if choix[0] != Demande.Decision.REFUSEE
            ]
            self.fields[
                "decision"
            ].help_text = "Un refus se décide avec le délégué à la protection des données, qui l’enregistre."
        if self.objet.genre != Demande.Genre.RECTIFICATION:
            del self.fields["corrige"]
        self.fields["ecritures"].choices = corrections
        if not corrections:
            del self.fields["ecritures"]


class FormulaireProlongation(GardeMixin, FormulaireDActe):
    """Pourquoi le délai est prolongé de deux mois."""

    champs_gardes = ("motif_prolongation",)
    motif_prolongation = _texte(
        "Motif",
        help_text="La complexité de la demande ou leur nombre (RGPD, article 12.3). La personne en est informée.",
    )


class FormulaireLevee(GardeMixin, FormulaireDActe):
    """Pourquoi une limitation ou une opposition cesse."""

    champs_gardes = ("motif_levee",)
    motif_levee = _texte("Motif", rows=3, help_text="Et le jour où la personne en a été informée, ou l’a demandé.")
