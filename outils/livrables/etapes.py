"""Ce que les livrables font avec Django, dans un processus à part branché sur leur base ; le résultat sort en JSON."""

import json
import sys

import django


def principal(arguments):
    """`etapes attaque|direct|edition`, ou `etapes peupler URL N EQUIPES`."""
    django.setup()
    from outils.livrables import attaque, million, population

    nom, *reste = arguments
    faire = {
        "attaque": attaque.etape,
        "direct": million.direct,
        "edition": million.edition,
        "peupler": population.etape,
    }
    print(json.dumps(faire[nom](*reste)))


if __name__ == "__main__":
    principal(sys.argv[1:])
