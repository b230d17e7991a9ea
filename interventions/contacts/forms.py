"""Le formulaire d'un contact."""

from django import forms

from interventions.forms import choix, texte
from interventions.models import Contact
from securisation.annuaire.forms import GardeMixin
from securisation.socle import horloge
from securisation.socle.formulaires import ChampJour, FormulaireDActe

INITIATIVES = [("oui", "La personne"), ("non", "Nous"), ("sans_reponse", "Essai resté sans réponse")]
RIEN = ("", "Rien de plus")


class FormulaireContact(GardeMixin, FormulaireDActe):
    """Un contact : son canal (le préféré est coché d'avance), qui en a eu l'initiative (cochée si la page d'avant l'a dite)."""

    champs_gardes = ("note",)
    a_part = (*FormulaireDActe.a_part, "ensuite")

    canal = choix("Par quel moyen ?", Contact.CANAUX)
    de_la_personne = choix(
        "Qui a pris l’initiative ?",
        INITIATIVES,
        help_text="Venu d’elle, il prolonge la conservation.",
    )
    le = ChampJour(label="Le", initial=horloge.aujourd_hui)
    note = texte("Note", 2000, required=False, help_text="Des faits et la suite convenue, sans détail de santé.")
    ensuite = forms.ChoiceField(label="Et ensuite ?", required=False, widget=forms.RadioSelect, initial="")

    def __init__(self, *args, personne=None, suites=(), initiative="", **options):
        super().__init__(*args, **options)
        if initiative in dict(INITIATIVES):
            self.fields["de_la_personne"].initial = initiative
        if personne is not None and personne.canal_prefere:
            self.fields["canal"].initial = personne.canal_prefere
            self.fields["canal"].help_text = f"La personne préfère : {personne.get_canal_prefere_display().lower()}."
        self.fields["ensuite"].choices = [RIEN, *suites]
        if not suites:
            del self.fields["ensuite"]

    def clean(self):
        donnees = super().clean()
        initiative = donnees.get("de_la_personne")
        return donnees | {"de_la_personne": initiative == "oui", "abouti": initiative != "sans_reponse"}

    @property
    def suite(self):
        """Le code de ce qui suit, "" s'il n'y a rien de plus à faire."""
        return self.cleaned_data.get("ensuite", "")
