"""Les risques résiduels dus : ce que démarches, axes et facteurs laissent ouvert, et qu'aucun risque inscrit ne couvre encore."""

from typing import NamedTuple

from interventions.models import Action
from interventions.reserve import lisibles, taire_le_facteur
from securisation.annuaire.models import Axe, Facteur
from sorties.models.libelles import en_clair

NIVEAU_A_PROPOSER, NIVEAU_EXIGE = 2, 3


class RisqueDu(NamedTuple):
    """Un risque à inscrire : la phrase, sa raison, la démarche, le facteur ou l'axe d'où il vient.

    `exige` : sans lui, la sortie ne se valide pas.
    """

    texte: str
    pourquoi: str
    axe: Axe
    action: Action | None
    exige: bool
    facteur: Facteur | None = None

    @property
    def est_tu(self):
        """Vrai quand ce qui reste ouvert révèle la santé et que l'accord ne court pas."""
        return bool(self.action and self.action.est_tue) or getattr(self.facteur, "est_tu", False)

    @property
    def objet(self):
        """Ce qui reste ouvert, en clair : la démarche, le facteur ou l'axe."""
        if self.action:
            return self.action.intitule
        return en_clair(self.facteur.libelle) if self.facteur else self.axe.libelle


def risques_dus(sortie, cotations, risques, *, sensible=True):
    """Ce qui reste à couvrir, les démarches d'abord. `sensible` faux : rien n'y nomme ce qui révèle la santé.

    Exigés : une démarche qui attend encore, une démarche sans relais, un axe critique ou en rupture, un axe fragile qui s'est aggravé.
    Proposés seulement : un axe fragile stable ou en mieux, un facteur retenu que ni démarche ni risque n'a repris.
    """
    actions = sortie.parcours.intervention.actions.select_related("axe", "facteur", "levier", "issue").order_by("pk")
    actions = lisibles(actions, sortie.parcours, sensible=sensible)
    demarches = list(_des_demarches(actions, risques))
    return [*demarches, *_des_axes(cotations, risques), *_des_facteurs(sortie, actions, risques, sensible)]


def _des_demarches(actions, risques):
    couverts = {risque.facteur_id for risque in risques} - {None}
    traitees = {risque.action_id for risque in risques}
    for action in actions:
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


def _des_facteurs(sortie, actions, risques, sensible):
    """Un facteur retenu sans démarche ni risque se relit : il se propose, il ne s'oublie pas."""
    repris = {action.facteur_id for action in actions} | {risque.facteur_id for risque in risques}
    for facteur in lisibles(sortie.facteurs_constates(), sortie.parcours, sensible=sensible, taire=taire_le_facteur):
        if facteur.pk not in repris:
            texte = f"{facteur.libelle} : ni démarche ni risque."
            yield RisqueDu(texte, "Retenu au diagnostic, sans démarche ni risque", facteur.axe, None, False, facteur)
