"""Nomenclatures et structures dans l'administration de Django : modifiées, jamais supprimées."""

from django.contrib import admin

from securisation.annuaire import catalogue
from securisation.annuaire.models import Structure, TexteAccord
from securisation.comptes.admin import QuestionsPermises
from securisation.socle.journal import inscrire

SUIVI = ["relu_le", "relu_par", "champs_corriges", "propre_a_l_association"]
FIGES = ["code", "revele_la_sante"]  # décocher révélerait, d'un geste, ce que des personnes n'ont pas accepté de dire


class NomenclatureAdmin(QuestionsPermises, admin.ModelAdmin):
    """Une modification ici est une correction de l'association : le rechargement du référentiel la garde."""

    list_display = ["code", "__str__", "relecture", "ferme_le", "propre_a_l_association"]
    list_filter = ["relecture", "propre_a_l_association"]
    list_per_page = 100

    def get_search_fields(self, request):
        return ["code", self.model.champ_libelle]

    def get_readonly_fields(self, request, obj=None):
        """Le code est stable une fois créé, et ce qui révèle la santé le reste ; le suivi se tient tout seul."""
        figes = [nom for nom in FIGES if obj and hasattr(obj, nom)]
        return [*SUIVI, *figes]

    def has_delete_permission(self, request, obj=None):
        return False

    def save_model(self, request, obj, form, change):
        if change:
            champs = {nom: form.cleaned_data[nom] for nom in form.changed_data}
            type(obj).objects.get(pk=obj.pk).corriger(par=request.user, **champs)
            return
        obj.propre_a_l_association = True
        super().save_model(request, obj, form, change)
        inscrire("nomenclature ajoutée", objet=obj, par=request.user, code=obj.code)


@admin.register(Structure)
class StructureAdmin(QuestionsPermises, admin.ModelAdmin):
    """Structures de l'annuaire ; l'action « vérifier » date et signe les coordonnées."""

    list_display = ["nom", "type", "commune", "departement", "verifiee_le", "verifiee_par", "fermee_le"]
    list_filter = ["type", "departement"]
    list_select_related = ["departement", "verifiee_par"]
    search_fields = ["nom", "commune"]
    filter_horizontal = ["leviers"]
    readonly_fields = ["verifiee_le", "verifiee_par"]
    actions = ["verifier"]

    def has_delete_permission(self, request, obj=None):
        return False

    def save_model(self, request, obj, form, change):
        super().save_model(request, obj, form, change)
        action = "structure modifiée" if change else "structure ajoutée"
        inscrire(action, objet=obj, par=request.user, champs=sorted(form.changed_data))

    @admin.action(description="Dire vérifiées aujourd'hui les structures choisies", permissions=["change"])
    def verifier(self, request, queryset):
        for structure in queryset:
            structure.verifier(par=request.user)


@admin.register(TexteAccord)
class TexteAccordAdmin(QuestionsPermises, admin.ModelAdmin):
    """Les textes lus à la personne : un brouillon se corrige, puis se publie ; une version publiée ne se récrit pas."""

    list_display = ["finalite", "version", "publie_le", "propre_a_l_association"]
    list_filter = ["finalite"]
    list_select_related = ["finalite"]
    readonly_fields = ["version", "empreinte", "publie_le", "propre_a_l_association"]
    actions = ["publier"]

    def has_delete_permission(self, request, obj=None):
        return False

    def has_change_permission(self, request, obj=None):
        return super().has_change_permission(request, obj) and (obj is None or obj.publie_le is None)

    def save_model(self, request, obj, form, change):
        super().save_model(request, obj, form, change)
        inscrire("texte d'accord écrit", objet=obj, par=request.user, version=obj.version)

    @admin.action(description="Publier les textes choisis : ils seront lus dès maintenant", permissions=["add"])
    def publier(self, request, queryset):
        for texte in queryset.order_by("version"):
            texte.publier(par=request.user)


admin.site.register(catalogue.NOMENCLATURES.values(), NomenclatureAdmin)
