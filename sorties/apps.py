"""La troisième phase : le bilan, les risques résiduels, leurs relais."""

from django.apps import AppConfig


class SortiesConfig(AppConfig):
    name = "sorties"
    label = "sorties"
    verbose_name = "Sorties"
