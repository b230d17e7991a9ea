"""Formulaires du parcours : orientation, qualification, personne, entourage, rôles, interruption."""

from django import forms

from securisation.annuaire.forms import GardeMixin
from securisation.annuaire.models import Levier, Origine, Public
from securisation.comptes.models import Professionnel
from securisation.parcours import droits
from securisation.parcours.models import Entourage, Parcours, Personne, Qualification
from securisation.parcours.models.qualification import CRITERES
from securisation.socle import horloge
from securisation.socle.formulaires import ChampJour, FormulaireDActe

DEJA_MAX = 5  # parcours montrés quand la personne semble déjà connue
OUI_NON = [("oui", "Oui"), ("non", "Non")]


def oui_non(libelle, **options):
    """Question à deux réponses, sans réponse d'avance ; rend True ou False."""
    return forms.TypedChoiceField(
        label=libelle,
        choices=OUI_NON,
        coerce=lambda valeur: valeur == "oui",
        widget=forms.RadioSelect,
        empty_value=None,
        **options,
    )


class FormulairePersonne(FormulaireDActe):
    """Identité (jamais exigée : un pseudonyme suffit), coordonnées et préférences."""

    prenom = forms.CharField(label="Prénom", max_length=80, required=False)
    nom = forms.CharField(label="Nom", max_length=80, required=False)
    pseudonyme = forms.CharField(
        label="Pseudonyme ou code",
        max_length=80,
        required=False,
        help_text="Suffit si la personne ne souhaite pas donner son nom.",
    )
    annee_naissance = forms.IntegerField(label="Année de naissance", required=False, min_value=1900, max_value=2100)
    commune = forms.CharField(label="Commune", max_length=120, required=False)
    code_postal = forms.RegexField(
        label="Code postal",
        regex=r"^[0-9][0-9AB][0-9]{3}$",
        required=False,
        error_messages={"invalid": "Le code postal s'écrit en cinq chiffres."},
    )
    telephone = forms.CharField(label="Téléphone", max_length=30, required=False)
    canal_prefere = forms.ChoiceField(
        label="Canal préféré", choices=[("", "Non précisé"), *Personne.Canal.choices], required=False
    )

    def clean(self):
        donnees = super().clean()
        if not any(donnees.get(nom) for nom in ("prenom", "nom", "pseudonyme")):
            self.add_error("nom", "Indiquez un prénom, un nom, ou un pseudonyme (un code suffit).")
        return donnees


class FormulaireOrientation(GardeMixin, FormulairePersonne):
    """Ouvrir un parcours : la personne et la demande, en treize champs."""

    champs_gardes = ("demande", "orienteur")
    a_part = (*FormulairePersonne.a_part, "doublon_confirme")
    CHAMPS_PERSONNE = tuple(FormulairePersonne.base_fields)[2:]

    recue_le = ChampJour(label="Demande reçue le")
    origine = forms.ModelChoiceField(label="Origine", queryset=None, empty_label="Choisir…")
    orienteur = forms.CharField(label="Qui oriente", max_length=200, required=False)
    demande = forms.CharField(
        label="La demande",
        max_length=4000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="La situation et ses échéances. Jamais un diagnostic, un traitement ni un numéro de sécurité sociale.",
    )
    intervention_collective_prealable = forms.BooleanField(
        label="Une intervention collective a précédé", required=False
    )
    doublon_confirme = forms.BooleanField(
        label="Ce n'est pas la même personne, ou un nouveau parcours lui est nécessaire.",
        required=False,
        widget=forms.HiddenInput,
    )

    def __init__(self, *args, visibles=None, **options):
        super().__init__(*args, **options)
        self.visibles, self.deja = visibles, []
        self.fields["origine"].queryset = Origine.objects.ouverts()
        self.fields["recue_le"].initial = horloge.aujourd_hui()

    def clean(self):
        donnees = super().clean()
        if self.visibles is not None:
            self.deja = list(self.visibles.de_la_personne(donnees)[:DEJA_MAX])
        if self.deja:
            self.fields["doublon_confirme"].widget = forms.CheckboxInput(attrs={"class": "form-check-input"})
            if not donnees.get("doublon_confirme"):
                self.add_error(
                    "doublon_confirme", "Une personne du même nom a déjà un parcours : ouvrez-le, ou confirmez."
                )
        return donnees

    def clean_recue_le(self):
        """Une demande ne se reçoit pas demain."""
        if self.cleaned_data["recue_le"] > horloge.aujourd_hui():
            raise forms.ValidationError("La date de réception est dans l'avenir.")
        return self.cleaned_data["recue_le"]

    def champs(self):
        """Sépare ce qui est de la personne de ce qui est de l'orientation."""
        tous = super().champs()
        personne = {nom: tous.pop(nom) for nom in self.CHAMPS_PERSONNE}
        return {"personne": personne, "orientation": tous}


class FormulaireIdentite(GardeMixin, FormulairePersonne):
    """La fiche entière de la personne."""

    champs_gardes = ("foyer", "lecture")

    adresse = forms.CharField(label="Adresse", max_length=300, required=False)
    courriel = forms.EmailField(label="Courriel", required=False)
    langue = forms.CharField(label="Langue", max_length=60, required=False)
    lecture = forms.CharField(label="Rapport à la lecture", max_length=120, required=False)
    foyer = forms.CharField(label="Foyer", max_length=300, required=False)


class FormulaireQualification(GardeMixin, FormulaireDActe):
    """Quatre critères, une exclusion, une décision et son motif."""

    champs_gardes = ("motif",)

    facteurs_identifies = oui_non("Des facteurs de rupture sont-ils identifiés ?")
    droit_commun_mobilise_ou_mobilisable = oui_non("Le droit commun est-il mobilisé ou mobilisable ?")
    trajectoire_fragile_malgre_ces_mobilisations = oui_non(
        "La trajectoire reste-t-elle fragile malgré ces mobilisations ?"
    )
    action_ciblee_necessaire = oui_non("Une action ciblée est-elle nécessaire ?")
    releve_exclusivement_de_l_urgence = oui_non(
        "La situation relève-t-elle exclusivement de l'urgence, médicale ou sociale ?"
    )
    decision = forms.ChoiceField(label="Décision", choices=Qualification.Decision.choices, widget=forms.RadioSelect)
    motif = forms.CharField(label="Motif de la décision", max_length=2000, widget=forms.Textarea(attrs={"rows": 3}))
    orientation_proposee = forms.ModelChoiceField(
        label="Orientation proposée",
        queryset=None,
        required=False,
        empty_label="Choisir…",
        help_text="Pour une décision de non-admission.",
    )
    reponse_donnee_le = ChampJour(label="Réponse donnée à la personne le", required=False)
    publics = forms.ModelMultipleChoiceField(
        label="Publics concernés",
        queryset=None,
        to_field_name="code",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="Avec la personne, ce qui la décrit. Sert aux chiffres du dispositif, jamais à décider de l’admission.",
    )

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        self.fields["orientation_proposee"].queryset = Levier.objects.ouverts()
        self.fields["publics"].queryset = Public.objects.a_la_saisie()

    def champs(self):
        """Les publics se gardent par leur code."""
        tous = super().champs()
        return tous | {"publics": [public.code for public in tous["publics"]]}

    def clean(self):
        donnees = super().clean()
        if donnees.get("decision") == Qualification.Decision.ADMISE:
            if not all(donnees.get(critere) for critere in CRITERES) or donnees.get(
                "releve_exclusivement_de_l_urgence"
            ):
                self.add_error("decision", "L'admission demande les quatre critères réunis, hors urgence exclusive.")
        elif donnees.get("decision") and not donnees.get("orientation_proposee"):
            self.add_error(
                "orientation_proposee", "Un refus est une orientation : indiquez vers qui la personne est orientée."
            )
        return donnees


class FormulaireReponse(FormulaireDActe):
    """Le jour où la réponse a été donnée à la personne."""

    reponse_donnee_le = ChampJour(label="Réponse donnée le")


class FormulaireEntourage(GardeMixin, FormulaireDActe):
    """Quelqu'un autour de la personne."""

    champs_gardes = ("lien",)

    nom = forms.CharField(label="Nom", max_length=120)
    lien = forms.CharField(label="Lien", max_length=60, required=False)
    role = forms.ChoiceField(label="Place", choices=Entourage.Role.choices)
    telephone = forms.CharField(label="Téléphone", max_length=30, required=False)


class FormulaireRole(GardeMixin, FormulaireDActe):
    """Donner un rôle à un membre de l'équipe ; le référent déclare l'absence de conflit d'intérêts."""

    champs_gardes = ("precisions",)

    professionnel = forms.ModelChoiceField(label="Professionnel", queryset=None, empty_label="Choisir…")
    role = forms.ChoiceField(label="Rôle", choices=list(droits.ROLES.items()), widget=forms.RadioSelect)
    conflit = oui_non(
        "Un lien personnel, familial ou d'intérêt avec cette personne ?",
        required=False,
        help_text="Pour un référent. Un conflit déclaré empêche l'attribution.",
    )
    precisions = forms.CharField(label="Précisions", max_length=1000, required=False)

    def __init__(self, *args, parcours, **options):
        super().__init__(*args, **options)
        self.fields["professionnel"].queryset = Professionnel.objects.actifs().filter(equipe=parcours.equipe_id)

    def clean(self):
        donnees = super().clean()
        if donnees.get("role") == droits.REFERENT and donnees.get("conflit") is None:
            self.add_error("conflit", "Le référent déclare s'il a, ou non, un conflit d'intérêts.")
        return donnees

    def champs(self):
        """Les noms de `attribuer_role`."""
        tous = super().champs()
        return tous | {"absence_de_conflit": not tous.pop("conflit")} if "conflit" in tous else tous


class FormulaireInterruption(GardeMixin, FormulaireDActe):
    """Interrompre un parcours : son motif, ses précisions."""

    champs_gardes = ("precisions",)
    # L'adhésion retirée interrompt d'elle-même : elle se retire sur la page des accords.
    motif = forms.ChoiceField(
        label="Motif",
        choices=[choix for choix in Parcours.MotifInterruption.choices if choix[0] != "adhesion_retiree"],
        widget=forms.RadioSelect,
    )
    precisions = forms.CharField(
        label="Précisions",
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="Pour une perte de contact : les dates et les moyens de chaque tentative.",
    )


class FormulaireRestriction(GardeMixin, FormulaireDActe):
    """Pourquoi un parcours quitte, ou retrouve, la vue de l'équipe."""

    champs_gardes = ("motif",)
    raison = forms.ChoiceField(label="Raison", choices=Parcours.RaisonRestriction.choices, widget=forms.RadioSelect)
    motif = forms.CharField(
        label="Précisions",
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Gardées au dossier, lues de ceux qui le voient.",
    )

    def __init__(self, *args, objet, **options):
        super().__init__(*args, objet=objet, **options)
        if objet.restreint:
            del self.fields["raison"]


class FormulaireImport(FormulaireDActe):
    """Déposer un tableau d'orientations."""

    fichier = forms.FileField(
        label="Tableau d'orientations",
        allow_empty_file=True,
        help_text="CSV, XLSX ou ODS, 10 Mo au plus. La première ligne porte les titres.",
        error_messages={"required": "Choisissez un fichier à déposer."},
    )
    essai = forms.BooleanField(
        label="Essai à blanc",
        required=False,
        help_text="Dit ce que donnerait l'import, ligne par ligne, sans rien enregistrer.",
    )
