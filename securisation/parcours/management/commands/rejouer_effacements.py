"""Efface de nouveau, après la restauration d'une sauvegarde, les dossiers que le registre des effacements connaît."""

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from securisation.parcours.effacement.registre import lire_fichier, revenus
from securisation.parcours.effacement.rejeu import rejouer
from securisation.socle.templatetags.jalon import compte


class Command(BaseCommand):
    help = "Efface de nouveau les dossiers qu'une sauvegarde a rendus. Sans --executer : dit seulement combien."

    def add_arguments(self, parser):
        parser.add_argument("fichier", nargs="?", help="registre des effacements ; par défaut, celui des réglages")
        parser.add_argument("--executer", action="store_true", help="efface vraiment")

    def handle(self, *args, **options):
        fichier = options["fichier"] or settings.REGISTRE_DES_EFFACEMENTS
        lignes = lire_fichier(fichier)
        if not lignes:
            raise CommandError(f"Aucun effacement dans {fichier}. Rien n'est fait : vérifiez le chemin du registre.")
        attendus = compte(len(revenus(lignes)), "dossier effacé est revenu,dossiers effacés sont revenus")
        if not options["executer"]:
            self.stdout.write(f"{attendus}. Relancez avec --executer pour les effacer de nouveau.")
            return
        faits = rejouer(lignes)
        self.stdout.write(f"{attendus} ; {compte(len(faits), 'effacé de nouveau,effacés de nouveau')}.")
