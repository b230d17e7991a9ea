"""Les comptes : professionnels, équipes, fonctions, réglages de l'association, connexion."""

from django.apps import AppConfig, apps


class ComptesConfig(AppConfig):
    """Déclare l'application, son contrôle de démarrage et ses signaux de connexion."""

    name = "securisation.comptes"
    label = "comptes"
    verbose_name = "Comptes"

    def ready(self):
        # Avant que l'administration se charge : elle prend le site nommé ici.
        apps.get_app_config("admin").default_site = "securisation.comptes.adaptateurs.SiteDesComptes"
        """Branche les contrôles et les inscriptions au journal."""
        from securisation.comptes import controles, signaux  # noqa: F401
