"""Le journal : qui a fait, qui a vu, qui s'est vu refuser. Une chaîne d'empreintes par parcours, écrite par PostgreSQL."""

import json
import re
from contextlib import contextmanager
from contextvars import ContextVar

from django.db import connection

_demandeur = ContextVar("demandeur", default=None)
_INTERDITS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")


def chaine_de(parcours, par):
    """Numéro de chaîne : celui du parcours, sinon `-acteur`, sinon 0 (personne n'est connecté)."""
    if parcours is not None:
        return getattr(parcours, "pk", parcours)
    return -(acteur_de(par) or 0)


def acteur_de(par):
    """Clé du compte qui agit : `par`, sinon celui pour qui le travailleur solde un dû, sinon None."""
    return getattr(par, "pk", None) or _demandeur.get()


@contextmanager
def au_nom_de(acteur):
    """Ce qui s'écrit sans dire qui le fait l'est pour ce compte (clé, ou None) : le travailleur agit pour qui a demandé."""
    marque = _demandeur.set(acteur)
    try:
        yield
    finally:
        _demandeur.reset(marque)


def valeurs_du_maillon(action, *, parcours=None, objet=None, par=None, motif="", **details):
    """Les sept premiers arguments des fonctions SQL du journal : chaîne, acteur, action, motif, modèle, objet, charge."""
    modele = objet._meta.label_lower if objet is not None else ""
    charge = json.dumps(details, ensure_ascii=True, default=str)
    valeurs = [chaine_de(parcours, par), acteur_de(par), action, _INTERDITS.sub("", motif)]
    return [*valeurs, modele, getattr(objet, "pk", None), _INTERDITS.sub("", charge.replace("\\u0000", ""))]


def inscrire(action, *, parcours=None, objet=None, par=None, motif="", **details):
    """Inscrit un événement au journal dans la transaction en cours et rend son rang dans sa chaîne.

    `parcours` : instance ou clé ; `objet` : l'instance vue ou touchée ; `details` : valeurs JSON courtes, jamais un contenu de dossier.
    """
    valeurs = valeurs_du_maillon(action, parcours=parcours, objet=objet, par=par, motif=motif, **details)
    with connection.cursor() as curseur:
        curseur.execute("SELECT jalon_inscrire(%s, %s, %s, %s, %s, %s, %s::jsonb)", valeurs)
        return curseur.fetchone()[0]


def dire_qui(par, motif, reprise=None):
    """Dit à la base qui agit et pourquoi, pour la transaction en cours ; les déclencheurs le recopient."""
    moment = reprise.isoformat() if reprise else ""
    with connection.cursor() as curseur:
        curseur.execute(
            "SELECT set_config('jalon.acteur', %s, true), set_config('jalon.motif', %s, true), set_config('jalon.reprise', %s, true)",
            [str(acteur_de(par) or ""), motif, moment],
        )


def qui_agit():
    """La clé du compte que la base connaît pour acteur de la transaction en cours (`dire_qui`), ou None."""
    with connection.cursor() as curseur:
        curseur.execute("SELECT nullif(current_setting('jalon.acteur', true), '')::bigint")
        return curseur.fetchone()[0]
