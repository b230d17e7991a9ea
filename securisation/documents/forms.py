"""Les deux façons de vérifier un document : son numéro et sa clé, ou son fichier."""

import hashlib

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator

from securisation.socle.envois import ENVOI_MAX
from securisation.socle.formulaires import FormulaireDActe

from . import verification

SANS_AIDE = {"autocomplete": "off", "spellcheck": "false"}
MAUVAISE_FORME = "Écrivez le numéro et la clé tels qu’ils sont imprimés, par exemple B-2026-0147-1 et K7M4 QX2P."


class FormulaireDuNumero(FormulaireDActe):
    """Ce qui est imprimé au bloc « Identification » ; l'adresse entière collée dans le premier champ convient aussi."""

    numero = forms.CharField(
        label="Numéro du document",
        max_length=200,
        help_text="Par exemple B-2026-0147-1.",
        widget=forms.TextInput(attrs=SANS_AIDE | {"autocapitalize": "characters"}),
    )
    cle = forms.CharField(
        label="Clé de contrôle",
        max_length=20,
        help_text="Huit signes, à côté du numéro.",
        widget=forms.TextInput(attrs=SANS_AIDE | {"autocapitalize": "characters"}),
    )

    def clean(self):
        """Ajoute `reference` (« numéro-clé ») à la saisie, ou dit la forme attendue."""
        numero, cle = self.cleaned_data.get("numero", ""), self.cleaned_data.get("cle", "")
        cle, adresse = cle.replace("-", ""), numero.rstrip("/").rpartition("/")[2]
        for texte in (f"{numero}-{cle}", f"{verification.avec_ses_tirets(numero)}-{cle}", adresse):
            if lue := verification.lire_la_reference(texte):
                self.errors.pop("cle", None)  # l'adresse entière la porte déjà
                return self.cleaned_data | {"reference": verification.reference(*lue)}
        if not self.errors:
            self.add_error("numero", ValidationError(MAUVAISE_FORME, code="forme"))
        return self.cleaned_data


class FormulaireDuFichier(FormulaireDActe):
    """Un fichier, lu par morceaux et pas gardé ; ou sa seule empreinte, quand le navigateur l'a calculée lui-même."""

    fichier = forms.FileField(
        label="Le fichier",
        allow_empty_file=True,
        help_text="Un PDF, ou un fichier CSV, XLSX ou ODS d’une édition. Il n’est pas gardé. "
        "Quand votre navigateur le permet, il ne quitte même pas votre appareil.",
        widget=forms.FileInput(attrs={"accept": "application/pdf,.pdf,.csv,.xlsx,.ods", "data-poids": ENVOI_MAX}),
    )
    empreinte = forms.CharField(
        required=False, widget=forms.HiddenInput, validators=[RegexValidator(r"\A[0-9a-f]{64}\Z")], max_length=64
    )

    def __init__(self, data=None, *args, **options):
        super().__init__(data, *args, **options)
        self.fields["fichier"].required = not (data and data.get("empreinte"))

    def clean(self):
        """Ajoute `sha256`, l'empreinte du fichier reçu ou calculée par le navigateur."""
        fichier, empreinte = self.cleaned_data.get("fichier"), self.cleaned_data.get("empreinte", "")
        if fichier is not None:
            hacheur = hashlib.sha256()
            for morceau in fichier.chunks():
                hacheur.update(morceau)
            empreinte = hacheur.hexdigest()
        return self.cleaned_data | {"sha256": empreinte}
