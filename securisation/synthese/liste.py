"""« Mes parcours » : la liste, ses compteurs et ce qui est à faire, en deux requêtes, quel que soit le nombre de dossiers.

Deux raisons de voir un parcours (un rôle, l'équipe supervisée) sont deux lectures d'index unies, jamais un OU.
`ParcoursQuerySet.visibles_pour` est la définition ; un test tient cette page égale à elle.
"""
# ruff: noqa: S608 (le SQL est composé de morceaux constants ; toute valeur passe en paramètre)

import datetime
import json
import uuid
from dataclasses import dataclass
from functools import cache

from django.db import connection
from django.urls import reverse

from securisation.parcours.models import Ouverture, Parcours
from securisation.parcours.models.parcours import SANS_ECHEANCE
from securisation.parcours.models.personne import cle_de_recherche
from securisation.socle import horloge
from securisation.socle.templatetags.jalon import date_breve
from securisation.synthese.reserves import DU_LISIBLE

TAILLE = 50
PLAFOND = 1000
A_FAIRE = 8
A_DECIDER = 50
PREMIER = (datetime.date.min, 0)
PHASES = {
    "orientation": ("Orientation", ["oriente", "admis"]),
    "diagnostic": ("Diagnostic", ["diagnostic"]),
    "intervention": ("Intervention", ["intervention"]),
    "sortie": ("Sortie", ["sortie"]),
    "clos": ("Clos", [str(etat) for etat in Parcours.FIGES]),
}
LIBELLES = {etat.value: etat.label for etat in Parcours.Etat} | {"oriente": "À qualifier", "non_admis": "Non admis"}
CLASSES = {
    "diagnostic": "tag--amber",
    "intervention": "tag--brand",
    "sortie": "tag--blue",
    "oriente": "tag--amber",
    "admis": "tag--amber",
}
COULEURS = {"orientation": "#8a6d3b", "diagnostic": "#b86e00", "intervention": "#0f5b5e", "sortie": "#2b558f"}
# À jour égal, ce qui engage le terme ou attend une décision passe devant.
GRAVES = ["terme", "prolongation"]
EN_COURS = [etat for nom, (_, etats) in PHASES.items() if nom != "clos" for etat in etats]

# Clés visibles, dans l'ordre des échéances : chaque branche est une lecture d'index seule, arrêtée à %(limite)s.
_VISIBLES = """
    (SELECT content_object_id AS id, echeance, phase FROM parcours_attribution
      WHERE user_id = %(role)s AND phase = ANY(%(etats)s) AND (echeance, content_object_id) > (%(apres)s, %(apres_id)s)
      ORDER BY echeance, content_object_id LIMIT %(limite)s)
    UNION
    (SELECT p.id, p.echeance, p.etat FROM unnest(%(equipes)s::bigint[]) e(id) CROSS JOIN LATERAL
      (SELECT id, echeance, etat FROM parcours_parcours
        WHERE equipe_id = e.id AND NOT restreint AND etat = ANY(%(etats)s) AND (echeance, id) > (%(apres)s, %(apres_id)s)
        ORDER BY echeance, id LIMIT %(limite)s) p)
"""
# Le délégué, là où il a ouvert un dossier par un motif : quelques clés, jointes quand il y en a.
_OUVERTS = """
    UNION
    (SELECT id, echeance, etat FROM parcours_parcours
      WHERE id = ANY(%(ouverts)s::bigint[]) AND etat = ANY(%(etats)s) AND (echeance, id) > (%(apres)s, %(apres_id)s)
      ORDER BY echeance, id LIMIT %(limite)s)
"""
# Recherche, par raison de voir : ses rôles sont peu nombreux, le nom s'y lit ; pour une équipe, les noms d'abord (index de trigrammes).
_TROUVES_PAR_ROLE = """
    SELECT p.id, p.echeance, p.etat AS phase FROM parcours_attribution a JOIN parcours_parcours p ON p.id = a.content_object_id
      JOIN parcours_personne n ON n.id = p.personne_id
     WHERE a.user_id = %(role)s AND {condition} AND (p.echeance, p.id) > (%(apres)s, %(apres_id)s)
"""
_TROUVES_PAR_EQUIPE = """
    SELECT p.id, p.echeance, p.etat FROM parcours_personne n JOIN parcours_parcours p ON p.personne_id = n.id
     WHERE {condition} AND p.equipe_id = ANY(%(equipes)s) AND NOT p.restreint AND (p.echeance, p.id) > (%(apres)s, %(apres_id)s)
"""
_TROUVES_PAR_OUVERTURE = """
    SELECT p.id, p.echeance, p.etat FROM parcours_personne n JOIN parcours_parcours p ON p.personne_id = n.id
     WHERE {condition} AND p.id = ANY(%(ouverts)s) AND (p.echeance, p.id) > (%(apres)s, %(apres_id)s)
"""
_LIGNES = """
WITH vus AS MATERIALIZED (SELECT id, echeance, phase FROM ({vus}) v ORDER BY echeance, id LIMIT %(limite)s)
SELECT p.uuid, p.numero, coalesce(nullif(trim(n.prenom || ' ' || n.nom), ''), n.pseudonyme), p.etat, p.echeance, p.id,
       i.demarre_le, i.terme, i.etat, ax.code, ax.libelle, f.criticite, cr.libelle, s.criticite, ac.adhesion, ac.fin,
       {attendu}, e.nature, r.nom
  FROM vus JOIN parcours_parcours p ON p.id = vus.id JOIN parcours_personne n ON n.id = p.personne_id
  LEFT JOIN interventions_intervention i ON i.parcours_id = p.id
  LEFT JOIN LATERAL (SELECT ev.axe_id, ev.criticite FROM diagnostics_evaluationaxe ev
     WHERE ev.criticite IS NOT NULL AND ev.diagnostic_id = coalesce(i.diagnostic_id,
       (SELECT d.id FROM diagnostics_diagnostic d WHERE d.parcours_id = p.id AND d.etat = 'valide' ORDER BY d.rang DESC LIMIT 1))
     ORDER BY ev.criticite DESC, ev.axe_id LIMIT 1) f ON true
  LEFT JOIN annuaire_criticite cr ON cr.niveau = f.criticite
  LEFT JOIN annuaire_axe ax ON ax.id = f.axe_id
  LEFT JOIN sorties_sortie so ON so.parcours_id = p.id
  LEFT JOIN sorties_cotationsortie s ON s.sortie_id = so.id AND s.axe_id = f.axe_id
  LEFT JOIN LATERAL (SELECT bool_or(fi.code = 'ADHESION') AS adhesion, min(a.jusqu_au) FILTER (WHERE fi.code = 'PARTAGE') AS fin
      FROM parcours_accord a JOIN annuaire_finalite fi ON fi.id = a.finalite_id
     WHERE a.parcours_id = p.id AND a.accorde AND a.le <= %(jour)s AND (a.retire_le IS NULL OR a.retire_le > %(jour)s)
       AND (a.jusqu_au IS NULL OR a.jusqu_au >= %(jour)s)) ac ON true
  LEFT JOIN LATERAL (SELECT source, libelle, nature FROM parcours_echeance e WHERE e.parcours_id = p.id ORDER BY date, id LIMIT 1) e ON true
  LEFT JOIN LATERAL (SELECT u.prenom || ' ' || u.nom AS nom FROM parcours_attribution t
      JOIN auth_permission m ON m.id = t.permission_id AND m.codename = 'referent' JOIN comptes_professionnel u ON u.id = t.user_id
     WHERE t.content_object_id = p.id ORDER BY t.id LIMIT 1) r ON p.equipe_id = ANY(%(equipes)s)
 ORDER BY vus.echeance, vus.id
"""
_NOM = "coalesce(nullif(trim(n.prenom || ' ' || n.nom), ''), n.pseudonyme)"
_COMPTES = f"""
WITH vus AS MATERIALIZED ({_VISIBLES}{{ouverts}}),
     premiers AS (SELECT id FROM vus WHERE echeance < %(jamais)s ORDER BY echeance FETCH FIRST {A_FAIRE + 1} ROWS WITH TIES),
     dus AS (SELECT p.id, e.date, e.nature, e.source, e.libelle
       FROM premiers p CROSS JOIN LATERAL
         (SELECT * FROM parcours_echeance WHERE parcours_id = p.id ORDER BY date, id LIMIT {A_FAIRE + 1}) e
      ORDER BY e.date, e.nature <> ALL(%(graves)s), p.id, e.nature LIMIT {A_FAIRE + 1})
SELECT 'phase', phase, count(*), NULL::date, NULL, NULL::jsonb FROM vus GROUP BY phase
UNION ALL SELECT 'proche', '', count(*) FILTER (WHERE echeance BETWEEN %(jour)s AND %(bientot)s OR (echeance < %(jour)s AND EXISTS (
  SELECT 1 FROM parcours_echeance e WHERE e.parcours_id = vus.id AND e.date BETWEEN %(jour)s AND %(bientot)s))), NULL, NULL, NULL FROM vus
UNION ALL SELECT 'retard', '', count(*) FILTER (WHERE echeance < %(jour)s), NULL, NULL, NULL FROM vus
UNION ALL (
  SELECT 'faire', {_NOM}, 0, e.date, {DU_LISIBLE}, jsonb_build_object('nature', e.nature, 'parcours', p.uuid,
      'roles', (SELECT coalesce(jsonb_agg(m.codename), '[]') FROM parcours_attribution t JOIN auth_permission m ON m.id = t.permission_id
         WHERE t.content_object_id = p.id AND t.user_id = %(role)s),
      'supervise', p.equipe_id = ANY(%(equipes)s) AND NOT p.restreint,
      'intervention', i.uuid, 'agir', CASE WHEN i.etat = 'en_cours' AND i.terme >= %(jour)s THEN i.uuid END,
      'action', (SELECT a.uuid FROM interventions_action a WHERE 'action:' || a.id = e.source AND a.intervention_id = i.id),
      'prolongation', (SELECT s.uuid FROM interventions_prolongation s WHERE s.intervention_id = i.id AND s.etat = 'demandee'),
      'diagnostic', (SELECT d.uuid FROM diagnostics_diagnostic d WHERE d.parcours_id = p.id AND d.etat = 'brouillon' LIMIT 1),
      'sortie', (SELECT s.uuid FROM sorties_sortie s WHERE s.parcours_id = p.id))
    FROM dus e JOIN parcours_parcours p ON p.id = e.id JOIN parcours_personne n ON n.id = p.personne_id
    LEFT JOIN interventions_intervention i ON i.parcours_id = p.id
   ORDER BY e.date, e.nature <> ALL(%(graves)s), p.id, e.nature)
UNION ALL (
  SELECT 'decider', {_NOM}, s.jours, s.demandee_le, u.prenom || ' ' || u.nom, jsonb_build_object('prolongation', s.uuid)
    FROM interventions_prolongation s JOIN interventions_intervention i ON i.id = s.intervention_id
    JOIN parcours_parcours p ON p.id = i.parcours_id JOIN parcours_personne n ON n.id = p.personne_id
    JOIN comptes_professionnel u ON u.id = s.demandee_par_id
   WHERE s.etat = 'demandee' AND p.etat = 'intervention' AND p.equipe_id = ANY(%(equipes)s) AND NOT p.restreint
     AND s.demandee_par_id <> %(moi)s
   ORDER BY s.demandee_le, s.id LIMIT {A_DECIDER})
"""


NUL = uuid.UUID(int=0)


@cache
def _adresse_type():
    """L'adresse de la page d'un parcours, composée une fois pour toutes les lignes."""
    return reverse("synthese:parcours", args=[NUL])


@dataclass(slots=True)
class Ligne:
    """Une ligne de la liste, prête à écrire : aucune balise n'y calcule."""

    uuid: str
    numero: str
    nom: str
    etat: str
    echeance: datetime.date | None
    cle: int
    demarre_le: datetime.date | None
    terme: datetime.date | None
    temps: str | None
    axe: str
    axe_libelle: str
    niveau: int | None
    niveau_dit: str | None
    niveau_sortie: int | None
    adhesion: bool | None
    fin_partage: datetime.date | None
    attendu: str
    nature: str | None
    referent: str | None  # dit à qui supervise l'équipe du parcours
    jour: datetime.date  # aujourd’hui, lu une fois pour toute la liste

    @property
    def reste(self):
        """Jours jusqu'à l'échéance (négatif : dépassée), ou None."""
        return (self.echeance - self.jour).days if self.echeance else None

    @property
    def ecoule(self):
        """Part écoulée de l'intervention, de 0 à 100."""
        if not self.terme:
            return 0
        total = max((self.terme - self.demarre_le).days, 1)
        return min(max(round(100 * (self.jour - self.demarre_le).days / total), 0), 100)

    @property
    def ton(self):
        return "" if self.reste is None or self.reste > 14 else "late" if self.reste < 0 else "soon"

    @property
    def evolution(self):
        """Écart de niveau de l'axe le plus fragile entre l'entrée et la sortie, ou None."""
        return None if self.niveau_sortie is None or self.niveau is None else self.niveau_sortie - self.niveau

    @property
    def adresse(self):
        return _adresse_type().replace(str(NUL), str(self.uuid))

    @property
    def phase(self):
        return LIBELLES[self.etat]

    @property
    def classe(self):
        return CLASSES.get(self.etat, "")

    @property
    def quand(self):
        """« 4 jours », « aujourd'hui », « 3 j de retard »."""
        if self.reste == 0:
            return "Aujourd’hui"
        mot = "jours" if abs(self.reste) > 1 else "jour"
        return f"{self.reste} {mot}" if self.reste > 0 else f"{-self.reste} j de retard"

    @property
    def le(self):
        return date_breve(self.echeance)

    @property
    def accords_a_voir(self):
        return self.accords != "à jour"

    @property
    def accords(self):
        """« à jour », « à recueillir » ou « à renouveler » (partage qui finit sous 30 jours)."""
        if not self.adhesion or self.nature == "accord":
            return "à recueillir"
        proche = self.fin_partage and self.fin_partage <= self.jour + datetime.timedelta(days=30)
        return "à renouveler" if proche else "à jour"


def _parametres(professionnel, *, etats, limite, apres=PREMIER):
    jour = horloge.aujourd_hui()
    return {
        "moi": professionnel.pk,
        "graves": GRAVES,
        "jamais": SANS_ECHEANCE,
        "role": professionnel.pk if professionnel.equipe_id and professionnel.is_active else 0,
        "equipes": professionnel.equipes_supervisees if professionnel.is_active else [],
        "ouverts": _ouverts(professionnel),
        "etats": etats,
        "limite": limite,
        "apres": apres[0],
        "apres_id": apres[1],
        "jour": jour,
        "bientot": jour + datetime.timedelta(days=30),
    }


def _ouverts(professionnel):
    """Clés des dossiers que ce délégué a ouverts par un motif ; rien pour tout autre compte, sans requête."""
    if not professionnel.a_fonction("DPO"):
        return []
    return list(Ouverture.objects.en_cours().de(professionnel).values_list("parcours", flat=True))


def lire_liste(professionnel, *, phase="", cherche="", apres=PREMIER):
    """Au plus 50 lignes après le curseur `apres` (échéance, clé), et le curseur suivant ou None."""
    etats = PHASES[phase][1] if phase in PHASES else EN_COURS
    parametres = _parametres(professionnel, etats=etats, limite=TAILLE + 1, apres=apres)
    vus, cle = _VISIBLES + _OUVERTS * bool(parametres["ouverts"]), cle_de_recherche(cherche)
    if cherche:
        par_numero = cherche.strip().upper().startswith("P-")
        raisons = [_TROUVES_PAR_ROLE] + [_TROUVES_PAR_EQUIPE] * bool(parametres["equipes"])
        raisons += [_TROUVES_PAR_OUVERTURE] * bool(parametres["ouverts"])
        vus = " UNION ".join(raisons).format(
            condition="p.numero = %(cherche)s" if par_numero else "n.cle LIKE %(cherche)s"
        )
        parametres["cherche"] = cherche.strip().upper() if par_numero else f"%{cle}%" if cle else ""
    with connection.cursor() as curseur:
        curseur.execute(_LIGNES.format(vus=vus, attendu=DU_LISIBLE), parametres)
        lignes = [_ligne(valeurs, parametres["jour"]) for valeurs in curseur.fetchall()]
    suite = lignes[TAILLE - 1] if len(lignes) > TAILLE else None
    return lignes[:TAILLE], suite and (suite.echeance or SANS_ECHEANCE, suite.cle)


def _ligne(valeurs, jour):
    ligne = Ligne(*valeurs, jour)
    ligne.echeance = None if ligne.echeance == SANS_ECHEANCE else ligne.echeance
    return ligne


@dataclass
class Comptes:
    """Compteurs (exacts jusqu'à 1 000, puis « 1 000+ »), prochaines échéances, prolongations à décider."""

    phases: dict
    proches: int
    retards: int
    a_faire: list
    a_decider: list
    a_faire_de_plus: bool = False

    @property
    def total(self):
        return sum(self.phases.values())

    @property
    def total_dit(self):
        return self.dit(self.total)

    @property
    def parts(self):
        """Segments de la barre des phases : début et longueur en pourcents, couleur, nombre, nom."""
        debut, parts = 0, []
        for nom, couleur in COULEURS.items():
            if nombre := self.phases[nom]:
                longueur = 100 * nombre / self.total
                place = {"x": f"{debut:.1f}", "l": f"{longueur:.1f}"}  # des textes : la langue écrirait une virgule
                parts.append(place | {"couleur": couleur, "nombre": nombre, "nom": nom})
                debut += longueur
        return parts

    def dit(self, nombre):
        """« 12 », « 1 000+ »."""
        return nombre if self.total <= PLAFOND else f"{nombre}+"


def lire_comptes(professionnel):
    """Compteurs par phase, parcours attendus sous 30 jours, retards, les huit prochaines échéances et les demandes à décider.

    Un parcours en retard d'une chose et attendu bientôt pour une autre compte dans les deux.
    """
    parametres = _parametres(professionnel, etats=EN_COURS, limite=PLAFOND + 1)
    comptes = Comptes(dict.fromkeys(PHASES, 0), 0, 0, [], [])
    with connection.cursor() as curseur:
        curseur.execute(_COMPTES.replace("{ouverts}", _OUVERTS * bool(parametres["ouverts"])), parametres)
        for genre, mot, nombre, date, libelle, cles in curseur.fetchall():
            if genre == "phase":
                comptes.phases[next(nom for nom, (_, etats) in PHASES.items() if mot in etats)] += nombre
            elif genre == "faire":
                comptes.a_faire.append({"qui": mot, "date": date, "quoi": libelle, "cles": _json(cles)})
            elif genre == "decider":
                comptes.a_decider.append({"qui": mot, "jours": nombre, "le": date, "par": libelle, "cles": _json(cles)})
            elif genre == "proche":
                comptes.proches = nombre
            else:
                comptes.retards = nombre
    comptes.a_faire_de_plus = len(comptes.a_faire) > A_FAIRE
    comptes.a_faire = comptes.a_faire[:A_FAIRE]
    return comptes


def _json(valeur):
    return json.loads(valeur) if isinstance(valeur, str) else valeur
