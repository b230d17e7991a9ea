"""Les rapports : le PDF de chaque édition de démonstration, et celui du rapport d'activité de chaque équipe."""

from functools import partial

from django.db import transaction

from securisation.comptes.models import Equipe
from securisation.documents import sceau
from securisation.pilotage.direction import choix, presentation
from securisation.pilotage.edition import pdf
from securisation.pilotage.models import Edition
from securisation.socle import horloge


def tous():
    """(code, libellé, se scelle, [(de quoi le produire nu, de quoi le sceller)]) de chaque genre de rapport."""
    tenue = sceau.tenir()
    editions = Edition.objects.filter(publiee_le__isnull=False).select_related("convention", "corrige")
    parues = [(partial(pdf.composer, edition, tenue), tenue.sceller) for edition in editions]
    annee = str(horloge.aujourd_hui().year)
    equipes = [None, *Equipe.objects.values_list("pk", flat=True)]
    activites = [(partial(_activite, choix.Choix(annee, equipe)), None) for equipe in equipes]
    return [("edition", "Rapport de financeur", True, parues), ("activite", "Rapport d’activité", False, activites)]


def _activite(choisi):
    with transaction.atomic():  # comme une page : le mur s'ouvre dans une transaction
        return presentation.pdf(choisi)
