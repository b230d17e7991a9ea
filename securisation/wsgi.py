"""Entrée WSGI de Jalon."""

import os
import re

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "securisation.settings")

_JEU = re.compile(r";\s*charset\s*=[^;]*", re.IGNORECASE)


def en_utf8(site):
    """Le site, qui lit toute demande en UTF-8 comme ses pages l'envoient : un jeu de caractères choisi par qui demande
    (base64, punycode…) ferait échouer la lecture avant tout intergiciel, ou la rendrait interminable."""

    def repondre(environ, commencer):
        if "CONTENT_TYPE" in environ:
            environ["CONTENT_TYPE"] = _JEU.sub("", environ["CONTENT_TYPE"])
        return site(environ, commencer)

    return repondre


application = en_utf8(get_wsgi_application())
