"""« Mes parcours » : les clés visibles et les lignes de la liste, en une requête, quel que soit le nombre de dossiers.

Deux raisons de voir un parcours (un rôle, l'équipe supervisée) sont deux lectures d'index unies, jamais un OU.
`ParcoursQuerySet.visibles_pour` est la définition ; un test tient cette page égale à elle.
"""
# ruff: noqa: S608 (le SQL est composé de morceaux constants ; toute valeur passe en paramètre)

import datetime
import uuid
from dataclasses import dataclass
from functools import cache

from django.db import connection
from django.urls import reverse

from securisation.parcours.models import Ouverture, Parcours
from securisation.parcours.models.parcours import SANS_ECHEANCE
from securisation.socle import horloge
from securisation.socle.templatetags.jalon import date_breve
from securisation.synthese.reserves import DU_LISIBLE

TAILLE = 50
BIENTOT = 30  # jours : ce qui est à faire sans attendre, et le filtre « d'ici 30 jours »
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
FINIS = PHASES["clos"][1]
EN_COURS = [etat for nom, (_, etats) in PHASES.items() if nom != "clos" for etat in etats]
TOUS = [etat for _, etats in PHASES.values() for etat in etats]

# Une lecture d'index par raison de voir : `{phase}` et `{id}` sont les colonnes de cette raison.
_EN = "{phase} = ANY(%(etats)s)"
TEMPS = {
    "": ("", _EN),
    "retard": ("En retard", f"{_EN} AND echeance < %(jour)s"),
    "bientot": (
        f"D’ici {BIENTOT} jours",
        f"{_EN} AND echeance <= %(bientot)s AND (echeance >= %(jour)s OR EXISTS (SELECT FROM parcours_echeance d"
        " WHERE d.parcours_id = {id} AND d.date BETWEEN %(jour)s AND %(bientot)s))",
    ),
}
# Ce qui est dû l'est aussi sur un parcours fini : une réponse à la personne, une demande sur ses droits.
EN_COURS_OU_DUS = f"({_EN} OR echeance < %(jamais)s)"

# Clés visibles, dans l'ordre des échéances : chaque branche est une lecture d'index seule, arrêtée à %(limite)s.
_VISIBLES = """
    (SELECT content_object_id AS id, echeance, phase FROM parcours_attribution
      WHERE user_id = %(role)s AND {par_role} AND (echeance, content_object_id) > (%(apres)s, %(apres_id)s)
      ORDER BY echeance, content_object_id LIMIT %(limite)s)
    UNION
    (SELECT p.id, p.echeance, p.etat FROM unnest(%(equipes)s::bigint[]) e(id) CROSS JOIN LATERAL
      (SELECT id, echeance, etat FROM parcours_parcours
        WHERE equipe_id = e.id AND NOT restreint AND {par_etat} AND (echeance, id) > (%(apres)s, %(apres_id)s)
        ORDER BY echeance, id LIMIT %(limite)s) p)
"""
# Le délégué, là où il a ouvert un dossier par un motif : quelques clés, jointes quand il y en a.
_OUVERTS = """
    UNION
    (SELECT id, echeance, etat FROM parcours_parcours
      WHERE id = ANY(%(ouverts)s::bigint[]) AND {par_etat} AND (echeance, id) > (%(apres)s, %(apres_id)s)
      ORDER BY echeance, id LIMIT %(limite)s)
"""
_LIGNES = """
WITH {vus}
SELECT p.uuid, p.numero, coalesce(nullif(trim(n.prenom || ' ' || n.nom), ''), n.pseudonyme), p.etat, p.echeance, p.id,
       i.demarre_le, i.terme, i.etat, ax.code, ax.libelle, f.criticite, cr.libelle, s.criticite, ac.adhesion, ac.fin,
       {attendu}, e.nature, r.nom
  FROM vus JOIN parcours_parcours p ON p.id = vus.id JOIN parcours_personne n ON n.id = p.personne_id
  LEFT JOIN interventions_intervention i ON i.parcours_id = p.id
  LEFT JOIN LATERAL (SELECT coalesce(i.diagnostic_id,
       (SELECT d.id FROM diagnostics_diagnostic d WHERE d.parcours_id = p.id AND d.etat = 'valide' ORDER BY d.rang DESC LIMIT 1)) AS id
     OFFSET 0) dv ON true
  LEFT JOIN LATERAL (SELECT ev.axe_id, ev.criticite FROM diagnostics_evaluationaxe ev
     WHERE ev.criticite IS NOT NULL AND ev.diagnostic_id = dv.id
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
 ORDER BY {ordre}
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
        return self.accords not in ("", "à jour")

    @property
    def accords(self):
        """« à jour », « à recueillir », « à renouveler » (partage qui finit sous 30 jours) ; "" sur un parcours fini."""
        if self.etat in FINIS:
            return ""
        if not self.adhesion or self.nature == "accord":
            return "à recueillir"
        proche = self.fin_partage and self.fin_partage <= self.jour + datetime.timedelta(days=30)
        return "à renouveler" if proche else "à jour"


def parametres(professionnel, *, etats, limite, apres=PREMIER):
    """Ce que lisent les requêtes du toit : qui regarde, à quels titres, quel jour, à partir d'où."""
    jour = horloge.aujourd_hui()
    return {
        "moi": professionnel.pk,
        "jamais": SANS_ECHEANCE,
        "role": professionnel.pk if professionnel.equipe_id and professionnel.is_active else 0,
        "equipes": professionnel.equipes_supervisees if professionnel.is_active else [],
        "ouverts": Ouverture.objects.parcours_lus_par(professionnel),
        "etats": etats,
        "limite": limite,
        "apres": apres[0],
        "apres_id": apres[1],
        "jour": jour,
        "bientot": jour + datetime.timedelta(days=BIENTOT),
    }


def visibles(ouverts=(), condition=_EN):
    """Le SQL des clés visibles (id, échéance, phase), chaque raison de voir lue par son seul index sous cette condition."""
    par_role = condition.format(phase="phase", id="parcours_attribution.content_object_id")
    par_etat = condition.format(phase="etat", id="parcours_parcours.id")
    return (_VISIBLES + _OUVERTS * bool(ouverts)).format(par_role=par_role, par_etat=par_etat)


def lire_liste(professionnel, *, phase="", temps="", apres=PREMIER):
    """Au plus 50 lignes après le curseur `apres` (échéance, clé), et le curseur suivant ou None. `temps` : une clé de TEMPS."""
    etats = PHASES[phase][1] if phase in PHASES else TOUS if temps else EN_COURS
    valeurs = parametres(professionnel, etats=etats, limite=TAILLE + 1, apres=apres)
    cles = visibles(valeurs["ouverts"], TEMPS[temps][1])
    vus = f"vus AS MATERIALIZED (SELECT id, echeance, phase FROM ({cles}) v ORDER BY echeance, id LIMIT %(limite)s)"
    lignes = lire_lignes(vus, "vus.echeance, vus.id", valeurs)
    suite = lignes[TAILLE - 1] if len(lignes) > TAILLE else None
    return lignes[:TAILLE], suite and (suite.echeance or SANS_ECHEANCE, suite.cle)


def lire_lignes(vus, ordre, valeurs):
    """Les lignes des parcours que nomme l'étape `vus` (SQL, colonne id), dans cet ordre : une requête."""
    with connection.cursor() as curseur:
        curseur.execute(_LIGNES.format(vus=vus, attendu=DU_LISIBLE, ordre=ordre), valeurs)
        return [_ligne(trouvees, valeurs["jour"]) for trouvees in curseur.fetchall()]


def _ligne(valeurs, jour):
    ligne = Ligne(*valeurs, jour)
    ligne.echeance = None if ligne.echeance == SANS_ECHEANCE else ligne.echeance
    return ligne
