"""De l'intervention enregistrée à l'instantané `plan/1` que le document fige : un dict JSON, rien de plus que ce qu'il montre."""

from diagnostics.instantane import commun
from interventions import bornage
from interventions.models import Action, Prolongation
from securisation.socle import horloge

# Ce qu'un plan reprend d'un axe : où l'on en est, et ce qui est à traiter.
_DE_L_AXE = ("code", "libelle", "niveau", "niveau_personne", "parole")
_DU_FACTEUR = ("code", "libelle", "echeance", "reserve")


def instantane(intervention):
    """L'instantané entier d'un plan (sans son bloc `document`, posé par la machine des documents)."""
    socle = commun(intervention.diagnostic)
    for cle in ("dominos", "partages"):
        del socle[cle]
    socle["axes"] = [_axe(axe) for axe in socle["axes"]]
    bloc = bloc_intervention(intervention) | {"etat": intervention.etat, "au": horloge.aujourd_hui().isoformat()}
    bloc["terme"] = intervention.terme_a_ce_jour.isoformat()
    silences = [_silence(action.silence) for action in _actions(intervention)]
    bloc["actions"] = [action | {"silence": silence} for action, silence in zip(bloc["actions"], silences, strict=True)]
    return {"schema": "plan/1"} | socle | {"intervention": bloc}


def _axe(axe):
    facteurs = [{cle: facteur[cle] for cle in _DU_FACTEUR} for facteur in axe["facteurs"]]
    return {cle: axe[cle] for cle in _DE_L_AXE} | {"facteurs": facteurs}


def bloc_intervention(intervention):
    """Le bloc `intervention` du plan et du bilan : temps, démarches, contacts venus de la personne."""
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
        "actions": [_action(a) for a in _actions(intervention)],
        "contacts": [le.isoformat() for le in contacts.order_by("le").values_list("le", flat=True)],
    }


def _actions(intervention):
    return intervention.actions.pour_page().order_by("pk")


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


def _silence(silence):
    """Ce que vaudra l'absence de réponse, et jusqu'à quand la contester ; None si le levier n'a pas de délai renseigné."""
    if silence is None:
        return None
    return {
        "effet": silence.effet,
        "le": silence.effet_le.isoformat(),
        "contester_avant": _jour(silence.contester_avant),
    }


def _jour(valeur):
    return valeur.isoformat() if valeur else None
