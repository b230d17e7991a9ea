"""La conservation : deux ans après les dernières nouvelles venues de la personne, un préavis de trente jours, puis l'effacement.

Base active : 2 ans (`ANS`, durée inscrite au registre des traitements, la même pour tous ; RGPD, article 5.1.e). Les dernières
nouvelles (`Parcours.derniere_nouvelle_le`) sont tenues par la base (sql/nouvelles.sql) : dernier contact venu de la personne, dernière
demande, dernier accord, refus ou retrait ; à défaut, l'ouverture.
"""

import datetime
import logging

from django.db import transaction
from django.db.models import Q

from securisation.parcours.models import Conservation, Effacement, Parcours
from securisation.socle import horloge
from securisation.socle.trace import hors_porte

journaliste = logging.getLogger("jalon.conservation")
ANS, PREAVIS = 2, datetime.timedelta(days=30)
RAISON = "durée de conservation"


def terme(derniere_nouvelle):
    """Premier jour où le dossier n'est plus gardé : deux ans, jour pour jour (29 février : 1er mars)."""
    try:
        return derniere_nouvelle.replace(year=derniere_nouvelle.year + ANS)
    except ValueError:
        return datetime.date(derniere_nouvelle.year + ANS, 3, 1)


def il_y_a_deux_ans(jour):
    """Les dernières nouvelles les plus récentes dont le terme est atteint ce jour."""
    try:
        return jour.replace(year=jour.year - ANS)
    except ValueError:
        return datetime.date(jour.year - ANS, 2, 28)


def tenir_le_jour():
    """Fait ce que le jour demande ; rend {"annonces", "leves", "finis", "termes"} en nombres de dossiers. Un dossier, une transaction."""
    jour = horloge.aujourd_hui()
    return {
        "leves": _pour_chacun(_a_lever(jour), _lever),
        "finis": _pour_chacun(Conservation.objects.filter(etat="archive", jusqu_au__lt=jour), _finir),
        "annonces": _pour_chacun(_a_annoncer(jour), _annoncer),
        "termes": _pour_chacun(_au_terme(jour), _atteindre_le_terme),
    }


def _a_annoncer(jour):
    """Parcours dont le terme tombe dans les trente jours, sans annonce, ni archivage, ni effacement en cours.

    Pas celui dont la personne a fait limiter le traitement : ses données ne sont alors que conservées (RGPD, article 18.2).
    """
    return (
        Parcours.objects.filter(derniere_nouvelle_le__lte=il_y_a_deux_ans(jour + PREAVIS), limite_le=None)
        .exclude(conservations__etat__in=("preavis", "archive"))
        .exclude(effacements__etat__in=Effacement.OUVERTS)
    )


def _a_lever(jour):
    """Annonces qui n'ont plus lieu, dossier encore ouvert : des nouvelles, une limitation, ou son propre effacement refusé."""
    return Conservation.objects.filter(
        Q(parcours__derniere_nouvelle_le__gt=il_y_a_deux_ans(jour + PREAVIS))
        | Q(parcours__limite_le__isnull=False)
        | Q(effacement__etat__in=(Effacement.Etat.ANNULE, Effacement.Etat.REFUSE)),
        etat="preavis",
        parcours__effacement_le=None,
    )


def _au_terme(jour):
    """Effacements ouverts dont le jour est venu, sauf d'un parcours au traitement limité."""
    return Effacement.objects.ouverts().filter(pas_avant__lte=jour, parcours__limite_le=None)


def _pour_chacun(lignes, faire):
    """Chaque objet est relu et verrouillé dans sa transaction : un échec n'arrête pas les autres."""
    faits = 0
    for cle in list(lignes.order_by("pk").values_list("pk", flat=True)):
        try:
            with transaction.atomic(), hors_porte(RAISON):
                objet = lignes.select_for_update(of=("self",), no_key=True, skip_locked=True).filter(pk=cle).first()
                faits += bool(objet is not None and faire(objet))
        except Exception as erreur:
            # Le message d'une erreur de la base cite la ligne refusée : seul son genre se garde. Le passage suivant reprendra.
            journaliste.error("Conservation, %s %s : %s", faire.__name__, cle, type(erreur).__name__)
    return faits


def _annoncer(parcours):
    jour = horloge.aujourd_hui()
    Conservation(parcours=parcours).annoncer(par=None, terme=max(terme(parcours.derniere_nouvelle_le), jour + PREAVIS))
    return True


def _lever(conservation):
    conservation.lever(par=None)
    return True


def _finir(conservation):
    conservation.finir(par=None)
    return True


def _atteindre_le_terme(effacement):
    """Décidé : l'effacement commence. Pas encore : le dossier est fermé à tous, les décisions restent dues."""
    if effacement.etat == Effacement.Etat.DECIDE and not effacement.etapes:
        effacement.commander()
        return True
    if effacement.etat in Effacement.A_DECIDER and effacement.parcours.effacement_le is None:
        effacement.fermer(par=None)
        return True
    return False
