"""De la sortie enregistrée à l'instantané `bilan/1` que le document fige : un dict JSON, rien de plus que ce qu'il montre."""

from diagnostics.instantane import commun
from interventions import bornage
from interventions.models import Action, Prolongation


def instantane(sortie):
    """L'instantané entier d'un bilan (sans son bloc `document`, posé par la machine des documents)."""
    bloc = {"intervention": _intervention(sortie.parcours.intervention), "sortie": _sortie(sortie)}
    return {"schema": "bilan/1"} | commun(sortie.entree) | bloc


def _intervention(intervention):
    suspensions = list(intervention.suspensions.order_by("du"))
    prolongations = list(intervention.prolongations.filter(etat=Prolongation.Etat.APPROUVEE).order_by("decidee_le"))
    contacts = intervention.parcours.contacts.de_la_personne().filter(le__gte=intervention.demarre_le)
    return {
        "demarre_le": intervention.demarre_le.isoformat(),
        "duree_jours": intervention.duree_jours,
        "terme": intervention.terme.isoformat(),
        "terme_avant_prolongation": intervention.calculer_le_terme(prolongations=()).isoformat(),
        "objectif": intervention.objectif,
        "absence_conflit": intervention.parcours.declarations.filter(absence_de_conflit=True).exists(),
        "suspensions": [_suspension(intervention, s, suspensions[: n + 1]) for n, s in enumerate(suspensions)],
        "prolongations": [_prolongation(intervention, p, prolongations[: n + 1]) for n, p in enumerate(prolongations)],
        "actions": [_action(a) for a in intervention.actions.pour_page().order_by("pk")],
        "contacts": [le.isoformat() for le in contacts.order_by("le").values_list("le", flat=True)],
    }


def _suspension(intervention, suspension, jusque_la):
    terme = bornage.terme(intervention.demarre_le, intervention.duree_jours, [(s.du, s.au) for s in jusque_la])
    return {
        "du": suspension.du.isoformat(),
        "au": _jour(suspension.au),
        "motif": suspension.motif,
        "terme": terme.isoformat(),
    }


def _prolongation(intervention, prolongation, jusque_la):
    terme = intervention.calculer_le_terme(prolongations=[p.jours for p in jusque_la])
    return {
        "jours": prolongation.jours,
        "validee_le": _jour(prolongation.decidee_le),
        "motif": prolongation.motif,
        "terme": terme.isoformat(),
    }


def _action(action):
    issue = action.issue
    seul = action.ns3 == Action.Qui.DISPOSITIF
    return {
        "intitule": action.intitule,
        "levier": action.levier.libelle if action.ns1 == Action.Reponse.OUI else "",
        "axe": action.axe.code,
        "facteur": action.facteur.code,
        "mode": action.mode.libelle,
        "qui": action.ns3,
        "demandee_le": _jour(action.ns2_sollicite_le),
        "attendue_le": _jour(action.reponse_attendue_le),
        "relais": action.ns4_relais,
        "ecart": action.ns3_justification if seul else "",
        "soin": action.ns5,
        "reserve": action.levier.revele_la_sante or action.facteur.revele_la_sante,
        "issue": {
            "code": issue.code if issue else "",
            "libelle": issue.libelle if issue else "",
            "le": _jour(action.issue_le),
            "note": action.issue_note,
        },
    }


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
