"""Une mesure qui a besoin de Django : un processus à part, branché sur une base d'essai ; son résultat est le JSON de sa dernière ligne."""

import json
import os
import subprocess

from outils.commun import JOURNAUX, PYTHON, RACINE, Panne


def lancer(module, *arguments, env=None):
    """Le résultat de `python -m module arguments` ; Panne s'il échoue."""
    env = (env or os.environ) | {"DJANGO_SETTINGS_MODULE": "securisation.settings"}
    commande = [PYTHON, "-m", module, *map(str, arguments)]
    # L'avancement se lit pendant la mesure, une heure pour l'attaquant ; deux étapes peuvent y écrire à la fois.
    with (JOURNAUX / "livrables.log").open("a", encoding="utf-8") as journal:
        fait = subprocess.run(commande, cwd=RACINE, env=dict(env), stdout=subprocess.PIPE, stderr=journal, text=True)
    if fait.returncode:
        raise Panne(f"« {module} » a échoué : voir {JOURNAUX / 'livrables.log'}.")
    return json.loads(fait.stdout.strip().splitlines()[-1])
