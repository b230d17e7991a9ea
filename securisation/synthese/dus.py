"""Ce qui est dû dans « Mes parcours » : compteurs, prochaines échéances et demandes à décider, en une requête bornée.

Les clés visibles s'arrêtent à 1 000 ; ce qui est dû se lit dans les deux cents premiers parcours par échéance (1 000 quand on le filtre).
Un étage qui pose une échéance d'une nature nouvelle lui donne sa place dans SORTES et son geste dans `gestes.SOLDES`.
"""
# ruff: noqa: S608 (le SQL est composé de morceaux constants ; toute valeur passe en paramètre)

import datetime
import json
from dataclasses import dataclass, field

from django.db import connection

from securisation.parcours.droits import COORDONNATEUR, INTERVENANT, REFERENT
from securisation.synthese.liste import EN_COURS, EN_COURS_OU_DUS, PHASES, parametres, visibles
from securisation.synthese.reserves import DU_LISIBLE

PLAFOND = 1000
EXAMINES = 200  # parcours dont on lit ce qui est dû, tant qu'on ne le filtre pas
MONTRES, TOUT = 8, 100  # lignes de « À faire », et une fois filtrées
A_DECIDER = 50
COULEURS = {"orientation": "#8a6d3b", "diagnostic": "#b86e00", "intervention": "#0f5b5e", "sortie": "#2b558f"}
# À jour égal, ce qui engage le terme ou attend une décision passe devant.
GRAVES = ["silence", "terme", "prolongation"]
SORTES = {
    "reponses": ("Réponses", ["reponse"]),
    "silences": ("Silences", ["silence"]),
    "termes": ("Termes", ["terme", "reprise", "prolongation"]),
    "bilans": ("Bilans", ["sortie"]),
    "accords": ("Accords", ["accord", "fin_accord"]),
    "relais": ("Relais", ["relais", "confirmation"]),
    "droits": ("Droits", ["demande", "conservation"]),
    "etapes": ("Étapes", ["qualification", "diagnostic", "intervention", "agir"]),
}
REMPLACE = "remplace"  # l'autre filtre de « À faire » : ce que l'on suit pour un absent
AGISSENT = [REFERENT, COORDONNATEUR, INTERVENANT]
# De quoi mener d'un dû `e` (parcours `p`, intervention `i`) à l'acte qui le solde : `gestes.lier`. Paramètres : role, equipes, jour.
CLES_D_UN_DU = """jsonb_build_object('nature', e.nature, 'parcours', p.uuid,
      'roles', (SELECT coalesce(jsonb_agg(m.codename), '[]') FROM parcours_attribution t JOIN auth_permission m ON m.id = t.permission_id
         WHERE t.content_object_id = p.id AND t.user_id = %(role)s),
      'supervise', p.equipe_id = ANY(%(equipes)s) AND NOT p.restreint,
      'intervention', i.uuid, 'agir', CASE WHEN i.etat = 'en_cours' AND i.terme >= %(jour)s THEN i.uuid END,
      'action', (SELECT a.uuid FROM interventions_action a WHERE 'action:' || a.id = e.source AND a.intervention_id = i.id),
      'prolongation', (SELECT s.uuid FROM interventions_prolongation s WHERE s.intervention_id = i.id AND s.etat = 'demandee'),
      'diagnostic', (SELECT d.uuid FROM diagnostics_diagnostic d WHERE d.parcours_id = p.id AND d.etat = 'brouillon' LIMIT 1),
      'finalite', CASE e.nature WHEN 'accord' THEN e.source WHEN 'fin_accord' THEN (SELECT fi.code FROM parcours_accord a
          JOIN annuaire_finalite fi ON fi.id = a.finalite_id WHERE 'accord:' || a.id = e.source AND a.parcours_id = p.id) END,
      'risque', (SELECT k.uuid FROM sorties_risque k JOIN sorties_sortie s ON s.id = k.sortie_id
         WHERE 'risque:' || k.id = e.source AND s.parcours_id = p.id),
      'qualifie', p.etat = 'non_admis',
      'sortie', (SELECT s.uuid FROM sorties_sortie s WHERE s.parcours_id = p.id))"""
_NOM = "coalesce(nullif(trim(n.prenom || ' ' || n.nom), ''), n.pseudonyme)"
_ORDRE = "e.date, e.nature <> ALL(%(graves)s), e.id, e.nature"
# Les absents de mon équipe que je remplace aujourd'hui, et pour lequel d'entre eux suivre un parcours `v` que je vois : il y agit, et je
# n'en suis pas le référent. Remplacer n'ouvre aucun dossier : `v` vient de ce qui se voit déjà. Paramètres : moi, equipe, jour, agissent.
_REMPLACES = """remplaces AS MATERIALIZED (SELECT a.compte_id AS compte, u.prenom || ' ' || u.nom AS nom, max(a.au) AS au
         FROM comptes_absence a JOIN comptes_professionnel u ON u.id = a.compte_id AND u.is_active AND u.equipe_id = %(equipe)s
        WHERE a.remplacant_id = %(moi)s AND a.du <= %(jour)s AND a.au >= %(jour)s GROUP BY 1, 2)"""
_POUR = """SELECT r.compte FROM remplaces r JOIN parcours_attribution t ON t.content_object_id = v.id AND t.user_id = r.compte
            JOIN auth_permission m ON m.id = t.permission_id AND m.codename = ANY(%(agissent)s)
           WHERE (SELECT true FROM remplaces LIMIT 1) AND NOT EXISTS (SELECT FROM parcours_attribution x JOIN auth_permission y
             ON y.id = x.permission_id AND y.codename = %(referent)s WHERE x.content_object_id = v.id AND x.user_id = %(moi)s)
           ORDER BY m.codename <> %(referent)s, t.id LIMIT 1"""
_COMPTES = f"""
WITH vus AS MATERIALIZED ({{vus}}),
     {_REMPLACES},
     premiers AS (SELECT v.id, s.compte AS pour
         FROM (SELECT id FROM vus WHERE echeance < %(jamais)s ORDER BY echeance, id LIMIT %(examines)s) v
         LEFT JOIN LATERAL ({_POUR}) s ON true),
     tous AS MATERIALIZED (SELECT p.id, p.pour, e.date, e.nature, e.source, e.libelle FROM premiers p CROSS JOIN LATERAL
         (SELECT * FROM parcours_echeance WHERE parcours_id = p.id ORDER BY date, id LIMIT 50) e),
     a_decider AS MATERIALIZED (SELECT s.*, p.id AS parcours, p.personne_id FROM interventions_prolongation s
         JOIN interventions_intervention i ON i.id = s.intervention_id JOIN parcours_parcours p ON p.id = i.parcours_id
        WHERE s.etat = 'demandee' AND p.etat = 'intervention' AND p.equipe_id = ANY(%(equipes)s) AND NOT p.restreint
          AND s.demandee_par_id <> %(moi)s ORDER BY s.demandee_le, s.id LIMIT {A_DECIDER}),
     dus AS (SELECT * FROM tous e WHERE (%(natures)s::text[] IS NULL OR nature = ANY(%(natures)s))
         AND (pour IS NOT NULL OR NOT %(remplace)s) ORDER BY {_ORDRE} LIMIT %(montres)s)
SELECT 'phase', phase, count(*), NULL::date, NULL, NULL::jsonb FROM vus GROUP BY phase
UNION ALL SELECT 'proche', '', count(*) FILTER (WHERE echeance BETWEEN %(jour)s AND %(bientot)s OR (echeance < %(jour)s AND EXISTS (
  SELECT 1 FROM parcours_echeance e WHERE e.parcours_id = vus.id AND e.date BETWEEN %(jour)s AND %(bientot)s))), NULL, NULL, NULL FROM vus
UNION ALL SELECT 'retard', '', count(*) FILTER (WHERE echeance < %(jour)s), NULL, NULL, NULL FROM vus
UNION ALL SELECT 'sorte', nature, count(*), NULL, NULL, jsonb_build_object('retard', count(*) FILTER (WHERE NOT decide AND date < %(jour)s),
  'semaine', count(*) FILTER (WHERE NOT decide AND date BETWEEN %(jour)s AND %(dimanche)s))
  FROM (SELECT *, nature = 'prolongation' AND id IN (SELECT parcours FROM a_decider) AS decide FROM tous) t
  WHERE date <= %(bientot)s GROUP BY nature
UNION ALL SELECT 'examines', '', count(*), NULL, NULL, NULL FROM premiers
UNION ALL (SELECT 'remplace', r.nom, count(t.id), r.au, NULL, to_jsonb(r.compte) FROM remplaces r
  LEFT JOIN tous t ON t.pour = r.compte AND t.date <= %(bientot)s GROUP BY r.compte, r.nom, r.au)
UNION ALL (
  SELECT 'faire', {_NOM}, 0, e.date, {DU_LISIBLE}, {CLES_D_UN_DU} || jsonb_build_object('pour', e.pour)
    FROM dus e JOIN parcours_parcours p ON p.id = e.id JOIN parcours_personne n ON n.id = p.personne_id
    LEFT JOIN interventions_intervention i ON i.parcours_id = p.id
   ORDER BY {_ORDRE})
UNION ALL (
  SELECT 'decider', {_NOM}, s.jours, s.demandee_le, u.prenom || ' ' || u.nom, jsonb_build_object('prolongation', s.uuid)
    FROM a_decider s JOIN parcours_personne n ON n.id = s.personne_id JOIN comptes_professionnel u ON u.id = s.demandee_par_id
   ORDER BY s.demandee_le, s.id)
"""


@dataclass
class Comptes:
    """Compteurs (exacts jusqu'à 1 000, puis « 1 000+ »), ce qui est dû d'ici trente jours, et les prolongations à décider."""

    phases: dict
    proches: int
    retards: int
    a_faire: list
    a_decider: list
    sortes: dict = field(default_factory=dict)
    # Par sorte, ce qui est dû d'aujourd'hui à dimanche ; comme `dus_en_retard`, sans les prolongations à décider, déjà dans leur liste.
    semaine: dict = field(default_factory=dict)
    dus_en_retard: int = 0  # des échéances ; `retards` compte des parcours
    remplaces: list = field(
        default_factory=list
    )  # qui l'on remplace aujourd'hui : compte, nom, jusqu'au, nombre de dus sous 30 jours
    examines: int = 0
    a_faire_de_plus: bool = False
    prochaine: dict | None = None  # la première échéance au-delà des trente jours, quand rien n'est à faire avant

    @property
    def total(self):
        return sum(nombre for nom, nombre in self.phases.items() if nom != "clos")

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


def lire_comptes(professionnel, *, faire="", montres=None):
    """Compteurs par phase et par sorte de dû, parcours attendus sous 30 jours, retards, ce qui est à faire et à décider.

    Un parcours en retard d'une chose et attendu bientôt pour une autre compte dans les deux.
    `faire` : une clé de SORTES, REMPLACE ou « tout ».
    `montres` : combien de dus lire au plus ; 0 quand seuls les nombres servent.
    """
    valeurs = parametres(professionnel, etats=EN_COURS, limite=PLAFOND + 1)
    valeurs |= {"graves": GRAVES, "natures": SORTES[faire][1] if faire in SORTES else None}
    montres = (TOUT if faire else MONTRES) if montres is None else montres
    valeurs |= {"montres": montres + 1, "examines": PLAFOND if faire else EXAMINES}
    valeurs |= {"remplace": faire == REMPLACE, "agissent": AGISSENT, "referent": REFERENT}
    valeurs["equipe"] = professionnel.equipe_id if professionnel.is_active else None
    valeurs["dimanche"] = valeurs["jour"] + datetime.timedelta(days=6 - valeurs["jour"].weekday())
    comptes = Comptes(dict.fromkeys(PHASES, 0), 0, 0, [], [])
    with connection.cursor() as curseur:
        curseur.execute(_COMPTES.format(vus=visibles(valeurs["ouverts"], EN_COURS_OU_DUS)), valeurs)
        for ligne in curseur.fetchall():
            _ranger(comptes, *ligne)
    _borner(comptes, valeurs)
    return comptes


def _ranger(comptes, genre, mot, nombre, date, libelle, cles):
    if genre == "phase":
        comptes.phases[next(nom for nom, (_, etats) in PHASES.items() if mot in etats)] += nombre
    elif genre == "sorte":
        sorte = next((nom for nom, (_, natures) in SORTES.items() if mot in natures), "")
        comptes.sortes[sorte] = comptes.sortes.get(sorte, 0) + nombre
        parts = _json(cles)
        comptes.semaine[sorte] = comptes.semaine.get(sorte, 0) + parts["semaine"]
        comptes.dus_en_retard += parts["retard"]
    elif genre == "remplace":
        comptes.remplaces.append({"compte": _json(cles), "nom": mot, "au": date, "nombre": nombre})
    elif genre == "faire":
        comptes.a_faire.append({"qui": mot, "date": date, "quoi": libelle, "cles": _json(cles)})
    elif genre == "decider":
        comptes.a_decider.append({"qui": mot, "jours": nombre, "le": date, "par": libelle, "cles": _json(cles)})
    else:
        setattr(comptes, {"proche": "proches", "retard": "retards", "examines": "examines"}[genre], nombre)


def _borner(comptes, valeurs):
    """« À faire » s'arrête à trente jours et à ce que la page montre ; ce qui se décide en tête ne s'y redit pas."""
    decides = {due["cles"]["prolongation"] for due in comptes.a_decider}
    dus, combien = comptes.a_faire, valeurs["montres"] - 1
    comptes.remplaces.sort(key=lambda absent: absent["nom"])
    pour = {absent["compte"]: absent for absent in comptes.remplaces}
    for due in dus:
        due["pour"] = pour.get(due["cles"].pop("pour"))
    proches = [due for due in dus if due["date"] <= valeurs["bientot"]]
    comptes.prochaine = dus[0] if dus and not proches else None
    comptes.a_faire_de_plus = len(proches) > combien
    comptes.a_faire = [
        due
        for due in proches[:combien]
        if due["cles"]["nature"] != "prolongation" or due["cles"]["prolongation"] not in decides
    ]


def _json(valeur):
    return json.loads(valeur) if isinstance(valeur, str) else valeur
