"""De la sortie enregistrée à l'instantané `bilan/1` que le document fige : un dict JSON, rien de plus que ce qu'il montre."""

from diagnostics.instantane import commun
from interventions.instantane import bloc_intervention


def instantane(sortie):
    """L'instantané entier d'un bilan (sans son bloc `document`, posé par la machine des documents)."""
    bloc = {"intervention": bloc_intervention(sortie.parcours.intervention), "sortie": _sortie(sortie)}
    return {"schema": "bilan/1"} | commun(sortie.entree) | bloc


def _sortie(sortie):
    return {
        "ouverte_le": sortie.ouverte_le.isoformat(),
        "validee_le": _jour(sortie.validee_le),
        "validee_par": sortie.validee_par.nom_complet if sortie.validee_par else "",
        "motif": {"code": sortie.motif.code, "libelle": sortie.motif.libelle, "nature": sortie.motif.nature},
        "evaluateur_identique": bool(sortie.evaluateur_identique),
        "axes": {
            c.axe.code: {"niveau": c.criticite, "niveau_personne": c.criticite_de_la_personne, "parole": c.parole}
            for c in sortie.par_axe()
        },
        "risques": [_risque(r) for r in sortie.liste_des_risques()],
        "parole": sortie.parole_de_la_personne,
        "desaccord": sortie.desaccord_de_la_personne,
        "remis": [valeur for valeur in sortie.remis_a_la_personne if valeur != sortie.Remis.RIEN],
    }


def _risque(risque):
    facteur = risque.facteur or (risque.action.facteur if risque.action else None)
    axe = facteur.axe if facteur else None
    return {
        "code": risque.risque.code,
        "libelle": risque.risque.libelle,
        "axe": axe.libelle if axe else "",
        "facteur": facteur.code if facteur else "",
        "facteur_libelle": facteur.libelle if facteur else "",
        "relais": risque.relais,
        "telephone": "",
        "confirme_le": _jour(risque.relais_confirme_le),
        "motif": risque.motif,
        "signal": risque.signal_d_alerte,
        "echeance": _jour(risque.echeance),
        "reserve": risque.risque.revele_la_sante or bool(facteur and facteur.revele_la_sante),
    }


def _jour(valeur):
    return valeur.isoformat() if valeur else None
