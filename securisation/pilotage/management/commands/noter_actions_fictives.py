"""Pour la démonstration : des actions collectives et une phrase, inventées."""

from django.core.management.base import BaseCommand, CommandError

from securisation.comptes.controles import demo_permise
from securisation.pilotage.collectives import demonstration


class Command(BaseCommand):
    help = "Note quelques actions collectives inventées pour l'équipe d'Awa ; sans effet au second passage."

    def handle(self, *args, **options):
        """Prépare, en démonstration seulement."""
        if not demo_permise():
            raise CommandError("Réservé à la démonstration.")
        demonstration.preparer()
