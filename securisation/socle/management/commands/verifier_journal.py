"""Vérifie les chaînes du journal et l'historique qu'elles scellent."""

import time
from contextlib import contextmanager

from django.core.management.base import BaseCommand, CommandError
from django.db import connection, transaction

from securisation.socle.trace import modele_parcours
from securisation.socle.verification import verifier


@contextmanager
def _photographie():
    """Une seule image de la base pendant toute la vérification : une écriture en cours n'a pas l'air d'une rupture."""
    dedans = connection.in_atomic_block
    with transaction.atomic():
        if not dedans:
            with connection.cursor() as curseur:
                curseur.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield


class Command(BaseCommand):
    """Dit ce qui a été vérifié ; sort en 1 en nommant la première rupture."""

    help = "Vérifie le journal (chaînes d'empreintes et historique) ; --parcours P-2026-0001 pour un seul dossier."

    def add_arguments(self, parser):
        parser.add_argument(
            "--parcours", metavar="N", help="numéro du parcours (P-2026-0001) ; sans lui, tout le journal"
        )

    def handle(self, *args, parcours=None, **options):
        """Vérifie puis rend compte."""
        depart = time.monotonic()
        chaine = self._chaine(parcours)
        with _photographie():
            compte = verifier(chaine)
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
