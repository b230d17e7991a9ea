"""La base des livrables : à part de toutes les autres, créée pour une mesure, détruite ensuite."""

from contextlib import contextmanager

from outils.banc import bases
from outils.livrables.etape import lancer

BASE = "jalon_livrables"


@contextmanager
def base_peuplee(parcours, equipes):
    """Une base neuve, référentiel chargé, peuplée de tant de parcours ; rend les variables d'un processus branché dessus."""
    env = bases.environnement_du_banc(BASE) | {"JALON_DEMO": "1"}
    with bases.base_neuve(BASE):
        bases.manage(BASE, "collectstatic", "--noinput", "--verbosity", "0")  # la page des chiffres se rend
        lancer("outils.livrables.etapes", "peupler", bases.adresses(BASE)[0], parcours, equipes, env=env)
        yield env
