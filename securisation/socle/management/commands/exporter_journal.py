"""Exporte le journal dans un fichier qui se vérifie hors ligne."""

import os
from getpass import getuser

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError

from securisation.socle import extrait
from securisation.socle.journal import inscrire


class Command(BaseCommand):
    """Réservée au délégué à la protection des données ; l'export s'inscrit au journal avant d'être écrit."""

    help = "Écrit un extrait du journal (JSON Lines), à vérifier par outils/verifier_hors_ligne.py."

    def add_arguments(self, parser):
        parser.add_argument("fichier", help="fichier à écrire ; il ne doit pas exister")
        parser.add_argument(
            "--par", required=True, metavar="ADRESSE", help="compte du délégué pour qui l'extrait est fait"
        )
        parser.add_argument("--sans-contenu", action="store_true", help="chaînes et empreintes seulement")

    def handle(self, *args, fichier, par, sans_contenu=False, **options):
        """Inscrit, puis écrit."""
        compte = get_user_model().objects.de_courriel(par).first()
        if compte is None or not compte.a_fonction("DPO"):
            raise CommandError("Cet export se fait pour un délégué à la protection des données en fonction.")
        try:
            sortie = os.fdopen(os.open(fichier, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8")
        except OSError as erreur:
            raise CommandError(f"{fichier} ne s'écrit pas : {erreur.strerror}. Rien n'a été exporté.") from None
        inscrire(
            "export", par=compte, motif=f"exporter_journal ({getuser()})", genre="journal", sans_contenu=sans_contenu
        )
        with sortie, extrait.photographie():
            nombre = extrait.ecrire(sortie, sans_contenu=sans_contenu)
        self.stdout.write(f"Extrait écrit : {fichier}, {nombre} maillon{'s' if nombre > 1 else ''}.")
