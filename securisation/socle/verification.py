"""Vérifier le journal : chaque maillon recompté en Python, chaque ligne d'historique comparée à l'empreinte qu'il en garde."""
# ruff: noqa: S608 (le SQL est composé des seuls noms de tables des modèles suivis)

import hashlib
import json
from dataclasses import dataclass, field

from django.db import connection

from .declencheurs import modeles_suivis

LOT = 5000
_MAILLONS = """
SELECT chaine, seq, (extract(epoch FROM quand) * 1000000)::bigint, (extract(epoch FROM fait_le) * 1000000)::bigint,
       acteur, action, motif, modele, objet, charge::text, sel, empreinte_charge, precedente, empreinte
  FROM socle_journal {condition} ORDER BY chaine, seq
"""
_HISTOIRE = """
SELECT j.chaine, j.seq FROM socle_journal j LEFT JOIN {histoire} h ON h.history_id = (j.charge ->> 'histoire')::bigint
 WHERE j.modele = %s AND j.charge ? 'histoire' {condition}
   AND (h.history_id IS NULL OR jalon_empreinte(to_jsonb(h)) <> j.charge ->> 'empreinte') ORDER BY j.chaine, j.seq LIMIT 1
"""
_ORPHELINES = """
SELECT h.history_id FROM {histoire} h LEFT JOIN socle_journal j
    ON j.modele = %s AND j.charge ? 'histoire' AND (j.charge ->> 'histoire')::bigint = h.history_id
 WHERE j.chaine IS NULL ORDER BY h.history_id LIMIT 1
"""

# Une ligne vivante est la copie de sa dernière ligne d'historique : sinon, quelqu'un a écrit en coupant les déclencheurs.
_VIVANTES = """
SELECT r.{cle} FROM {table} r
  LEFT JOIN LATERAL (SELECT * FROM {histoire} x WHERE x.{cle} = r.{cle} ORDER BY x.history_id DESC LIMIT 1) h ON true
 WHERE h.history_id IS NULL OR h.history_type = '-' OR to_jsonb(r) - %s::text[] <> to_jsonb(h) - %s::text[]
 ORDER BY r.{cle} LIMIT 1
"""
_COLONNES_DE_TRACE = ["history_id", "history_date", "history_type", "history_change_reason", "history_user_id"]


@dataclass
class Compte:
    """Ce qui a été vérifié (nombres) et la première rupture trouvée, en une phrase, ou ""."""

    chaines: int = 0
    maillons: int = 0
    lignes_d_historique: int = 0
    rupture: str = ""
    tetes: dict = field(default_factory=dict)


def verifier(chaine=None):
    """Vérifie tout le journal, ou une chaîne (clé de parcours). Rend un Compte."""
    compte = Compte()
    condition, valeurs = ("WHERE chaine = %s", [chaine]) if chaine is not None else ("", [])
    connection.ensure_connection()
    with connection.connection.cursor("maillons") as curseur:
        curseur.itersize = LOT
        curseur.execute(_MAILLONS.format(condition=condition), valeurs)
        precedent = (None, 0, b"")
        for ligne in curseur:
            compte.rupture = _rupture_du_maillon(ligne, precedent)
            if compte.rupture:
                return compte
            compte.chaines += ligne[0] != precedent[0]
            compte.maillons += 1
            precedent = (ligne[0], ligne[1], bytes(ligne[13]))
            compte.tetes[ligne[0]] = precedent[1:]
    compte.rupture = _rupture_des_tetes(compte, chaine) or _rupture_de_l_historique(compte, chaine)
    return compte


def _rupture_du_maillon(ligne, precedent):
    (chaine, seq, *dits, charge, sel, empreinte_charge, precedente, empreinte) = ligne
    rang, avant = (precedent[1], precedent[2]) if precedent[0] == chaine else (0, b"")
    ou = f"chaîne {chaine}, maillon {seq}"
    if seq != rang + 1:
        return f"{ou} : le maillon {rang + 1} manque."
    if bytes(precedente) != avant:
        return f"{ou} : il ne suit pas le maillon {rang}."
    if hashlib.sha256(bytes(sel) + charge.encode()).digest() != bytes(empreinte_charge):
        return f"{ou} : son contenu a été changé."
    texte = json.dumps([chaine, seq, *dits], ensure_ascii=False)
    if hashlib.sha256(avant + bytes(empreinte_charge) + texte.encode()).digest() != bytes(empreinte):
        return f"{ou} : sa date, son auteur ou son objet a été changé."
    return ""


def _rupture_des_tetes(compte, chaine):
    condition, valeurs = ("WHERE chaine = %s", [chaine]) if chaine is not None else ("", [])
    with connection.cursor() as curseur:
        curseur.execute(f"SELECT chaine, seq, empreinte FROM socle_tete {condition} ORDER BY chaine", valeurs)
        tetes = {numero: (seq, bytes(empreinte)) for numero, seq, empreinte in curseur.fetchall()}
    for numero in sorted(tetes.keys() | compte.tetes.keys()):
        dite, lue = tetes.get(numero), compte.tetes.get(numero)
        if dite != lue:
            return f"chaîne {numero}, maillon {(dite or lue)[0]} : la fin de la chaîne a été coupée ou ajoutée."
    return ""


def _rupture_de_l_historique(compte, chaine):
    condition, valeurs = ("AND j.chaine = %s", [chaine]) if chaine is not None else ("", [])
    for modele in modeles_suivis():
        histoire, nom = modele.history.model._meta.db_table, modele._meta.label_lower
        with connection.cursor() as curseur:
            curseur.execute(_HISTOIRE.format(histoire=histoire, condition=condition), [nom, *valeurs])
            if trouve := curseur.fetchone():
                return (
                    f"chaîne {trouve[0]}, maillon {trouve[1]} : la ligne d'historique ({nom}) a été changée ou retirée."
                )
            if chaine is None:
                curseur.execute(_ORPHELINES.format(histoire=histoire), [nom])
                if trouve := curseur.fetchone():
                    return f"historique de {nom}, ligne {trouve[0]} : aucun maillon du journal ne la connaît."
                calcules = list(getattr(modele, "champs_calcules", ()))
                requete = _VIVANTES.format(cle=modele._meta.pk.column, table=modele._meta.db_table, histoire=histoire)
                curseur.execute(requete, [calcules, calcules + _COLONNES_DE_TRACE])
                if trouve := curseur.fetchone():
                    return f"{nom} {trouve[0]} : la ligne n'est plus celle que dit son historique."
            curseur.execute(
                f"SELECT count(*) FROM socle_journal j WHERE j.modele = %s AND j.charge ? 'histoire' {condition}",
                [nom, *valeurs],
            )
            compte.lignes_d_historique += curseur.fetchone()[0]
    return ""
