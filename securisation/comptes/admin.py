"""Les comptes dans l'administration de Django : lecture, activation, fonctions, réglages ; jamais de suppression."""

from allauth.account.decorators import secure_admin_login
from django.contrib import admin

from securisation.comptes.models import Equipe, Fonction, Professionnel, Reglages
from securisation.socle.journal import inscrire

# L'administration se rejoint par la même connexion que l'application : mêmes limites, même second facteur.
admin.site.login = secure_admin_login(admin.site.login)


class QuestionsPermises:
    """Une liste ne se filtre que par ses filtres : ni par un mot de passe, ni par un dossier relié."""

    view_on_site = False

    def lookup_allowed(self, lookup, value, request):
        """Vrai si la question porte sur un filtre affiché."""
        return lookup.split("__")[0] in self.list_filter and super().lookup_allowed(lookup, value, request)


class SansSuppression(QuestionsPermises):
    """Retire la suppression, tient les filtres et inscrit chaque modification au journal."""

    def has_delete_permission(self, request, obj=None):
        """Jamais."""
        return False

    def save_model(self, request, obj, form, change):
        """Enregistre et inscrit les noms des champs changés."""
        super().save_model(request, obj, form, change)
        action = "compte modifié" if change else "compte créé"
        inscrire(action, objet=obj, par=request.user, champs=sorted(form.changed_data))


class FonctionsDuProfessionnel(admin.TabularInline):
    """Les fonctions, en lecture, sur la fiche du professionnel."""

    model = Fonction
    extra = 0
    can_delete = False

    def has_change_permission(self, request, obj=None):
        """La fonction se modifie sur sa propre page."""
        return False

    def has_add_permission(self, request, obj=None):
        """La fonction se confie sur sa propre page."""
        return False


@admin.register(Professionnel)
class ProfessionnelAdmin(SansSuppression, admin.ModelAdmin):
    """Les professionnels : création sans mot de passe, lecture, activation."""

    list_display = ["nom", "prenom", "email", "metier", "equipe", "is_active", "last_login"]
    list_filter = ["is_active", "equipe"]
    list_select_related = ["equipe"]
    search_fields = ["nom", "prenom", "email"]
    fields = ["email", "prenom", "nom", "metier", "equipe", "is_active", "last_login", "cree_le"]
    inlines = [FonctionsDuProfessionnel]

    def get_readonly_fields(self, request, obj=None):
        """Après la création, seuls l'activation, l'équipe et le métier changent."""
        return ["last_login", "cree_le", *(["email", "prenom", "nom"] if obj else [])]

    def save_model(self, request, obj, form, change):
        """Un compte créé ici reçoit son mot de passe par « mot de passe oublié »."""
        if not change:
            obj.set_unusable_password()
        super().save_model(request, obj, form, change)


@admin.register(Fonction)
class FonctionAdmin(SansSuppression, admin.ModelAdmin):
    """Les fonctions confiées ; une fonction se termine par une date."""

    list_display = ["professionnel", "genre", "equipe", "du", "au"]
    list_filter = ["genre"]
    list_select_related = ["professionnel", "equipe"]

    def save_model(self, request, obj, form, change):
        """Une fonction confiée ouvre des droits : le journal dit laquelle, à qui, sur quelle équipe."""
        super().save_model(request, obj, form, change)
        if not change:
            details = {"genre": obj.genre, "professionnel": obj.professionnel_id, "equipe": obj.equipe_id}
            inscrire("fonction confiée", objet=obj, par=request.user, **details)

    def formfield_for_foreignkey(self, db_field, request, **options):
        """Nul ne se confie une fonction : celle de superviseur ouvrirait à l'administrateur les dossiers d'une équipe."""
        if db_field.name == "professionnel":
            options["queryset"] = Professionnel.objects.exclude(pk=request.user.pk)
        return super().formfield_for_foreignkey(db_field, request, **options)


@admin.register(Equipe)
class EquipeAdmin(SansSuppression, admin.ModelAdmin):
    """Les équipes."""

    list_display = ["nom", "territoire", "places", "association"]


@admin.register(Reglages)
class ReglagesAdmin(SansSuppression, admin.ModelAdmin):
    """Les durées de l'association : une ligne."""

    def has_add_permission(self, request):
        """Une seule ligne."""
        return super().has_add_permission(request) and not Reglages.objects.exists()
