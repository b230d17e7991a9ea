"""Rejouer les effacements après une restauration : les dossiers que la sauvegarde a rendus s'effacent de nouveau, avant toute visite."""

from django.db import transaction

from securisation.parcours.effacement.etapes import ETAPES, franchir
from securisation.parcours.effacement.registre import libre, revenus
from securisation.parcours.models import Effacement
from securisation.socle.trace import hors_porte

RAISON = "rejeu du registre des effacements"


def rejouer(lignes):
    """Efface chaque dossier de ce registre que la base a de nouveau ; rend leurs numéros de certificat. Se relance sans effet double."""
    faits = []
    for parcours, ligne in revenus(lignes):
        effacement = _rouvrir(parcours, ligne)
        for rang in range(len(effacement.etapes), len(ETAPES)):
            with transaction.atomic():
                franchir(effacement.pk, rang)
        effacement.refresh_from_db()
        faits.append(effacement.numero)
    return faits


def _rouvrir(parcours, ligne):
    """L'effacement rejoué de ce dossier, sous le numéro du registre ; une annonce ou une demande encore ouverte devient sans objet."""
    numero = ligne["numero"] if libre(ligne["numero"]) else None
    with hors_porte(RAISON):
        ouvert = Effacement.objects.ouverts().filter(parcours=parcours).first()
        if ouvert is not None and ouvert.origine == Effacement.Origine.REJEU:
            return ouvert
        if ouvert is not None and ouvert.etat == Effacement.Etat.EXECUTION:
            return ouvert if ouvert.numero else ouvert.garder_le_numero(par=None, numero=numero)
        if ouvert is not None:
            ouvert.devenir_sans_objet(par=None)
            parcours.refresh_from_db()
        return Effacement(parcours=parcours).rejouer(par=None, numero=numero)
