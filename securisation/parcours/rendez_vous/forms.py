"""Formulaires d'un rendez-vous."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from securisation.annuaire.forms import GardeMixin
from securisation.comptes.models import Professionnel
from securisation.parcours.models import RendezVous
from securisation.parcours.models.rendez_vous import a_l_heure
from securisation.socle.formulaires import ChampJour, FormulaireDActe

DUREES = [(15, "15 min"), (30, "30 min"), (45, "45 min"), (60, "1 h"), (90, "1 h 30"), (120, "2 h"), (180, "3 h")]
DUREES += [(240, "4 h"), (480, "La journée")]
HEURES = ["%H:%M", "%Hh%M", "%Hh", "%H h %M", "%H h", "%H"]


class FormulaireRendezVous(GardeMixin, FormulaireDActe):
    """Quand, où, avec qui : sept champs, dont deux déjà remplis."""

    champs_gardes = ("lieu", "avec")

    genre = forms.ChoiceField(
        label="Genre", choices=RendezVous.Genre.choices, widget=forms.RadioSelect, initial="rendez_vous"
    )
    jour = ChampJour(label="Jour")
    heure = forms.TimeField(
        label="Heure",
        input_formats=HEURES,
        widget=forms.TimeInput(format="%H:%M", attrs={"placeholder": "hh:mm", "autocomplete": "off"}),
        error_messages={"invalid": "Écrivez l’heure comme 14:30."},
    )
    duree = forms.TypedChoiceField(label="Durée", choices=DUREES, coerce=int, initial=60)
    lieu = forms.CharField(
        label="Lieu",
        max_length=120,
        required=False,
        help_text="Permanence, CCAS, visioconférence… sans nom ni adresse de la personne : il part dans votre calendrier.",
    )
    professionnels = forms.ModelMultipleChoiceField(
        label="Professionnels attendus",
        queryset=None,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Cochez au moins un professionnel : le rendez-vous paraît dans son agenda."},
    )
    avec = forms.CharField(
        label="Avec qui d’autre",
        max_length=200,
        required=False,
        help_text="Une structure, une fonction : « CCAS, conseillère logement ».",
    )

    def __init__(self, *args, parcours, par, **options):
        super().__init__(*args, **options)
        roles = parcours.attributions.values("user")
        self.fields["professionnels"].queryset = Professionnel.objects.actifs().filter(pk__in=roles)
        self.initial.setdefault("professionnels", [par.pk])
        self._reprendre_l_objet()

    def _reprendre_l_objet(self):
        """Le moment enregistré, en jour et heure ; une durée hors de la liste y entre."""
        if self.objet is None:
            return
        local = timezone.localtime(self.objet.debut)
        self.initial |= {"jour": local.date(), "heure": local.time()}
        if self.objet.duree not in dict(DUREES):
            self.fields["duree"].choices = [*DUREES, (self.objet.duree, f"{self.objet.duree} min")]

    def clean(self):
        donnees = super().clean()
        if donnees.get("jour") and donnees.get("heure"):
            try:
                donnees["debut"] = a_l_heure(donnees["jour"], donnees["heure"])
            except ValidationError as erreur:
                self.add_error("heure", erreur)
        return donnees

    def champs(self):
        """Les noms de la transition : le jour et l'heure font un seul moment."""
        tous = super().champs()
        return {nom: valeur for nom, valeur in tous.items() if nom not in ("jour", "heure")}

    def refuser(self, erreur):
        """Un refus sur le moment se montre sous le jour."""
        if hasattr(erreur, "error_dict") and "debut" in erreur.error_dict:
            erreur.error_dict["jour"] = erreur.error_dict.pop("debut")
        super().refuser(erreur)


class FormulaireAnnulation(GardeMixin, FormulaireDActe):
    """Pourquoi le rendez-vous n'aura pas lieu."""

    champs_gardes = ("motif",)
    motif = forms.CharField(label="Motif", max_length=300, help_text="Report demandé, absence d’un professionnel…")


class FormulaireSuite(FormulaireDActe):
    """Tenu ou manqué."""

    suite = forms.ChoiceField(
        label="Ce rendez-vous",
        choices=[("tenu", "A eu lieu"), ("manque", "N’a pas eu lieu : quelqu’un n’est pas venu")],
        widget=forms.RadioSelect,
    )

    def acte_sur(self, rendez_vous):
        """La transition que la réponse choisie appelle."""
        actes = {"tenu": rendez_vous.noter_tenu, "manque": rendez_vous.noter_manque}
        return lambda *, suite, **champs: actes[suite](**champs)
