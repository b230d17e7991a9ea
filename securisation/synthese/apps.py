"""La synthèse : mes parcours, la page du parcours, l'historique."""

from django.apps import AppConfig


class SyntheseConfig(AppConfig):
    name = "securisation.synthese"
    label = "synthese"
    verbose_name = "Synthèse"
