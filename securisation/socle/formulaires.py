"""Les formulaires d'un acte : jeton, version, textes nettoyés, et le passage de la saisie à la transition.

Vue type :

    form = FormulaireX(request.POST or None, objet=objet)
    if request.method == "POST" and agir(form, objet.modifier, par=request.user):
        return redirect(…)
    return page_de_formulaire(request, "x.html", form)
"""

import datetime
import re
import unicodedata
import uuid
from functools import partial

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import transaction
from django.shortcuts import render

# Caractères de contrôle, marques de sens d'écriture, étiquettes, blancs sans largeur et lettres vides ; les liants (U+200C, U+200D) sont
# gardés entre deux signes, jamais au bord.
_INVISIBLES = re.compile(
    "[\x01-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064"
    "\u2066-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb\U000e0001\U000e0020-\U000e007f]"
)
_AU_BORD = " \n\u200c\u200d"
PREMIER_JOUR, DERNIER_JOUR = datetime.date(2000, 1, 1), datetime.date(2100, 1, 1)
VERSION_MAX = 2**31 - 1
PHRASES = {
    "min_value": "Écrivez un nombre au moins égal à %(limit_value)s.",
    "max_value": "Écrivez un nombre au plus égal à %(limit_value)s.",
    "min_length": "Ce texte est trop court : écrivez au moins %(limit_value)s caractères.",
    "max_length": "Ce texte est trop long : %(limit_value)s caractères au plus, il en a %(show_value)s.",
}
# Ce qu'il manque, selon le genre du champ ; le premier qui convient.
MANQUES = (
    (forms.BooleanField, "Cochez cette case pour continuer."),
    (forms.MultipleChoiceField | forms.ModelMultipleChoiceField, "Cochez au moins une réponse."),
    (forms.ChoiceField | forms.ModelChoiceField, "Choisissez une réponse."),
    (forms.FileField, "Choisissez un fichier."),
    (forms.DateField, "Écrivez la date, comme 05/03/2024."),
    (forms.TimeField, "Écrivez l’heure, comme 14:30."),
    (forms.IntegerField | forms.FloatField, "Écrivez un nombre."),
    (forms.Field, "Écrivez une réponse."),
)
SANS_VERSION = (
    "Cet envoi ne dit pas quelle version il modifie : rouvrez la page, puis recommencez. Rien n'a été enregistré."
)
ECRITURES_D_UN_JOUR = ["%d/%m/%Y", "%Y-%m-%d", "%d-%m-%Y", "%d.%m.%Y", "%d %m %Y", "%d/%m/%y"]


def nettoyer(texte, *, lignes=False):
    """Texte en NFC, sans caractère invisible ni espace en trop ; `lignes` : les retours à la ligne sont gardés."""
    texte = unicodedata.normalize("NFC", texte).replace("\r\n", "\n").replace("\r", "\n")
    texte = _INVISIBLES.sub("", texte).replace("\t", " ")
    if not lignes:
        return re.sub(r"[ \n]+", " ", texte).strip(_AU_BORD)
    texte = re.sub(r" +", " ", texte)
    return re.sub(r"\n{3,}", "\n\n", re.sub(r" *\n *", "\n", texte)).strip(_AU_BORD)


def _lire_le_texte(champ, lire, valeur):
    """Nettoie avant que le champ compte les caractères ; un NUL reste, pour que le champ le refuse."""
    texte = lire(champ, valeur)
    return nettoyer(texte, lignes=isinstance(champ.widget, forms.Textarea)) if isinstance(texte, str) else texte


class ChampJour(forms.DateField):
    """Un jour écrit « 05/03/2024 » (ou 2024-03-05), entre `apres` et `avant` ; affiché comme on l'écrit."""

    widget = forms.DateInput(format="%d/%m/%Y", attrs={"placeholder": "jj/mm/aaaa"})
    default_error_messages = {
        "invalid": "Écrivez la date comme 05/03/2024.",
        "hors_periode": "Cette date n'est pas possible : elle doit être entre le %(apres)s et le %(avant)s.",
    }

    def __init__(self, *, apres=PREMIER_JOUR, avant=DERNIER_JOUR, **options):
        super().__init__(input_formats=ECRITURES_D_UN_JOUR, **options)
        self.apres, self.avant = apres, avant

    def validate(self, value):
        super().validate(value)
        if value and not self.apres <= value <= self.avant:
            bornes = {"apres": f"{self.apres:%d/%m/%Y}", "avant": f"{self.avant:%d/%m/%Y}"}
            raise ValidationError(self.error_messages["hors_periode"], code="hors_periode", params=bornes)


class FormulaireDActe(forms.Form):
    """Formulaire d'une transition : ses champs portent les noms qu'elle attend.

    `objet` : donne les valeurs de départ et la version. Sans version (création), le jeton fait qu'un double envoi n'a qu'un effet.
    `verificateurs` : fonctions qui lèvent une ValidationError sur un texte qui ne s'enregistre nulle part ; les apps y ajoutent les leurs.
    `champs()` : ce qui part à la transition ; à redéfinir quand un champ de l'écran n'est pas un champ de l'acte.
    """

    jeton = forms.UUIDField(widget=forms.HiddenInput, required=False, initial=uuid.uuid4)
    version = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=0, max_value=VERSION_MAX)
    a_part = ("jeton", "version")
    verificateurs = []

    def __init__(self, data=None, *args, objet=None, **options):
        super().__init__(data, *args, **options)
        self.objet = objet
        self.label_suffix = ""
        for nom, champ in self.fields.items():
            champ.error_messages = PHRASES | champ.error_messages
            if champ.error_messages.get("required") == forms.Field.default_error_messages["required"]:
                champ.error_messages["required"] = next(phrase for genre, phrase in MANQUES if isinstance(champ, genre))
            if objet is not None and objet.pk and hasattr(objet, nom) and nom != "jeton":
                self.initial.setdefault(nom, getattr(objet, nom))

    def _clean_fields(self):
        textes = {nom: champ for nom, champ in self.fields.items() if isinstance(champ, forms.CharField)}
        for champ in textes.values():
            champ.to_python = partial(_lire_le_texte, champ, type(champ).to_python)
        super()._clean_fields()
        for nom, champ in textes.items():
            if not champ.widget.is_hidden and self.cleaned_data.get(nom):
                self._verifier(nom, str(self.cleaned_data[nom]))
        if self._ecraserait() and "version" not in self.errors and self.cleaned_data.get("version") is None:
            self.add_error(None, ValidationError(SANS_VERSION, code="sans_version"))

    def _verifier(self, nom, texte):
        try:
            for verifier in self.verificateurs:
                verifier(texte)
        except ValidationError as erreur:
            self.add_error(nom, erreur)

    def _ecraserait(self):
        """Vrai si l'envoi remplace des valeurs enregistrées et versionnées : sans version, il effacerait celles d'un autre."""
        objet = self.objet
        if objet is None or not objet.pk or not hasattr(objet, "version"):
            return False
        return any(hasattr(objet, nom) for nom in self.fields if nom not in self.a_part)

    def champs(self):
        """Les valeurs saisies, sous les noms que la transition attend."""
        return {nom: valeur for nom, valeur in self.cleaned_data.items() if nom not in self.a_part}

    def refuser(self, erreur):
        """Range le refus d'une transition sous les champs qu'il nomme, ou en tête du formulaire."""
        par_champ = erreur.error_dict if hasattr(erreur, "error_dict") else {NON_FIELD_ERRORS: erreur}
        for nom, erreurs in par_champ.items():
            self.add_error(nom if nom in self.fields and nom not in self.a_part else None, erreurs)


class FormulaireDeConfirmation(FormulaireDActe):
    """Une page de confirmation : rien à saisir, un seul effet même envoyée deux fois."""


class FormulaireDExport(FormulaireDeConfirmation):
    """Le format d'un tableau à télécharger."""

    format = forms.ChoiceField(
        label="Format du tableau",
        choices=[("csv", "CSV"), ("xlsx", "Excel (XLSX)"), ("ods", "LibreOffice (ODS)")],
        initial="csv",
        widget=forms.RadioSelect,
    )


def agir(form, acte, **plus):
    """Passe la saisie à la transition : vrai si l'acte est fait. Un refus de validation devient une erreur du formulaire.

    `plus` s'ajoute aux champs du formulaire (au moins `par=`). La version part avec eux quand le formulaire en porte une.
    """
    if not form.is_valid():
        return False
    if form.cleaned_data.get("version") is not None:
        plus.setdefault("version", form.cleaned_data["version"])
    try:
        with transaction.atomic():
            acte(**(form.champs() | plus))
    except ValidationError as erreur:
        form.refuser(erreur)
        return False
    return True


def page_de_formulaire(request, gabarit, form, **contexte):
    """Rend la page d'un formulaire : 200 quand on l'ouvre, 422 quand il revient avec des erreurs, saisie gardée."""
    return render(request, gabarit, {"form": form, **contexte}, status=422 if form.is_bound else 200)
