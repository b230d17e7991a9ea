"""Les figures de la garde non médicale : ce que disent ses essais, sur leurs deux corpus."""

import subprocess

from outils.commun import PYTHON, RACINE, environnement

MESURE = "securisation.annuaire.tests.mesure_garde"


def mesurer():
    """(lignes imprimées, vrai si les deux moitiés tiennent leurs cibles)."""
    fait = subprocess.run(
        [str(PYTHON), "-m", MESURE], cwd=RACINE, env=environnement(), capture_output=True, text=True, timeout=600
    )
    lignes = [ligne.rstrip() for ligne in fait.stdout.splitlines() if ligne.strip()]
    if not lignes:
        lignes = [(fait.stderr.strip().splitlines() or ["la mesure de la garde n'a rien dit"])[-1]]
    return lignes, fait.returncode == 0


def manques(figures):
    """Une phrase si la garde manque sa cible."""
    lignes, tenue = figures
    return [] if tenue else [f"garde non médicale : {lignes[0]}"]
