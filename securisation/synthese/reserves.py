"""Ce que le toit tait tant que l'accord sur les données sensibles ne court pas : dans un dossier lu, dans un historique."""
# ruff: noqa: S608 (le SQL est composé de morceaux constants ; toute valeur passe en paramètre)

from django.db.models import Exists, OuterRef, Value

from diagnostics.dominos import RESERVE
from interventions.models.piece import PIECE_RESERVEE
from interventions.reserve import DEMARCHE, LEVIER
from securisation.parcours.consequences import couverts
from securisation.parcours.models import Accord
from securisation.parcours.models.accord import SENSIBLE

# Le libellé d'un dû `e` : sans accord, une démarche qui révèle la santé n'y est pas nommée. Paramètre : jour.
DU_LISIBLE = f"""CASE WHEN e.source LIKE 'action:%%' THEN
  CASE WHEN EXISTS (SELECT FROM interventions_action ra JOIN annuaire_facteur rf ON rf.id = ra.facteur_id
      JOIN annuaire_levier rl ON rl.id = ra.levier_id
     WHERE ra.id = substr(e.source, 8)::bigint AND (rf.revele_la_sante OR rl.revele_la_sante))
   AND NOT EXISTS (SELECT FROM parcours_accord rc JOIN annuaire_finalite rn ON rn.id = rc.finalite_id AND rn.code = '{SENSIBLE}'
     WHERE rc.parcours_id = p.id AND rc.accorde AND rc.le <= %(jour)s AND (rc.retire_le IS NULL OR rc.retire_le > %(jour)s)
       AND (rc.jusqu_au IS NULL OR rc.jusqu_au >= %(jour)s))
  THEN split_part(e.libelle, ':', 1) || ': {DEMARCHE}' ELSE e.libelle END
 ELSE e.libelle END"""
EVENEMENT = "Réservé : ce qui est noté est gardé, l’accord de la personne vient d’abord"


def taire_le_dossier(dossier, court):
    """Ôte du dossier lu, quand l'accord ne court pas, ce qui y révèle la santé : démarches, dus, pièces, enchaînements."""
    if court:
        return dossier
    tues = [a for a in (dossier["intervention"] or {"actions": []})["actions"] if a["revele"]]
    for action in tues:
        action |= {"intitule": DEMARCHE, "levier": LEVIER, "issue_note": ""}
    sources = {f"action:{action['id']}" for action in tues}
    for due in dossier["echeances"]:
        if due["source"] in sources:
            due |= {"libelle": f"{due['libelle'].partition(':')[0]}: {DEMARCHE}", "nature": "fin_accord"}
    for piece in [p for p in dossier["pieces"] if p["revele"]]:
        piece |= {"intitule": PIECE_RESERVEE, "demarche": None}
    _taire_les_dominos(dossier["dominos"])
    return dossier


def _taire_les_dominos(liens):
    """Un facteur tu garde sa place dans l'image, sans son nom ni son code."""
    places = {}
    for lien in liens:
        for bout in ("de", "vers"):
            if lien[f"{bout}_revele"]:
                place = places.setdefault(lien[bout], f"reserve-{len(places) + 1}")
                lien |= {bout: place, f"{bout}_libelle": RESERVE, "note": ""}


def objets_tus(lignes):
    """Parmi les objets de ces lignes d'historique ({« app.modele »: [clés]}), ceux, en couples (modèle, clé), dont l'historique
    révèle la santé sans qu'un accord coure : une requête."""
    accord = Accord.objects.en_cours().filter(finalite__code=SENSIBLE)
    requetes = []
    for couvert in couverts():
        nom, histoire = couvert.modele._meta.label_lower, couvert.modele.history.model
        if nom in lignes:
            cites = histoire.objects.filter(history_id__in=lignes[nom]).order_by().values("id")
            sans = ~Exists(accord.filter(parcours=OuterRef(couvert.modele.vers_parcours)))
            trouves = histoire.objects.filter(couvert.condition, sans, id__in=cites)
            requetes.append(trouves.order_by().annotate(nom_du_modele=Value(nom)).values_list("nom_du_modele", "id"))
    return set(requetes[0].union(*requetes[1:])) if requetes else set()
