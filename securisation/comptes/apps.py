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
        from securisation.socle.veille import veiller

        veiller("comptes.Professionnel", "is_active", "is_superuser", "equipe_id", tus=("last_login", "resume_le"))
        veiller("comptes.Fonction", "professionnel_id", "genre", "equipe_id", "du", "au")
        veiller("comptes.PropositionDeFonction", "professionnel_id", "genre", "equipe_id", "etat", "decidee_par_id")
        veiller("comptes.Equipe")
        veiller("comptes.Reglages")
        veiller("mfa.Authenticator", "user_id", "type", tus=("last_used_at",))
        veiller("comptes.Professionnel_groups", "professionnel_id", "group_id")
        veiller("comptes.Professionnel_user_permissions", "professionnel_id", "permission_id")
        veiller("auth.Group_permissions", "group_id", "permission_id")
