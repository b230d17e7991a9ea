"""Formulaires des pièces jointes : en joindre une (photo ou fichier), la retirer."""

from django import forms

from interventions import reserve
from interventions.forms import texte
from interventions.models import Action
from securisation.annuaire.forms import GardeMixin
from securisation.documents import numerisation
from securisation.socle import horloge
from securisation.socle.formulaires import ChampJour, FormulaireDActe

IMAGES = "image/jpeg,image/png,image/webp"  # l'iPhone convertit de lui-même ses photos quand la page demande du JPEG
REJOINDRE = "Choisissez de nouveau le fichier : il n’est pas gardé d’un envoi à l’autre."


def _fichier(libelle, aide, **attributs):
    return forms.FileField(
        label=libelle,
        required=False,
        allow_empty_file=True,
        help_text=aide,
        widget=forms.FileInput(attrs={"data-poids": numerisation.TAILLE_MAX} | attributs),
    )


class ChoixDeDemarche(forms.ModelChoiceField):
    """Une démarche du parcours, dite par son intitulé et désignée par sa clé publique."""

    def label_from_instance(self, action):
        """L'intitulé : le nom d'un objet n'est qu'un numéro."""
        return action.intitule


class FormulairePiece(GardeMixin, FormulaireDActe):
    """Une pièce jointe en quatre champs : le fichier, son intitulé, le jour, la démarche s'il y en a une."""

    champs_gardes = ("intitule",)
    a_part = (*FormulaireDActe.a_part, "photo", "fichier")

    photo = _fichier("Prendre une photo", "Une page, à plat, bien éclairée.", accept=IMAGES, capture="environment")
    fichier = _fichier(
        "Choisir un fichier", "Photo (JPEG, PNG, WebP) ou PDF, 10 Mo au plus.", accept=f"{IMAGES},application/pdf"
    )
    intitule = forms.CharField(
        label="Qu’est-ce que c’est ?",
        max_length=160,
        help_text="Par exemple : courrier de la CAF, attestation d’hébergement. Aucun document médical.",
    )
    recue_le = ChampJour(label="Reçue le", initial=horloge.aujourd_hui)
    action = ChoixDeDemarche(
        label="Pour quelle démarche ?",
        queryset=Action.objects.none(),
        to_field_name="uuid",
        required=False,
        empty_label="Aucune en particulier",
        error_messages={"invalid_choice": "Cette démarche n’est pas de ce parcours, ou ne se montre pas aujourd’hui."},
    )

    def __init__(self, *args, parcours, **options):
        super().__init__(*args, **options)
        self.papier = None
        actions = reserve.lisibles(
            Action.objects.filter(intervention__parcours=parcours).select_related("facteur", "levier"), parcours
        )
        cles = [action.pk for action in actions if not action.est_tue]
        self.fields["action"].queryset = Action.objects.filter(pk__in=cles).select_related("facteur", "levier")
        if not cles:
            del self.fields["action"]

    def clean(self):
        donnees = super().clean()
        recus = [nom for nom in ("photo", "fichier") if donnees.get(nom)]
        if len(recus) == 2:
            self.add_error("fichier", "Une pièce à la fois : gardez la photo ou le fichier.")
        elif recus:
            self._lire(recus[0], donnees[recus[0]])
        elif not self.errors.keys() & {"photo", "fichier"}:
            self.add_error("fichier", "Prenez une photo, ou choisissez un fichier.")
        if self.errors and recus and not self.errors.keys() & {"photo", "fichier"}:
            self.add_error(recus[0], REJOINDRE)
        return donnees

    def _lire(self, nom, recu):
        """Le contenu fait foi, jamais le nom du fichier ; il ne se lit, ni ne s'analyse, que si le reste est juste."""
        if self.errors:
            return
        try:
            self.papier = numerisation.lire(recu)
        except forms.ValidationError as erreur:
            self.add_error(nom, erreur)

    def refuser(self, erreur):
        """Un refus de l'acte rend la page sans le fichier : le dire à son champ."""
        super().refuser(erreur)
        self.add_error("fichier", REJOINDRE)

    def champs(self):
        """Les noms de `verser`."""
        return super().champs() | {"papier": self.papier}


class FormulaireRetraitDePiece(GardeMixin, FormulaireDActe):
    """Retirer une pièce jointe par erreur : pourquoi."""

    champs_gardes = ("motif",)

    motif = texte("Pourquoi la retirer ?", 500, help_text="Par exemple : jointe au mauvais dossier, photo illisible.")
