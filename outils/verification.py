"""Ce qui prouve le projet : forme, règles, imports, migrations, puis les tests."""

import os
import subprocess

from outils import services
from outils.commun import PYTHON, RACINE, Panne, dire, environnement
from outils.installation import installer, installer_python
from outils.usage import usage_des_services

SANS_BASE = [
    ("format Python", ["ruff", "format", "--check", "--quiet", "."]),
    ("règles Python", ["ruff", "check", "--quiet", "."]),
    ("format des pages", ["djlint", "--check", "templates"]),
    ("règles des pages", ["djlint", "--lint", "--quiet", "templates"]),
    ("contrat d'imports", ["importlinter.cli_lint"]),
    ("migrations complètes", ["manage.py", "makemigrations", "--check", "--dry-run"]),
]


def _commande(mots):
    if mots[0] == "manage.py":
        return [str(PYTHON), "-W", "ignore", *mots]
    if mots[0] == "importlinter.cli_lint":
        return [str(PYTHON), "-c", "from importlinter.cli import lint_imports_command as c; c()"]
    return [str(PYTHON), "-m", *mots]


def verifications_sans_base():
    """Lance chaque vérification ; rend les noms de celles qui échouent, après avoir montré ce qu'elles disent."""
    echecs = []
    for nom, mots in SANS_BASE:
        fait = subprocess.run(
            _commande(mots),
            cwd=RACINE,
            env=environnement(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        dire(f"{nom} : {'échec' if fait.returncode else 'juste'}")
        if fait.returncode:
            print(fait.stdout.strip(), flush=True)
            echecs.append(nom)
    return echecs


def verifier():
    """La part qui n'a besoin d'aucune base."""
    installer_python("test")
    echecs = verifications_sans_base()
    if echecs:
        raise Panne(f"à corriger : {', '.join(echecs)}.")


def tester(arguments):
    """Tout ce qui prouve le projet ; la dernière ligne est celle de pytest quand le reste est juste."""
    installer("test")
    echecs = verifications_sans_base()
    with usage_des_services():
        services.demarrer()
        env = {**environnement(), "DJANGO_ALLOW_ASYNC_UNSAFE": "true"}
        # Un ouvrier qui a fini prend à l'autre : les parcours au navigateur, joués en dernier, se partagent.
        ouvriers = ["-n", os.environ.get("JALON_TESTS_PARALLELES", "2"), "--dist", "worksteal"]
        commande = [str(PYTHON), "-m", "pytest", *ouvriers, *arguments]
        code = subprocess.run(commande, cwd=RACINE, env=env).returncode
    if echecs:
        raise Panne(f"à corriger, en plus des tests : {', '.join(echecs)}.")
    return code
