"""Choisir un lot : un genre de document, une équipe, une phase, une période."""

import uuid

from django import forms

from securisation.comptes.models import Equipe
from securisation.parcours.models import Parcours
from securisation.socle.formulaires import ChampJour, FormulaireDActe, FormulaireDeConfirmation
from securisation.synthese.lots.choix import PERIODES, Choix, possibles

SANS_JETON = "Cet envoi n'a pas le jeton de la page : relisez ce qui sortira, puis relancez. Rien n'est parti."


class FormulaireDeLancement(FormulaireDeConfirmation):
    """Lancer le lot montré. Son jeton est exigé : un lot n'a pas de version, sans lui deux envois en feraient deux."""

    jeton = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)


class FormulaireDeLot(FormulaireDActe):
    """Ce que l'adresse de la page porte : rien ne s'y enregistre."""

    genre = forms.ChoiceField(label="Document", widget=forms.Select)
    equipe = forms.ModelChoiceField(label="Équipe", queryset=Equipe.objects.none(), empty_label=None)
    phase = forms.ChoiceField(
        label="Phase", required=False, choices=[("", "Toutes"), *Parcours.Etat.choices], widget=forms.Select
    )
    sur = forms.ChoiceField(
        label="Période sur", required=False, choices=list(PERIODES.items()), initial="recue_le", widget=forms.Select
    )
    du = ChampJour(label="Du", required=False)
    au = ChampJour(label="Au", required=False)

    def __init__(self, *args, par, **options):
        super().__init__(*args, **options)
        self.fields["genre"].choices = [(g.code, g.libelle) for g in possibles()]
        self.fields["equipe"].queryset = Equipe.objects.filter(pk__in=par.equipes_supervisees).order_by("nom")
        self.fields["equipe"].initial = (par.equipes_supervisees or [None])[0]
        del self.fields["jeton"], self.fields["version"]

    def clean(self):
        """Une période commence avant de finir."""
        dites = super().clean()
        if dites.get("du") and dites.get("au") and dites["du"] > dites["au"]:
            self.add_error("au", "La période finit avant de commencer : inversez les deux dates.")
        return dites

    def accepte(self, lancement):
        """Vrai si ce `FormulaireDeLancement` porte son jeton ; sinon la page le dit, le choix gardé."""
        if not lancement.is_valid():
            self.add_error(None, SANS_JETON)
        return lancement.is_valid()

    @property
    def choix(self):
        """Le choix saisi, une fois le formulaire valide."""
        dites = self.cleaned_data
        sur = dites["sur"] or "recue_le"
        return Choix(dites["genre"], dites["equipe"].pk, dites["phase"], sur, dites["du"], dites["au"])

    @property
    def dit(self):
        """« Équipe de Laval, clos, demande reçue du 01/01/2026 au 30/06/2026 »."""
        dites = self.cleaned_data
        phase = dict(Parcours.Etat.choices).get(dites["phase"], "toutes les phases").lower()
        bornes = " ".join(f"{mot} {dites[nom]:%d/%m/%Y}" for nom, mot in (("du", "du"), ("au", "au")) if dites[nom])
        periode = f", {PERIODES[dites['sur'] or 'recue_le'].lower()} {bornes}" if bornes else ""
        return f"{dites['equipe'].nom}, {phase}{periode}"[:300]
