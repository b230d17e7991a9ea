"""Le travail dû par l'intervention : un délai corrigé au référentiel redate ce que les démarches attendent."""

from interventions.models import Action
from securisation.socle.outbox import travail


@travail("dater_les_silences")
def dater_les_silences(levier):
    """Repose les échéances des démarches ouvertes qui passent par ce levier (clé entière) ; un second passage ne change rien."""
    for action in Action.objects.qui_attendent(levier):
        action.dater_le_silence()
