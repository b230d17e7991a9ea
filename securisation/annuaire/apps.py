"""Annuaire : nomenclatures, structures, territoires, garde non médicale."""

from django.apps import AppConfig


class AnnuaireConfig(AppConfig):
    name = "securisation.annuaire"
    label = "annuaire"
    verbose_name = "Annuaire et référentiel"
