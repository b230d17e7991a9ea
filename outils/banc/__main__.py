"""`make banc N=20000` : fabrique, mesure, imprime, et écrit docs/mesures.md."""

import json
import os
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path

import psycopg

from outils import demo
from outils.banc import bases, ecran, mesure, rapport
from outils.commun import JOURNAUX, LOCAL, PYTHON, RACINE, Panne, dire

TOURS, DOCUMENTS, MELANGE, ENSUITE = 100, 16, 1000, 3000
MINIMUM, MAXIMUM, PUBLIE = 2000, 2_000_000, 20000


def principal(arguments):
    """Lit N, mesure dans des bases à part, écrit la page ; rend le code de sortie."""
    try:
        n = int(arguments[0] if arguments else "20000")
        if not MINIMUM <= n <= MAXIMUM:
            raise ValueError
    except ValueError:
        raise Panne(
            f"« {arguments[0]} » : donnez un nombre de parcours entre {MINIMUM} et {MAXIMUM}, comme N=20000."
        ) from None
    (JOURNAUX / "banc.log").write_text("", encoding="utf-8")
    demo.rassembler_statiques()
    with bases.bases_a_part() as migration:
        resultat = {
            "n": n,
            "charge": os.getloadavg()[0],
            "ensuite": ENSUITE,
            "migration": migration,
            "tours": TOURS,
        } | mesurer(n)
    texte = rapport.ecrire(resultat)
    print(texte)
    if n >= PUBLIE:
        (RACINE / "docs" / "mesures.md").write_text(texte, encoding="utf-8")
    dire("écrit dans docs/mesures.md." if n >= PUBLIE else f"docs/mesures.md ne se réécrit qu'à partir de N={PUBLIE}.")
    return 0


def mesurer(n):
    """Toutes les mesures, dans l'ordre où elles se gênent le moins."""
    resultat = {"fabrique": {}, "sites": {}}
    tailles = {bases.BASE: n, bases.DIXIEME: n // 10}
    for base, taille in tailles.items():
        dire(f"fabrique : {taille} parcours et leur histoire")
        resultat["fabrique"][base] = etape("fabriquer", taille, base, proprietaire=True)
    with ExitStack() as pile:
        sites = [
            pile.enter_context(mesure.Site(base, etape("reperes", taille, base))) for base, taille in tailles.items()
        ]
        dire(f"mesures : {len(sites[0].pages)} pages, deux bases, {TOURS} tours entrelacés")
        mesure.chronometrer(sites, TOURS)
        for site in sites:
            for page in site.pages:
                site.compter(page)
            resultat["sites"][site.base] = site.releves
        dire("écrans ralentis, au navigateur")
        resultat["ecrans"] = ecran.regarder(sites[0])
        resultat["memoire"] = memoire(sites[0])
    dire("documents et écritures")
    resultat["documents"] = etape("documents", DOCUMENTS, bases.BASE)
    resultat["ecritures"] = etape("ecritures", 8, bases.BASE, proprietaire=True)
    resultat["journal"] = etape("chaines", 200, bases.BASE)
    return resultat


def memoire(site):
    """PSS en Mo du site, après un mélange puis après un long usage, et de toute la pile pendant que des documents se produisent."""
    dire(f"mémoire : {MELANGE} requêtes, puis {ENSUITE} de plus")
    releve = {"debit": _melanger(site, MELANGE), "web": mesure.pss(site.travailleur)}
    _melanger(site, ENSUITE)
    releve["web_ensuite"] = mesure.pss(site.travailleur)
    celery = [PYTHON, "-m", "celery", "-A", "securisation.celery:app"]
    horloge = [*celery, "beat", "--loglevel", "WARNING", "--schedule", LOCAL / "horloge-banc", "--pidfile="]
    with (
        mesure.programme([*celery, "worker", "--loglevel", "WARNING"], site.base) as travail,
        mesure.programme(horloge, site.base) as beat,
    ):
        time.sleep(6)
        releve["attente"] = etape("attente", 20, site.base)
        releve["travail"] = mesure.pss(*mesure.famille(travail.pid))
        releve["travail_seul"] = max((mesure.pss(pid) or 0 for pid in mesure.famille(travail.pid)), default=None)
        releve["horloge"] = mesure.pss(beat.pid)
        releve["maitre"] = mesure.pss(site.processus.pid)
        releve["postgresql"] = _postgresql(site)
        releve["valkey"] = _valkey()
    return releve


def _melanger(site, nombre):
    """Des requêtes de toutes les pages, à la suite ; rend le débit en requêtes par seconde."""
    choisies = [page for page in site.pages if not page.nom.startswith(("Vue", "Liste"))]
    debut = time.monotonic()
    for rang in range(nombre):
        site.demander(choisies[rang % len(choisies)], rang)
    return nombre / (time.monotonic() - debut)


def _postgresql(site):
    """Le serveur, ses processus de fond et les sessions de cette base."""
    lignes = site.statistiques.execute(
        "SELECT pid FROM pg_stat_activity WHERE datname = current_database() OR backend_type <> 'client backend'"
    ).fetchall()
    try:
        statut = Path(f"/proc/{lignes[0][0]}/status").read_text()
    except OSError:
        return None
    serveur = int(statut.split("PPid:")[1].split()[0])
    return mesure.pss(serveur, *(pid for (pid,) in lignes))


def _valkey():
    try:
        return mesure.pss(int((LOCAL / "valkey.pid").read_text()))
    except (OSError, ValueError):
        return None


def etape(nom, nombre, base, *, proprietaire=False):
    """Lance une étape Django sur cette base et rend ce qu'elle écrit."""
    env = bases.environnement_du_banc(base)
    if proprietaire:
        env["DATABASE_URL"] = env["DATABASE_URL_PROPRIETAIRE"]
    commande = [str(PYTHON), "-m", "outils.banc.etapes", nom, str(nombre)]
    fait = subprocess.run(commande, cwd=RACINE, env=env, capture_output=True, text=True)
    with open(JOURNAUX / "banc.log", "a", encoding="utf-8") as journal:
        journal.write(fait.stderr)
    if fait.returncode:
        raise Panne(f"l'étape « {nom} » du banc a échoué : voir {JOURNAUX / 'banc.log'}.")
    return json.loads(fait.stdout.splitlines()[-1])


if __name__ == "__main__":
    try:
        sys.exit(principal(sys.argv[1:]))
    except Panne as panne:
        print(f"Erreur : {panne}", file=sys.stderr)
    except psycopg.Error as erreur:
        print(f"Erreur : la base de données refuse le banc ({str(erreur).strip().splitlines()[0]}).", file=sys.stderr)
    sys.exit(1)
