"""Chercher un parcours par un nom, un numéro ou un téléphone, parmi ceux que l'on peut voir, et seulement eux.

Ses propres rôles se lisent d'abord, puis leurs noms : ce que fait la recherche ne dépend pas des autres dossiers. Pour une équipe entière,
les personnes qui répondent sortent des index (trigrammes du nom, chiffres du téléphone) en une étape à part, triée ensuite.
"""
# ruff: noqa: S608 (le SQL est composé de morceaux constants ; toute valeur passe en paramètre)

import re
import unicodedata
from dataclasses import dataclass

from securisation.parcours.models.personne import cle_de_recherche
from securisation.socle import horloge
from securisation.synthese.liste import TOUS, lire_lignes, parametres

LONGUEUR_MAX = 80
MONTRES, RANGES = 50, 250  # lignes montrées, et réponses d'une équipe que l'on range
MOTS_MAX, ANNEES = 8, 12
LONG = 3  # lettres : un mot plus court se cherche entier, sauf à côté d'un plus long
_NUMERO = re.compile(r"P?[\s./_-]*(?:(\d{4})[\s./_-]+)?(\d{1,9})", re.IGNORECASE | re.ASCII)
_NUMERO_SERRE = re.compile(r"P?[\s._-]*(20\d\d)(\d{4,7})", re.IGNORECASE | re.ASCII)
_TELEPHONE = re.compile(r"\+?[\s./()-]*\d(?:[\s./()-]*\d){5,19}[\s./()-]*", re.ASCII)
# Huit chiffres ou plus sont un téléphone, sauf ceux d'un numéro de parcours écrit entier (« P-2026-0042 », « 2026-0042 »).
_ENTIER = r"(?<![+\w])(?:P[\s./_-]*20[2-4]\d[\s./_-]*\d{1,5}|20[2-4]\d[\s./_-]*\d{4})(?![\s./()-]*\d)"
_A_TAIRE = re.compile(rf"(?P<numero>{_ENTIER})|\+?\d(?:[\s./()-]*\d){{7,}}", re.IGNORECASE)

_COLLE = "replace(n.cle, ' ', '')"
_CHIFFRES = r"right(regexp_replace(n.telephone, '[^0-9]', '', 'g'), 9)"
# Le rang : les mots qui commencent un nom d'abord, puis ceux qui sont dedans.
_TROUVE = "p.id, NOT ((' ' || n.cle) LIKE ALL (%(debuts)s)) AS rang, n.cle, p.numero"
_PERSONNE_ET_PARCOURS = "parcours_personne n JOIN parcours_parcours p ON p.personne_id = n.id"
_LES_SIENS = """siens AS MATERIALIZED (SELECT p.id, p.numero, n.cle, n.telephone FROM parcours_attribution a
  JOIN parcours_parcours p ON p.id = a.content_object_id JOIN parcours_personne n ON n.id = p.personne_id WHERE a.user_id = %(role)s)"""
_PAR_ROLE = f"SELECT {_TROUVE} FROM siens n CROSS JOIN LATERAL (SELECT n.id, n.numero) p WHERE {{ou}}"
_PAR_OUVERTURE = f"SELECT {_TROUVE} FROM {_PERSONNE_ET_PARCOURS} WHERE p.id = ANY(%(ouverts)s::bigint[]) AND ({{ou}})"
# Au-delà de quelques centaines de réponses, la page demande de préciser : il est vain de les lire toutes pour les ranger.
_PAR_EQUIPE = f"""(SELECT {_TROUVE} FROM {_PERSONNE_ET_PARCOURS}
  WHERE {{condition}} AND p.equipe_id = ANY(%(equipes)s) AND NOT p.restreint LIMIT {RANGES})"""
_VUS = f"""{_LES_SIENS}, vus AS MATERIALIZED (
  SELECT id, rang, cle, numero FROM ({{raisons}}) v ORDER BY rang, cle, numero DESC LIMIT {MONTRES + 1})"""


@dataclass(frozen=True)
class Question:
    """Ce que l'on cherche : le texte, ses mots sans accents, les numéros qu'il peut désigner, les neuf chiffres d'un téléphone."""

    texte: str = ""
    mots: tuple = ()
    numeros: tuple = ()
    telephone: str = ""

    @property
    def termes(self):
        """Ce que le journal en garde : jamais un numéro de téléphone entier, toujours celui d'un parcours."""
        return _A_TAIRE.sub(lambda lu: lu["numero"] or f"téléphone en …{lu.group()[-2:]}", self.texte)

    @property
    def cherche(self):
        """Faux quand il ne reste rien à chercher (des signes seuls)."""
        return bool(self.mots or self.numeros or self.telephone)


def lire_question(texte):
    """La question d'une adresse ; ce qui dépasse 80 caractères est coupé, rien n'est une erreur."""
    texte = " ".join(texte.split())[:LONGUEUR_MAX].strip()
    droit = unicodedata.normalize("NFKC", texte)
    chiffres = "".join(signe for signe in droit if signe.isascii() and signe.isdigit())
    return Question(
        texte,
        tuple(dict.fromkeys(cle_de_recherche(texte).split()))[:MOTS_MAX],
        _numeros(droit),
        chiffres[-9:] if _TELEPHONE.fullmatch(droit) else "",
    )


def _numeros(texte):
    """« P-2026-0042 », « 2026-42 », « P20260042 » : ce numéro ; « P-42 », « 0042 » : celui de chaque année récente."""
    trouve = _NUMERO_SERRE.fullmatch(texte) or _NUMERO.fullmatch(texte)
    if not trouve:
        return ()
    annee, rang = trouve.groups()
    if int(rang) == 0:
        return ()
    cette_annee = horloge.aujourd_hui().year
    annees = [annee] if annee else range(cette_annee, cette_annee - ANNEES, -1)
    return tuple(f"P-{an}-{forme}" for an in annees for forme in dict.fromkeys((f"{int(rang):04d}", rang)))


def chercher(professionnel, question):
    """(au plus 50 lignes, vrai s'il y en a d'autres) : les noms qui commencent ainsi d'abord, dans l'ordre alphabétique. Une requête."""
    if not question.cherche:
        return [], False
    valeurs = parametres(professionnel, etats=TOUS, limite=MONTRES + 1) | _valeurs(question)
    vus = _les_cles(question, equipe=bool(valeurs["equipes"]), ouverts=bool(valeurs["ouverts"]))
    lignes = lire_lignes(vus, "vus.rang, vus.cle, vus.numero DESC", valeurs)
    return lignes[:MONTRES], len(lignes) > MONTRES


def _les_cles(question, *, equipe, ouverts):
    """Les étapes SQL jusqu'à `vus` : ses rôles, puis une branche par raison de voir et, pour une équipe, par index."""
    conditions = _conditions(question)
    ou = " OR ".join(conditions)
    raisons = [_PAR_ROLE.format(ou=ou)]
    if equipe:
        raisons += [_PAR_EQUIPE.format(condition=condition) for condition in conditions]
    if ouverts:
        raisons.append(_PAR_OUVERTURE.format(ou=ou))
    return _VUS.format(raisons=" UNION ".join(raisons))


def _conditions(question):
    """Le SQL de chaque façon de répondre, une par index."""
    conditions = []
    if question.mots:
        seuls = all(len(mot) < LONG for mot in question.mots)
        pieces = [_du_mot(rang, mot, seuls) for rang, mot in enumerate(question.mots)]
        conditions.append(f"({' AND '.join(pieces)})")
    if question.telephone:
        conditions.append(f"{_CHIFFRES} = %(telephone)s")
    if question.numeros:
        conditions.append("p.numero = ANY(%(numeros)s)")
    return conditions


def _du_mot(rang, mot, seuls):
    """Un mot court n'a pas de trigramme : seul, il se cherche entier ; à côté d'un long, il ne fait que trier."""
    if len(mot) >= LONG:
        return f"{_COLLE} LIKE %(mot{rang})s"
    return f"n.cle ~ %(mot{rang})s" if seuls else f"strpos({_COLLE}, %(mot{rang})s) > 0"


def _valeurs(question):
    valeurs = {"numeros": list(question.numeros), "telephone": question.telephone}
    valeurs["debuts"] = [f"% {mot}%" for mot in question.mots]
    seuls = all(len(mot) < LONG for mot in question.mots)
    for rang, mot in enumerate(question.mots):
        valeurs[f"mot{rang}"] = f"%{mot}%" if len(mot) >= LONG else f"(^| ){mot}( |$)" if seuls else mot
    return valeurs
