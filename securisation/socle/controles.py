"""Contrôle de démarrage : une vue qui ne déclare pas son accès n'est jamais servie."""

from django.apps import apps
from django.conf import settings
from django.contrib import admin
from django.core.checks import Error, Tags, Warning, register
from django.db import connections

from .routes import routes
from .trace import Trace

# Réglages sous lesquels PostgreSQL tait la requête et la ligne fautives.
JOURNAL_MUET = {"log_error_verbosity": {"terse"}, "log_min_error_statement": {"fatal", "panic"}}

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


_ROLE = """
SELECT r.rolsuper, r.rolbypassrls,
       EXISTS (SELECT 1 FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
                  AND pg_has_role(r.oid, c.relowner, 'MEMBER'))
  FROM pg_roles r WHERE r.rolname = coalesce(nullif(%s, ''), current_user)
"""
_TROP_FORT = ("est superutilisateur", "passe outre la sécurité par ligne (BYPASSRLS)", "possède les tables")


def role_trop_fort(curseur, role):
    """Ce qui rend le rôle de l'application plus fort que le mur (suite de phrases), vide s'il convient."""
    curseur.execute(_ROLE, [role])
    trouves = curseur.fetchone() or ()
    return [phrase for trop, phrase in zip(trouves, _TROP_FORT, strict=False) if trop]


@register(Tags.database)
def refuser_un_role_trop_fort(app_configs=None, databases=None, **kwargs):
    """Refuse, à chaque `migrate`, un rôle que le second mur n'arrêterait pas ; les essais, eux, se font en propriétaire."""
    fautes = []
    for nom in databases or () if not settings.ESSAIS else ():
        with connections[nom].cursor() as curseur:
            fautes += role_trop_fort(curseur, settings.ROLE_APPLICATION)
    return [
        Error(
            f"Le compte de base de données de l'application {phrase} : la sécurité par ligne ne l'arrêterait pas.",
            hint="DATABASE_URL : un compte ordinaire ; DATABASE_URL_PROPRIETAIRE : celui qui possède les tables (docs/configuration.md).",
            id="socle.E003",
        )
        for phrase in fautes
    ]


@register(Tags.database)
def exiger_une_base_muette(app_configs=None, databases=None, **kwargs):
    """Avertit quand la base écrit dans ses journaux les lignes qu'elle refuse : elles portent des noms et des paroles."""
    bavards = []
    for nom in databases or ():
        with connections[nom].cursor() as curseur:
            for reglage, muets in JOURNAL_MUET.items():
                curseur.execute("SELECT current_setting(%s)", [reglage])
                bavards += [] if curseur.fetchone()[0] in muets else [reglage]
    if not bavards:
        return []
    return [
        Warning(
            f"La base écrit dans ses journaux ce qu'elle refuse ({', '.join(bavards)}) : des noms et des paroles s'y liraient.",
            hint="Réglez log_error_verbosity = terse et log_min_error_statement = panic (docs/configuration.md).",
            id="socle.W001",
        )
    ]
