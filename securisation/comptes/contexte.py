"""Ce que tous les gabarits savent du mode de fonctionnement."""

from django.conf import settings

from securisation.comptes.controles import demo_permise


def demo(request):
    """`demo` : vrai sous le bandeau « Démonstration ». `a_proteger` : ce compte doit d'abord enregistrer un second facteur.

    `facteur_oblige` : sans second facteur, aucune autre page ne s'ouvre.
    """
    user = getattr(request, "user", None)
    connu = settings.MFA_OBLIGATOIRE and user is not None and user.is_authenticated
    return {
        "demo": demo_permise(),
        "a_proteger": connu and not (user.a_second_facteur or user.est_invite),
        "facteur_oblige": settings.MFA_OBLIGATOIRE,
    }
