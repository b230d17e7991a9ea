"""Entrée WSGI du banc : le site entier, plus les vues de référence."""

from django.conf import settings
from django.core.wsgi import get_wsgi_application

settings.ROOT_URLCONF = "outils.banc.adresses"
settings.MIDDLEWARE = ["outils.banc.adresses.Compteur", *settings.MIDDLEWARE]
application = get_wsgi_application()
