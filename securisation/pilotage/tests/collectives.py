"""Une action collective toute faite, pour les essais."""

from securisation.annuaire.models import ActionCollective
from securisation.pilotage.models import Collective
from securisation.socle import horloge


def une_collective(par, **champs):
    """Un atelier de l'équipe de `par`, mené aujourd'hui, quatorze participants ; elle n'est d'aucun dossier."""
    nature = ActionCollective.objects.get(code=champs.pop("nature", "AC-2"))
    communs = {"nature": nature, "le": horloge.aujourd_hui(), "commune": "Laval", "heures": 2, "participants": 14}
    return Collective().noter(par=par, **(communs | champs))
