"""La coordination : ce qu'un partenaire voit d'un parcours, et ce que la personne reçoit du sien."""

from django.apps import AppConfig


class CoordinationConfig(AppConfig):
    name = "securisation.coordination"
    label = "coordination"
    verbose_name = "Coordination"

    def ready(self):
        """Inscrit les copies remises à la vérification publique."""
        from securisation.documents.verification import enregistrer_registre

        from .models import Copie

        enregistrer_registre(Copie.objects.trace_du_numero, par_empreinte=Copie.objects.trace_de_l_empreinte)
