"""Le parcours : la personne, ses rôles, ses accords, son admission."""

from django.apps import AppConfig


class ParcoursConfig(AppConfig):
    name = "securisation.parcours"
    label = "parcours"
    verbose_name = "Parcours"
