"""Confie une fonction à l'installation, avant qu'il y ait quelqu'un pour la confirmer."""

from django.core.management.base import BaseCommand, CommandError
from django.db import IntegrityError, transaction

from securisation.comptes.models import Equipe, Fonction, Professionnel
from securisation.socle.journal import inscrire


class Command(BaseCommand):
    """Réservée à qui tient le serveur ; inscrite au journal sous le motif « commande »."""

    help = "Confie une fonction (SUPERVISEUR, DIRECTION, ADMINISTRATEUR, DPO, FINANCEUR) à un compte ; inscrite au journal."

    def add_arguments(self, parser):
        """Le compte, la fonction, et l'équipe d'un superviseur."""
        parser.add_argument("courriel")
        parser.add_argument("fonction", choices=Fonction.Genre.values)
        parser.add_argument("--equipe", default="", help="Nom de l'équipe, pour SUPERVISEUR.")

    def handle(self, *args, courriel, fonction, equipe, **options):
        """Confie, inscrit, et dit ce qui est fait."""
        compte = Professionnel.objects.actifs().de_courriel(courriel).first()
        if compte is None:
            raise CommandError("Aucun compte actif n'a cette adresse.")
        groupe = Equipe.objects.filter(nom=equipe).first() if equipe else None
        if equipe and groupe is None:
            raise CommandError("Aucune équipe ne porte ce nom.")
        try:
            with transaction.atomic():
                confiee = Fonction.objects.create(professionnel=compte, genre=fonction, equipe=groupe)
                details = {"genre": fonction, "professionnel": compte.pk, "equipe": confiee.equipe_id}
                inscrire("fonction confiée", objet=confiee, motif="commande", **details)
        except IntegrityError as erreur:
            raise CommandError("Cette fonction est déjà confiée, ou son équipe manque ou est de trop.") from erreur
        self.stdout.write(f"{compte.email} : {confiee}")
