"""L'étalon : le bilan de la maquette, rendu par WeasyPrint nu comme elle l'a été. Deux machines vont du simple au double : un débit se dit
aussi en rapport à lui, mesuré dans le même passage. La conception veut dix pages par seconde d'un bilan là où il en fait cinq ; la cible
reste dix, ce rapport dit ce qui manque par la machine.

`python -m outils.livrables.etalon` le rend toutes les `PAUSE` secondes tant que son entrée reste ouverte, puis dit {pages, processeur}.
"""

import json
import select
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

from outils.commun import JOURNAUX, PYTHON, RACINE, Panne

BILAN = Path(__file__).with_name("maquette") / "bilan.html"
PAUSE, PATIENCE = 40, 60  # secondes


def rendre():
    """Rend le bilan de la maquette ; (pages, secondes de processeur)."""
    from securisation.documents import rendu

    weasyprint = rendu._weasyprint()[0]
    depart = time.process_time()
    document = weasyprint.HTML(filename=BILAN).render()
    document.write_pdf(pdf_variant="pdf/ua-1")
    return len(document.pages), time.process_time() - depart


@contextmanager
def a_cote():
    """Rend l'étalon à côté de ce qui se mesure ; le dictionnaire reçu a, à la sortie, ses `pages` et son `processeur` (secondes).

    Lève Panne s'il est mort.
    """
    releve = {}
    commande = [PYTHON, "-m", "outils.livrables.etalon"]
    with (JOURNAUX / "livrables.log").open("a", encoding="utf-8") as journal:
        travail = subprocess.Popen(
            commande, cwd=RACINE, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=journal, text=True
        )
    try:
        yield releve
        releve |= _finir(travail)
    finally:
        travail.kill()
        travail.wait()


def _finir(travail):
    try:
        return json.loads(travail.communicate(timeout=PATIENCE)[0])
    except (ValueError, OSError, subprocess.TimeoutExpired):
        raise Panne(f"l'étalon s'est arrêté : voir {JOURNAUX / 'livrables.log'}.") from None


def _tant_que_l_entree_est_ouverte():
    rendre()  # le premier importe et lit tout
    pages = processeur = 0
    ouverte = True
    while ouverte:
        ouverte = not select.select([sys.stdin], [], [], PAUSE)[0]
        if ouverte or not pages:
            rendues, secondes = rendre()
            pages, processeur = pages + rendues, processeur + secondes
    return {"pages": pages, "processeur": processeur}


if __name__ == "__main__":
    print(json.dumps(_tant_que_l_entree_est_ouverte()))
