"""Les libellés de nomenclature tels qu'on les lit, sans les notes laissées à qui les rédige."""

import re

from securisation.annuaire.models.situation import lisible

_NOTES = re.compile(
    r"\s*\((?:N relances tracées|nommé|dernière adresse connue datée|date connue)\)|, aucun contenu$", re.IGNORECASE
)


def en_clair(libelle):
    """« Perte de contact (N relances tracées) » se lit « Perte de contact » ; un renvoi à un autre code ne se lit pas non plus."""
    return _NOTES.sub("", lisible(libelle))
