"""Les routes du projet, lues dans le résolveur d’URL : ce que le contrôle de démarrage et la matrice des droits parcourent."""

import re
import uuid
from dataclasses import dataclass

from django.urls import URLPattern, URLResolver, get_resolver
from django.urls.converters import IntConverter, UUIDConverter


@dataclass(frozen=True)
class Route:
    """Une adresse : son chemin lisible, son nom complet (« parcours:ouvrir »), sa vue et ses paramètres."""

    chemin: str
    nom: str
    vue: object
    parametres: tuple

    @property
    def acces(self):
        """(genre, modèle ou fonctions, mot de lecture), ou None si la vue n'en déclare pas."""
        return getattr(self.vue, "acces", None)

    @property
    def modele(self):
        """Le modèle que la porte de lecture donne à cette vue, ou None."""
        return self.acces[1] if self.acces and self.acces[0] in ("objet", "liste") else None

    def valeurs(self, **connues):
        """Une valeur par paramètre : celles qu'on donne, sinon une valeur du bon genre que rien ne porte."""
        neutres = {UUIDConverter: uuid.uuid4(), IntConverter: 1}
        return {nom: connues.get(nom, neutres.get(genre, "LOG")) for nom, genre in self.parametres}


def routes(motifs=None, prefixe="", espaces=()):
    """Toutes les routes sous ces motifs (ceux du projet par défaut), inclusions ouvertes."""
    for motif in get_resolver().url_patterns if motifs is None else motifs:
        chemin = prefixe + str(motif.pattern)
        if isinstance(motif, URLResolver):
            dedans = (*espaces, motif.namespace) if motif.namespace else espaces
            yield from routes(motif.url_patterns, chemin, dedans)
        elif isinstance(motif, URLPattern):
            nom = ":".join([*espaces, motif.name or ""])
            yield Route(chemin, nom, motif.callback, tuple(_parametres(chemin, motif)))


def _parametres(chemin, motif):
    genres = {nom: type(convertisseur) for nom, convertisseur in motif.pattern.converters.items()}
    for nom in re.findall(r"<(?:\w+:)?(\w+)>", chemin):
        yield nom, genres.get(nom, str)


def routes_d_un_dossier():
    """Celles dont la vue reçoit un objet d'un dossier depuis son numéro public."""
    return [route for route in routes() if route.acces and route.acces[0] == "objet"]
