"""La deuxième phase : un temps borné, des actions, des leviers de droit commun."""

from django.apps import AppConfig


class InterventionsConfig(AppConfig):
    name = "interventions"
    label = "interventions"
    verbose_name = "Interventions"
