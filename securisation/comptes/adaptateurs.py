"""Adaptation d'allauth à la maison : pas d'inscription publique, adresse tenue par l'administrateur."""

from allauth.account.adapter import DefaultAccountAdapter


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
