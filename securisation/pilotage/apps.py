"""Le pilotage : conventions, éditions de financeur, chiffres de la direction, actions collectives ; jamais une personne."""

from django.apps import AppConfig


class PilotageConfig(AppConfig):
    name = "securisation.pilotage"
    label = "pilotage"
    verbose_name = "Pilotage"

    def ready(self):
        """Inscrit les éditions à la vérification publique."""
        from securisation.documents.verification import enregistrer_registre
        from securisation.pilotage.models import Edition

        registre = Edition.objects
        enregistrer_registre(registre.trace_du_numero, par_empreinte=registre.trace_de_l_empreinte)
