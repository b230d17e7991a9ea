"""Les risques résiduels dus : ce que les démarches et les axes laissent ouvert, et qu'aucun risque inscrit ne couvre encore."""

from typing import NamedTuple

from interventions.models import Action
from securisation.annuaire.models import Axe

NIVEAU_A_PROPOSER, NIVEAU_EXIGE = 2, 3


class RisqueDu(NamedTuple):
    """Un risque à inscrire : la phrase, sa raison, la démarche ou l'axe d'où il vient ; `exige` : sans lui, la sortie ne se valide pas."""

    texte: str
    pourquoi: str
    axe: Axe
    action: Action | None
    exige: bool


def risques_dus(sortie, cotations, risques):
    """Ce qui reste à couvrir, les démarches d'abord.

    Exigés : une démarche qui attend encore, une démarche sans relais, un axe critique ou en rupture, un axe fragile qui s'est aggravé.
    Proposé seulement : un axe fragile stable ou en mieux.
    """
    return [*_des_demarches(sortie, risques), *_des_axes(cotations, risques)]


def _des_demarches(sortie, risques):
    couverts = {risque.facteur_id for risque in risques} - {None}
    traitees = {risque.action_id for risque in risques}
    for action in sortie.parcours.intervention.actions.select_related("axe", "facteur", "issue").order_by("pk"):
        raison = _raison(action)
        if raison and action.pk not in traitees and action.facteur_id not in couverts:
            yield RisqueDu(f"« {action.intitule} » : {raison}.", raison.capitalize(), action.axe, action, True)


def _raison(action):
    """Pourquoi cette démarche laisse un risque, ou rien."""
    if action.etat == Action.Etat.OUVERTE:
        return "la réponse ou son effet reste à venir"
    return "" if action.ns4_relais else "personne ne prend le relais"


def _des_axes(cotations, risques):
    couverts = {code for risque in risques for code in risque.axes}
    for cotation in cotations:
        niveau, axe = cotation.criticite, cotation.axe
        if niveau is None or niveau < NIVEAU_A_PROPOSER or axe.code in couverts:
            continue
        avant = cotation.entree.criticite if cotation.entree else None
        aggrave = avant is not None and niveau > avant
        pourquoi = f"Niveau {niveau} à la sortie" + (f", {avant} à l'entrée" if aggrave else "")
        yield RisqueDu(
            f"{axe.libelle} : un niveau {niveau} demande un risque résiduel, avec son relais.",
            pourquoi,
            axe,
            None,
            aggrave or niveau >= NIVEAU_EXIGE,
        )
