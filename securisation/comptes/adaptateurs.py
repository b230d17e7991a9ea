"""Adaptation d'allauth et de l'administration à la maison : pas d'inscription publique, rien qui mène hors des comptes."""

from functools import wraps

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context
from django.conf import settings
from django.contrib.admin import AdminSite

from securisation.socle import confirmation
from securisation.socle.journal import dire_qui

RESERVES_AU_TITULAIRE = {"account", "auth", "mfa"}


class AdaptateurComptes(DefaultAccountAdapter):
    """Ferme l'inscription ; le compte est créé par l'administrateur fonctionnel."""

    def is_open_for_signup(self, request):
        """Jamais ouverte."""
        return False

    def can_delete_email(self, email_address):
        """L'adresse identifie le compte : son titulaire ne la retire pas."""
        return False

    def send_notification_mail(self, template_prefix, user, context=None, email=None):
        """Un changement du compte se dit à son titulaire par l'outbox : un serveur de courriel éteint ne retient personne."""
        from securisation.comptes.courriels import prevenir

        prevenir(user, template_prefix)

    def is_reauthentication_required(self, *, app, **kwargs):
        """Le tout premier second facteur s'enregistre sur la foi d'une connexion de moins de quinze minutes."""
        request = context.request
        if settings.MFA_OBLIGATOIRE and request.user.is_authenticated and not request.user.a_second_facteur:
            return not confirmation.est_recente(request)
        return super().is_reauthentication_required(app=app, **kwargs)

    def reauthenticate(self, user, password):
        """Le mot de passe de ce compte, compté par le même limiteur que la connexion."""
        retrouve = self.authenticate(context.request, email=user.email, password=password)
        return retrouve is not None and retrouve.pk == user.pk

    def get_user_search_fields(self):
        """Champs de recherche d'un compte."""
        return ["email", "prenom", "nom"]


class SiteDesComptes(AdminSite):
    """Sans la route « voir sur le site » : elle dit, pour tout modèle, si une clé existe et où mène sa page."""

    site_header = site_title = "Jalon, comptes et référentiel"

    def admin_view(self, view, cacheable=False):
        """Une page de Django ; un envoi dit à la base qui agit, comme la porte de l'application."""

        @wraps(view)
        def dite(request, *args, **kwargs):
            if request.method == "POST" and request.user.is_authenticated:
                dire_qui(request.user, "administration des comptes")
            return view(request, *args, **kwargs)

        return super().admin_view(dite, cacheable)

    def register(self, model_or_iterable, admin_class=None, **options):
        """Les moyens de connexion d'un compte (secrets compris) n'y sont à personne, superutilisateur compris."""
        modeles = [model_or_iterable] if isinstance(model_or_iterable, type) else list(model_or_iterable)
        gardes = [modele for modele in modeles if modele._meta.app_label not in RESERVES_AU_TITULAIRE]
        super().register(gardes, admin_class, **options)

    def get_urls(self):
        """Les routes de Django, sauf « r/ »."""
        return [motif for motif in super().get_urls() if getattr(motif, "name", "") != "view_on_site"]
