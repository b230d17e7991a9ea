"""Le compte de direction qui mesure."""

import datetime

from securisation.comptes.models import Fonction, Professionnel

COURRIEL = "direction@livrables.invalid"


def direction():
    """Ce compte ; créé s'il ne l'est pas."""
    if connu := Professionnel.objects.filter(email=COURRIEL).first():
        return connu
    compte = Professionnel.objects.create_user(COURRIEL, prenom="Jean", nom="Livrables")
    Fonction.objects.create(professionnel=compte, genre=Fonction.Genre.DIRECTION, du=datetime.date(2020, 1, 1))
    return compte
