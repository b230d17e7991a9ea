"""Les droits de l'administrateur fonctionnel dans l'administration de Django."""

from django.contrib.auth.backends import BaseBackend

APPLICATIONS = {"comptes", "annuaire"}
VERBES = {"view", "add", "change"}


class AdministrateurBackend(BaseBackend):
    """Donne à l'ADMINISTRATEUR les comptes et les nomenclatures, sans suppression ; rien d'un dossier."""

    def has_perm(self, user_obj, perm, obj=None):
        """Vrai pour voir, ajouter ou modifier un compte ou une nomenclature (« comptes.view_equipe »)."""
        application, _, mot = perm.partition(".")
        if application not in APPLICATIONS or mot.partition("_")[0] not in VERBES:
            return False
        return self._est_administrateur(user_obj)

    def has_module_perms(self, user_obj, app_label):
        """Vrai si l'administrateur a quelque chose à faire dans cette application."""
        return app_label in APPLICATIONS and self._est_administrateur(user_obj)

    @staticmethod
    def _est_administrateur(user_obj):
        return user_obj.is_authenticated and user_obj.a_fonction("ADMINISTRATEUR")
