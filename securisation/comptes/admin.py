"""Les comptes dans l'administration de Django : lecture, activation, fonctions, réglages ; jamais de suppression."""

from allauth.account.decorators import secure_admin_login
from django import forms
from django.contrib import admin

from securisation.comptes.courriels import prevenir
from securisation.comptes.fonctions import proposer
from securisation.comptes.models import Equipe, Fonction, Professionnel, PropositionDeFonction, Reglages
from securisation.socle.journal import inscrire

# L'administration se rejoint par la même connexion que l'application : mêmes limites, même second facteur.
admin.site.login = secure_admin_login(admin.site.login)
admin.site.site_title, admin.site.site_header = "Jalon", "Jalon, comptes et référentiel"
admin.site.enable_nav_sidebar = False  # son état s'écrirait dans le navigateur (templates/admin/)


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
    actions = ["oublier_le_second_facteur"]

    def get_readonly_fields(self, request, obj=None):
        """Après la création, seuls l'activation, l'équipe et le métier changent ; nul ne ferme ni ne déplace son propre compte."""
        siens = ["equipe", "is_active"] if obj is not None and obj.pk == request.user.pk else []
        return ["last_login", "cree_le", *(["email", "prenom", "nom"] if obj else []), *siens]

    def save_model(self, request, obj, form, change):
        """Un compte créé ici reçoit son mot de passe par « mot de passe oublié » ; un changement d'accès se dit à son titulaire."""
        if not change:
            obj.set_unusable_password()
        super().save_model(request, obj, form, change)
        if change and "is_active" in form.changed_data:
            prevenir(obj, f"comptes/courriels/compte_{'rouvert' if obj.is_active else 'ferme'}")
        elif change and "equipe" in form.changed_data:
            prevenir(obj, "comptes/courriels/acces_change")

    @admin.action(description="Retirer le second facteur perdu", permissions=["change"])
    def oublier_le_second_facteur(self, request, queryset):
        """Pour qui a perdu son téléphone : le mot de passe reste demandé, un nouveau facteur aussi, et le titulaire est prévenu."""
        for compte in queryset.exclude(pk=request.user.pk):
            if compte.authenticator_set.all().delete()[0]:
                compte.sessions.all().delete()
                inscrire("second facteur retiré", objet=compte, par=request.user)
                prevenir(compte, "comptes/courriels/facteur_oublie")


class FinDeFonction(forms.ModelForm):
    """La fin d'une fonction s'avance ; la reculer serait la confier à nouveau."""

    def clean_au(self):
        """Le dernier jour, au plus celui déjà fixé."""
        au, fixe = self.cleaned_data["au"], self.instance.au
        if fixe is not None and (au is None or au > fixe):
            raise forms.ValidationError("Une fonction terminée se propose à nouveau : sa fin ne se recule pas.")
        return au


@admin.register(Fonction)
class FonctionAdmin(SansSuppression, admin.ModelAdmin):
    """Les fonctions en cours et passées : ici on ne peut que les terminer, par une date."""

    form = FinDeFonction
    list_display = ["professionnel", "genre", "equipe", "du", "au"]
    list_filter = ["genre"]
    list_select_related = ["professionnel", "equipe"]
    readonly_fields = ["professionnel", "genre", "equipe", "du"]

    def has_add_permission(self, request):
        """Une fonction se propose, puis se confirme par une seconde personne."""
        return False

    def save_model(self, request, obj, form, change):
        """Une fonction écourtée termine les sessions ; le titulaire est prévenu."""
        super().save_model(request, obj, form, change)
        if form.changed_data:
            prevenir(obj.professionnel, "comptes/courriels/acces_change")


@admin.register(PropositionDeFonction)
class PropositionAdmin(SansSuppression, admin.ModelAdmin):
    """Proposer une fonction : elle ne vaut qu'une fois confirmée par la direction ou le délégué à la protection des données."""

    list_display = ["professionnel", "genre", "equipe", "du", "etat", "proposee_par", "decidee_par"]
    list_filter = ["etat", "genre"]
    list_select_related = ["professionnel", "equipe", "proposee_par", "decidee_par"]
    fields = ["professionnel", "genre", "equipe", "du"]

    def has_change_permission(self, request, obj=None):
        """Une proposition ne se reprend pas : elle se confirme ou se refuse."""
        return False

    def save_model(self, request, obj, form, change):
        """Enregistre la proposition et l'inscrit."""
        proposer(obj, par=request.user)

    def formfield_for_foreignkey(self, db_field, request, **options):
        """Nul ne se propose une fonction."""
        if db_field.name == "professionnel":
            options["queryset"] = Professionnel.objects.a_qui_confier().exclude(pk=request.user.pk)
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
