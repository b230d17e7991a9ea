"""La coordination : ce qu'un partenaire voit d'un parcours, et ce que la personne reçoit du sien."""

from django.apps import AppConfig


class CoordinationConfig(AppConfig):
    name = "securisation.coordination"
    label = "coordination"
    verbose_name = "Coordination"
