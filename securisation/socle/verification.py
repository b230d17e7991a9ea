"""Vérifier le journal : chaque maillon recompté et comparé aux ancres, chaque ligne d'historique à l'empreinte qu'il en garde."""
# ruff: noqa: S608 (le SQL est composé des seuls noms de tables des modèles suivis)

import hashlib
import json
from dataclasses import dataclass, field

from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection

from . import ancrage, veille
from .declencheurs import modeles_suivis

LOT = 5000
RUPTURES_DITES = 20
EFFACEE = '{"effacee": true}'
_US = "(extract(epoch FROM {}) * 1000000)::bigint"
MAILLONS = f"""
SELECT chaine, seq, {_US.format("quand")}, {_US.format("fait_le")},
       acteur, action, motif, modele, objet, charge::text, sel, empreinte_charge, precedente, empreinte
  FROM socle_journal {{condition}} ORDER BY chaine, seq, quand
"""
_EFFACEMENTS = f"""
SELECT chaine, {_US.format("quand")}, jsonb_path_query(charge, '$.maillons[*]')
  FROM socle_journal WHERE action = 'effacement' AND sel IS NOT NULL
"""
_ANCRAGES = "SELECT seq, (charge ->> 'numero')::bigint, charge ->> 'empreinte' FROM socle_journal WHERE chaine = 0 AND action = 'ancrage'"
# Une ligne d'historique telle qu'elle fut scellée (jsonb), ou NULL si rien n'a cette empreinte. Une colonne venue plus tard n'y était pas :
# les dernières de la table, tant qu'elles n'ont que leur valeur de départ, se retirent donc une à une ; l'empreinte seule dit où la ligne
# finissait. `h.*` et non `h` : une colonne de ce nom, ajoutée par un faussaire, prendrait la place de la ligne entière.
SCELLEE = """
(SELECT CASE WHEN jalon_empreinte(l) = {empreinte} THEN l ELSE (
    SELECT l - (%(dernieres)s::text[])[i:] FROM generate_subscripts(%(dernieres)s::text[], 1) i
     WHERE l ? (%(dernieres)s::text[])[i] AND jalon_empreinte(l - (%(dernieres)s::text[])[i:]) = {empreinte}
       AND i > (SELECT coalesce(max(k), 0) FROM generate_subscripts(%(dernieres)s::text[], 1) k
                 WHERE l -> (%(dernieres)s::text[])[k] <> (%(depart)s::jsonb[])[k]) LIMIT 1) END
   FROM (SELECT jsonb_strip_nulls(to_jsonb(h.*)) OFFSET 0) t (l))
"""
# Chaque maillon qui cite une ligne d'historique : combien, et les premiers dont la ligne manque ou n'est plus la même.
_HISTOIRE = f"""
SELECT count(*), (array_agg(ARRAY[j.chaine, j.seq] ORDER BY j.chaine, j.seq)
         FILTER (WHERE h.history_id IS NULL OR {SCELLEE.format(empreinte="j.charge ->> 'empreinte'")} IS NULL))[1:{RUPTURES_DITES}]
  FROM socle_journal j LEFT JOIN {{histoire}} h ON h.history_id = (j.charge ->> 'histoire')::bigint
 WHERE j.modele = %(modele)s AND j.charge ? 'histoire' {{condition}}
"""
_DERNIERES = """
SELECT coalesce(array_agg(attname::text ORDER BY attnum), '{}') FROM pg_attribute
 WHERE attrelid = %(histoire)s::regclass AND NOT attisdropped
   AND attnum > (SELECT max(attnum) FROM pg_attribute WHERE attrelid = %(histoire)s::regclass AND attname = ANY(%(trace)s))
"""
_ORPHELINES = f"""
SELECT h.history_id FROM {{histoire}} h LEFT JOIN socle_journal j
    ON j.modele = %s AND j.charge ? 'histoire' AND (j.charge ->> 'histoire')::bigint = h.history_id
 WHERE j.chaine IS NULL ORDER BY h.history_id LIMIT {RUPTURES_DITES}
"""

# Une ligne vivante est la copie de sa dernière ligne d'historique : sinon, quelqu'un a écrit en coupant les déclencheurs.
_VIVANTES = f"""
SELECT r.{{cle}} FROM {{table}} r
  LEFT JOIN LATERAL (SELECT * FROM {{histoire}} x WHERE x.{{cle}} = r.{{cle}} ORDER BY x.history_id DESC LIMIT 1) h ON true
 WHERE h.history_id IS NULL OR h.history_type = '-' OR to_jsonb(r.*) - %s::text[] <> to_jsonb(h.*) - %s::text[]
 ORDER BY r.{{cle}} LIMIT {RUPTURES_DITES}
"""
# L'inverse : ce que l'historique dit encore en vie doit l'être.
_DISPARUES = f"""
SELECT h.{{cle}} FROM (SELECT DISTINCT ON ({{cle}}) {{cle}}, history_type FROM {{histoire}} ORDER BY {{cle}}, history_id DESC) h
 WHERE h.history_type <> '-' AND NOT EXISTS (SELECT 1 FROM {{table}} r WHERE r.{{cle}} = h.{{cle}})
 ORDER BY h.{{cle}} LIMIT {RUPTURES_DITES}
"""
_COLONNES_DE_TRACE = ["history_id", "history_date", "history_type", "history_change_reason", "history_user_id"]
_dire = json.JSONEncoder(ensure_ascii=False).encode


@dataclass
class Compte:
    """Ce qui a été vérifié (nombres), la dernière ancre (numéro, moment) et les ruptures trouvées, en phrases qui les situent."""

    chaines: int = 0
    maillons: int = 0
    effaces: int = 0
    lignes_d_historique: int = 0
    ancre: tuple | None = None
    pertes: int = 0
    ruptures: list = field(default_factory=list)
    tetes: dict = field(default_factory=dict)

    @property
    def rupture(self):
        """La première rupture, ou ""."""
        return self.ruptures[0] if self.ruptures else ""


def verifier(chaine=None):
    """Vérifie tout le journal, ou une chaîne (clé de parcours). Rend un Compte."""
    compte, ancres = Compte(), ancrage.attestations()
    compte.ancre, compte.pertes, compte.ruptures = ancres.derniere, ancres.pertes, list(ancres.ruptures)
    _lire_les_maillons(compte, chaine, ancres)
    if len(compte.ruptures) < RUPTURES_DITES:
        compte.ruptures += _ruptures_des_fins(compte, chaine, ancres)
        compte.ruptures += _ruptures_de_l_historique(compte, chaine)
    if chaine is None and len(compte.ruptures) < RUPTURES_DITES:
        compte.ruptures += _ruptures_des_ancrages(ancres)
        with connection.cursor() as curseur:
            compte.ruptures += veille.ecarts(curseur)
    return compte


# -- les maillons, un à un


def _lire_les_maillons(compte, chaine, ancres):
    condition, valeurs = ("WHERE chaine = %s", [chaine]) if chaine is not None else ("", [])
    effacements = _effacements()
    with connection.connection.cursor("maillons", binary=True) as curseur:
        curseur.itersize = LOT
        curseur.execute(MAILLONS.format(condition=condition), valeurs)
        precedent, attestes = (None, 0, b""), {}
        for ligne in curseur:
            if ligne[0] != precedent[0]:
                compte.chaines += 1
                attestes = ancres.maillons.get(ligne[0], {})
            faute = rupture_du_maillon(ligne, precedent) or _rupture_de_l_ancre(ligne, attestes, ancres)
            if ligne[10] is None:
                compte.effaces += 1
                faute = faute or _rupture_de_l_effacement(ligne, effacements)
            if faute:
                compte.ruptures.append(f"chaîne {ligne[0]}, maillon {ligne[1]} : {faute}")
                if len(compte.ruptures) >= RUPTURES_DITES:
                    return
            compte.maillons += 1
            precedent = (ligne[0], ligne[1], ligne[13])
            compte.tetes[ligne[0]] = precedent[1:]


def rupture_du_maillon(ligne, precedent):
    """Ce qui ne va pas dans ce maillon (colonnes de `MAILLONS`) après `precedent` (chaîne, rang, empreinte), ou ""."""
    (chaine, seq, *dits, charge, sel, empreinte_charge, precedente, empreinte) = ligne
    rang, avant = (precedent[1], precedent[2]) if precedent[0] == chaine else (0, b"")
    if seq != rang + 1:
        return f"le maillon {rang + 1} manque." if seq > rang else "deux maillons portent ce rang."
    if precedente != avant:
        return f"il ne suit pas le maillon {rang}."
    if (charge != EFFACEE) if sel is None else (hashlib.sha256(sel + charge.encode()).digest() != empreinte_charge):
        return "son contenu a été changé."
    if hashlib.sha256(avant + empreinte_charge + _dire([chaine, seq, *dits]).encode()).digest() != empreinte:
        return "sa date, son auteur ou son objet a été changé."
    return ""


def _rupture_de_l_ancre(ligne, attestes, ancres):
    attestee = attestes.get(ligne[1])
    if attestee is None or attestee[0] == ligne[13]:
        return ""
    juste = max((seq for seq in attestes if seq < ligne[1]), default=0)
    moment = f"{ancres.moments[attestee[1]]:%d/%m/%Y %H:%M}"
    return f"la chaîne a été récrite à partir d'un maillon entre {juste + 1} et {ligne[1]} (ancre {attestee[1]}, {moment})."


def _effacements():
    """{chaîne: [(moment, premier rang, dernier rang)]} des effacements que chaque chaîne a inscrits."""
    par_chaine = {}
    for chaine, quand, bornes in _lire(_EFFACEMENTS):
        bornes = json.loads(bornes)  # Django rend un jsonb en texte
        if isinstance(bornes, list) and [type(borne) for borne in bornes] == [int, int]:
            par_chaine.setdefault(chaine, []).append((quand, *bornes))
    return par_chaine


def _rupture_de_l_effacement(ligne, effacements):
    """Une charge effacée est visée par un effacement inscrit dans sa chaîne, après elle."""
    if any(ligne[2] <= quand and du <= ligne[1] <= au for quand, du, au in effacements.get(ligne[0], ())):
        return ""
    return "son contenu a été effacé sans effacement inscrit."


# -- la fin des chaînes, selon les têtes et selon les ancres


def _ruptures_des_fins(compte, chaine, ancres):
    condition, valeurs = ("WHERE chaine = %s", [chaine]) if chaine is not None else ("", [])
    lignes = _lire(f"SELECT chaine, seq, empreinte FROM socle_tete {condition}", valeurs)
    tetes = {numero: (seq, bytes(empreinte)) for numero, seq, empreinte in lignes if seq}
    voulues = ancres.maillons.keys() if chaine is None else {chaine} & ancres.maillons.keys()
    ruptures = []
    for numero in sorted(tetes.keys() | compte.tetes.keys() | voulues):
        dite, lue = tetes.get(numero), compte.tetes.get(numero, (0, b""))
        atteste = max(ancres.maillons.get(numero, {}), default=0)
        if atteste > lue[0]:
            ancre = ancres.maillons[numero][atteste][1]
            ruptures.append(
                f"chaîne {numero}, maillon {lue[0] + 1} : la fin a été coupée ; l'ancre {ancre} atteste {atteste} maillons."
            )
        elif (dite or (0, b"")) != lue:
            rang = min(lue[0], (dite or lue)[0]) + (dite is not None and dite[0] != lue[0])
            ruptures.append(f"chaîne {numero}, maillon {rang} : la fin de la chaîne a été coupée ou ajoutée.")
    return ruptures


def _ruptures_des_ancrages(ancres):
    """Le journal cite chaque ancre écrite : un fichier retiré ou refait se voit."""
    for seq, numero, empreinte in [] if ancres.ruptures else _lire(_ANCRAGES):
        # Une ancre écrite depuis le début de la vérification n'est pas encore relue : son fichier suffit.
        if (ancres.empreintes.get(numero) or ancrage.empreinte_du_fichier(numero)) != empreinte:
            return [f"chaîne 0, maillon {seq} : l'ancre {numero} qu'il cite manque au dossier, ou n'est plus la même."]
    return []


# -- l'historique, que les maillons scellent, et les lignes vivantes, que l'historique dit


def _ruptures_de_l_historique(compte, chaine):
    condition = "AND j.chaine = %(chaine)s" if chaine is not None else ""
    ruptures = []
    for modele in modeles_suivis():
        histoire, nom = modele.history.model._meta.db_table, modele._meta.label_lower
        valeurs = {"modele": nom, "chaine": chaine} | dernieres_colonnes(modele)
        ((nombre, fausses),) = _lire(_HISTOIRE.format(histoire=histoire, condition=condition), valeurs)
        compte.lignes_d_historique += nombre
        for numero, seq in fausses or []:
            dite = f"chaîne {numero}, maillon {seq} : la ligne d'historique ({nom}) a été changée ou retirée."
            ruptures.append(dite)
        if chaine is None:
            ruptures += _ruptures_d_un_modele(modele, histoire, nom)
    return ruptures


def dernieres_colonnes(modele):
    """Ce que `SCELLEE` demande : les colonnes qui suivent celles de la trace, dans l'ordre de leur venue, et leurs départs (JSON)."""
    histoire = modele.history.model
    ((noms,),) = _lire(_DERNIERES, {"histoire": histoire._meta.db_table, "trace": _COLONNES_DE_TRACE})
    champs = {champ.column: champ for champ in histoire._meta.concrete_fields}
    return {"dernieres": noms, "depart": [valeur_de_depart(champs.get(nom)) for nom in noms]}


def valeur_de_depart(champ):
    """Ce qu'une ligne d'avant ce champ en porte (texte JSON) ; rien, d'une colonne que nul champ ne nomme."""
    return json.dumps(champ and champ.get_default(), cls=DjangoJSONEncoder)


def _ruptures_d_un_modele(modele, histoire, nom):
    table, cle = modele._meta.db_table, modele._meta.pk.column
    for (rang,) in _lire(_ORPHELINES.format(histoire=histoire), [nom]):
        yield f"historique de {nom}, ligne {rang} : aucun maillon du journal ne la connaît."
    calcules = list(getattr(modele, "champs_calcules", ()))
    vivantes = _VIVANTES.format(cle=cle, table=table, histoire=histoire)
    for (rang,) in _lire(vivantes, [calcules, calcules + _COLONNES_DE_TRACE]):
        yield f"{nom} {rang} : la ligne n'est plus celle que dit son historique."
    for (rang,) in _lire(_DISPARUES.format(cle=cle, table=table, histoire=histoire)):
        yield f"{nom} {rang} : la ligne a disparu, son historique la dit en vie."


def _lire(requete, valeurs=()):
    with connection.cursor() as curseur:
        curseur.execute(requete, valeurs)
        return curseur.fetchall()
