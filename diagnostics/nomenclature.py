"""La nomenclature que propose un axe : les facteurs les plus employés par l'équipe d'abord, puis l'ordre du référentiel."""

from django.db.models import Count

from diagnostics.models import FacteurRetenu
from securisation.parcours.models import Parcours
from securisation.socle.cloison import lire_en_systeme

PARCOURS_LUS, DOSSIERS_AU_MOINS, EN_TETE = 200, 3, 5


def plus_employes(axe, equipe):
    """Clés des cinq facteurs de cet axe (clé) les plus retenus par cette équipe (clé), le premier d'abord.

    Une requête, deux cents dossiers au plus. Seul ce rang sort d'ici : un facteur présent dans moins de trois dossiers n'y entre pas,
    ni un dossier restreint, ni celui de qui s'oppose aux chiffres.
    """
    lus = Parcours.objects.pour_les_chiffres().filter(equipe=equipe, restreint=False).order_by("echeance", "pk")
    retenus = FacteurRetenu.objects.filter(
        evaluation__axe=axe, evaluation__diagnostic__parcours__in=lus.values("pk")[:PARCOURS_LUS]
    )
    comptes = retenus.order_by().values("facteur", "facteur__code")
    comptes = comptes.annotate(dossiers=Count("evaluation__diagnostic__parcours", distinct=True))
    employes = comptes.filter(dossiers__gte=DOSSIERS_AU_MOINS).order_by("-dossiers", "facteur__code")[:EN_TETE]
    # Un rang d'équipe ne dépend pas de ce que ce professionnel voit : le mur ne laisserait compter que ses dossiers.
    with lire_en_systeme():
        return [ligne["facteur"] for ligne in employes]


def ranger(facteurs, evaluation):
    """Ces facteurs, les plus employés d'abord ; chacun dit par `est_courant` s'il en est."""
    rangs = {
        cle: rang for rang, cle in enumerate(plus_employes(evaluation.axe_id, evaluation.diagnostic.parcours.equipe_id))
    }
    for facteur in facteurs:
        facteur.est_courant = facteur.pk in rangs
    return sorted(facteurs, key=lambda facteur: rangs.get(facteur.pk, len(rangs)))
