"""Commande : charger ou recharger le référentiel livré."""

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from securisation.annuaire.chargement import DOSSIERS, Bilan, ReferentielIllisible, charger

TITRES = {
    "crees": "créés",
    "mis_a_jour": "mis à jour",
    "fermes": "fermés",
    "gardes": "gardés",
    "inchanges": "inchangés",
}


class Command(BaseCommand):
    help = "Charge le référentiel : crée, met à jour, ferme les codes retirés, garde les corrections de l'association."

    def add_arguments(self, parser):
        parser.add_argument("--dossier", type=Path, help="Dossier de CSV lu avant celui qui est livré.")

    def handle(self, *args, dossier=None, verbosity=1, **options):
        try:
            bilans = charger((dossier, *DOSSIERS) if dossier else DOSSIERS)
        except ReferentielIllisible as erreur:
            raise CommandError(f"Référentiel non chargé, rien n'a changé. {erreur}") from erreur
        if verbosity:
            self.imprimer(bilans)

    def imprimer(self, bilans):
        self.stdout.write(f"{'':<28}" + "".join(f"{titre:>12}" for titre in TITRES.values()))
        total = Bilan()
        for nom, bilan in bilans.items():
            self.imprimer_ligne(nom, bilan)
            for sort, codes in vars(bilan).items():
                getattr(total, sort).extend(codes)
        self.imprimer_ligne("total", total)
        for sort in ("fermes", "gardes"):
            if codes := getattr(total, sort):
                self.stdout.write(f"{TITRES[sort]} : {', '.join(codes)}")

    def imprimer_ligne(self, nom, bilan):
        comptes = bilan.comptes()
        self.stdout.write(f"{nom:<28}" + "".join(f"{comptes[sort]:>12}" for sort in TITRES))
