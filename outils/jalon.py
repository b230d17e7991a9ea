"""Point d'entrée du Makefile : `python3 outils/jalon.py services|manage|demo|test|verifier|captures|qualite|arret|propre`."""

import errno
import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
sys.dont_write_bytecode = True

from outils import demo, installation, services, usage, verification  # noqa: E402
from outils.commun import LOCAL, PYTHON, RACINE, Panne, dire, environnement  # noqa: E402


def commande_demo(arguments):
    """Installe, prépare et ouvre la démonstration : `demo [PORT]`."""
    demo.ouvrir(arguments[0] if arguments else "")


def commande_test(arguments):
    """Tout ce qui prouve le projet ; les arguments vont à pytest."""
    return verification.tester(arguments)


def commande_verifier(_arguments):
    """La part des preuves qui n'a besoin d'aucune base."""
    verification.verifier()


def commande_services(_arguments):
    """Démarre seulement PostgreSQL et Valkey, et les laisse tourner."""
    installation.installer_python("demo")
    usage.A_GARDER.touch()
    if not services.demarrer():
        dire("PostgreSQL et Valkey tournent déjà.")


def commande_manage(arguments):
    """Lance une commande Django dans l'environnement du projet."""
    _remplacer([str(PYTHON), "manage.py", *(arguments or ["help"])])


def commande_lance(arguments):
    """Lance un module de l'environnement Python, services démarrés : `lance pytest sorties`."""
    if not arguments:
        raise Panne("indiquez le programme à lancer, par exemple : lance pytest sorties.")
    _remplacer([str(PYTHON), "-m", *arguments])


def commande_banc(arguments):
    """Mesure vitesse et mémoire sur des parcours fabriqués : `banc [N]` ; le navigateur vient avec ce que demandent les tests."""
    _remplacer([str(PYTHON), "-m", "outils.banc", *arguments], pour="test")


def commande_livrables(arguments):
    """Mesure chaque livrable contre ce qu'il promet ; code 1 si une cible est manquée : `livrables [partie…]`."""
    _remplacer([str(PYTHON), "-m", "outils.livrables", *arguments], pour="test")


def commande_captures(arguments):
    """Photographie chaque page de la démonstration : `captures [DOSSIER]`."""
    _remplacer([str(PYTHON), "-m", "outils.qualite.captures", *arguments], pour="test")


def commande_qualite(arguments):
    """Mesure chaque page de la démonstration ; code 1 si une cible est manquée : `qualite [page…]`."""
    installation.installer_mesureurs()
    _remplacer([str(PYTHON), "-m", "outils.qualite", *arguments], pour="test")


def _remplacer(commande, pour="demo"):
    """Devient ce programme, services locaux démarrés et tenus ouverts tant qu'il vit."""
    installation.installer(pour)
    fichier = open(LOCAL / "usage", "w")  # noqa: SIM115 (le verrou suit le programme qui remplace celui-ci)
    usage.tenir_pour(fichier)
    services.demarrer()
    os.chdir(RACINE)
    os.execve(PYTHON, commande, environnement())  # noqa: S606


def commande_arret(_arguments):
    """Arrête ce que `make demo` et `make services` ont démarré."""
    usage.A_GARDER.unlink(missing_ok=True)
    arretes = ["la démonstration"] if demo.arreter_demo() else []
    arretes += services.arreter() if LOCAL.exists() else []
    dire(f"Arrêté : {', '.join(arretes)}." if arretes else "Rien ne tournait.")


def commande_propre(_arguments):
    """Arrête tout et retire `.local` : base, paquets et journaux locaux."""
    if not LOCAL.exists():
        dire("Rien à retirer.")
        return
    commande_arret([])
    usage.effacer_local()
    dire("Le dossier .local est retiré.")


def principal(arguments):
    """Aiguille vers la commande ; une panne s'affiche en une phrase, code 1."""
    nom, *reste = arguments or ["aide"]
    commande = globals().get(f"commande_{nom}")
    if commande is None:
        print(
            "Commandes : demo, test, verifier, services, manage, lance, banc, livrables, captures, qualite, arret, propre.",
            file=sys.stderr,
        )
        return 2
    try:
        return commande(reste) or 0
    except Panne as panne:
        print(f"Erreur : {panne}", file=sys.stderr)
    except OSError as erreur:
        print(f"Erreur : {_phrase_systeme(erreur)}", file=sys.stderr)
    except KeyboardInterrupt:
        print("Interrompu.", file=sys.stderr)
    return 1


def _phrase_systeme(erreur):
    if erreur.errno == errno.ENOSPC:
        return "le disque est plein : libérez de la place puis recommencez."
    if erreur.errno in (errno.EACCES, errno.EPERM):
        return f"accès refusé à {erreur.filename} : ce fichier appartient à un autre utilisateur."
    return f"{erreur.strerror} ({erreur.filename})."


if __name__ == "__main__":
    sys.exit(principal(sys.argv[1:]))
