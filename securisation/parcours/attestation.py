"""L'attestation d'accompagnement : qui, quelle association, de quand à quand ; rien qui dise pourquoi. Instantané `attestation/1`."""

import re

from securisation.annuaire.garde import examiner
from securisation.parcours.models import Parcours
from securisation.socle import horloge

# Un nom d'équipe qui dirait la santé ne s'écrit pas : celui de l'association suffit à attester.
_SANTE = re.compile(r"sant|soin|h[ôo]pit|m[ée]dic|patient|malad|handicap|psy|clini|rééduc", re.IGNORECASE)


def empechement(parcours, pour=""):
    """Pourquoi l'attestation ne se demande pas ; vide si elle se demande."""
    if parcours.etat in (Parcours.Etat.ORIENTE, Parcours.Etat.NON_ADMIS):
        return "Elle se demande une fois la personne admise."
    if parcours.motif_interruption == Parcours.MotifInterruption.DECES:
        return "La personne est décédée."
    return ""


def instantane(parcours, pour=""):
    """L'instantané entier (sans son bloc `document`) : ni origine, ni axe, ni mot du dossier."""
    equipe = "" if revele(parcours.equipe.nom) else parcours.equipe.nom
    fin = parcours.clos_le.isoformat() if parcours.clos_le else None
    return {
        "schema": "attestation/1",
        "association": {"nom": parcours.equipe.association, "equipe": equipe},
        "parcours": {"numero": parcours.numero},
        "personne": {
            "nom": parcours.personne.appellation,
            "annee_naissance": parcours.personne.annee_naissance,
            "commune": parcours.personne.commune,
        },
        "periode": {"du": parcours.qualification.le.isoformat(), "au": fin},
        "le": horloge.aujourd_hui().isoformat(),
    }


def revele(nom):
    """Vrai si ce nom laisse deviner une question de santé."""
    return bool(_SANTE.search(nom) or examiner(nom))
