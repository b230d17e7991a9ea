"""Le formulaire d'un courrier : tout y est prérempli, tout s'y corrige."""

from django import forms

from interventions.courriers.redaction import A_COMPLETER
from securisation.annuaire.forms import GardeMixin
from securisation.socle.formulaires import FormulaireDActe


class FormulaireCourrier(GardeMixin, FormulaireDActe):
    """Relire, corriger, produire ; ce qui reste « à compléter » se complète d'abord."""

    champs_gardes = ("objet", "texte")

    destinataire = forms.CharField(label="À qui ?", max_length=400, widget=forms.Textarea(attrs={"rows": 4}))
    objet = forms.CharField(label="Objet", max_length=200)
    texte = forms.CharField(
        label="Texte",
        max_length=6000,
        widget=forms.Textarea(attrs={"rows": 16}),
        help_text="La personne le signe : relisez-le avec elle. Ni diagnostic, ni traitement, ni nom de service de soin.",
    )
    lieu = forms.CharField(label="Fait à", max_length=120, required=False)
    avec_adresse = forms.BooleanField(label="Écrire l’adresse de la personne en tête", required=False)
    avec_equipe = forms.BooleanField(
        label="Nommer l’équipe en bas du courrier",
        required=False,
        help_text="Seulement si la personne accepte le partage avec ce destinataire.",
    )

    def clean(self):
        donnees = super().clean()
        for nom in ("objet", "texte"):
            if A_COMPLETER in donnees.get(nom, "") and nom not in self.errors:
                self.add_error(nom, "Complétez ou retirez ce qui reste entre crochets.")
        return donnees
