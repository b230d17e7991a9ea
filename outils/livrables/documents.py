"""Chaque genre de document, produit des dossiers de démonstration : ses normes avant et après le sceau, ses pages, son temps, sa mémoire.

Les PDF et leurs images restent dans `.local/livrables`, pour être regardés.
"""

import json
import os
import resource
import shutil
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

from outils.commun import LOCAL, environnement
from outils.livrables.etape import lancer
from outils.qualite.site import base_de_demonstration

BASE = "jalon_livrables_demo"
DOSSIER = LOCAL / "livrables"
NORMES = ("3a", "ua1")
SECONDES, MEGAOCTETS = 10, 512
CIBLE = f"PDF/A-3a et PDF/UA-1 avant et après sceau, {SECONDES} s et {MEGAOCTETS} Mo au plus"


def mesurer():
    """Une ligne par genre de document."""
    shutil.rmtree(DOSSIER, ignore_errors=True)
    DOSSIER.mkdir(parents=True)
    with base_de_demonstration(BASE):
        releves = lancer("outils.livrables.documents", DOSSIER, env=environnement(demo=True))
    _en_images(DOSSIER)
    return [ligne(releve) for releve in releves]


def ligne(releve):
    """(nom, figure, cible, tenue) d'un genre ; sans exemplaire, il est sauté, donc manqué."""
    nombre = releve["fichiers"]
    if not nombre:
        return releve["genre"], releve["pourquoi"] or "aucun exemplaire : sauté", CIBLE, False
    scelles = f"{releve['apres']} après" if releve["se_scelle"] else "ne se scelle pas"
    figure = (
        f"{nombre} fichiers, {releve['pages']} pages ; conformes {releve['avant']} avant sceau, {scelles} ; "
        f"{releve['secondes']:.1f} s au pire, {releve['memoire']:.0f} Mo"
    )
    conformes = releve["avant"] == nombre and (releve["apres"] == nombre or not releve["se_scelle"])
    tenue = conformes and releve["secondes"] <= SECONDES and releve["memoire"] <= MEGAOCTETS
    return releve["genre"], figure, CIBLE, tenue


def _en_images(dossier):
    """Une image par page, si la machine sait les faire."""
    if shutil.which("pdftoppm"):
        for fichier in sorted(dossier.glob("*.pdf")):
            subprocess.run(["pdftoppm", "-r", "70", "-png", fichier, fichier.with_suffix("")], check=False)


# -- dans le processus qui connaît Django


def relever(dossier):
    """Un relevé par genre de document d'un parcours, et par genre de rapport."""
    from outils.livrables import rapports
    from securisation.documents import genres

    dossier = Path(dossier)
    releves = [
        _du_genre(choisi.code, choisi.libelle, choisi.identifie, _fabriques(choisi), dossier)
        for choisi in genres.tous()
    ]
    return releves + [_du_genre(*rapport, dossier) for rapport in rapports.tous()]


def _fabriques(choisi):
    """De chaque exemplaire : (de quoi le produire nu, de quoi le sceller), sa clé et son sceau dits, son code QR dessiné."""
    from securisation.documents import genres, sceau, verification

    for instantane in exemplaires(choisi):
        cle = verification.tirer()
        yield (
            partial(genres.produire, choisi.code, instantane, cle=cle, tenue=sceau.tenir()),
            partial(_sceller, choisi.code, instantane, cle),
        )


def _sceller(code, instantane, cle, _nu):
    from securisation.documents import genres

    return genres.produire_scelle(code, instantane, cle=cle)


def _du_genre(code, libelle, se_scelle, fabriques, dossier):
    """Produit chaque exemplaire, avant puis après le sceau, et en rend le relevé."""
    releve = {"genre": libelle, "fichiers": 0, "pages": 0, "avant": 0, "apres": 0, "secondes": 0.0, "memoire": 0.0}
    releve |= {"se_scelle": se_scelle, "pourquoi": ""}
    for rang, (produire, sceller) in enumerate(fabriques, start=1):
        depart = time.monotonic()
        nu = produire()
        releve["secondes"] = max(releve["secondes"], time.monotonic() - depart)
        scelle = sceller(nu) if se_scelle else None
        releve["fichiers"] += 1
        releve["pages"] += nu.pages
        releve["avant"] += est_conforme(nu.contenu)
        releve["apres"] += scelle is not None and scelle.contenu != nu.contenu and est_conforme(scelle.contenu)
        releve["memoire"] = max(releve["memoire"], _memoire())
        (dossier / f"{code}-{rang}.pdf").write_bytes((scelle or nu).contenu)
    return releve


def est_conforme(contenu):
    """Vrai si ce PDF suit les deux normes, sans un seul écart ; un fichier que l'on ne sait pas lire n'en suit aucune."""
    import page

    try:
        return all(not page.validate_pdf_bytes(contenu, profile=norme).failures for norme in NORMES)
    except page.ParseError:
        return False


def _memoire():
    """Le plus que ce processus, ou un de ceux qu'il a lancés, ait tenu, en Mo."""
    sommets = [resource.getrusage(qui).ru_maxrss / 1024 for qui in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    for fils in Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children").read_text().split():
        statut = Path(f"/proc/{fils}/status").read_text()
        sommets.append(int(statut.split("VmHWM:")[1].split()[0]) / 1024)
    return max(sommets)


def exemplaires(choisi):
    """Les instantanés complets de ce genre, un par dossier de démonstration qui en donne un."""
    for numero, donnees in enumerate(_donnees(choisi), start=1):
        if "document" not in donnees:
            bloc = {"edition": 1, "date": "2026-11-22", "demande_le": "2026-11-22T12:00:00+01:00", "remplace": None}
            donnees = donnees | {"document": bloc | {"numero": f"{choisi.lettre}-2026-{numero:04}-1"}}
        yield donnees


def _donnees(choisi):
    from securisation.coordination.fabrique import instantane as de_la_copie
    from securisation.coordination.models import Copie
    from securisation.documents.facile import GENRES
    from securisation.documents.models import Document
    from securisation.parcours.models import Parcours

    origines = {facile: origine for origine, facile in GENRES.items()}
    for parcours in Parcours.objects.order_by("pk"):
        if choisi.code in Copie.Contenu.values:
            yield de_la_copie(_copie(Copie, parcours, choisi.code))
        elif choisi.code == "courrier":
            yield from _courrier(parcours)
        elif choisi.code in origines:
            yield from _facile(choisi, parcours, origines[choisi.code])
        elif choisi.refaire:
            pour = [cle for cle, _ in choisi.destinataires(parcours)] if choisi.destinataires else [""]
            permis = [cle for cle in pour if not (choisi.empechement and choisi.empechement(parcours, cle))]
            yield from filter(None, (choisi.refaire(parcours, cle) for cle in permis))
        else:
            yield from Document.objects.filter(parcours=parcours, genre=choisi.code).values_list("donnees", flat=True)


def _facile(choisi, parcours, origine):
    """La version facile à lire d'un parcours ; le document qu'elle redit, s'il se demande, est demandé le temps de la lire."""
    from django.db import transaction

    from securisation.documents import genres

    source = genres.genre(origine)
    with transaction.atomic():
        referent = parcours.attributions.select_related("user").first()
        if source.empechement and referent and not parcours.empechement(source):
            parcours.demander_document(par=referent.user, genre=origine)
        donnees = "" if choisi.empechement(parcours, "") else choisi.refaire(parcours)
        transaction.set_rollback(True)
    return filter(None, [donnees])


def _copie(modele, parcours, contenu):
    """Une copie à la date du jour, qui ne s'enregistre pas."""
    from securisation.socle import horloge

    return modele(
        parcours=parcours, contenu=contenu, numero=f"C-{parcours.pk}", edition=1, demandee_le=horloge.maintenant()
    )


def _courrier(parcours):
    """Un courrier de chaque modèle que la première démarche de ce parcours permet."""
    from interventions.courriers import redaction
    from interventions.models import Action

    action = Action.objects.filter(intervention__parcours=parcours).order_by("pk").first()
    referent = parcours.attributions.select_related("user").first()
    if action and referent:
        champs = {"destinataire": "Service des aides\n1 place de la Mairie", "objet": "Demande d’aide", "lieu": "Laval"}
        champs |= {
            "texte": "Madame, Monsieur,\n\nJe vous demande cette aide.\n\nMerci.",
            "avec_adresse": True,
            "avec_equipe": True,
        }
        yield redaction.instantane(action, par=referent.user, **champs)


if __name__ == "__main__":
    import django

    django.setup()
    print(json.dumps(relever(sys.argv[1])))
