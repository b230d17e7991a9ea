"""`make preuves` : joue les preuves en grand, imprime une ligne par cible et récrit les figures de `docs/securite.md`."""

import datetime
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

RACINE = Path(__file__).resolve().parent.parent
PAGE = RACINE / "docs" / "securite.md"
DEBUT, FIN = "<!-- figures : début -->", "<!-- figures : fin -->"

# Les cibles que ce projet promet ; une cible sans essai, sautée ou tombée compte comme manquée.
CIBLES = {
    1: "matrice des droits",
    2: "vue non déclarée",
    3: "mutants de la table des droits",
    4: "fuite d'objets",
    5: "liste, compte, export et fiche d'accord",
    6: "retrait à la requête suivante",
    7: "deuxième mur (sécurité par ligne)",
    8: "journal des écritures",
    10: "altérations du journal",
    11: "effacement",
    12: "durées de conservation",
    14: "en-têtes et politique de contenu",
    15: "connexion",
    19: "écritures concurrentes",
    23: "journaux techniques",
}


def jouer(arguments):
    """Lance les essais marqués `preuve` ; rend (code de sortie, notes lues)."""
    with tempfile.TemporaryDirectory() as carnet:
        env = {**os.environ, "JALON_CARNET_DES_PREUVES": carnet, "JALON_PREUVES": "pleines"}
        env["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
        paralleles = os.environ.get("JALON_TESTS_PARALLELES", "2")
        commande = [sys.executable, "-m", "pytest", "-m", "preuve", "-n", paralleles, "-q", *arguments]
        code = subprocess.run(commande, cwd=RACINE, env=env).returncode
        notes = [json.loads(fichier.read_text(encoding="utf-8")) for fichier in sorted(Path(carnet).iterdir())]
    return code, notes


def rassembler(notes):
    """Une ligne (numéro, nom, figure, cible, secondes, atteinte) par cible promise."""
    for numero, nom in CIBLES.items():
        siennes = [note for note in notes if note["numero"] == numero]
        figures, assez = _figures(siennes)
        cible = " ; ".join(dict.fromkeys(note["cible"] for note in siennes if note["cible"]))
        atteinte = bool(siennes) and assez and all(note["issue"] == "passed" and note["figure"] for note in siennes)
        yield (
            numero,
            nom,
            " ; ".join(figures) or "aucune mesure",
            cible,
            sum(note["duree"] for note in siennes),
            atteinte,
        )


def _figures(notes):
    """Les figures dites, celles d'une même phrase additionnées ; et vrai si chaque minimum est tenu."""
    sommes, minimums = {}, {}
    for note in notes:
        if note["figure"]:
            comptes = sommes.setdefault(note["figure"], {})
            minimums.setdefault(note["figure"], {}).update(note["minimum"])
            for mot, nombre in note["comptes"].items():
                comptes[mot] = comptes.get(mot, 0) + nombre
    assez = all(sommes[figure].get(mot, 0) >= moins for figure, dus in minimums.items() for mot, moins in dus.items())
    return [figure.format(**{m: _lisible(n) for m, n in comptes.items()}) for figure, comptes in sommes.items()], assez


def _lisible(nombre):
    return f"{nombre:,}".replace(",", "\u202f")


def tableau(lignes):
    """Le tableau des figures, en Markdown."""
    rendu = ["| n° | preuve | figure | cible | durée | |", "|---|---|---|---|---|---|"]
    for numero, nom, figure, cible, secondes, atteinte in lignes:
        rendu.append(
            f"| {numero} | {nom} | {figure} | {cible} | {secondes:.0f} s | {'atteinte' if atteinte else '**manquée**'} |"
        )
    return "\n".join(rendu)


def ecrire(texte, secondes):
    """Récrit le bloc des figures de la page, daté."""
    page = PAGE.read_text(encoding="utf-8")
    avant, reste = page.split(DEBUT, 1)
    apres = reste.split(FIN, 1)[1]
    jour = datetime.datetime.now(datetime.UTC).date()
    bloc = f"{DEBUT}\nMesurées le {jour:%d/%m/%Y} en {secondes / 60:.0f} min.\n\n{texte}\n{FIN}"
    PAGE.write_text(avant + bloc + apres, encoding="utf-8")


def principal(arguments):
    """Code 0 si chaque cible promise est atteinte ; la page n'est récrite que par un passage entier."""
    depart = time.monotonic()
    code, notes = jouer(arguments)
    lignes = list(rassembler(notes))
    texte = tableau(lignes)
    print(texte)
    if not arguments:
        ecrire(texte, time.monotonic() - depart)
    return 0 if code == 0 and all(ligne[-1] for ligne in lignes) else 1


if __name__ == "__main__":
    sys.exit(principal(sys.argv[1:]))
