"""Une semaine de travail pour la démonstration : rendez-vous, absence, pièce reçue et courrier, par les mêmes actes que l'écran."""

from datetime import time, timedelta
from io import BytesIO

from django.db import transaction

from interventions.courriers import redaction
from interventions.models import Piece
from securisation.comptes import absences
from securisation.comptes.demonstration import creer_distribution
from securisation.documents import numerisation
from securisation.parcours.models import Parcours, RendezVous
from securisation.parcours.models.rendez_vous import a_l_heure
from securisation.socle import horloge
from securisation.synthese.reprise.scene import produire_les_documents

# Dossier, rang du jour ouvré (0 : aujourd'hui ou le premier à venir), heure, minutes, durée, genre, lieu, avec qui d'autre, qui y va.
SEMAINE = (
    ("solange", -3, 10, 0, 60, "visite", "À domicile", "", ("awa",)),
    ("mireille", -2, 9, 30, 60, "rendez_vous", "Permanence", "", ("awa",)),
    ("solange", -1, 14, 30, 45, "concertation", "France services", "conseillère numérique", ("awa", "bruno")),
    ("karim", 0, 10, 30, 60, "visite", "À domicile", "", ("awa", "bruno")),
    ("mireille", 0, 14, 0, 60, "rendez_vous", "Permanence", "", ("awa",)),
    ("lucas", 1, 9, 30, 45, "rendez_vous", "Maison des services, bureau 3", "", ("awa",)),
    ("karim", 1, 14, 0, 45, "rendez_vous", "Permanence", "", ("awa",)),
    ("karim", 2, 11, 0, 90, "concertation", "Mairie, salle 2", "CCAS, conseillère logement", ("awa", "bruno")),
    ("karim", 3, 9, 0, 30, "rendez_vous", "Visioconférence", "Bailleur", ("bruno",)),
    ("solange", 3, 15, 30, 45, "rendez_vous", "France services", "conseillère numérique", ("awa",)),
    ("karim", 4, 16, 15, 45, "rendez_vous", "Permanence", "", ("awa",)),
)
ABSENCE = (4, 6)  # Bruno, de ce jour ouvré à cet autre ; Awa le remplace
LE_COURRIER = ("solange", "MC-DEM")
SA_LETTRE = {
    "objet": "Place en accueil collectif, date d’entrée",
    "texte": "Madame, Monsieur,\n\nVous avez accepté ma demande d’une place en accueil collectif.\n\n"
    "Merci de me confirmer par écrit la date d’entrée et les papiers à apporter ce jour-là.\n\n"
    "Je vous prie d’agréer, Madame, Monsieur, mes salutations distinguées.",
}
PAGE, LIGNE, GRIS = (1240, 1754), (140, 1100), (120, 125, 128)  # une feuille à 150 points par pouce


def prevoir_une_semaine():
    """Remplit la semaine des dossiers d'exemple qui n'ont encore aucun rendez-vous ; rend leur nombre (0 au second passage)."""
    distribution = creer_distribution()
    du_site = Parcours.objects.filter(equipe=distribution["awa"].equipe_id, cle_import__startswith="reprise:")
    neufs = {parcours.cle_import.partition(":")[2]: parcours for parcours in du_site.filter(rendez_vous=None)}
    jours = _jours_ouvres()
    with transaction.atomic():
        prevus = [ligne for ligne in SEMAINE if ligne[0] in neufs]
        for ligne in prevus:
            _prevoir(neufs[ligne[0]], jours, ligne[1:], distribution)
        if "karim" in neufs:
            du, au = (jours[rang] for rang in ABSENCE)
            absences.poser(par=distribution["bruno"], du=du, au=au, remplacant=distribution["awa"])
        if LE_COURRIER[0] in neufs:
            _papiers(neufs[LE_COURRIER[0]], distribution["awa"])
    produire_les_documents(neufs.values())
    return len(prevus)


def _prevoir(parcours, jours, ligne, distribution):
    rang, heure, minutes, duree, genre, lieu, avec, noms = ligne
    champs = {"debut": a_l_heure(jours[rang], time(heure, minutes)), "duree": duree, "genre": genre}
    champs |= {"lieu": lieu, "avec": avec, "professionnels": [distribution[nom] for nom in noms]}
    rendez_vous = RendezVous(parcours=parcours).prevoir(par=distribution["awa"], **champs)
    if rang < 0:
        rendez_vous.noter_tenu(par=distribution["awa"])


def _papiers(parcours, par):
    """Le courrier reçu, photographié, et celui qui y répond, sur la démarche dont la réponse n'a pas encore d'effet."""
    action = parcours.intervention.actions.get(issue__code="DEM-ACC")
    recue_le = horloge.aujourd_hui() - timedelta(days=6)
    champs = {"intitule": "Réponse du relais petite enfance", "recue_le": recue_le, "action": action}
    Piece(parcours=parcours).verser(par=par, papier=numerisation.lire(_photo()), **champs)
    modele = redaction.modele_de(LE_COURRIER[1])
    structure = next(iter(redaction.structures_de(action)), None)
    lettre = redaction.brouillon(action, modele, structure) | SA_LETTRE
    action.ecrire_courrier(par=par, avec_adresse=False, avec_equipe=False, **lettre)


def _photo():
    """Une feuille photographiée, sans un mot : un en-tête et des lignes grises, en JPEG."""
    from PIL import Image, ImageDraw

    image = Image.new("RGB", PAGE, "white")
    dessin = ImageDraw.Draw(image)
    dessin.rectangle((140, 150, 460, 210), fill=GRIS)
    for rang, ligne in enumerate(range(420, 1300, 56)):
        dessin.rectangle((LIGNE[0], ligne, LIGNE[1] - 260 * (rang % 5 == 4), ligne + 14), fill=GRIS)
    rendu = BytesIO()
    image.save(rendu, "JPEG", quality=70)
    rendu.size = rendu.tell()
    rendu.seek(0)
    return rendu


def _jours_ouvres():
    """{rang: jour} des jours ouvrés, trois avant aujourd'hui et sept à partir d'aujourd'hui."""
    autour = [horloge.aujourd_hui() + timedelta(days=ecart) for ecart in range(-7, 14)]
    ouvres = [jour for jour in autour if jour.weekday() < 5]
    premier = next(rang for rang, jour in enumerate(ouvres) if jour >= horloge.aujourd_hui())
    return {rang - premier: jour for rang, jour in enumerate(ouvres)}
