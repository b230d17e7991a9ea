"""Prépare la démonstration : comptes, puis dossiers d'exemple."""

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from securisation.annuaire.models import Axe
from securisation.comptes.demonstration import DISTRIBUTION, creer_distribution
from securisation.synthese.reprise.semaine import prevoir_une_semaine
from securisation.synthese.surveillance import controler

DOSSIERS = settings.BASE_DIR / "demonstration"


class Command(BaseCommand):
    help = "Crée les comptes de démonstration et rejoue les dossiers du dossier demonstration/ ; deux passages donnent le même résultat."

    def handle(self, *args, **options):
        """Prépare, puis présente les comptes et les dossiers."""
        if not Axe.objects.exists():
            raise CommandError("Le référentiel n'est pas chargé : lancez d'abord charger_referentiel.")
        creer_distribution()
        self.stdout.write("Comptes (un clic, sans mot de passe) :")
        for role in DISTRIBUTION:
            self.stdout.write(f"  {role.email:20} {role.prenom} {role.nom}, {role.metier[0].lower()}{role.metier[1:]}")
        self.stdout.write("Dossiers :")
        call_command("rejouer", *sorted(DOSSIERS.glob("*.yaml")), stdout=self.stdout)
        prevoir_une_semaine()
        call_command("noter_actions_fictives")
        self.stdout.write("Éditions de financeur :")
        call_command("publier_editions_fictives", stdout=self.stdout)
        controler()  # la piste d'audit dit une chaîne vérifiée dès la première visite
