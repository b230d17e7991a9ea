"""Un effacement mené par les transitions, pour les essais et les preuves : demander, décider à deux, exécuter."""

import datetime

from django.db import transaction
from django.utils import timezone

from securisation.parcours.effacement.etapes import ETAPES, franchir
from securisation.parcours.models import Demande, Effacement
from securisation.socle import horloge


def demander(parcours, *, par):
    """La personne demande l'effacement ; la professionnelle l'enregistre, puis le dossier se ferme."""
    demande = Demande(parcours=parcours)
    demande.enregistrer(par=par, genre="effacement", recue_le=horloge.aujourd_hui(), moyen="oral")
    return Effacement(parcours=parcours).demander(par=par)


def decider(effacement, gaelle, hugo):
    """Les deux décisions, par deux personnes."""
    effacement.accepter(par=gaelle)
    return effacement.decider(par=hugo)


def executer(effacement, *, jusqu_a=None):
    """Franchit les étapes qui restent, chacune dans sa transaction, comme le travailleur."""
    effacement.refresh_from_db()
    for rang in range(len(effacement.etapes), len(ETAPES) if jusqu_a is None else jusqu_a):
        with transaction.atomic():
            franchir(effacement.pk, rang)
    effacement.refresh_from_db()
    return effacement


def effacer(parcours, *, par, gaelle, hugo):
    """Tout, de la demande au certificat."""
    return executer(decider(demander(parcours, par=par), gaelle, hugo))


def dans(jours):
    """Fait comme si l'on était tant de jours plus tard, à la même heure, même par-dessus un changement d'heure."""
    return horloge.reprise_au(timezone.localtime(horloge.maintenant()) + datetime.timedelta(days=jours))
