"""Vérifie les chaînes du journal et l'historique qu'elles scellent."""

import time

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from securisation.socle.trace import modele_parcours
from securisation.socle.verification import verifier


class Command(BaseCommand):
    """Dit ce qui a été vérifié ; sort en 1 en nommant la première rupture."""

    help = "Vérifie le journal (chaînes d'empreintes et historique) ; --parcours P-2026-0001 pour un seul dossier."

    def add_arguments(self, parser):
        parser.add_argument(
            "--parcours", metavar="N", help="numéro du parcours (P-2026-0001) ; sans lui, tout le journal"
        )

    @transaction.atomic
    def handle(self, *args, parcours=None, **options):
        """Vérifie puis rend compte."""
        depart = time.monotonic()
        compte = verifier(self._chaine(parcours))
        if compte.rupture:
            raise CommandError(f"Journal rompu. {compte.rupture}", returncode=1)
        self.stdout.write(
            f"Journal intact : {compte.chaines} chaînes, {compte.maillons} maillons, "
            f"{compte.lignes_d_historique} lignes d'historique vérifiées en {time.monotonic() - depart:.1f} s."
        )

    @staticmethod
    def _chaine(numero):
        if numero is None:
            return None
        parcours = modele_parcours().objects.filter(numero=numero).first()
        if parcours is None:
            raise CommandError(f"Aucun parcours ne porte le numéro {numero}.")
        return parcours.pk
