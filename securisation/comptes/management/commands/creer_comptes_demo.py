"""Crée les comptes de la démonstration."""

from django.core.management.base import BaseCommand

from securisation.comptes.demonstration import DISTRIBUTION, creer_distribution


class Command(BaseCommand):
    """Crée ce qui manque de la distribution ; deux passages donnent le même résultat."""

    help = "Crée les équipes, comptes et fonctions de la démonstration (sans mot de passe) ; idempotente."

    def handle(self, *args, **options):
        """Crée, puis affiche la liste des comptes."""
        creer_distribution()
        for role in DISTRIBUTION:
            self.stdout.write(f"{role.email:24} {role.prenom} {role.nom}, {role.metier.lower()}")
