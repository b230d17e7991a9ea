"""Tout ce que la page d'un parcours montre, lu en une requête."""

import datetime
import json
import re

from django.conf import settings
from django.db import connection

from securisation.parcours.models.accord import SENSIBLE
from securisation.socle import horloge
from securisation.synthese.reserves import taire_le_dossier

# Chaque rubrique est une sous-requête indexée par le parcours ; PostgreSQL rend le tout en un document JSON.
_SQL = """
SELECT jsonb_build_object(
 'intervention', (SELECT jsonb_build_object('uuid', i.uuid, 'etat', i.etat, 'demarre_le', i.demarre_le, 'terme', i.terme,
      'terminee_le', i.terminee_le, 'objectif', i.objectif, 'duree_jours', i.duree_jours,
      'suspensions', coalesce((SELECT jsonb_agg(jsonb_build_object('du', s.du, 'au', s.au, 'motif', s.motif) ORDER BY s.du)
          FROM interventions_suspension s WHERE s.intervention_id = i.id), '[]'),
      'prolongations', coalesce((SELECT jsonb_agg(jsonb_build_object('uuid', s.uuid, 'etat', s.etat, 'jours', s.jours,
          'demandee_le', s.demandee_le, 'decidee_le', s.decidee_le, 'motif', s.motif) ORDER BY s.id)
          FROM interventions_prolongation s WHERE s.intervention_id = i.id), '[]'),
      'actions', coalesce((SELECT jsonb_agg(jsonb_build_object('id', a.id, 'uuid', a.uuid, 'intitule', a.intitule, 'etat', a.etat,
          'axe', x.libelle, 'levier', l.libelle, 'issue', u.libelle, 'issue_le', a.issue_le, 'issue_note', a.issue_note, 'qui', a.ns3,
          'reponse_attendue_le', a.reponse_attendue_le, 'revele', l.revele_la_sante OR f.revele_la_sante)
              ORDER BY a.etat DESC, a.reponse_attendue_le NULLS LAST, a.id)
          FROM interventions_action a JOIN annuaire_axe x ON x.id = a.axe_id JOIN annuaire_levier l ON l.id = a.levier_id
          JOIN annuaire_facteur f ON f.id = a.facteur_id LEFT JOIN annuaire_issuedemarche u ON u.id = a.issue_id
          WHERE a.intervention_id = i.id), '[]'))
      FROM interventions_intervention i WHERE i.parcours_id = %(p)s),
 'contacts', coalesce((SELECT jsonb_agg(to_jsonb(c)) FROM (SELECT c.le, c.canal, c.de_la_personne, c.note, u.prenom || ' ' || u.nom AS qui
      FROM interventions_contact c JOIN comptes_professionnel u ON u.id = c.par_id
      WHERE c.parcours_id = %(p)s ORDER BY c.le DESC, c.id DESC LIMIT 8) c), '[]'),
 'diagnostics', coalesce((SELECT jsonb_agg(jsonb_build_object('uuid', d.uuid, 'id', d.id, 'etat', d.etat, 'rang', d.rang,
      'ouvert_le', d.ouvert_le, 'valide_le', d.valide_le) ORDER BY d.rang DESC)
      FROM diagnostics_diagnostic d WHERE d.parcours_id = %(p)s), '[]'),
 'cotes', coalesce((SELECT jsonb_agg(to_jsonb(c) ORDER BY c.ordre) FROM (SELECT x.ordre, x.code, x.libelle, e.criticite AS entree,
      e.criticite_de_la_personne AS personne, s.criticite AS sortie
      FROM diagnostics_diagnostic d JOIN diagnostics_evaluationaxe e ON e.diagnostic_id = d.id JOIN annuaire_axe x ON x.id = e.axe_id
      LEFT JOIN sorties_sortie so ON so.parcours_id = d.parcours_id
      LEFT JOIN sorties_cotationsortie s ON s.sortie_id = so.id AND s.axe_id = e.axe_id
      WHERE d.id = coalesce((SELECT i.diagnostic_id FROM interventions_intervention i WHERE i.parcours_id = %(p)s),
          (SELECT v.id FROM diagnostics_diagnostic v WHERE v.parcours_id = %(p)s ORDER BY v.etat = 'valide' DESC, v.rang DESC
           LIMIT 1))) c), '[]'),
 'niveaux', (SELECT jsonb_object_agg(niveau, libelle) FROM annuaire_criticite),
 'origine', (SELECT o.libelle FROM parcours_parcours p JOIN annuaire_origine o ON o.id = p.origine_id WHERE p.id = %(p)s),
 'dominos', coalesce((SELECT jsonb_agg(jsonb_build_object('de', f.code, 'vers', t.code, 'de_libelle', f.libelle, 'vers_libelle', t.libelle,
      'de_revele', f.revele_la_sante, 'vers_revele', t.revele_la_sante, 'note', o.note) ORDER BY o.id)
      FROM diagnostics_dominoexamine o JOIN annuaire_facteur f ON f.id = o.de_id JOIN annuaire_facteur t ON t.id = o.vers_id
      WHERE o.retenu AND o.diagnostic_id = (SELECT v.id FROM diagnostics_diagnostic v WHERE v.parcours_id = %(p)s AND v.etat = 'valide'
                                            ORDER BY v.rang DESC LIMIT 1)), '[]'),
 'accords', coalesce((SELECT jsonb_agg(jsonb_build_object('uuid', a.uuid, 'code', f.code, 'finalite', f.libelle, 'le', a.le, 'mode', a.mode,
      'canal', a.canal, 'partenaire', a.partenaire, 'axes', a.axes, 'jusqu_au', a.jusqu_au, 'retire_le', a.retire_le,
      'accorde', a.accorde) ORDER BY a.le, a.id)
      FROM parcours_accord a JOIN annuaire_finalite f ON f.id = a.finalite_id WHERE a.parcours_id = %(p)s), '[]'),
 'roles', coalesce((SELECT jsonb_agg(jsonb_build_object('nom', u.prenom || ' ' || u.nom, 'role', r.name, 'code', r.codename)
      ORDER BY r.codename <> 'referent', a.id)
      FROM parcours_attribution a JOIN comptes_professionnel u ON u.id = a.user_id JOIN auth_permission r ON r.id = a.permission_id
      WHERE a.content_object_id = %(p)s), '[]'),
 'entourage', coalesce((SELECT jsonb_agg(jsonb_build_object('nom', e.nom, 'lien', e.lien, 'role', e.role) ORDER BY e.id)
      FROM parcours_entourage e WHERE e.parcours_id = %(p)s), '[]'),
 'echeances', coalesce((SELECT jsonb_agg(to_jsonb(e)) FROM (SELECT nature, source, date, libelle FROM parcours_echeance
      WHERE parcours_id = %(p)s ORDER BY date, id LIMIT 5) e), '[]'),
 'qualification', (SELECT jsonb_build_object('le', q.le, 'decision', q.decision, 'motif', q.motif, 'orientation', l.libelle,
      'reponse_donnee_le', q.reponse_donnee_le, 'publics', (SELECT jsonb_agg(u.libelle ORDER BY u.ordre) FROM annuaire_public u
      WHERE u.code = ANY (q.publics)))
      FROM parcours_qualification q LEFT JOIN annuaire_levier l ON l.id = q.orientation_proposee_id WHERE q.parcours_id = %(p)s),
 'sortie', (SELECT jsonb_build_object('uuid', s.uuid, 'etat', s.etat, 'ouverte_le', s.ouverte_le, 'validee_le', s.validee_le)
      FROM sorties_sortie s WHERE s.parcours_id = %(p)s),
 'pieces', coalesce((SELECT jsonb_agg(to_jsonb(c)) FROM (SELECT j.uuid, j.intitule, j.recue_le, j.genre, j.octets,
      a.intitule AS demarche, coalesce(l.revele_la_sante OR f.revele_la_sante, false) AS revele
      FROM interventions_piece j LEFT JOIN interventions_action a ON a.id = j.action_id LEFT JOIN annuaire_levier l ON l.id = a.levier_id
      LEFT JOIN annuaire_facteur f ON f.id = a.facteur_id
      WHERE j.parcours_id = %(p)s AND j.etat = 'gardee' ORDER BY j.recue_le DESC, j.id DESC LIMIT 6) c), '[]'),
 'documents', coalesce((SELECT jsonb_agg(jsonb_build_object('uuid', d.uuid, 'numero', d.numero, 'genre', d.genre, 'etat', d.etat,
      'pages', d.pages, 'demande_le', (d.demande_le AT TIME ZONE %(fuseau)s)::date,
      'produit', (d.produit_le AT TIME ZONE %(fuseau)s)::date) ORDER BY d.id DESC)
      FROM documents_document d WHERE d.parcours_id = %(p)s), '[]'))
"""
_JOUR = re.compile(r"\d{4}-\d{2}-\d{2}")


def lire_dossier(parcours):
    """Le dossier en un dictionnaire : rubriques du SQL ci-dessus, les jours déjà en `date`."""
    with connection.cursor() as curseur:
        curseur.execute(_SQL, {"p": parcours.pk, "fuseau": settings.TIME_ZONE})
        document = curseur.fetchone()[0]
    dossier = _dater(document if isinstance(document, dict) else json.loads(document))
    return taire_le_dossier(dossier, any(a["code"] == SENSIBLE and accord_en_cours(a) for a in dossier["accords"]))


def _dater(valeur, nom=""):
    """Rend les jours en `date` ; seules les clés de jours sont lues, jamais un texte qui y ressemble."""
    if isinstance(valeur, dict):
        return {cle: _dater(v, cle) for cle, v in valeur.items()}
    if isinstance(valeur, list):
        return [_dater(v) for v in valeur]
    if isinstance(valeur, str) and (nom in JOURS or nom.endswith("_le")) and _JOUR.fullmatch(valeur):
        return datetime.date.fromisoformat(valeur)
    return valeur


JOURS = {"le", "du", "au", "date", "terme", "jusqu_au", "produit"}


def accord_en_cours(accord, jour=None):
    """Vrai si cet accord (dictionnaire du dossier) court aujourd'hui."""
    jour = jour or horloge.aujourd_hui()
    fini = (accord["jusqu_au"] and accord["jusqu_au"] < jour) or (accord["retire_le"] and accord["retire_le"] <= jour)
    return accord["accorde"] and accord["le"] <= jour and not fini
