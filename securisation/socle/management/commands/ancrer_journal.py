"""Écrit une ancre du journal tout de suite, ou crée la clé qui les signe."""

from django.core.management.base import BaseCommand, CommandError

from securisation.socle import ancrage


class Command(BaseCommand):
    """Ce que l'horloge fait tous les quarts d'heure, à la demande."""

    help = "Signe toutes les têtes du journal et les écrit hors de la base (JALON_ANCRES)."

    def add_arguments(self, parser):
        parser.add_argument("--creer-cle", action="store_true", help="crée la clé de signature, sans rien ancrer")
        parser.add_argument(
            "--apres-restauration",
            metavar="MOTIF",
            default="",
            help="la base est revenue en arrière : ce que les ancres attestaient après elle est dit perdu, avec ce motif",
        )

    def handle(self, *args, creer_cle=False, apres_restauration="", **options):
        """Ancre, ou crée la clé ; une panne se dit en une phrase."""
        try:
            if creer_cle:
                return self.stdout.write(
                    f"Clé créée : {ancrage.creer_cle()} ; confiez sa part publique (.pub) à un tiers."
                )
            numero, nombre = ancrage.ancrer(apres_restauration=apres_restauration)
        except ancrage.AncrageImpossible as erreur:
            raise CommandError(str(erreur)) from None
        return self.stdout.write(f"Ancre n° {numero} : {nombre} chaîne{'s' if nombre > 1 else ''}.")
