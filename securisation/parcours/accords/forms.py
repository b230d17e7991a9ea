"""Formulaires des accords : recueillir un accord ou un refus, joindre le papier signé, retirer."""

from django import forms

from securisation.annuaire.forms import GardeMixin
from securisation.annuaire.models import Axe, Finalite, TexteAccord
from securisation.comptes.models import Professionnel
from securisation.documents import numerisation
from securisation.parcours.models import Accord, Personne
from securisation.socle import horloge
from securisation.socle.formulaires import ChampJour, FormulaireDActe

NUMERISE = "numérisé"  # dit à l'écran seulement : l'accord garde « écrit signé », et l'empreinte du papier
PREUVES = [
    ("", "Choisir…"),
    (NUMERISE, "Papier signé, joint ici"),
    (Accord.Mode.ECRIT.value, "Papier signé, gardé au dossier papier"),
    *(choix for choix in Accord.Mode.choices if choix[0] not in (Accord.Mode.ECRIT, Accord.Mode.ORAL)),
]
REJOINDRE = "Joignez de nouveau le papier : un fichier n’est pas gardé d’un envoi à l’autre."
A_JOINDRE = "Joignez le papier numérisé, ou choisissez « Papier signé, gardé au dossier papier »."


class FormulairePapier(FormulaireDActe):
    """Joindre le papier signé, numérisé ; la preuve part lue et vérifiée à la transition."""

    papier = forms.FileField(
        label="Papier signé, numérisé",
        required=False,
        allow_empty_file=True,
        help_text="Photo (JPEG, PNG, WebP) ou PDF, 10 Mo au plus.",
        error_messages={"required": "Choisissez le papier numérisé à joindre."},
    )

    def clean_papier(self):
        """Le contenu fait foi, jamais le nom du fichier."""
        recu = self.cleaned_data["papier"]
        return numerisation.lire(recu) if recu else None

    def champs(self):
        """Les noms de `recueillir`, `refuser` et `joindre`."""
        tous = super().champs()
        return tous | {"preuve": tous.pop("papier")}


class FormulaireJoindre(FormulairePapier):
    """Joindre le papier après coup : il est alors nécessaire."""

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        self.fields["papier"].required = True


class FormulaireAccord(GardeMixin, FormulairePapier):
    """Un accord de la personne, ou son refus : finalité, preuve, texte lu et, pour un partage, destinataire, axes, documents et durée."""

    champs_gardes = ("partenaire", "temoin", "interprete")
    a_part = (*FormulairePapier.a_part, "reponse")
    ACCEPTE, REFUSE = "accepte", "refuse"

    finalite = forms.ModelChoiceField(
        label="Accord", queryset=None, to_field_name="code", widget=forms.RadioSelect, empty_label=None
    )
    reponse = forms.ChoiceField(
        label="Sa réponse",
        choices=[(ACCEPTE, "La personne accepte"), (REFUSE, "La personne refuse")],
        widget=forms.RadioSelect,
        error_messages={"required": "Dites si la personne accepte ou refuse."},
        help_text="Un refus s’enregistre aussi : il fait cesser l’accord qui courait.",
    )
    partenaire = forms.CharField(label="Destinataire", max_length=200, required=False)
    professionnel = forms.ModelChoiceField(
        label="Son compte, s’il en a un", queryset=None, required=False, empty_label="Aucun compte"
    )
    axes = forms.MultipleChoiceField(
        label="Axes partagés", choices=(), required=False, widget=forms.CheckboxSelectMultiple
    )
    documents = forms.MultipleChoiceField(
        label="Documents partagés",
        choices=(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="Un document se lit en entier : il montre tous ses axes, même ceux qui ne sont pas cochés plus haut.",
    )
    jusqu_au = ChampJour(label="Jusqu’au", required=False)
    canal = forms.ChoiceField(
        label="Canal accepté", choices=[("", "Choisir…"), *Personne.Canal.choices], required=False
    )
    le = ChampJour(label="Recueilli le")
    mode = forms.ChoiceField(label="Preuve", choices=PREUVES, required=False)
    temoin = forms.CharField(label="Nom du témoin", max_length=120, required=False)
    interprete = forms.CharField(
        label="Avec un interprète, en", max_length=60, required=False, help_text="La langue, s’il y en avait un."
    )
    textes_lus = forms.CharField(widget=forms.HiddenInput, required=False, max_length=200)

    def __init__(self, *args, parcours, **options):
        super().__init__(*args, **options)
        self.textes = list(TexteAccord.objects.en_vigueur().select_related("finalite"))
        self.fields["textes_lus"].initial = ",".join(str(texte.pk) for texte in self.textes)
        self.fields["finalite"].queryset = Finalite.objects.ouverts()
        self.fields["professionnel"].queryset = Professionnel.objects.partenaires()
        self.fields["axes"].choices = [(axe.code, axe.libelle) for axe in Axe.objects.ouverts()]
        self.fields["documents"].choices = [(d.numero, f"{d.libelle} {d.numero}") for d in parcours.documents.prets()]
        self.fields["le"].initial = horloge.aujourd_hui()

    def clean(self):
        donnees = super().clean()
        if donnees.get("mode") == Accord.Mode.TEMOIN and not donnees.get("temoin"):
            self.add_error("temoin", "Un accord oral nomme son témoin.")
        if donnees.get("reponse") == self.ACCEPTE and not donnees.get("mode") and "mode" not in self.errors:
            self.add_error("mode", "Indiquez la preuve de cet accord.")
        if donnees.get("mode") == NUMERISE and not donnees.get("papier") and "papier" not in self.errors:
            self.add_error("papier", A_JOINDRE)
        jusqu_au = donnees.get("jusqu_au") if donnees.get("reponse") == self.ACCEPTE else None
        for champ, faute in Accord.fautes_de_date(donnees.get("le"), jusqu_au).items():
            self.add_error(champ, faute)
        return donnees

    def _post_clean(self):
        super()._post_clean()
        self._redemander_le_papier()

    def refuser(self, erreur):
        """Le refus d'une transition perd le fichier comme une saisie fautive : le champ le dit."""
        super().refuser(erreur)
        self._redemander_le_papier()

    def _redemander_le_papier(self):
        """Une page rendue perd le fichier choisi : le dire à son champ, et l'exiger à l'envoi suivant s'il est la preuve."""
        if not self.errors or not self.files.get("papier"):
            return
        if "papier" not in self.errors:
            self.add_error("papier", REJOINDRE)
        if self.data.get("mode") in ("", Accord.Mode.ECRIT, None):
            self.data = self.data.copy()
            self.data["mode"] = NUMERISE

    @property
    def refuse(self):
        """Vrai quand la personne refuse (formulaire valide)."""
        return self.cleaned_data.get("reponse") == self.REFUSE

    @property
    def fait(self):
        """Ce qui vient d'être enregistré, en une phrase."""
        return "Refus enregistré." if self.refuse else "Accord enregistré."

    def acte_sur(self, accord):
        """La transition que la réponse de la personne appelle, une fois le formulaire lu."""
        return lambda **champs: (accord.refuser if self.refuse else accord.recueillir)(**champs)

    def champs(self):
        """Les textes montrés à l'ouverture de la page ; absents, la transition prend ceux d'aujourd'hui."""
        tous = super().champs()
        if tous["mode"] == NUMERISE:
            tous["mode"] = Accord.Mode.ECRIT.value
        lus = [mot for mot in tous.pop("textes_lus").split(",") if mot.isascii() and mot.isdecimal()]
        return tous | {"textes_lus": [int(mot) for mot in lus] or None}


class FormulaireRetrait(GardeMixin, FormulaireDActe):
    """Le motif d'un retrait, dans les mots de la personne ; jamais exigé."""

    champs_gardes = ("motif",)
    motif = forms.CharField(
        label="Ce que la personne en dit", max_length=1000, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
