"""Annuaire : nomenclatures, structures, territoires, garde non médicale."""

from django.apps import AppConfig


class AnnuaireConfig(AppConfig):
    name = "securisation.annuaire"
    label = "annuaire"
    verbose_name = "Annuaire et référentiel"

    def ready(self):
        from securisation.annuaire.forms import refuser_un_numero
        from securisation.socle.formulaires import FormulaireDActe

        FormulaireDActe.verificateurs.append(refuser_un_numero)
