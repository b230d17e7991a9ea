"""Effacer : l'historique d'un ensemble de lignes, les charges du journal qui en parlent, et ce qui les cite hors du dossier.

Chaque effacement est fait sous un *titre*, que la base vérifie (`jalon_titre_<nom>`), et s'inscrit au journal de chaque chaîne touchée.
Refuse (`ProgrammingError`, droits insuffisants) si rien ne le permet. Tout se rejoue sans effet double.
"""

import base64
import binascii
import json
import pickletools
import re
from dataclasses import dataclass
from importlib import import_module

from django.conf import settings
from django.db import connection

from .models import Du, Jeton

# En session, ce qui tient la connexion ou mesure le temps : aucune saisie ne s'y garde.
_CONNEXION = ("_auth", "_session", "account_", "appareil", "ouverte_le", "vue_le", "confirme_le")


@dataclass(frozen=True)
class Titre:
    """Ce qui permet d'effacer : nom (« effacement », « accord_retire »), clé de la ligne qui le prouve, clé du parcours."""

    nom: str
    source: int
    chaine: int


def effacer_lignes(titre, modele, ids):
    """Efface l'historique de ces objets (classe du modèle, clés) et les charges qui le scellent ; rend le nombre de lignes effacées.

    D'un objet encore vivant, la dernière ligne d'historique, égale à lui, est gardée : videz d’abord ses champs.
    """
    return _appeler("jalon_effacer_lignes", titre, modele._meta.label_lower, list(ids))


def effacer_la_chaine(titre):
    """Vide les charges du journal de ce parcours qui ne scellent aucune ligne (lectures, exports) ; rend leur nombre."""
    return _appeler("jalon_effacer_chaine", titre)


def effacer_les_citations(titre, mots, cles):
    """Vide les charges des autres chaînes dont une saisie cite un de ces mots entiers (3 signes au moins), ou qui portent une clé."""
    return _appeler("jalon_effacer_citations", titre, sorted(set(mots)), sorted(set(cles)))


def _appeler(fonction, titre, *valeurs):
    arguments = [titre.nom, titre.source, titre.chaine, *valeurs]
    with connection.cursor() as curseur:
        curseur.execute(f"SELECT {fonction}({', '.join(['%s'] * len(arguments))})", arguments)
        return curseur.fetchone()[0] or 0


def objets_connus(chaine):
    """Tout ce qu'une chaîne du journal a suivi, supprimé compris : {« parcours.entourage »: [clés]}."""
    with connection.cursor() as curseur:
        curseur.execute(
            "SELECT modele, array_agg(DISTINCT objet ORDER BY objet) FROM socle_journal "
            "WHERE chaine = %s AND modele <> '' AND objet IS NOT NULL GROUP BY modele ORDER BY modele",
            [chaine],
        )
        return dict(curseur.fetchall())


def effacer_les_dus(cites, cles):
    """Retire de l'outbox les travaux, faits ou à faire, qui portent sur ces objets ({« document »: clés}) ou une de ces clés publiques.

    Un travail se choisit par ses identifiants, jamais par un mot : « rang » est aussi un nom de famille.
    """
    portent = [Du.objects.filter(**{f"ids__{nom}__in": list(cles)}) for nom, cles in cites.items()]
    citent = [du.pk for du in Du.objects.only("pk", "ids").iterator() if not cles.isdisjoint(_textes(du.ids))]
    return sum(dus.delete()[0] for dus in [*portent, Du.objects.filter(pk__in=citent)])


def effacer_les_jetons(cles):
    """Retire les jetons de formulaire qui mènent à une de ces clés publiques ; rend leur nombre."""
    voulus = _mots_entiers(cles)
    menent = [jeton.pk for jeton in Jeton.objects.exclude(suite="").iterator() if voulus.search(jeton.suite)]
    return Jeton.objects.filter(pk__in=menent).delete()[0]


def effacer_des_sessions(mots):
    """Retire des sessions ouvertes les saisies et messages qui citent un de ces mots entiers ; rend le nombre de sessions reprises.

    Ce qui tient la connexion elle-même est gardé : personne n'est déconnecté.
    """
    reprises, moteur, voulus = 0, import_module(settings.SESSION_ENGINE).SessionStore, _mots_entiers(mots)
    for session in moteur.get_model_class().objects.iterator():
        contenu = session.get_decoded()
        garde = {cle: dit for cle, dit in contenu.items() if cle.startswith(_CONNEXION) or not _cite(dit, voulus)}
        if garde != contenu:
            session.session_data = moteur().encode(garde)
            session.save(update_fields=["session_data"])
            reprises += 1
    return reprises


def effacer_du_cache(mots):
    """Retire du cache les entrées dont la valeur cite un de ces mots entiers ; rend leur nombre.

    Les compteurs de tentatives (`allauth:rl:`) ne gardent que des instants : ils demeurent, sinon un nom les remettrait à zéro.
    """
    voulus = _mots_entiers(mots)
    with connection.cursor() as curseur:
        curseur.execute("SELECT cache_key, value FROM socle_cache WHERE strpos(cache_key, ':allauth:rl:') = 0")
        citent = [cle for cle, valeur in curseur.fetchall() if _cite(_en_clair(valeur), voulus)]
        curseur.execute("DELETE FROM socle_cache WHERE cache_key = ANY(%s)", [citent])
    return len(citent)


def _en_clair(valeur):
    """Les textes de ce que le cache range (pickle en base64), lus sans l'exécuter."""
    try:
        return [lu for _, lu, _ in pickletools.genops(base64.b64decode(valeur)) if isinstance(lu, str)]
    except (binascii.Error, ValueError):
        return [valeur]


def _mots_entiers(mots):
    """Motif qui trouve un de ces mots, entier, sans égard à la casse ; sans mot, il ne trouve rien."""
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, sorted(mots))) or '(?!)'})(?!\w)", re.IGNORECASE)


def _cite(valeur, voulus):
    return any(voulus.search(texte) for texte in _textes(valeur))


def _textes(valeur):
    """Les textes d'une valeur JSON, sans les noms de ses clés ; un texte qui est lui-même du JSON (messages) est ouvert."""
    if isinstance(valeur, dict):
        valeur = list(valeur.values())
    if isinstance(valeur, list | tuple):
        return [texte for lu in valeur for texte in _textes(lu)]
    if not isinstance(valeur, str):
        return []
    try:
        return _textes(json.loads(valeur)) if valeur[:1] in ("[", "{") else [valeur]
    except ValueError:
        return [valeur]
