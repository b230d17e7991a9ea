"""Contrôle de démarrage : une vue qui ne déclare pas son accès n'est jamais servie."""

from django.apps import apps
from django.contrib import admin
from django.core.checks import Error, Tags, register

from .routes import routes
from .trace import Trace

PREFIXE_DE_L_ADMINISTRATION = "administration/"
# Les vues que l'administration de Django sert elle-même ; une vue ajoutée par un ModelAdmin n'en est pas.
VUES_DE_L_ADMINISTRATION = (
    "django.contrib.admin.",
    "django.contrib.auth.admin",
    "django.contrib.contenttypes.",
    "django.views.",
)


def sans_acces(motifs=None):
    """Chemins des routes (du projet par défaut) dont la vue ne déclare pas son accès, et de l'administration hors de Django."""
    return [route.chemin for route in routes(motifs) if not _est_tenue(route)]


def _est_tenue(route):
    if route.acces is not None:
        return True
    dans_l_administration = route.chemin.startswith(PREFIXE_DE_L_ADMINISTRATION) and route.nom.startswith("admin:")
    return dans_l_administration and route.vue.__module__.startswith(VUES_DE_L_ADMINISTRATION)


def dossiers_administres():
    """Modèles d'un dossier que l'administration de Django montrerait : il ne doit y en avoir aucun."""
    suivis = {modele for modele in apps.get_models() if issubclass(modele, Trace)}
    suivis |= {modele.history.model for modele in suivis}
    return [modele._meta.label for modele in admin.site._registry if modele in suivis]


@register(Tags.security)
def exiger_un_acces(app_configs=None, **kwargs):
    """Refuse de démarrer avec une route sans accès déclaré, ou un dossier dans l'administration."""
    fautes = [
        Error(
            f"La vue de « {chemin} » ne déclare pas son accès.",
            hint="Décorez-la d'un accès de securisation.socle.acces (objet, liste, fonction, connecté, public).",
            id="socle.E001",
        )
        for chemin in sans_acces()
    ]
    return fautes + [
        Error(
            f"Le modèle {nom} est un dossier : l'administration ne le montre pas.",
            hint="Retirez-le de admin.py.",
            id="socle.E002",
        )
        for nom in dossiers_administres()
    ]
