"""Point d'entrée du Makefile : `python3 outils/jalon.py services|manage|demo|test|verifier|arret|propre`."""

import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
sys.dont_write_bytecode = True

from outils import services  # noqa: E402
from outils.commun import PYTHON, RACINE, Panne, dire, environnement  # noqa: E402


def commande_services(_arguments):
    """Démarre seulement PostgreSQL et Valkey."""
    if not services.demarrer():
        dire("PostgreSQL et Valkey tournent déjà.")


def commande_manage(arguments):
    """Lance une commande Django dans l'environnement du projet."""
    services.demarrer()
    os.chdir(RACINE)
    os.execve(PYTHON, [str(PYTHON), "manage.py", *arguments], environnement())


def commande_arret(_arguments):
    """Arrête ce que `make demo` et `make services` ont démarré."""
    arretes = services.arreter()
    dire(f"Arrêté : {', '.join(arretes)}." if arretes else "Rien ne tournait.")


def principal(arguments):
    """Aiguille vers la commande ; une panne s'affiche en une phrase, code 1."""
    nom, *reste = arguments or ["aide"]
    commande = globals().get(f"commande_{nom}")
    if commande is None:
        print("Commandes : services, manage, arret.", file=sys.stderr)
        return 2
    try:
        return commande(reste) or 0
    except Panne as panne:
        print(f"Erreur : {panne}", file=sys.stderr)
    except KeyboardInterrupt:
        print("Interrompu.", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(principal(sys.argv[1:]))
