"""Le socle : les deux portes, la trace, le journal, l'outbox."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class SocleConfig(AppConfig):
    name = "securisation.socle"
    label = "socle"
    verbose_name = "Socle"

    def ready(self):
        from . import cloison, controles, declencheurs, veille  # noqa: F401 (les contrôles s'inscrivent en se chargeant)

        post_migrate.connect(declencheurs.installer, sender=self, dispatch_uid="socle.declencheurs")
        post_migrate.connect(cloison.installer, sender=self, dispatch_uid="socle.cloison")
        post_migrate.connect(veille.installer, sender=self, dispatch_uid="socle.veille")
