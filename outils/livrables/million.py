"""Un million de parcours : les chiffres en direct et une édition entière, vitesse et mémoire."""

import datetime
import statistics
import threading
import time
from pathlib import Path

from outils.livrables.direction import direction

TOURS = 25
DU, AU = datetime.date(2025, 1, 1), datetime.date(2025, 12, 31)


def direct():
    """La page de la direction et `count(*)`, tour à tour : {page, compte : {p50, p95}}, secondes ; {memoire} : Mo de plus."""
    from django.db import connection
    from django.test import Client

    from outils.commun import Panne

    client = Client(headers={"host": "localhost"})
    client.force_login(direction())
    temps, avant = {"page": [], "compte": []}, 0
    for tour in range(TOURS + 1):
        debut = time.perf_counter()
        reponse = client.get("/pilotage/chiffres/?periode=2025")
        milieu = time.perf_counter()
        if reponse.status_code != 200:
            raise Panne(f"la page des chiffres répond {reponse.status_code}.")
        with connection.cursor() as curseur:
            curseur.execute("SELECT count(*) FROM parcours_parcours")
            curseur.fetchone()
        if tour:
            temps["page"].append(milieu - debut)
            temps["compte"].append(time.perf_counter() - milieu)
        else:
            avant = _residente()
    rendu = {nom: {"p50": statistics.median(t), "p95": sorted(t)[int(0.95 * len(t))]} for nom, t in temps.items()}
    return rendu | {"memoire": max(0.0, _residente() - avant)}


def edition():
    """Une édition entière, de la demande aux fichiers : secondes, Mo au plus haut (processus et ses enfants), cases, pages."""
    from securisation.comptes.models import Equipe
    from securisation.pilotage import conventions
    from securisation.pilotage.edition import actes, fichiers, preparation
    from securisation.pilotage.models import Edition

    jean = direction()
    convention = conventions.creer(
        par=jean, numero="L-1", financeur="Financeur", du=DU, au=AU, objet_paye="Tout.", equipes=Equipe.objects.none()
    )
    with _Veilleur() as veilleur:
        debut = time.perf_counter()
        neuve = actes.preparer(convention, par=jean, du=DU, au=AU)
        _en_transaction(preparation.faire, neuve.pk)
        neuve = Edition.objects.get(pk=neuve.pk)
        cases = neuve.rapport["cellules"]
        actes.publier(neuve.uuid, par=jean)
        _en_transaction(fichiers.produire, neuve.pk)
        secondes = time.perf_counter() - debut
    pages = neuve.fichiers.get(genre="pdf").pages
    return {"secondes": secondes, "memoire": veilleur.sommet, "cases": cases, "pages": pages}


def _en_transaction(fonction, cle):
    from django.db import transaction

    with transaction.atomic():
        fonction(cle)


class _Veilleur:
    """Le plus haut de la mémoire de ce processus et de ses enfants, relevé cent fois par seconde."""

    sommet = 0.0

    def __enter__(self):
        self._fin = threading.Event()
        self._fil = threading.Thread(target=self._veiller, daemon=True)
        self._fil.start()
        return self

    def __exit__(self, *erreur):
        self._fin.set()
        self._fil.join()

    def _veiller(self):
        while not self._fin.wait(0.01):
            self.sommet = max(self.sommet, _residente("self") + sum(_residente(enfant) for enfant in _enfants()))


def _enfants():
    for tache in Path("/proc/self/task").iterdir():
        try:
            yield from (tache / "children").read_text().split()
        except OSError:
            continue


def _residente(processus="self"):
    """Mémoire résidente, en Mo ; 0 si le processus n'est plus là."""
    try:
        lignes = Path(f"/proc/{processus}/status").read_text().splitlines()
    except OSError:
        return 0.0
    return next((int(ligne.split()[1]) / 1024 for ligne in lignes if ligne.startswith("VmRSS")), 0.0)
