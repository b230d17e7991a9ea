"""Entrée WSGI du banc : le site entier, plus les vues de référence."""

from django.conf import settings
from django.core.wsgi import get_wsgi_application

# Le banc ouvre cent dossiers à la suite sous un seul compte : le rythme des lectures l'arrêterait.
settings.RYTHME_DES_LECTURES = False
settings.ROOT_URLCONF = "outils.banc.adresses"
settings.MFA_OBLIGATOIRE = False  # les comptes du banc n'ont pas de téléphone
settings.MIDDLEWARE = ["outils.banc.adresses.Compteur", *settings.MIDDLEWARE]
application = get_wsgi_application()
