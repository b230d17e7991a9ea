"""Lire la piste : par clé (quand, chaîne, rang), jamais par rang de page ; ce qui est examiné pour une page est borné."""

import datetime
from dataclasses import dataclass, replace

from django.db import connection

from securisation.synthese.historique import comparer
from securisation.synthese.piste.filtres import DELEGUE, EXTERIEUR, NATURES, SYSTEME
from securisation.synthese.piste.traits import trait

TAILLE = 50
FENETRE = 5000  # événements examinés au plus pour une page : au-delà, la page dit jusqu'où l'on a cherché
PLAFOND = 1000
FENETRE_DU_COMPTE = 20_000
MAXIMUM = 10_000  # lignes d'un export
FREQUENTES = {"creation", "modification", "suppression", "lecture", "liste"}  # hors de l'index des événements rares

_MAILLON = "chaine, seq, quand, fait_le, acteur, action, motif, modele, charge, empreinte"
# Le temps d'abord : l'index se lit dans l'ordre, et `quand <= …` écarte les années qui suivent le curseur.
_FENETRE = """
SELECT {maillon} FROM socle_journal WHERE quand >= %(depuis)s AND quand <= %(jusqu_a)s {curseur} {choix} {action}
 ORDER BY quand {sens}, chaine {sens}, seq {sens} LIMIT %(fenetre)s"""
# Une nature rare (refus, exports…) se lit action par action, chacune dans l'ordre de l'index des événements rares.
_RARES = """
SELECT * FROM ({branches}) r ORDER BY quand {sens}, chaine {sens}, seq {sens} LIMIT %(fenetre)s"""
_BRANCHE = """
(SELECT {{maillon}} FROM socle_journal
  WHERE action = %({nom})s AND quand >= %(depuis)s AND quand <= %(jusqu_a)s {{curseur}} {{choix}}
  ORDER BY quand {{sens}}, chaine {{sens}}, seq {{sens}} LIMIT %(fenetre)s)"""
# Pour des parcours nommés, chaque chaîne se lit par sa clé.
_CHAINES = """
SELECT j.* FROM unnest(%(chaines)s::bigint[]) c(id) CROSS JOIN LATERAL
  (SELECT {maillon} FROM socle_journal WHERE chaine = c.id AND quand >= %(depuis)s AND quand <= %(jusqu_a)s {curseur} {choix} {action}
    ORDER BY seq {sens} LIMIT %(limite)s) j"""
_VISIBLE = """coalesce((p.equipe_id = ANY(%(equipes)s) AND NOT p.restreint)
     OR p.id IN (SELECT content_object_id FROM parcours_attribution WHERE user_id = %(role)s), false)"""
_MEMBRES = "ARRAY(SELECT id FROM comptes_professionnel WHERE equipe_id = ANY(%(equipes)s))"
_PORTEE = f"""({_VISIBLE} OR (j.modele = 'parcours.ouverture' AND p.equipe_id = ANY(%(equipes)s))
     OR (j.chaine < 0 AND j.acteur = ANY({_MEMBRES})))"""
_LIGNES = """
SELECT j.seq, j.quand, j.fait_le, j.action, j.motif, j.modele, j.charge, j.empreinte, u.prenom || ' ' || u.nom, j.chaine,
       p.numero, p.uuid, {visible}, coalesce(nullif(trim(n.prenom || ' ' || n.nom), ''), n.pseudonyme),
       CASE WHEN u.equipe_id IS NULL THEN u.metier END
  FROM ({fenetre}) j LEFT JOIN parcours_parcours p ON p.id = j.chaine
  LEFT JOIN parcours_personne n ON n.id = p.personne_id AND {visible} LEFT JOIN comptes_professionnel u ON u.id = j.acteur
 WHERE {portee} ORDER BY j.quand {sens}, j.chaine {sens}, j.seq {sens} LIMIT %(limite)s"""
_BOUT = """
WITH f AS MATERIALIZED ({fenetre}) SELECT quand, chaine, seq, (SELECT count(*) FROM f) FROM f
 ORDER BY quand {inverse}, chaine {inverse}, seq {inverse} LIMIT 1"""
_COMPTE = """
WITH n AS MATERIALIZED (SELECT count(*) AS n FROM (SELECT 1 FROM ({fenetre}) j LEFT JOIN parcours_parcours p ON p.id = j.chaine
            WHERE {portee} LIMIT %(limite)s) v)
SELECT n, CASE WHEN n < %(limite)s THEN (SELECT count(*) FROM ({fenetre}) f) ELSE 0 END FROM n"""
_ETAT = """
SELECT c.fait_le, c.chaines, c.maillons, c.rupture, (SELECT quand FROM socle_journal WHERE action = 'ancrage' ORDER BY quand DESC LIMIT 1)
  FROM (SELECT 1) un LEFT JOIN LATERAL (SELECT * FROM synthese_controle ORDER BY fait_le DESC LIMIT 1) c ON true"""


@dataclass
class Page:
    """Une page. `suivant`, `precedent` : curseurs, ou None ; `borne` : jusqu'où l'on a cherché, quand la fenêtre n'a pas suffi."""

    traits: list
    suivant: tuple | None = None
    precedent: tuple | None = None
    borne: datetime.datetime | None = None


@dataclass(frozen=True)
class Etat:
    """Où en est la chaîne : la dernière vérification (moment, comptes, rupture) et le dernier ancrage hors de la base."""

    fait_le: datetime.datetime | None
    chaines: int | None
    maillons: int | None
    rupture: str | None
    ancre_le: datetime.datetime | None


def lire_piste(par, filtres):
    """Au plus 50 événements que `par` surveille, du plus récent au plus ancien, de part ou d'autre du curseur des filtres."""
    sens = "ASC" if filtres.avant else "DESC"
    requete = _composer(par, filtres, sens)
    traits = [trait(ligne) for ligne in requete.lire(_LIGNES, limite=TAILLE + 1)]
    de_plus, traits = len(traits) > TAILLE, traits[:TAILLE]
    bout = None if de_plus else requete.bout()
    fin = traits[-1].place if de_plus else bout
    if sens == "ASC":
        traits.reverse()
        page = Page(traits, suivant=traits[-1].place if traits else filtres.avant, precedent=fin)
    else:
        page = Page(traits, suivant=fin, precedent=filtres.apres and (traits[0].place if traits else filtres.apres))
    page.borne = bout and bout[0]
    comparer([un for un in traits if un.visible])
    return page


def compter(par, filtres):
    """(nombre, exact) des événements de ces filtres, hors curseur : exact jusqu'à 1 000."""
    requete = _composer(par, replace(filtres, apres=None, avant=None), "DESC", fenetre=FENETRE_DU_COMPTE)
    nombre, examines = requete.lire(_COMPTE, maillon="chaine, seq, quand, acteur, modele", limite=PLAFOND + 1)[0]
    return min(nombre, PLAFOND), nombre <= PLAFOND and (requete.tout or examines < FENETRE_DU_COMPTE)


def lire_pour_export(par, filtres):
    """Les événements de ces filtres, du plus récent au plus ancien, sans avant ni après : au plus 10 001."""
    requete = _composer(par, replace(filtres, apres=None, avant=None), "DESC", fenetre=2**62)
    return [trait(ligne) for ligne in requete.lire(_LIGNES, limite=MAXIMUM + 1)]


def lire_etat():
    """L'état de la chaîne, pour le haut de la page."""
    with connection.cursor() as curseur:
        curseur.execute(_ETAT)
        return Etat(*curseur.fetchone())


@dataclass
class _Requete:
    """Des morceaux de SQL constants et leurs valeurs."""

    morceaux: dict
    valeurs: dict
    tout: bool  # chaque événement examiné est montré : une page incomplète est la dernière

    def sql(self, modele, maillon=_MAILLON):
        """Le texte de la requête."""
        fenetre = self.morceaux["fenetre"].format(maillon=maillon, **self.morceaux)
        return modele.format(**self.morceaux | {"fenetre": fenetre})

    def lire(self, modele, maillon=_MAILLON, **valeurs):
        """Les lignes de cette requête."""
        valeurs = self.valeurs | valeurs
        if self.tout:
            valeurs["fenetre"] = valeurs["limite"]
        with connection.cursor() as curseur:
            curseur.execute(self.sql(modele, maillon), valeurs)
            return curseur.fetchall()

    def bout(self):
        """La place du dernier événement examiné, si la fenêtre n'a pas suffi ; None quand il n'y a plus rien à lire."""
        lignes = [] if self.tout else self.lire(_BOUT, maillon="quand, chaine, seq")
        return lignes[0][:3] if lignes and lignes[0][3] >= self.valeurs["fenetre"] else None


def _composer(par, filtres, sens, fenetre=FENETRE):
    """La requête de ces filtres pour ce compte, dans ce sens."""
    delegue = par.a_fonction(DELEGUE)
    depuis, jusqu_a = filtres.bornes
    valeurs = {"depuis": depuis, "jusqu_a": jusqu_a, "limite": TAILLE + 1}
    valeurs["fenetre"] = valeurs["limite"] if delegue else fenetre
    valeurs |= {
        "equipes": par.equipes_supervisees,
        "role": par.pk if par.equipe_id else 0,
        "chaines": list(filtres.chaines or ()),
    }
    curseur = ""
    if place := filtres.curseur:
        valeurs |= {"quand": place[0], "chaine": place[1], "seq": place[2]}
        curseur = f"AND (quand, chaine, seq) {'<' if sens == 'DESC' else '>'} (%(quand)s, %(chaine)s, %(seq)s)"
        valeurs["jusqu_a" if sens == "DESC" else "depuis"] = place[0]
    morceaux = {
        "fenetre": _fenetre(filtres, valeurs),
        "curseur": curseur,
        "choix": _choix(filtres, valeurs),
        "action": _action(filtres, valeurs),
        "sens": sens,
        "inverse": "ASC" if sens == "DESC" else "DESC",
        "portee": "true" if delegue else _PORTEE,
        "visible": "false" if delegue else _VISIBLE,
    }
    return _Requete(morceaux, valeurs, tout=delegue or filtres.chaines is not None)


def _fenetre(filtres, valeurs):
    """D'où se lisent les événements : les chaînes nommées, les actions rares, ou le temps."""
    if filtres.chaines is not None:
        return _CHAINES
    if not filtres.nature or filtres.acteur or set(NATURES[filtres.nature][1]) & FREQUENTES:
        return _FENETRE
    noms = {f"action_{rang}": action for rang, action in enumerate(NATURES[filtres.nature][1])}
    valeurs |= noms
    return _RARES.replace("{branches}", " UNION ALL ".join(_BRANCHE.format(nom=nom) for nom in noms))


def _action(filtres, valeurs):
    if not filtres.nature:
        return ""
    valeurs["actions"] = NATURES[filtres.nature][1]
    return "AND action = ANY(%(actions)s)"


def _choix(filtres, valeurs):
    """La condition d'acteur, posée dans la fenêtre : un index y sert."""
    choix = ""
    if filtres.acteur == SYSTEME:
        choix += " AND acteur IS NULL"
    elif filtres.acteur == EXTERIEUR:
        valeurs["membres"] = [cle for cle, _, _ in filtres.acteurs]
        choix += " AND acteur <> ALL(%(membres)s)"
    elif filtres.acteur:
        valeurs["acteur"] = filtres.acteur_cle
        choix += " AND acteur = %(acteur)s"
    return choix
