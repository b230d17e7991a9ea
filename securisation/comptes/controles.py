"""Contrôles de démarrage : la démonstration ne s'ouvre que sur la machine elle-même ; ailleurs, un second facteur pour tous."""

from django.conf import settings
from django.core.checks import Error, Tags, register

# « testserver » est le nom que prend le client d'essai de Django ; aucun réseau ne le résout.
HOTES_LOCAUX = {"localhost", ".localhost", "127.0.0.1", "::1", "[::1]", "testserver"}


def hotes_non_locaux():
    """Les hôtes autorisés qui ne désignent pas cette machine."""
    return [hote for hote in settings.ALLOWED_HOSTS if hote.lower() not in HOTES_LOCAUX]


def demo_permise():
    """Vrai si le mode démonstration est demandé et que seuls des hôtes locaux répondent."""
    return settings.DEMO and not hotes_non_locaux()


@register(Tags.security)
def refuser_demo_ouverte(app_configs=None, **kwargs):
    """Refuse JALON_DEMO avec un hôte non local : la page de démonstration entre sans mot de passe."""
    fautifs = hotes_non_locaux() if settings.DEMO else []
    if not fautifs:
        return []
    return [
        Error(
            f"Le mode démonstration est refusé avec un hôte non local : {', '.join(fautifs)}.",
            hint="Retirez JALON_DEMO, ou limitez JALON_HOTES à localhost et 127.0.0.1.",
            id="comptes.E001",
        )
    ]


@register(Tags.security)
def exiger_le_second_facteur(app_configs=None, **kwargs):
    """Refuse un site sans second facteur hors de la démonstration et des essais."""
    if settings.MFA_OBLIGATOIRE or settings.DEMO or settings.ESSAIS:
        return []
    return [Error("Le second facteur est éteint : hors démonstration, tout compte en a un.", id="comptes.E002")]
