"""Le plan d'actions en une page : les mêmes actions, rangées par axe ou par échéance, et les adresses qui passent de l'un à l'autre."""

from interventions.models import Action

PAR_ECHEANCE, PAR_AXE = "echeance", "axe"
ORDRES = {PAR_ECHEANCE: "Par échéance", PAR_AXE: "Par axe"}


def lire_l_ordre(parametres):
    """L'ordre demandé par l'adresse (« ?plan=axe ») ; l'échéance d'abord, une valeur inconnue étant ignorée."""
    voulu = parametres.get("plan")
    return voulu if voulu in ORDRES else PAR_ECHEANCE


def segments(choisi):
    """Les deux ordres, prêts pour `composants/segments.html` ; l'adresse ramène au plan."""
    return [
        {"libelle": libelle, "url": f"?plan={ordre}#t-actions", "ici": ordre == choisi}
        for ordre, libelle in ORDRES.items()
    ]


def groupes(actions, ordre):
    """Suite de {nom, actions} sans groupe vide : par axe dans l'ordre du référentiel, ou par état et par échéance."""
    ranges = _par_axe(actions) if ordre == PAR_AXE else _par_echeance(actions)
    return [{"nom": nom, "actions": suite} for nom, suite in ranges if suite]


def _par_echeance(actions):
    """Ce qui presse d'abord ; dans chaque groupe, la réponse attendue la plus proche en tête."""
    ouvertes = [action for action in actions if action.etat == Action.Etat.OUVERTE]
    yield "Réponse en retard", [action for action in ouvertes if action.est_en_retard]
    fini = any(action.intervention.parcours.est_fige for action in ouvertes)
    yield "Restées ouvertes" if fini else "En cours", [action for action in ouvertes if not action.est_en_retard]
    yield "Closes", [action for action in actions if action.etat == Action.Etat.CLOSE]


def _par_axe(actions):
    """Les ouvertes avant les closes ; l'ordre reçu départage."""
    axes = {action.axe_id: action.axe for action in actions}
    for axe in sorted(axes.values(), key=lambda axe: (axe.ordre, axe.code)):
        siennes = [action for action in actions if action.axe_id == axe.pk]
        yield axe.libelle, sorted(siennes, key=lambda action: action.etat == Action.Etat.CLOSE)
