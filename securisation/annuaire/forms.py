"""Formulaires de l'annuaire : le filtre du référentiel et la garde des textes libres."""

import hashlib

from django import forms
from django.core.exceptions import ValidationError

from securisation.annuaire.catalogue import ETATS, NOMENCLATURES
from securisation.annuaire.garde import AUCUN_PROPRE, examiner, numeros
from securisation.annuaire.models import TermeDeGarde
from securisation.annuaire.pliage import mot_de_deux_alphabets, plier
from securisation.annuaire.termes import termes_propres
from securisation.socle.formulaires import FormulaireDActe

DEUX_ALPHABETS = (
    "Le mot « {mot} » mêle deux alphabets : une de ses lettres ressemble à une lettre latine sans en être une. "
    "Effacez-le et retapez-le au clavier."
)


class FiltreReferentiel(forms.Form):
    """Filtre de la page Référentiel ; une valeur inconnue est simplement ignorée."""

    nomenclature = forms.ChoiceField(choices=[(nom, nom) for nom in NOMENCLATURES], required=False)
    etat = forms.ChoiceField(label="État", choices=list(ETATS.items()), required=False)
    axe = forms.RegexField(label="Axe", regex=r"^[A-Z]{2,6}$", required=False)
    q = forms.CharField(label="Code ou libellé", max_length=100, required=False)

    def lire(self):
        """Les valeurs comprises, avec leurs défauts : les facteurs à relire."""
        self.is_valid()
        lu = self.cleaned_data
        return {
            "nomenclature": lu.get("nomenclature") or "facteurs",
            "etat": lu.get("etat") or "a-relire",
            "axe": lu.get("axe", ""),
            "texte": lu.get("q", ""),
        }


class GardeMixin(forms.BaseForm):
    """Relit les textes libres (`champs_gardes`) : refuse numéros et codes, demande confirmation pour le reste.

    La confirmation vaut pour les passages montrés : si le texte change et qu'un autre passage paraît, elle est
    redemandée. Après `is_valid()`, `alertes` donne {champ: [Alerte]} et le gabarit inclut `annuaire/_garde.html`.
    """

    champs_gardes = ()

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.alertes = {}
        self.fields["formulation_confirmee"] = forms.BooleanField(
            label="Je confirme cette formulation : elle dit une situation, pas une cause médicale.",
            required=False,
            widget=forms.HiddenInput,
        )
        self.fields["formulation_vue"] = forms.CharField(required=False, widget=forms.HiddenInput)

    def clean(self):
        donnees = super().clean()
        donnees = self.cleaned_data if donnees is None else donnees
        textes = {nom: donnees.get(nom) for nom in self.champs_gardes}
        propres = termes_propres() if any(textes.values()) else AUCUN_PROPRE
        self.alertes = {nom: alertes for nom, texte in textes.items() if (alertes := examiner(texte, propres))}
        cochee, vue = donnees.pop("formulation_confirmee", False), donnees.pop("formulation_vue", "")
        confirmee = cochee and vue == self._empreinte()
        for nom, alertes in self.alertes.items():
            self._refuser(nom, alertes, confirmee)
        if self.a_confirmer and not confirmee:
            self._demander_confirmation()
        return donnees

    @property
    def a_confirmer(self):
        """Vrai s'il reste des passages à reprendre ou à confirmer, et aucun qui soit refusé."""
        toutes = [alerte for alertes in self.alertes.values() for alerte in alertes]
        return bool(toutes) and not any(alerte.est_refusee for alerte in toutes)

    @property
    def remplacements(self):
        """Les passages qu'un geste peut remplacer, chacun une fois par champ : où, le mot écrit, ce qui se propose à la place."""
        for nom, alertes in self.alertes.items():
            mots = {alerte.extrait: alerte for alerte in alertes if not alerte.est_refusee}
            for mot, alerte in mots.items():
                champ = self[nom]
                yield {"champ": champ.id_for_label, "dans": champ.label, "mot": mot, "par": alerte.formulations}

    def _refuser(self, nom, alertes, confirmee):
        refusees = [alerte for alerte in alertes if alerte.est_refusee]
        for alerte in refusees or ([] if confirmee else alertes):
            self.add_error(nom, ValidationError(en_phrase(alerte), code="garde"))

    def _demander_confirmation(self):
        self.fields["formulation_confirmee"].widget = forms.CheckboxInput(attrs={"class": "form-check-input"})
        self.data = self.data.copy()
        self.data[self.add_prefix("formulation_vue")] = self._empreinte()
        self.data.pop(self.add_prefix("formulation_confirmee"), None)

    def _empreinte(self):
        vus = [(nom, alerte.extrait.lower()) for nom, alertes in sorted(self.alertes.items()) for alerte in alertes]
        return hashlib.sha256(repr(vus).encode()).hexdigest()[:24]


class FormulaireTerme(FormulaireDActe):
    """Un mot de l'association pour la garde. Ces textes ne nomment personne : la garde n'y refuse que numéros et codes."""

    sens = forms.ChoiceField(
        label="Que doit faire la garde ?", choices=TermeDeGarde.Sens.choices, widget=forms.RadioSelect
    )
    terme = forms.CharField(
        label="Mot ou tournure",
        max_length=60,
        help_text="Accents, majuscules et pluriel ne comptent pas. Exemple : « suivi spécialisé ».",
    )
    suggestion = forms.CharField(
        label="Formulation proposée",
        max_length=300,
        required=False,
        help_text="Pour un mot à signaler : l’état du droit ou la conséquence à écrire à la place.",
    )
    motif = forms.CharField(
        label="Pourquoi", max_length=300, help_text="Ce que l’équipe a constaté ; ni nom ni situation d’une personne."
    )

    def clean(self):
        donnees = super().clean()
        if donnees.get("sens") == TermeDeGarde.Sens.SIGNALER and not donnees.get("suggestion"):
            self.add_error("suggestion", "Écrivez par quoi remplacer ce mot : l’état du droit ou la conséquence.")
        if donnees.get("sens") == TermeDeGarde.Sens.LAISSER:
            donnees["suggestion"] = ""
        return donnees


def refuser_un_numero(texte):
    """Aucun champ d'un acte n'accepte un numéro de sécurité sociale, pas même un nom ou une adresse."""
    for alerte in numeros(plier(texte)):
        raise ValidationError(en_phrase(alerte), code="garde")


def refuser_deux_alphabets(texte):
    """Aucun champ d'un acte n'accepte un mot où une lettre grecque ou cyrillique passe pour une latine ; un mot tout en cyrillique, si."""
    if mot := mot_de_deux_alphabets(texte):
        raise ValidationError(DEUX_ALPHABETS.format(mot=mot), code="alphabets")


def en_phrase(alerte):
    """L'alerte en une phrase lisible par la personne qui saisit ; un numéro n'y est jamais recopié."""
    if alerte.est_refusee:
        return f"Ce texte contient un {alerte.genre.value}, qui ne peut pas être enregistré. {alerte.suggestion}"
    return f"« {alerte.extrait} » ({alerte.genre.value}). {alerte.suggestion}"
