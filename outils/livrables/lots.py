"""Un lot de bilans, produit par un vrai travailleur pendant qu'une travailleuse sociale demande ses documents : débit, attente, mémoire."""

import json
import os
import sys
import tempfile
import threading
import time
from datetime import timedelta
from pathlib import Path

from outils.banc import bases, mesure
from outils.commun import LOCAL, PYTHON, Panne, dire
from outils.livrables import etalon
from outils.livrables.etape import lancer

BASE = "jalon_livrables_lot"
DOCUMENTS, ATTENDUS = 500, 60
PATIENCE, LEVER = 3600, 12  # secondes : celles du lot entier, celles du travailleur et de l'étalon qui se lèvent
DEBIT, ATTENTE, MEGAOCTETS = 10, 2.0, 130


def mesurer(documents=DOCUMENTS):
    """Une ligne par promesse : débit du lot, attente de qui demande un document pendant ce temps, mémoire du travailleur.

    Les documents sont scellés, comme en service, par un certificat fait pour la mesure.
    """
    with bases.base_neuve(BASE), tempfile.TemporaryDirectory() as dossier:
        env = bases.environnement_du_banc(BASE) | {"JALON_SCEAU": f"{dossier}/sceau.p12", "JALON_SCEAU_PHRASE": ""}
        maitre = env | {"DATABASE_URL": env["DATABASE_URL_PROPRIETAIRE"]}
        lancer("outils.livrables.lots", "fabriquer", documents, env=maitre)
        releve = _produire(documents, env)
    return lignes(releve, documents)


def lignes(releve, documents):
    """(nom, figure, cible, tenue) de chaque promesse."""
    debit = releve["pages"] / max(releve["processeur"], 0.001)
    maquette = releve["etalon"]["pages"] / releve["etalon"]["processeur"]
    fois = debit / maquette
    produits = (
        f"{releve['prets']} bilans scellés sur {documents}, {releve['pages']} pages en {releve['secondes']:.0f} s"
    )
    attentes = sorted(releve["attentes"])
    p95 = attentes[int(0.95 * (len(attentes) - 1))] if len(attentes) == releve["demandes"] and attentes else None
    dite = (
        f"p95 {p95:.1f} s, {len(attentes)} documents"
        if p95 is not None
        else f"{len(attentes)} prêts sur {releve['demandes']}"
    )
    tous = releve["prets"] == documents
    memoire = releve["memoire"]
    pesee = f"{memoire:.0f} Mo au plus par processus, {releve['ensemble']:.0f} Mo ensemble au plus"
    return [
        (
            "lot de bilans",
            f"{produits} ; {debit:.1f} pages/s de processeur, {fois:.2f} fois l'étalon ({maquette:.1f})",
            f"tous, {DEBIT} pages/s au moins",
            tous and debit >= DEBIT,
        ),
        ("document demandé pendant le lot", dite, f"p95 ≤ {ATTENTE:.0f} s", p95 is not None and p95 <= ATTENTE),
        ("travailleur pendant le lot", pesee, f"{MEGAOCTETS} Mo par processus", memoire <= MEGAOCTETS),
    ]


def _produire(documents, env):
    """Le lot, un travailleur et deux demandes par seconde ; rend ce qu'ils ont coûté."""
    celery = [PYTHON, "-m", "celery", "-A", "securisation.celery:app"]
    # L'horloge aussi : sans elle, un document dont la production échoue une fois ne serait pas repris.
    horloge = [*celery, "beat", "--loglevel", "WARNING", "--schedule", LOCAL / "horloge-livrables", "--pidfile="]
    with (
        mesure.programme([*celery, "worker", "--loglevel", "WARNING"], BASE, env) as travail,
        mesure.programme(horloge, BASE, env),
        etalon.a_cote() as maquette,
    ):
        time.sleep(LEVER)
        veille = _Veille(travail.pid)
        depart = time.monotonic()
        releve = lancer("outils.livrables.lots", "produire", documents, ATTENDUS, PATIENCE, env=env)
        dire(f"lot produit en {time.monotonic() - depart:.0f} s")
        releve |= veille.finir()
    return releve | {"etalon": maquette}


class _Veille(threading.Thread):
    """Relève chaque seconde la mémoire (PSS) de chaque processus du travailleur et son temps de processeur."""

    def __init__(self, pid):
        super().__init__(daemon=True)
        self.pid, self.memoire, self.ensemble, self.temps, self.finie = pid, 0.0, 0.0, {}, threading.Event()
        self._relever()
        self.avant = dict(self.temps)
        self.start()

    def run(self):
        while not self.finie.wait(1):
            self._relever()

    def _relever(self):
        try:
            pesees = {pid: mesure.pss(pid) or 0 for pid in mesure.famille(self.pid)}
            self.memoire, self.ensemble = max(self.memoire, *pesees.values()), max(self.ensemble, sum(pesees.values()))
            for pid in pesees:
                champs = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
                self.temps[pid] = (int(champs[11]) + int(champs[12])) / 100
        except (FileNotFoundError, ProcessLookupError):
            return  # un processus s'est renouvelé entre deux lectures

    def finir(self):
        """{memoire du plus gros processus, ensemble : leur somme au pire (Mo), processeur (s)} depuis le début."""
        self.finie.set()
        self.join()
        self._relever()
        depense = sum(temps - self.avant.get(pid, 0) for pid, temps in self.temps.items())
        return {"memoire": self.memoire, "ensemble": self.ensemble, "processeur": depense}


# -- dans le processus qui connaît Django


def fabriquer(documents):
    """Autant de parcours clos, fournis, d'une même équipe ; dix de plus sont en intervention, pour qui travaille pendant ce temps.

    Et le certificat qui scellera leurs documents.
    """
    from outils.banc import fabrique, lots
    from securisation.documents import sceau
    from securisation.socle.horloge import instant

    certificat = sceau.auto_signe("Jalon, sceau d’une mesure", instant(), timedelta(days=1))
    Path(os.environ["JALON_SCEAU"]).write_bytes(certificat)
    lots.LOURDS = lots.LOURDS_OUVERTS + int(documents)
    fabrique.fabriquer(os.environ["DATABASE_URL"], lots.LOURDS)
    return lots.LOURDS


def produire(documents, attendus, patience):
    """Lance le lot, demande un document toutes les demi-secondes pendant ce temps, attend la fin."""
    from securisation.comptes.models import Fonction
    from securisation.documents import sceau
    from securisation.documents.models import Document
    from securisation.synthese.lots import production
    from securisation.synthese.lots.choix import Choix

    superviseure = Fonction.objects.get(genre="SUPERVISEUR", equipe=1).professionnel
    debut = time.monotonic()
    lot = production.lancer(Choix("bilan", 1, phase="clos"), "mesure", par=superviseure)
    demandes = _demander(int(attendus))
    fin = debut + float(patience)
    while time.monotonic() < fin and lot.comptes["en_cours"]:
        time.sleep(0.5)
    faits = Document.objects.filter(pk__in=lot.lignes.values("document"), etat=Document.Etat.PRODUIT)
    attentes = Document.objects.filter(pk__in=demandes, produit_le__isnull=False).values_list(
        "demande_le", "produit_le"
    )
    return {
        "secondes": time.monotonic() - debut,
        "prets": faits.filter(sceau=sceau.Etat.AUTO).count(),
        "pages": sum(faits.values_list("pages", flat=True)) + _pages(Document, demandes),
        "demandes": len(demandes),
        "attentes": [(pret - demande).total_seconds() for demande, pret in attentes],
    }


def _pages(document, cles):
    return sum(document.objects.filter(pk__in=cles, pages__isnull=False).values_list("pages", flat=True))


def _demander(combien):
    """Demande des diagnostics, deux par seconde, comme le banc ; rend leurs clés."""
    from outils.banc.lots import LOURDS_OUVERTS
    from securisation.comptes.models import Professionnel
    from securisation.documents import genres
    from securisation.documents.models import Document
    from securisation.parcours.models import Parcours
    from securisation.socle.trace import hors_porte

    par, parcours = Professionnel.objects.get(pk=1), Parcours.objects.filter(pk__lte=LOURDS_OUVERTS).first()
    modele, cles = genres.genre("diagnostic").refaire(parcours), []
    for rang in range(combien):
        depart = time.monotonic()
        with hors_porte("mesure", par=par):
            donnees = modele | {"association": {"nom": f"Association {rang}", "equipe": "Équipe"}}
            cles.append(Document.demander(parcours=parcours, genre="diagnostic", donnees=donnees, par=par).pk)
        time.sleep(max(0, 0.5 - (time.monotonic() - depart)))
    return cles


if __name__ == "__main__":
    import django

    django.setup()
    faire = {"fabriquer": fabriquer, "produire": produire}.get(sys.argv[1])
    if faire is None:
        raise Panne("étape inconnue")
    print(json.dumps(faire(*sys.argv[2:])))
