"""Quelques actions collectives et une phrase, pour la démonstration : inventées, et notées par les actes ordinaires."""

import datetime

from django.db import transaction

from securisation.annuaire.models import ActionCollective, Axe
from securisation.comptes.models import Professionnel
from securisation.pilotage.models import Collective, Parole
from securisation.pilotage.models.parole import FINALITE
from securisation.socle import horloge
from securisation.socle.cloison import lire_en_systeme

CHAMPS = (
    "jours", "nature", "commune", "code_postal", "heures", "preparation", "participants", "professionnels", "partenaires", "objectifs",
    "aller_vers",
)  # fmt: skip
ACTIONS = (
    (6, "AC-2", "Laval", "53000", "2.5", "3", 11, 2, "CAF, France services", ["1", "2"], False),
    (13, "AC-3", "Château-Gontier-sur-Mayenne", "53200", "3", "1", 7, 1, "CCAS", ["2"], True),
    (20, "AC-5", "Laval", "53000", "2", "4.5", 0, 14, "DAC, CPAM, Département, CCAS", ["3"], False),
    (41, "AC-4", "Mayenne", "53100", "1.5", "2", 0, 9, "Bailleurs sociaux, mission locale", ["3"], False),
    (63, "AC-6", "Laval", "53000", "3", "6", 0, 18, "Service social hospitalier", ["1", "3"], False),
)
PHRASE = "J’avais peur d’ouvrir le courrier. Maintenant je sais à qui demander."


@transaction.atomic
def preparer():
    """Note ces actions pour l'équipe d'Awa, et propose une phrase là où l'accord court ; sans effet au second passage."""
    awa = Professionnel.objects.de_courriel("awa@exemple.test").first()
    if awa is None or Collective.objects.exists():
        return
    lire_en_systeme()
    for action in ACTIONS:
        _noter(awa, dict(zip(CHAMPS, action, strict=True)))
    accord = awa.equipe.parcours.filter(accords__finalite__code=FINALITE).order_by("pk").first()
    if accord is not None and accord.a_accord(FINALITE):
        Parole(parcours=accord).proposer(par=awa, texte=PHRASE, axe=Axe.objects.get(code="ADM"))


def _noter(par, action):
    le = horloge.aujourd_hui() - datetime.timedelta(days=action.pop("jours"))
    nature = ActionCollective.objects.get(code=action.pop("nature"))
    Collective().noter(par=par, le=le, nature=nature, **action)
