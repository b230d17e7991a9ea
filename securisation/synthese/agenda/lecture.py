"""Ce qui est à l'agenda d'une période, en une requête : rendez-vous et échéances des parcours visibles, jamais d'un autre.

Les raisons de voir sont celles de `ParcoursQuerySet.visibles_pour` ; un essai tient l'agenda égal à elle, et le mur de la base derrière.
"""
# ruff: noqa: S608 (le SQL est composé de morceaux constants ; toute valeur passe en paramètre)

import datetime
from dataclasses import dataclass

from django.conf import settings
from django.db import connection

from securisation.parcours.models import Ouverture, RendezVous
from securisation.socle import horloge
from securisation.synthese.dus import AGISSENT, CLES_D_UN_DU
from securisation.synthese.historique import en_json
from securisation.synthese.liste import EN_COURS
from securisation.synthese.reserves import DU_LISIBLE

ECHEANCE = "echeance"
GENRES = {
    RendezVous.Genre.RENDEZ_VOUS: "Rendez-vous",
    RendezVous.Genre.VISITE: "Visites",
    RendezVous.Genre.CONCERTATION: "Concertations",
    ECHEANCE: "Échéances",
}
DEBUT = (datetime.datetime(2000, 1, 1, tzinfo=datetime.UTC), "")

_VUS = """
vus AS MATERIALIZED (
  SELECT content_object_id AS id FROM parcours_attribution WHERE user_id = %(role)s AND phase = ANY(%(etats)s)
  UNION SELECT id FROM parcours_parcours WHERE equipe_id = ANY(%(equipes)s) AND NOT restreint AND etat = ANY(%(etats)s)
  UNION SELECT id FROM parcours_parcours WHERE id = ANY(%(ouverts)s) AND etat = ANY(%(etats)s))
"""
# Un rendez-vous est à qui y est attendu ; une échéance, à qui agit sur le parcours. `qui` vide : à tous ceux que l'on voit.
# `des` et `aux` : pour chacun de `qui`, les jours où il compte (une absence) ; vides, toute la période.
_ELEMENTS = """
elements AS (
  SELECT r.debut AS moment, 'r' || r.id AS cle, r.genre, r.parcours_id, (r.debut AT TIME ZONE %(fuseau)s)::date AS jour,
         r.id AS rendez_vous, NULL::bigint AS due
    FROM vus JOIN parcours_rendezvous r ON r.parcours_id = vus.id AND r.debut >= %(du)s AND r.debut < %(avant)s
   WHERE r.etat <> 'annule' AND r.genre = ANY(%(genres)s)
     AND (%(qui)s::bigint[] IS NULL OR EXISTS (
       SELECT FROM parcours_presence s WHERE s.rendez_vous_id = r.id AND s.professionnel_id = ANY(%(qui)s)
          AND (%(des)s::date[] IS NULL OR EXISTS (
            SELECT FROM unnest(%(qui)s::bigint[], %(des)s::date[], %(aux)s::date[]) q (compte, du, au)
             WHERE q.compte = s.professionnel_id AND (r.debut AT TIME ZONE %(fuseau)s)::date BETWEEN q.du AND q.au))))
  UNION ALL
  SELECT e.date::timestamp AT TIME ZONE %(fuseau)s, 'e' || e.id, 'echeance', e.parcours_id, e.date, NULL, e.id
    FROM vus JOIN parcours_echeance e ON e.parcours_id = vus.id AND e.date >= %(du_jour)s AND e.date < %(avant_jour)s
   WHERE 'echeance' = ANY(%(genres)s)
     AND (%(qui)s::bigint[] IS NULL OR EXISTS (
       SELECT FROM parcours_attribution a JOIN auth_permission m ON m.id = a.permission_id AND m.codename = ANY(%(agissent)s)
        WHERE a.content_object_id = e.parcours_id AND a.user_id = ANY(%(qui)s)
          AND (%(des)s::date[] IS NULL OR EXISTS (
            SELECT FROM unnest(%(qui)s::bigint[], %(des)s::date[], %(aux)s::date[]) q (compte, du, au)
             WHERE q.compte = a.user_id AND e.date BETWEEN q.du AND q.au)))))
"""
_PAGE = f"""
WITH {_VUS}, {_ELEMENTS},
montres AS (SELECT * FROM (
    SELECT *, count(*) OVER (PARTITION BY jour) AS du_jour, row_number() OVER (PARTITION BY jour ORDER BY moment, cle) AS rang
      FROM elements) x
  WHERE rang <= %(par_jour)s AND (moment, cle) > (%(apres)s, %(apres_cle)s) ORDER BY moment, cle LIMIT %(limite)s)
SELECT m.moment, m.cle, m.genre, m.jour, m.du_jour, r.duree, coalesce(r.lieu, ''), r.etat, r.uuid, p.uuid, p.numero,
       coalesce(nullif(trim(n.prenom || ' ' || n.nom), ''), n.pseudonyme),
       CASE WHEN e.id IS NOT NULL THEN {DU_LISIBLE} ELSE coalesce(r.avec, '') END,
       coalesce((SELECT array_agg(u.id ORDER BY s.id) FROM parcours_presence s JOIN comptes_professionnel u ON u.id = s.professionnel_id
          WHERE s.rendez_vous_id = r.id), (SELECT array_agg(a.user_id ORDER BY c.codename <> 'referent', a.id)
           FROM parcours_attribution a JOIN auth_permission c ON c.id = a.permission_id AND c.codename = ANY(%(agissent)s)
          WHERE a.content_object_id = p.id AND e.id IS NOT NULL), '{{}}'),
       CASE WHEN e.id IS NOT NULL THEN {CLES_D_UN_DU} END
  FROM montres m JOIN parcours_parcours p ON p.id = m.parcours_id JOIN parcours_personne n ON n.id = p.personne_id
  LEFT JOIN parcours_rendezvous r ON r.id = m.rendez_vous LEFT JOIN parcours_echeance e ON e.id = m.due
  LEFT JOIN interventions_intervention i ON e.id IS NOT NULL AND i.parcours_id = p.id
 ORDER BY m.moment, m.cle
"""
# Le flux sort de la maison : ni nom, ni libellé, ni parcours restreint. La personne n'y est lue que pour taire un lieu qui la dit.
_FLUX = f"""
WITH {_VUS}, {_ELEMENTS}
SELECT m.moment, m.jour, m.rendez_vous IS NULL, coalesce(r.uuid::text, md5(p.uuid::text || e.nature || e.source)), r.duree,
       coalesce(r.lieu, ''), coalesce(r.version, 1), coalesce(r.modifie_le, p.modifie_le), p.numero, n.prenom, n.nom, n.pseudonyme,
       n.adresse, n.commune
  FROM elements m JOIN parcours_parcours p ON p.id = m.parcours_id AND NOT p.restreint JOIN parcours_personne n ON n.id = p.personne_id
  LEFT JOIN parcours_rendezvous r ON r.id = m.rendez_vous LEFT JOIN parcours_echeance e ON e.id = m.due
 ORDER BY m.moment, m.cle LIMIT %(limite)s
"""


@dataclass(slots=True)
class Element:
    """Un rendez-vous ou une échéance de l'agenda, prêt à écrire."""

    moment: datetime.datetime
    cle: str
    genre: str
    jour: datetime.date
    du_jour: int  # combien d'éléments ce jour-là, montrés ou non
    duree: int | None
    lieu: str
    etat: str | None
    uuid: object
    parcours: object
    numero: str
    nom: str
    texte: str  # ce qui est dû, ou avec qui d'autre
    professionnels: list  # clés des comptes attendus, ou de ceux qui agissent sur le parcours
    cles: dict | None  # d'une échéance : de quoi trouver l'acte qui la solde

    @property
    def est_echeance(self):
        return self.genre == ECHEANCE

    @property
    def fin(self):
        return self.moment + datetime.timedelta(minutes=self.duree or 0)


def lire(professionnel, *, du, avant, **options):
    """Les éléments du jour `du` au jour `avant` non compris. Options : celles de `_valeurs`.

    `qui` : des clés de comptes ; `absences` : ce qui tombe pendant ces absences, pour qui s'absente.
    """
    valeurs = _valeurs(professionnel, du, avant, **options)
    with connection.cursor() as curseur:
        curseur.execute(_PAGE, valeurs)
        return [Element(*ligne, en_json(cles)) for *ligne, cles in curseur.fetchall()]


def lire_le_flux(professionnel, *, du, avant, limite):
    """Ce que porte le flux : (moment, jour, toute la journée, clé, durée, lieu, version, modifié, numéro, puis `flux.DE_LA_PERSONNE`)."""
    with connection.cursor() as curseur:
        curseur.execute(_FLUX, _valeurs(professionnel, du, avant, qui=[professionnel.pk], limite=limite))
        return curseur.fetchall()


def _valeurs(
    professionnel, du, avant, *, qui=None, absences=None, genres=None, apres=DEBUT, limite=500, par_jour=10_000
):
    actif = professionnel.is_active
    return {
        "role": professionnel.pk if actif and professionnel.equipe_id else 0,
        "equipes": professionnel.equipes_supervisees if actif else [],
        "ouverts": Ouverture.objects.parcours_lus_par(professionnel),
        "etats": EN_COURS,
        "agissent": AGISSENT,
        "genres": list(genres or GENRES),
        "qui": qui if absences is None else [a.compte_id for a in absences],
        "des": absences and [a.du for a in absences],
        "aux": absences and [a.au for a in absences],
        "fuseau": settings.TIME_ZONE,
        "du": horloge.debut_du_jour(du),
        "avant": horloge.debut_du_jour(avant),
        "du_jour": du,
        "avant_jour": avant,
        "apres": apres[0],
        "apres_cle": apres[1],
        "limite": limite,
        "par_jour": par_jour,
        "jour": horloge.aujourd_hui(),
    }
