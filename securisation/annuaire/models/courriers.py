"""Les modèles de courrier : un texte que l'association corrige, et les mots entre accolades que le dossier remplit."""

import re

from django.core.exceptions import ValidationError
from django.db import models

from securisation.annuaire.models.base import Nomenclature

MOT = re.compile(r"\{([^{}]*)\}")
# Ce qu'un modèle peut nommer, et rien d'autre : ni facteur, ni niveau, ni note n'ont de mot ici.
MOTS = {
    "personne": "le nom de la personne",
    "destinataire": "le destinataire",
    "demande": "l’objet de la demande",
    "date_demande": "la date de la demande",
    "date_reponse": "la date de la réponse reçue",
    "delai": "le délai de réponse",
    "date_silence": "le jour où le silence a pris effet",
    "effet": "ce que vaut le silence",
    "source": "le texte qui fixe le délai",
    "dernier_jour": "le dernier jour pour contester",
}


class ModeleCourrier(Nomenclature):
    """Un courrier que la personne signe : son usage, son objet, son texte. Les mots entre accolades viennent du dossier."""

    class Usage(models.TextChoices):
        DEMANDE = "demande", "Demande"
        RELANCE = "relance", "Relance"
        RECOURS = "recours", "Recours"

    usage = models.CharField("usage", max_length=10, choices=Usage.choices)
    objet = models.CharField("objet", max_length=200)
    corps = models.TextField(
        "texte", max_length=4000, help_text="Mots remplis par le dossier : " + ", ".join(f"{{{mot}}}" for mot in MOTS)
    )

    class Meta(Nomenclature.Meta):
        verbose_name = "modèle de courrier"
        verbose_name_plural = "modèles de courrier"

    @property
    def details(self):
        """Son usage, son objet, et le début de son texte."""
        return [f"{self.get_usage_display()} · {self.objet}", self.corps.replace("\n", " ")]

    def clean(self):
        """Refuse un mot que le dossier ne remplit pas, ou une accolade qui reste seule."""
        super().clean()
        for nom in ("objet", "corps"):
            texte = getattr(self, nom)
            inconnus = sorted({mot for mot in MOT.findall(texte) if mot not in MOTS})
            if inconnus or set("{}") & set(MOT.sub("", texte)):
                dits = ", ".join(inconnus) or "une accolade seule"
                permis = ", ".join(f"{{{mot}}}" for mot in MOTS)
                raise ValidationError({nom: f"Mot inconnu : {dits}. Mots permis : {permis}."})

    def remplir(self, valeurs):
        """(objet, corps) où chaque mot a sa valeur ; sans valeur, un passage entre crochets dit quoi écrire."""

        def mot(trouve):
            return valeurs.get(trouve[1]) or f"[à compléter : {MOTS[trouve[1]]}]"

        return MOT.sub(mot, self.objet), MOT.sub(mot, self.corps)
