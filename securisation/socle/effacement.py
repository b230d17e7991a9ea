"""Effacer : l'historique d'un ensemble de lignes, les charges du journal qui en parlent, et ce qui les cite hors du dossier.

Chaque effacement est fait sous un *titre*, que la base vérifie (`jalon_titre_<nom>`), et s'inscrit au journal de chaque chaîne touchée.
Refuse (`ProgrammingError`, droits insuffisants) si rien ne le permet. Tout se rejoue sans effet double.
"""

import base64
from dataclasses import dataclass
from importlib import import_module

from django.conf import settings
from django.db import connection

from .models import Du, Jeton

_CONNEXION = ("_auth", "_session", "account_")


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
    """Vide les charges des autres chaînes qui citent un de ces mots entiers (3 signes au moins) ou une de ces clés publiques."""
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


def effacer_les_dus(cites, mots):
    """Retire de l'outbox les travaux, faits ou à faire, qui portent sur ces objets ({« document »: clés}) ou citent un de ces mots."""
    portent = [Du.objects.filter(**{f"ids__{nom}__in": list(cles)}) for nom, cles in cites.items()]
    citent = [du.pk for du in Du.objects.only("pk", "ids").iterator() if cite(str(du.ids), mots)]
    return sum(dus.delete()[0] for dus in [*portent, Du.objects.filter(pk__in=citent)])


def effacer_les_jetons(cles):
    """Retire les jetons de formulaire qui mènent à une de ces clés publiques ; rend leur nombre."""
    menent = [jeton.pk for jeton in Jeton.objects.exclude(suite="").iterator() if cite(jeton.suite, cles)]
    return Jeton.objects.filter(pk__in=menent).delete()[0]


def effacer_des_sessions(mots):
    """Retire des sessions ouvertes ce qui cite un de ces mots (messages, dernières pages) ; rend le nombre de sessions reprises.

    Ce qui tient la connexion elle-même est gardé : personne n'est déconnecté.
    """
    reprises, moteur = 0, import_module(settings.SESSION_ENGINE).SessionStore
    for session in moteur.get_model_class().objects.iterator():
        contenu = session.get_decoded()
        garde = {cle: mot for cle, mot in contenu.items() if cle.startswith(_CONNEXION) or not cite(str(mot), mots)}
        if garde != contenu:
            session.session_data = moteur().encode(garde)
            session.save(update_fields=["session_data"])
            reprises += 1
    return reprises


def effacer_du_cache(mots):
    """Retire du cache les entrées qui citent un de ces mots ; rend leur nombre. Le reste (compteurs de tentatives) demeure."""
    with connection.cursor() as curseur:
        curseur.execute("SELECT cache_key, value FROM socle_cache")
        citent = [cle for cle, valeur in curseur.fetchall() if cite(f"{cle} {_en_clair(valeur)}", mots)]
        curseur.execute("DELETE FROM socle_cache WHERE cache_key = ANY(%s)", [citent])
    return len(citent)


def _en_clair(valeur):
    """Ce que le cache range en base64, lu sans l'ouvrir : les textes y sont en UTF-8."""
    return base64.b64decode(valeur).decode("utf-8", "replace")


def cite(texte, mots):
    """Vrai si le texte contient un de ces mots, sans égard à la casse."""
    plat = texte.lower()
    return any(mot.lower() in plat for mot in mots)
