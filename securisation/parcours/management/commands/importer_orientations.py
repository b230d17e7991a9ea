"""Importe un tableau d'orientations, ligne par ligne, avec le sort de chacune."""

from collections import Counter
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from securisation.comptes.models import Professionnel
from securisation.parcours import importation

DETAIL_MAX = 200
MARQUES = {"creee": "créée", "doublon": "doublon", "refusee": "refusée"}


class Command(BaseCommand):
    help = (
        "Importe un tableau d'orientations (CSV, XLSX, ODS) ; --essai dit ce que donnerait l'import sans rien écrire."
    )

    def add_arguments(self, parser):
        parser.add_argument("fichier", type=Path, help="tableau à importer, titres en première ligne")
        parser.add_argument("--essai", action="store_true", help="ne rien écrire")
        parser.add_argument(
            "--par", metavar="COURRIEL", help="professionnel qui ouvre les parcours et en devient le référent"
        )
        parser.add_argument("--rejets", type=Path, metavar="FICHIER", help="où écrire les lignes refusées, en CSV")

    def handle(self, *args, fichier, essai=False, par=None, rejets=None, **options):
        """Compte les lignes, les importe par lots, montre l'avancement et rend le compte."""
        auteur = self._auteur(par)
        try:
            with fichier.open("rb") as flux:
                total = sum(1 for _ligne in importation.lire(flux))
                flux.seek(0)
                comptes, refusees = self._importer(flux, total, auteur, essai)
        except OSError:
            raise CommandError(f"Le fichier {fichier} ne s'ouvre pas : est-il là, et lisible ?") from None
        except importation.FichierRefuse as refus:
            raise CommandError(" ".join(refus.messages)) from None
        if rejets:
            with rejets.open("w", encoding="utf-8-sig", newline="") as sortie:
                importation.ecrire_rejets(sortie, refusees)
        self.stdout.write(self._bilan(total, comptes, essai))

    def _importer(self, flux, total, auteur, essai):
        controle, vues, comptes, refusees, lues = importation.Controle(), {}, Counter(), [], 0
        for lot in importation.par_lots(importation.lire(flux), importation.TAILLE_DU_LOT):
            resultats = importation.importer_lot(lot, par=auteur, controle=controle, vues=vues, essai=essai)
            lues += len(resultats)
            for resultat in resultats:
                comptes[resultat.sort] += 1
                if resultat.sort != "creee":
                    gardees = importation.a_garder(resultat.ligne, controle.propres)
                    refusees.append((resultat.ligne.numero, gardees, resultat.raison))
                if total <= DETAIL_MAX or resultat.sort != "creee":
                    self._dire(resultat, essai)
            if total > DETAIL_MAX:
                self.stderr.write(f"{lues} lignes sur {total}…")
        return comptes, refusees

    def _dire(self, resultat, essai):
        suite = resultat.raison or ("" if essai else f"parcours {resultat.parcours.numero}")
        self.stdout.write(f"ligne {resultat.ligne.numero} : {MARQUES[resultat.sort]}{', ' if suite else ''}{suite}")

    def _bilan(self, total, comptes, essai):
        refusees = comptes["doublon"] + comptes["refusee"]
        doublons = f", dont {comptes['doublon']} en doublon" if comptes["doublon"] else ""
        fin = " Essai : rien n'est écrit." if essai else ""
        return f"{total} lignes lues : {comptes['creee']} créées, {refusees} refusées{doublons}.{fin}"

    def _auteur(self, courriel):
        """Le professionnel nommé ; sans nom, le seul membre d'une équipe, ou la référente de la démonstration."""
        membres = Professionnel.objects.actifs().filter(equipe__isnull=False)
        if courriel:
            auteur = membres.de_courriel(courriel).first()
            if auteur is None:
                raise CommandError(f"Aucun membre actif d'une équipe n'a l'adresse {courriel}.")
            return auteur
        seuls = list(membres[:2])
        auteur = seuls[0] if len(seuls) == 1 else membres.de_courriel("awa@exemple.test").first()
        if auteur is None:
            raise CommandError("Dites qui ouvre ces parcours : --par prenom@association.fr")
        return auteur
