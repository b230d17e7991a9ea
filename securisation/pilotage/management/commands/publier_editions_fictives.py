"""Pour la démonstration : une convention et ses éditions aux nombres inventés, dites fictives partout où elles se lisent."""

from datetime import date

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from securisation.annuaire.models import Departement, ObjectifPraps
from securisation.comptes.controles import demo_permise
from securisation.comptes.demonstration import LAVAL, compte_de
from securisation.comptes.models import Equipe
from securisation.pilotage import conventions
from securisation.pilotage.edition import actes, fichiers, fictif, preparation
from securisation.pilotage.models import Convention, Edition
from securisation.socle import horloge

NUMERO = "2025-118"
MOT = "Des demandes reçues fin décembre avaient été enregistrées après la publication : elles comptent désormais."


class Command(BaseCommand):
    help = "Crée la convention de démonstration et ses éditions aux nombres inventés ; deux passages donnent le même résultat."

    def handle(self, *args, **options):
        """Prépare, publie et produit les fichiers, puis dit ce qu'il y a ; ne change rien à ce qui existe."""
        if not demo_permise():
            raise CommandError("Des nombres inventés ne se publient qu'en démonstration.")
        direction, financeur = compte_de("jean"), compte_de("farid")
        if direction and financeur and not Convention.objects.filter(numero=NUMERO).exists():
            with transaction.atomic():
                convention = _convention(direction, financeur)
                publier_deux_editions(convention, direction)
                controler_un_semestre(convention, direction)
        for edition in Edition.objects.filter(convention__numero=NUMERO).order_by("numero"):
            self.stdout.write(f"  {edition.numero} : édition fictive, {edition.get_etat_display().lower()}")


def _convention(direction, financeur):
    """De l'an passé à l'an prochain, à Laval."""
    annee = horloge.aujourd_hui().year
    return conventions.creer(
        par=direction,
        numero=NUMERO,
        financeur="Département (fictif)",
        du=date(annee - 1, 1, 1),
        au=date(annee + 1, 12, 31),
        objet_paye="L’accompagnement de personnes après un événement de santé : diagnostic, intervention bornée, sortie avec relais.",
        equipes=Equipe.objects.filter(nom=LAVAL),
        departements=Departement.objects.filter(code="53"),
        objectifs=ObjectifPraps.objects.filter(numero__in=(2, 3)),
        lecteurs=[financeur],
    )


def publier_deux_editions(convention, direction):
    """L'année passée, puis sa correction, qui la remplace."""
    du, au = convention.du, date(convention.du.year, 12, 31)
    premiere = _publier(actes.preparer(convention, par=direction, du=du, au=au, fictive=True), direction, moins=20)
    _publier(actes.corriger(premiere.uuid, par=direction, mot=MOT), direction)


def controler_un_semestre(convention, direction):
    """Le premier semestre, calculé et contrôlé : à la direction de le publier ou de l'écarter."""
    du, au = convention.du, date(convention.du.year, 6, 30)
    _ranger(actes.preparer(convention, par=direction, du=du, au=au, fictive=True))


def _ranger(edition, **ecart):
    contenu = fictif.contenu(edition.definition["libelles"], periode=(edition.du, edition.au), **ecart)
    preparation.ranger(edition, contenu, fictif.non_joue(), registre_vu=0)
    return edition


def _publier(edition, direction, **ecart):
    """Range les nombres inventés, publie, et produit les fichiers aussitôt."""
    _ranger(edition, **ecart)
    publiee = actes.publier(edition.uuid, par=direction)
    fichiers.produire(publiee.pk)
    return publiee
