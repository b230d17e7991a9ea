"""Vérifie les chaînes du journal, les ancres qui les attestent et l'historique qu'elles scellent."""

import time

from django.core.management.base import BaseCommand, CommandError

from securisation.socle.extrait import photographie
from securisation.socle.trace import modele_parcours
from securisation.socle.verification import verifier


def accorder(nombre, singulier, pluriel=None):
    """« 1 chaîne », « 1 240 chaînes »."""
    mot = singulier if nombre < 2 else pluriel or f"{singulier}s"
    return f"{nombre:,} {mot}".replace(",", " ")


class Command(BaseCommand):
    """Dit ce qui a été vérifié ; sort en 1 en situant chaque rupture."""

    help = "Vérifie le journal (chaînes, ancres et historique) ; --parcours P-2026-0001 pour un seul dossier."

    def add_arguments(self, parser):
        parser.add_argument(
            "--parcours", metavar="N", help="numéro du parcours (P-2026-0001) ; sans lui, tout le journal"
        )

    def handle(self, *args, parcours=None, **options):
        """Vérifie puis rend compte."""
        depart = time.monotonic()
        chaine = self._chaine(parcours)
        with photographie():
            compte = verifier(chaine)
        if compte.ruptures:
            raise CommandError("\n".join(["Journal rompu.", *compte.ruptures]), returncode=1)
        vus = [accorder(compte.chaines, "chaîne"), accorder(compte.maillons, "maillon")]
        vus += [accorder(compte.effaces, "contenu effacé", "contenus effacés")] if compte.effaces else []
        vus.append(accorder(compte.lignes_d_historique, "ligne d'historique", "lignes d'historique"))
        duree = f"{time.monotonic() - depart:.1f}".replace(".", ",")
        self.stdout.write(f"Journal intact : {', '.join(vus)}, en {duree} s.")
        self.stdout.write(self._ancre(compte))

    @staticmethod
    def _ancre(compte):
        if compte.ancre is None:
            return "Aucune ancre ne l'atteste encore : la fin d'une chaîne coupée avec sa tête ne se verrait pas."
        perdus = (
            f" {accorder(compte.pertes, 'maillon perdu', 'maillons perdus')} à une restauration."
            if compte.pertes
            else ""
        )
        return f"Dernière ancre : n° {compte.ancre[0]}, le {compte.ancre[1]:%d/%m/%Y à %H:%M} (UTC).{perdus}"

    @staticmethod
    def _chaine(numero):
        if numero is None:
            return None
        parcours = modele_parcours().objects.filter(numero=numero).first()
        if parcours is None:
            raise CommandError(f"Aucun parcours ne porte le numéro {numero}.")
        return parcours.pk
