# ruff: noqa: S608 (le SQL est composé des seules conditions écrites ici)
"""Compter l'activité d'une année, dans les mots des équipes : des actes et des heures, jamais ceux d'un professionnel.

Un acte compte d'où vient son parcours (équipe, opposition aux statistiques), lu des faits. Un nombre d'actes ne se publie que si onze
parcours au moins y sont : trente appels à cinq personnes ne font ni un nombre, ni « de zéro à dix », ils sont protégés. Un total est
celui de tous les actes, jamais la somme de ce qui s'en publie.
"""

from dataclasses import dataclass, field

from django.db import connection

from interventions.models import Contact
from securisation.annuaire.models import ActionCollective
from securisation.pilotage import divulgation, faits
from securisation.pilotage.attaque import SEUIL
from securisation.pilotage.chiffres import ADMISE, DECISION, REFUSEE
from securisation.pilotage.models.collective import COORDINATION
from securisation.pilotage.sommaire import QUALIFICATION
from securisation.pilotage.tableaux import LISTE, NOMBRE, PROTEGE, Compte, Ligne, Tableau
from securisation.socle import horloge
from securisation.socle.cloison import lire_en_systeme

DELAI = 7  # jours pour décider d'une demande
DECIDEES = {ADMISE, REFUSEE}
PERMANENCE = "AC-3"
_DES_FAITS = "f.compte AND (%(equipes)s::bigint[] = '{}' OR f.equipe_id = ANY(%(equipes)s))"
_CONTACTS = f"""
SELECT c.canal, c.abouti, c.de_la_personne, count(*), array_agg(DISTINCT f.cle)
  FROM interventions_contact c JOIN pilotage_fait f ON f.parcours_id = c.parcours_id
 WHERE c.le BETWEEN %(du)s AND %(au)s AND {_DES_FAITS} GROUP BY 1, 2, 3
"""
_VISITES = f"""
SELECT count(*), coalesce(array_agg(DISTINCT f.cle), '{{}}')
  FROM parcours_rendezvous r JOIN pilotage_fait f ON f.parcours_id = r.parcours_id
 WHERE r.genre = 'visite' AND r.etat = 'tenu' AND (r.debut AT TIME ZONE %(fuseau)s)::date BETWEEN %(du)s AND %(au)s AND {_DES_FAITS}
"""
_DECISIONS = f"""
SELECT {DECISION}, coalesce(coalesce(f.admis_le, f.refuse_le) <= f.recue_le + %(delai)s, false), count(*), array_agg(f.cle)
  FROM pilotage_fait f WHERE f.recue_le BETWEEN %(du)s AND %(au)s AND {_DES_FAITS} GROUP BY 1, 2
"""
_COLLECTIVES = """
SELECT n.code, c.aller_vers, count(*), sum(c.participants), sum(c.heures), sum(c.preparation), array_agg(c.id)
  FROM pilotage_collective c JOIN annuaire_actioncollective n ON n.id = c.nature_id
 WHERE c.etat = 'notee' AND c.le BETWEEN %(du)s AND %(au)s
   AND (%(equipes)s::bigint[] = '{}' OR c.equipe_id = ANY(%(equipes)s)) GROUP BY 1, 2
"""


@dataclass(frozen=True)
class Actes:
    """Combien d'actes, et sur quels parcours (clés d'arrondi) : sous onze parcours, aucun nombre."""

    n: int = 0
    parcours: frozenset = frozenset()

    def __add__(self, autre):
        return Actes(self.n + autre.n, self.parcours | autre.parcours)

    @property
    def compte(self):
        """Le vrai compte, que le contrôle de divulgation arrondit et attaque."""
        return Compte(self.n, sum(self.parcours))

    @property
    def est_de_trop_peu(self):
        """Vrai pour plus de dix actes sur moins de onze parcours."""
        return self.n >= SEUIL > len(self.parcours)


@dataclass
class TableauDActes(Tableau):
    """Un tableau d'actes : avec, pour chaque ligne, de quels parcours ils viennent."""

    actes: dict = field(default_factory=dict)


def compter(choix):
    """Le contenu protégé (docs : figures/1) de l'activité de cette année et de ces équipes."""
    faits.rafraichir()
    du, au = choix.bornes
    valeurs = {"du": du, "au": au, "equipes": list(choix.equipes), "fuseau": "Europe/Paris", "delai": DELAI}
    with lire_en_systeme(), connection.cursor() as curseur:
        tableaux = [
            *_des_contacts(_lire(curseur, _CONTACTS, valeurs)),
            *_de_l_aller_vers(_lire(curseur, _VISITES, valeurs), collectives := _lire(curseur, _COLLECTIVES, valeurs)),
            *_des_collectives(collectives),
            *_des_demandes(_lire(curseur, _DECISIONS, valeurs)),
        ]
    atomes = {tableau.univers: [frozenset({0})] for tableau in tableaux}
    proteges, _ = divulgation.proteger(tableaux, 0, [], atomes)
    for tableau, publie in zip(tableaux, proteges, strict=True):
        _taire_le_trop_peu(tableau, publie)
    perimetre = {"du": du.isoformat(), "au": au.isoformat(), "equipes": list(choix.equipes)}
    moment = horloge.maintenant().isoformat()
    return {"schema": "figures/1", "perimetre": perimetre, "calcule_le": moment, "tableaux": proteges}


def _lire(curseur, sql, valeurs):
    curseur.execute(sql, valeurs)
    return curseur.fetchall()


def _liste(code, chapitre, titre, unite, lignes):
    """Un tableau dont les lignes se partagent le total ; `lignes` : [(code, libellé, Compte)]."""
    rangees = [Ligne(ligne, libelle, compte) for ligne, libelle, compte in lignes]
    total = sum((rangee.compte for rangee in rangees), Compte())
    return Tableau(code, chapitre, titre, code, LISTE, total, rangees, unite=unite)


def _liste_d_actes(code, titre, lignes):
    """Des contacts, rangés ; `lignes` : [(code, libellé, Actes)]. Sur moins de onze parcours, le tableau entier se tait."""
    total = sum((actes for *_, actes in lignes), Actes())
    publiable = len(total.parcours) >= SEUIL
    rangees = [Ligne(ligne, libelle, actes.compte if publiable else Compte()) for ligne, libelle, actes in lignes]
    compte = total.compte if publiable else Compte()
    actes = {ligne: actes for ligne, _, actes in lignes}
    return TableauDActes(code, "contacts", titre, code, LISTE, compte, rangees, unite="contacts", actes=actes)


def _taire_le_trop_peu(tableau, publie):
    """Protège, dans un tableau publié, chaque ligne de plus de dix actes sur moins de onze parcours ; elle en a pu réunir plusieurs."""
    for ligne in publie.get("lignes", []) if isinstance(tableau, TableauDActes) else []:
        if sum((tableau.actes[code] for code in ligne["codes"]), Actes()).est_de_trop_peu:
            ligne["valeur"] = PROTEGE


def _nombre(code, chapitre, titre, unite, compte):
    return Tableau(code, chapitre, titre, code, NOMBRE, compte, unite=unite)


def _des_contacts(lus):
    """Par canal, aboutis ou non, venus de la personne ou de l'équipe."""
    rangs = [
        (canal, abouti, de_la_personne, Actes(n, frozenset(cles))) for canal, abouti, de_la_personne, n, cles in lus
    ]

    def somme(garde):
        return sum((actes for *cle, actes in rangs if garde(*cle)), Actes())

    canaux = [(canal, nom, somme(lambda c, a, p, canal=canal: c == canal)) for canal, nom in Contact.CANAUX]
    yield _liste_d_actes("contacts", "Contacts, par moyen", canaux)
    suites = [
        ("oui", "Un échange a eu lieu", somme(lambda c, a, p: a)),
        ("non", "Sans réponse", somme(lambda c, a, p: not a)),
    ]
    yield _liste_d_actes("aboutis", "Contacts aboutis ou restés sans réponse", suites)
    sens = [
        ("personne", "Venus de la personne", somme(lambda c, a, p: p)),
        ("equipe", "Venus de l’équipe", somme(lambda c, a, p: not p)),
    ]
    yield _liste_d_actes("initiative", "D’où viennent les contacts", sens)


def _de_l_aller_vers(visites, collectives):
    """Les visites tenues, et les actions d'aller-vers : permanences, et celles que l'équipe dit telles."""
    ((nombre, cles),) = visites
    tenues = Actes(nombre, frozenset(cles))
    compte = tenues.compte if len(tenues.parcours) >= SEUIL else Compte()
    yield _nombre("visites", "aller_vers", "Visites à domicile tenues", "visites", compte)
    actions = [Compte(n, sum(ids)) for code, aller_vers, n, *_, ids in collectives if aller_vers or code == PERMANENCE]
    yield _nombre("permanences", "aller_vers", "Permanences et actions d’aller-vers", "actions", sum(actions, Compte()))


def _des_collectives(lues):
    """Les actions par nature, leurs participants, et les heures de coordination saisies (réunions, concertations)."""
    natures = list(ActionCollective.objects.values_list("code", "libelle"))

    def par_nature(valeur):
        return [
            (code, nom, sum((Compte(int(valeur(x)), sum(x[-1])) for x in lues if x[0] == code), Compte()))
            for code, nom in natures
        ]

    yield _liste("collectives", "collectives", "Actions collectives, par nature", "actions", par_nature(lambda x: x[2]))
    presents = par_nature(lambda x: x[3])
    yield _liste("participants", "collectives", "Participants aux actions collectives", "participants", presents)
    coordonnent = [x for x in lues if x[0] in COORDINATION]
    cle = sum(sum(x[-1]) for x in coordonnent)
    heures = [
        ("reunions", "En réunion ou en concertation", Compte(int(sum(x[4] for x in coordonnent)), cle)),
        ("preparation", "En préparation et en suites", Compte(int(sum(x[5] for x in coordonnent)), cle)),
    ]
    yield _liste("coordination", "coordination", "Temps de coordination", "heures", heures)


def _des_demandes(lues):
    """Les demandes reçues : les décidées, dans les sept jours ou non ; les autres, rangées comme une édition les range."""

    def somme(codes, delais=(True, False)):
        comptes = (Compte(n, sum(cles)) for code, a_temps, n, cles in lues if code in codes and a_temps in delais)
        return sum(comptes, Compte())

    lignes = [
        ("delai", f"Décidées en {DELAI} jours au plus", somme(DECIDEES, (True,))),
        ("retard", "Décidées plus tard", somme(DECIDEES, (False,))),
    ]
    lignes += [(code, mot, somme(codes)) for code, mot, codes in QUALIFICATION if not DECIDEES & set(codes)]
    yield _liste("decisions", "demandes", "Demandes reçues, et réponses données", "demandes", lignes)
