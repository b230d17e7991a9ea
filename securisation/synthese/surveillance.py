# ruff: noqa: S608 (le SQL est composé de morceaux constants ; toute valeur passe en paramètre)
"""Les façons de lire qui demandent un regard, cherchées dans le journal depuis le dernier passage.

Aucune ne prouve une faute : une nuit d'astreinte, un homonyme, une relecture d'équipe s'expliquent. Chaque règle dit un fait que le
délégué vérifie. La CNIL demande une analyse régulière des journaux (recommandation du 14 octobre 2021) ; les seuils sont les nôtres.
"""

import datetime

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.utils import timezone
from django.utils.crypto import salted_hmac

from securisation.parcours.models.personne import cle_de_recherche
from securisation.socle import horloge, rythme
from securisation.socle.extrait import photographie
from securisation.socle.journal import inscrire
from securisation.socle.verification import verifier
from securisation.synthese.models import Alerte, Controle, Veille

DOSSIERS_EN_UNE_HEURE = 30  # un référent suit vingt à trente parcours : les ouvrir tous dans l'heure se regarde
NUIT = (22, 6)  # heures, à l'heure de l'association
RECHERCHES = 5  # la même, en 24 heures, sans rien ouvrir de ce qu'elle montre
RECUL = datetime.timedelta(hours=1)  # relu à chaque passage : une transaction longue s'inscrit après son heure
HEURE, JOUR, RETARD = datetime.timedelta(hours=1), datetime.timedelta(days=1), datetime.timedelta(days=31)
MILLION = 1_000_000
REFUS_D_ELARGIR = (
    "Vous l'avez déjà demandé quatre fois en un jour. Attendez une heure, ou parlez-en à votre superviseur."
)
INTRO = (
    "Votre motif part au délégué à la protection des données. Cinquante dossiers de plus s'ouvrent aussitôt, pendant une heure ; "
    "chaque lecture reste inscrite."
)
_LUS = "action = ANY('{lecture,telechargement,coordonnees}') AND chaine > 0 AND acteur IS NOT NULL"
_FENETRE = f"quand > %(depuis)s AND quand <= %(jusqu_a)s AND {_LUS}"
_NOMBREUX = f"""
SELECT acteur, quand, chaine FROM socle_journal WHERE {_FENETRE} AND acteur IN (SELECT acteur FROM socle_journal
   WHERE {_FENETRE} GROUP BY acteur HAVING count(DISTINCT chaine) >= %(seuil)s) ORDER BY acteur, quand
"""
# La nuit porte la date du soir où elle commence ; une astreinte notée sur une alerte de nuit vaut jusqu'à son dernier jour.
_NUIT = f"""
SELECT acteur, nuit, count(DISTINCT chaine), min(quand), max(quand)
  FROM (SELECT acteur, chaine, quand, ((quand AT TIME ZONE %(fuseau)s) - %(matin)s * interval '1 hour')::date AS nuit,
               extract(hour FROM quand AT TIME ZONE %(fuseau)s) AS heure FROM socle_journal WHERE {_FENETRE}) j
 WHERE (heure >= %(soir)s OR heure < %(matin)s) AND NOT EXISTS (
   SELECT 1 FROM synthese_alerte a WHERE a.acteur_id = j.acteur AND a.regle = 'nuit' AND a.astreinte_jusqu_au >= j.nuit)
 GROUP BY acteur, nuit
"""
_PROCHES = f"""
SELECT j.acteur, j.chaine, j.n, j.du, j.au, u.prenom, u.nom, n.prenom, n.nom,
       (SELECT string_agg(e.nom, '|') FROM parcours_entourage e WHERE e.parcours_id = p.id)
  FROM (SELECT acteur, chaine, count(*) AS n, min(quand) AS du, max(quand) AS au FROM socle_journal WHERE {_FENETRE}
         GROUP BY acteur, chaine) j
  JOIN parcours_parcours p ON p.id = j.chaine JOIN parcours_personne n ON n.id = p.personne_id
  JOIN comptes_professionnel u ON u.id = j.acteur
"""
_COLLEGUES = "SELECT prenom || ' ' || nom FROM comptes_professionnel WHERE equipe_id IS NOT NULL"
_RECHERCHES = """
SELECT acteur, termes, n, du, au
  FROM (SELECT acteur, lower(trim(charge ->> 'termes')) AS termes, count(*) AS n, min(quand) AS du, max(quand) AS au,
               jsonb_agg(charge -> 'numeros') AS numeros FROM socle_journal
         WHERE action = 'recherche' AND quand > %(hier)s AND quand <= %(jusqu_a)s AND charge ? 'termes' AND acteur IS NOT NULL
         GROUP BY 1, 2 HAVING count(*) >= %(seuil)s) r
 WHERE length(termes) >= 3 AND NOT EXISTS (
   SELECT 1 FROM socle_journal l JOIN parcours_parcours p ON p.id = l.chaine
    WHERE l.acteur = r.acteur AND l.quand > %(hier)s AND l.quand <= %(jusqu_a)s AND l.action = 'lecture'
      AND jsonb_path_exists(r.numeros, '$[*][*] ? (@ == $n)', jsonb_build_object('n', p.numero)))
"""


def surveiller():
    """Lit le journal depuis le dernier passage et lève les alertes neuves ; rend leur nombre. Aucune ne se lève deux fois."""
    jusqu_a = horloge.maintenant()
    depuis = max((Veille.derniere() or jusqu_a) - RECUL, jusqu_a - RETARD)
    bornes = {"depuis": depuis, "jusqu_a": jusqu_a, "hier": min(depuis, jusqu_a - JOUR)}
    with transaction.atomic():
        neuves = sum(regle(bornes) for regle in (_nombreux, _nuit, _proches, _recherches))
        Veille.noter(jusqu_a)
    return neuves


def _lire(requete, **valeurs):
    with connection.cursor() as curseur:
        curseur.execute(requete, valeurs)
        return curseur.fetchall()


def _nombreux(bornes):
    """Trente dossiers différents, ou plus, dans une heure glissante ; une alerte par compte et par jour."""
    par_compte = {}
    for acteur, quand, chaine in _lire(_NOMBREUX, **bornes, seuil=DOSSIERS_EN_UNE_HEURE):
        par_compte.setdefault(acteur, []).append((quand, chaine))
    neuves = 0
    for acteur, lectures in par_compte.items():
        nombre, du, au = _heure_la_plus_pleine(lectures)
        if nombre >= DOSSIERS_EN_UNE_HEURE:
            jour = timezone.localdate(du).isoformat()
            neuves += Alerte.lever("nombreux", acteur=acteur, cle=jour, nombre=nombre, du=du, au=au)
    return neuves


def _heure_la_plus_pleine(lectures):
    """(dossiers différents, début, fin) de l'heure glissante où l'on en a ouvert le plus."""
    debut, compte, meilleure = 0, {}, (0, None, None)
    for quand, chaine in lectures:
        compte[chaine] = compte.get(chaine, 0) + 1
        while quand - lectures[debut][0] > HEURE:
            ancienne = lectures[debut][1]
            compte[ancienne] -= 1
            if not compte[ancienne]:
                del compte[ancienne]
            debut += 1
        meilleure = max(meilleure, (len(compte), lectures[debut][0], quand), key=lambda heure: heure[0])
    return meilleure


def _nuit(bornes):
    """Des dossiers ouverts entre 22 h et 6 h hors astreinte ; une alerte par compte et par nuit."""
    soir, matin = NUIT
    fuseau = timezone.get_current_timezone_name()
    lues = _lire(_NUIT, **bornes, soir=soir, matin=matin, fuseau=fuseau)
    return sum(
        Alerte.lever("nuit", acteur=acteur, cle=nuit.isoformat(), nombre=dossiers, du=du, au=au)
        for acteur, nuit, dossiers, du, au in lues
    )


def _proches(bornes):
    """Même nom de famille que le lecteur, lecteur déclaré dans l'entourage, ou collègue suivi ; une alerte par compte et par dossier."""
    lues = _lire(_PROCHES, **bornes)
    collegues = {cle_de_recherche(nom) for (nom,) in _lire(_COLLEGUES)} if lues else set()
    neuves = 0
    for acteur, chaine, nombre, du, au, *noms in lues:
        for lien in liens(*noms, collegues):
            cle = f"{lien}:{chaine}"
            neuves += Alerte.lever("proche", acteur=acteur, cle=cle, nombre=nombre, du=du, au=au, parcours=chaine)
    return neuves


def liens(prenom, nom, prenom_suivi, nom_suivi, entourage, collegues):
    """Ce qui rapproche un lecteur de la personne suivie : « nom », « entourage », « collegue » (suite de mots)."""
    lecteur, suivie = cle_de_recherche(f"{prenom} {nom}"), cle_de_recherche(f"{prenom_suivi} {nom_suivi}")
    proches = {cle_de_recherche(qui) for qui in (entourage or "").split("|")}
    if cle_de_recherche(nom) and cle_de_recherche(nom) == cle_de_recherche(nom_suivi):
        yield "nom"
    if lecteur and any(set(lecteur.split()) <= set(qui.split()) for qui in proches):
        yield "entourage"
    if suivie and suivie in collegues and suivie != lecteur:
        yield "collegue"


def _recherches(bornes):
    """La même recherche cinq fois en 24 heures sans ouvrir ce qu'elle montre ; le terme n'est pas recopié."""
    neuves = 0
    for acteur, termes, nombre, du, au in _lire(_RECHERCHES, **bornes, seuil=RECHERCHES):
        cle = f"{timezone.localdate(du).isoformat()}:{salted_hmac('alerte', termes).hexdigest()[:24]}"
        neuves += Alerte.lever("recherche", acteur=acteur, cle=cle, nombre=nombre, du=du, au=au)
    return neuves


def justifier(*, par, motif):
    """Un lecteur arrêté dit pourquoi : son plafond s'élève pour une heure, le délégué est averti."""
    moment = horloge.maintenant()
    if not rythme.elargir(par):
        raise ValidationError(REFUS_D_ELARGIR)
    inscrire("justification", par=par)
    Alerte.lever(
        "justifiee",
        acteur=par.pk,
        cle=moment.isoformat(),
        nombre=rythme.PLAFOND,
        du=moment - HEURE,
        au=moment,
        dit=motif,
    )


def controler():
    """Vérifie le journal et garde le résultat ; un journal de plus d'un million de maillons ne se relit qu'une fois par jour."""
    dernier = Controle.objects.order_by("-fait_le").first()
    if dernier and dernier.maillons > MILLION and horloge.maintenant() - dernier.fait_le < JOUR - HEURE:
        return dernier
    with photographie():
        compte = verifier()
    return Controle.noter(compte)
