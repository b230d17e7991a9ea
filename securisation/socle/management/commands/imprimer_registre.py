"""Écrit docs/registre.md : le registre des traitements, lu des étiquettes de chaque champ."""

from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand

from securisation.socle.donnees import en_texte


class Command(BaseCommand):
    help = "Écrit le registre des traitements (docs/registre.md), ou sur la sortie avec --sortie."

    def add_arguments(self, parser):
        parser.add_argument(
            "--sortie", action="store_true", help="écrit sur la sortie plutôt que dans docs/registre.md"
        )

    def handle(self, *args, **options):
        if options["sortie"]:
            self.stdout.write(en_texte())
            return
        fichier = Path(settings.BASE_DIR) / "docs" / "registre.md"
        fichier.write_text(en_texte(), encoding="utf-8")
        self.stdout.write(f"{fichier.name} écrit.")
