"""Les comptes : professionnels, équipes, fonctions, réglages de l'association, connexion."""

from django.apps import AppConfig


class ComptesConfig(AppConfig):
    """Déclare l'application, son contrôle de démarrage et ses signaux de connexion."""

    name = "securisation.comptes"
    label = "comptes"
    verbose_name = "Comptes"

    def ready(self):
        """Branche les contrôles et les inscriptions au journal."""
        from securisation.comptes import controles, signaux  # noqa: F401
