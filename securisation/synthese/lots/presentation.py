"""Ce que montrent les pages des lots : ce qui serait produit, où en est un lot, ce qui a manqué et pourquoi."""

from collections import Counter

from securisation.documents import genres
from securisation.socle.refus import Introuvable
from securisation.synthese.lots.choix import MAXIMUM, deja_prets, refus_prevus
from securisation.synthese.models import LotDeDocuments

RECENTS, PAR_PAGE = 8, 50
SORTS = {"prets": "Prêts", "manques": "Non produits", "en_cours": "À faire"}


def trouver(par, uuid):
    """Le lot de ce numéro public, s'il est à ce compte ; sinon introuvable."""
    lot = LotDeDocuments.objects.visibles_pour(par).filter(uuid=uuid).first()
    if lot is None:
        raise Introuvable()
    return lot


def recents(par):
    """Les derniers lots de ce compte et ce qu'ils ont donné ; ceux d'une même minute (`a_la_seconde`) se disent à la seconde."""
    lots = list(LotDeDocuments.objects.visibles_pour(par).avec_comptes()[:RECENTS])
    par_minute = Counter(lot.demande_le.replace(second=0, microsecond=0) for lot in lots)
    for lot in lots:
        lot.a_la_seconde = par_minute[lot.demande_le.replace(second=0, microsecond=0)] > 1
    return lots


def apercu(par, choix):
    """Ce que donnerait ce choix : combien de documents, combien sont déjà prêts, lesquels seraient refusés et pourquoi."""
    voulus = list(choix.parcours(par).select_related("personne")[: MAXIMUM + 1])
    trop, voulus = len(voulus) > MAXIMUM, voulus[:MAXIMUM]
    refus = refus_prevus(choix.genre, voulus)
    par_raison = Counter(refus.values())
    sortiront = [] if trop else [p.pk for p in voulus if p.pk not in refus]
    prets = deja_prets(choix.genre, sortiront)
    return {
        "libelle": genres.genre(choix.genre).libelle,
        "trop": trop,
        "maximum": MAXIMUM,
        "total": len(voulus),
        "sortiront": len(sortiront),
        "prets": prets,
        "a_produire": len(sortiront) - prets,
        "raisons": par_raison.most_common(),
        "refuses": [(p, refus[p.pk]) for p in voulus if p.pk in refus],
    }


def suivi(lot, adresse):
    """La page d'un lot : avancement, puis les lignes d'un sort, cinquante à la fois."""
    comptes = lot.comptes
    voulu = adresse.get("voir")
    sort = voulu if voulu in SORTS else next((nom for nom in ("prets", "en_cours") if comptes[nom]), "manques")
    apres = adresse.get("apres", "")
    apres = int(apres) if apres.isdecimal() and len(apres) < 6 else 0
    lignes = list(lot.lignes.du_sort(sort).filter(rang__gt=apres).pour_page()[: PAR_PAGE + 1])
    suivant = f"?voir={sort}&apres={lignes[PAR_PAGE - 1].rang}" if len(lignes) > PAR_PAGE else ""
    segments = [
        {"libelle": mot, "url": f"?voir={cle}", "nombre": comptes[cle], "ici": cle == sort}
        for cle, mot in SORTS.items()
        if comptes[cle] or cle != "en_cours"
    ]
    return avancement(lot, comptes) | {
        "lignes": lignes[:PAR_PAGE],
        "suivant": suivant,
        "segments": segments,
        "voir": sort,
    }


def avancement(lot, comptes=None):
    """Où en est un lot, en nombres et en mots ; rien d'un dossier."""
    comptes = comptes or lot.comptes
    fait = comptes["prets"] + comptes["manques"]
    fini = not comptes["en_cours"]
    titre = ("Lot arrêté" if lot.annule_le else "Lot terminé") if fini else "Documents en préparation"
    return {"lot": lot, "comptes": comptes, "fait": fait, "fini": fini, "titre_suivi": titre}
