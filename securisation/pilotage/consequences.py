"""Ce que le retrait d'un accord entraîne pour les rapports : les pages se taisent, les fichiers déjà produits ne se récrivent pas."""

from securisation.parcours.consequences import compter

OU = "dans aucun rapport à venir ni sur la page d’une édition déjà publiée."


@compter("PAROLE")
def phrases(accord):
    """Les phrases qui ne paraîtront plus ; ce que gardent les fichiers est dit avec elles (parcours/consequences.py)."""
    vivantes = accord.parcours.paroles.filter(etat__in=["proposee", "retenue"]).count()
    yield vivantes, f"phrase ne paraîtra plus {OU},phrases ne paraîtront plus {OU}"
