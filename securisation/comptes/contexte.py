"""Ce que tous les gabarits savent du mode de fonctionnement."""

from securisation.comptes.controles import demo_permise


def demo(request):
    """`demo` : vrai sous le bandeau « Démonstration »."""
    return {"demo": demo_permise()}
