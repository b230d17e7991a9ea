"""Adaptation d'allauth et de l'administration à la maison : pas d'inscription publique, rien qui mène hors des comptes."""

from allauth.account.adapter import DefaultAccountAdapter
from django.contrib.admin import AdminSite


class AdaptateurComptes(DefaultAccountAdapter):
    """Ferme l'inscription ; le compte est créé par l'administrateur fonctionnel."""

    def is_open_for_signup(self, request):
        """Jamais ouverte."""
        return False

    def can_delete_email(self, email_address):
        """L'adresse identifie le compte : son titulaire ne la retire pas."""
        return False

    def get_user_search_fields(self):
        """Champs de recherche d'un compte."""
        return ["email", "prenom", "nom"]


class SiteDesComptes(AdminSite):
    """Sans la route « voir sur le site » : elle dit, pour tout modèle, si une clé existe et où mène sa page."""

    site_header = site_title = "Jalon, comptes et référentiel"

    def get_urls(self):
        """Les routes de Django, sauf « r/ »."""
        return [motif for motif in super().get_urls() if getattr(motif, "name", "") != "view_on_site"]
