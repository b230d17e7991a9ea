"""Rejoue des dossiers écrits en YAML, par les mêmes actes que l'écran."""

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from securisation.synthese.reprise import RepriseRefusee, produire_les_documents, rejouer


class Command(BaseCommand):
    help = (
        "Rejoue des dossiers (YAML, dates relatives J-120) par la distribution de démonstration, puis produit leurs documents. "
        "Un dossier qui enfreint une règle s'arrête à sa ligne et ne laisse rien ; un code déjà rejoué ne se rejoue pas."
    )

    def add_arguments(self, parser):
        parser.add_argument("fichiers", nargs="+", type=Path)
        parser.add_argument("--sans-documents", action="store_true", help="laisser leur production au travailleur")

    def handle(self, *args, fichiers, sans_documents=False, **options):
        """Rejoue chaque fichier, produit les documents, dit ce qui s'est passé ; sort en 1 si un fichier est refusé."""
        rejeux, refus = [], []
        for fichier in fichiers:
            try:
                rejeux.append(rejouer(fichier))
            except RepriseRefusee as erreur:
                refus.append(f"{fichier}, {erreur}")
        reste = [] if sans_documents else produire_les_documents([rejeu.parcours for rejeu in rejeux])
        for rejeu in rejeux:
            self.stdout.write(self._dire(rejeu))
        if reste:
            self.stdout.write(f"{len(reste)} documents se produisent encore.")
        if refus:
            raise CommandError("Dossier refusé, rien n'en est gardé : " + " | ".join(refus))

    @staticmethod
    def _dire(rejeu):
        rejeu.parcours.refresh_from_db()
        documents = rejeu.parcours.documents.count()
        etat = "rejoué" if rejeu.neuf else "déjà rejoué"
        return f"{rejeu.code} : {etat}, {rejeu.parcours.numero}, {rejeu.parcours.get_etat_display().lower()}, {documents} PDF"
