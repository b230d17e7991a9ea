"""Le site d'administration : celui de Django, sans ce qui mène hors des comptes et des nomenclatures."""

from django.contrib.admin import AdminSite


class SiteDesComptes(AdminSite):
    """Sans la route « voir sur le site » : elle dit, pour tout modèle, si une clé existe et où mène sa page."""

    site_header = site_title = "Jalon, comptes et référentiel"

    def get_urls(self):
        """Les routes de Django, sauf « r/ »."""
        return [motif for motif in super().get_urls() if getattr(motif, "name", "") != "view_on_site"]


class QuestionsPermises:
    """Une liste ne se filtre que par ses filtres : ni par un mot de passe, ni par un dossier relié."""

    view_on_site = False

    def lookup_allowed(self, lookup, value, request):
        """Vrai si la question porte sur un filtre affiché."""
        return lookup.split("__")[0] in self.list_filter and super().lookup_allowed(lookup, value, request)
