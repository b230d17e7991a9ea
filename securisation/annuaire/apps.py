"""Annuaire : nomenclatures, structures, territoires, garde non médicale."""

from django.apps import AppConfig


class AnnuaireConfig(AppConfig):
    name = "securisation.annuaire"
    label = "annuaire"
    verbose_name = "Annuaire et référentiel"

    def ready(self):
        from securisation.annuaire.forms import refuser_deux_alphabets, refuser_un_numero
        from securisation.socle.formulaires import FormulaireDActe

        FormulaireDActe.verificateurs += [refuser_un_numero, refuser_deux_alphabets]
