# ruff: noqa: S608 (le SQL est composé des seuls noms de colonnes écrits ici)
"""Compter : d'un périmètre, les vrais tableaux d'un rapport, lus des faits. Rien de ce module ne se montre sans `divulgation`."""

import datetime
from dataclasses import dataclass, field

from django.db import connection

from securisation.pilotage.attaque import SEUIL
from securisation.pilotage.tableaux import Compte

ADMISE, REFUSEE, ATTENTE, SANS_SUITE = 1, 2, 3, 4
# Un univers : quels parcours un tableau compte, dans le périmètre et la période.
UNIVERS = {
    "recues": "recue_le BETWEEN %(du)s AND %(au)s",
    "refuses": "refuse_le BETWEEN %(du)s AND %(au)s",
    "accompagnes": "admis_le <= %(au)s AND (fini_le IS NULL OR fini_le >= %(du)s)",
    "demarches": "admis_le <= %(au)s AND (fini_le IS NULL OR fini_le >= %(du)s) AND demarches > 0",
    "fins": "fini_le BETWEEN %(du)s AND %(au)s AND admis_le IS NOT NULL",
    # Cotés deux fois sur les cinq axes : aucun champ de deux bits ne vaut trois.
    "cotes": "bilan_le BETWEEN %(du)s AND %(au)s AND (niveaux & (niveaux >> 1) & 349525) = 0",
}
# Les groupes lus en un passage : (univers, {groupe: clé SQL}).
DECISION = (
    f"(CASE WHEN admis_le IS NOT NULL THEN {ADMISE} WHEN refuse_le IS NOT NULL THEN {REFUSEE} "
    f"WHEN fini_le IS NOT NULL THEN {SANS_SUITE} ELSE {ATTENTE} END)"
)
PASSAGES = (
    ("recues", {"origine": "origine", "qualification": DECISION}),
    ("refuses", {"orientation": "orientation"}),
    ("accompagnes", {"departement": "departement", "epci": "epci", "cadre": "cadre"}),
    ("fins", {"fin": "fin", "duree": "duree"}),
    ("cotes", {"niveaux_de_trois_axes": "niveaux & 4095"}),
    ("cotes", {"niveaux_de_deux_axes": "niveaux >> 12"}),
)  # fmt: skip
# Les colonnes à plusieurs codes par parcours : un passage chacune.
MULTIPLES = {
    "publics": "accompagnes", "facteurs": "accompagnes", "dominos": "accompagnes", "leviers": "accompagnes",
    "delais": "accompagnes", "moyens": "accompagnes", "risques": "fins", "relais": "fins",
}  # fmt: skip


@dataclass(frozen=True)
class Perimetre:
    """Ce qu'un rapport couvre : une période (bornes comprises) et, si l'on restreint, des équipes, départements, publics, origines."""

    du: datetime.date
    au: datetime.date
    equipes: tuple = ()
    departements: tuple = ()
    publics: tuple = ()
    origines: tuple = ()

    @property
    def est_cumulable(self):
        """Vrai pour des mois entiers, sans autre restriction que des équipes."""
        entiers = self.du.day == 1 and (self.au + datetime.timedelta(days=1)).day == 1
        return entiers and not (self.departements or self.publics or self.origines)

    def condition(self, univers):
        """(SQL, paramètres) : les faits de cet univers dans ce périmètre."""
        parties, valeurs = ["compte", UNIVERS[univers]], {"du": self.du, "au": self.au}
        for nom, sql in _RESTRICTIONS.items():
            if getattr(self, nom):
                parties.append(sql)
                valeurs[nom] = list(getattr(self, nom))
        return " AND ".join(f"({partie})" for partie in parties), valeurs


_RESTRICTIONS = {
    "equipes": "equipe_id = ANY(%(equipes)s)",
    "departements": "departement = ANY(%(departements)s)",
    "publics": "publics && %(publics)s::int[]",
    "origines": "origine = ANY(%(origines)s)",
}


@dataclass
class Lus:
    """Ce que la base a rendu : le total de chaque univers lu, et les comptes de chaque code d'un groupe."""

    totaux: dict = field(default_factory=dict)
    groupes: dict = field(default_factory=dict)

    def ajouter(self, nom, code, compte):
        """Ajoute ce compte à ce code du groupe."""
        groupe = self.groupes.setdefault(nom, {})
        groupe[code] = groupe.get(code, Compte()) + compte

    def de(self, nom, code):
        """Le compte d'un code ; zéro s'il n'y en a pas."""
        return self.groupes.get(nom, {}).get(code, Compte())


def lire(perimetre, groupes):
    """Les comptes de ces groupes (noms de `PASSAGES`, de `MULTIPLES` ou d'univers) dans ce périmètre, des cumuls si possible."""
    if perimetre.est_cumulable:
        return _lire_les_cumuls(perimetre, groupes)
    return lire_les_faits(perimetre, groupes)


_CUMULS = """
SELECT groupe, code, sum(CASE nature WHEN 'z' THEN -n ELSE n END), sum(CASE nature WHEN 'z' THEN -cle ELSE cle END)
  FROM pilotage_cumul
 WHERE groupe = ANY(%(groupes)s) AND (%(toutes)s OR equipe_id = ANY(%(equipes)s))
   AND ((nature IN ('r', 'x', 'f', 'b') AND mois BETWEEN %(du)s AND %(au)s) OR (nature = 'a' AND mois <= %(au)s)
        OR (nature = 'z' AND mois < %(du)s))
 GROUP BY 1, 2
"""


def _lire_les_cumuls(perimetre, groupes):
    lus = Lus({univers: Compte() for univers in UNIVERS if univers in groupes})
    voulus = [*groupes, *(["demarches_engagees"] if "demarches" in groupes else [])]
    valeurs = {"groupes": voulus, "du": perimetre.du, "au": perimetre.au}
    valeurs |= {"equipes": list(perimetre.equipes), "toutes": not perimetre.equipes}
    with connection.cursor() as curseur:
        curseur.execute(_CUMULS, valeurs)
        for groupe, code, n, cle in curseur.fetchall():
            compte = Compte(int(n), int(cle))
            if groupe in UNIVERS:
                lus.totaux[groupe] = compte
            elif groupe == "departement":
                lus.ajouter(groupe, int(code).to_bytes(3, "big").strip(b"\0").decode(), compte)
            else:
                lus.ajouter(groupe, code, compte)
    if "demarches" in groupes:
        lus.totaux["demarches"] = _demarches(lus.totaux["demarches"], lus.de("demarches_engagees", 0).n)
    return lus


def _demarches(parcours, combien):
    """Le nombre de démarches ; onze démarches d'une même personne ne font pas un nombre : le seuil vaut pour les parcours."""
    return Compte(combien if parcours.n >= SEUIL else 0, parcours.cle)


def lire_les_faits(perimetre, groupes):
    """Comme `lire`, en relisant chaque fait : pour un périmètre qui ne tient pas en mois entiers et en équipes."""
    lus = Lus()
    with connection.cursor() as curseur:
        for univers, cles in PASSAGES:
            if groupes & set(cles):
                _lire_un_passage(curseur, perimetre, univers, cles, lus)
        for nom, univers in MULTIPLES.items():
            if nom in groupes:
                _lire_un_multiple(curseur, perimetre, univers, nom, lus)
        for univers in UNIVERS:
            if univers in groupes and univers not in lus.totaux:
                _lire_un_total(curseur, perimetre, univers, lus)
    return lus


def _lire_un_passage(curseur, perimetre, univers, cles, lus):
    condition, valeurs = perimetre.condition(univers)
    rangs = ", ".join(str(rang) for rang in range(1, len(cles) + 1))
    sql = f"SELECT {', '.join(cles.values())}, count(*), sum(cle::bigint) FROM pilotage_fait WHERE {condition} GROUP BY {rangs}"
    curseur.execute(sql, valeurs)
    total = Compte()
    for *codes, n, cle in curseur.fetchall():
        compte = Compte(n, int(cle))
        total += compte
        for nom, code in zip(cles, codes, strict=True):
            lus.ajouter(nom, code, compte)
    lus.totaux[univers] = total


def _lire_un_multiple(curseur, perimetre, univers, nom, lus):
    condition, valeurs = perimetre.condition(univers)
    curseur.execute(
        f"SELECT x, count(*), sum(cle::bigint) FROM pilotage_fait, unnest({nom}) x WHERE {condition} GROUP BY 1",
        valeurs,
    )
    for code, n, cle in curseur.fetchall():
        lus.ajouter(nom, code, Compte(n, int(cle)))


def _lire_un_total(curseur, perimetre, univers, lus):
    condition, valeurs = perimetre.condition(univers)
    curseur.execute(
        f"SELECT count(*), coalesce(sum(cle::bigint), 0), coalesce(sum(demarches), 0) FROM pilotage_fait WHERE {condition}",
        valeurs,
    )
    n, cle, demarches = curseur.fetchone()
    lus.totaux[univers] = Compte(n, int(cle))
    if univers == "demarches":
        lus.totaux[univers] = _demarches(lus.totaux[univers], demarches)
