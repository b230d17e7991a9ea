"""Le rythme des lectures : un compte qui ouvre trop de dossiers à la suite est ralenti, puis arrêté, et peut dire pourquoi.

Ce qu'il empêche : lire en masse ce que l'on a pourtant le droit de lire, une fiche après l'autre (France Travail, condamné en 2026
pour des journaux qui ne voyaient pas une lecture anormale). Un référent suit vingt à trente parcours ; la liste, elle, ne compte pas.
"""

import datetime
import time

from django.conf import settings
from django.db import connection

from . import horloge
from .journal import valeurs_du_maillon
from .models import Elargissement, LectureRecente
from .outbox import purge
from .refus import Refus

PLAFOND = 50  # dossiers différents par compte et par heure glissante
RALENTI = 35  # à partir de là, chaque dossier nouveau attend un peu plus
ATTENTE = 2.0  # secondes, au plafond
HEURE = datetime.timedelta(hours=1)
SAISIE = datetime.timedelta(hours=12)  # durée d'une session : un envoi vers un dossier qu'on y a ouvert passe toujours
PAR_JOUR = 4  # justifications reçues d'un même compte en 24 heures
GARDE = datetime.timedelta(days=1)
_LIRE = "SELECT dossiers, plafond FROM jalon_lire(%s, %s, %s, %s, %s, %s, %s::jsonb, %s, %s)"
_LIRE_TOUTES = """
SELECT l.dossiers, l.plafond FROM unnest(%s::bigint[]) c
 CROSS JOIN LATERAL jalon_lire(c, %s, %s, %s, %s, %s, %s::jsonb, %s, %s) l
"""
_INSCRIRE_TOUTES = "SELECT count(jalon_inscrire(c, %s, %s, %s, %s, %s, %s::jsonb)) FROM unnest(%s::bigint[]) c"


class TropDeLectures(Refus):
    """Le compte a ouvert autant de dossiers que l'heure le permet (429)."""

    statut = 429
    titre = "Vous avez ouvert beaucoup de dossiers en peu de temps"
    que_faire = "Les dossiers déjà ouverts dans l'heure le restent, et ce que vous y écrivez s'enregistre."
    gabarit = "trop_de_lectures.html"

    def __init__(self, plafond):
        super().__init__(
            f"Au-delà de {plafond} dossiers différents dans l'heure, Jalon s'arrête. C'est ce qui protège les personnes d'une lecture "
            "en masse, par erreur ou par un compte volé."
        )


def inscrire_une_lecture(request, action, *, parcours, **lecture):
    """Inscrit la lecture d'un dossier et compte ce dossier, en une instruction ; au-delà du plafond, lève TropDeLectures."""
    valeurs = valeurs_du_maillon(action, parcours=parcours, **lecture)
    connu = SAISIE if request.method == "POST" else HEURE
    with connection.cursor() as curseur:
        curseur.execute(_LIRE, [*valeurs, connu, PLAFOND])
        dossiers, plafond = curseur.fetchone()
    _tenir(request, dossiers, plafond)


def inscrire_des_lectures(request, action, *, chaines, compter, **lecture):
    """Inscrit d'un coup la même lecture de plusieurs dossiers (clés de parcours), et les compte au besoin (TropDeLectures)."""
    valeurs = valeurs_du_maillon(action, par=request.user, **lecture)[1:]
    # Toujours dans le même ordre : deux pages lues ensemble ne s'attendent pas l'une l'autre.
    with connection.cursor() as curseur:
        if not compter:
            curseur.execute(_INSCRIRE_TOUTES, [*valeurs, sorted(chaines)])
            return
        curseur.execute(_LIRE_TOUTES, [sorted(chaines), *valeurs, HEURE, PLAFOND])
        dossiers, plafond = max(curseur.fetchall(), default=(0, PLAFOND))
    _tenir(request, dossiers, plafond)


def _tenir(request, dossiers, plafond):
    """Au-delà du plafond, lève TropDeLectures ; près de lui, la réponse attendra."""
    if settings.RYTHME_DES_LECTURES and dossiers > plafond:
        raise TropDeLectures(plafond)
    request.attente = attente(dossiers - plafond + PLAFOND) if settings.RYTHME_DES_LECTURES else 0


def attente(dossiers):
    """Secondes d'attente du n-ième dossier de l'heure : rien jusqu'à 34, puis de plus en plus, deux secondes au plafond."""
    return ATTENTE * min(max(dossiers - RALENTI + 1, 0) / (PLAFOND - RALENTI + 1), 1)


def faire_attendre(request):
    """Retient la réponse d'un lecteur pressé, une fois la transaction finie : aucun verrou n'attend avec lui."""
    if duree := getattr(request, "attente", 0):
        time.sleep(duree)


def elargir(par):
    """Élève le plafond de ce compte pour une heure ; faux s'il l'a déjà demandé quatre fois en un jour."""
    with connection.cursor() as curseur:  # envoyées ensemble, les demandes d'un compte se comptent une à une
        curseur.execute("SELECT pg_advisory_xact_lock(hashtext('jalon_elargir'), %s::integer)", [par.pk])
    recents = Elargissement.objects.filter(acteur=par.pk, accorde_le__gt=horloge.maintenant() - GARDE)
    if recents.count() >= PAR_JOUR:
        return False
    Elargissement.objects.create(acteur=par.pk, accorde_le=horloge.maintenant())
    return True


@purge
def lectures_recentes():
    """Le rythme ne regarde que la journée ; le journal, lui, garde chaque lecture."""
    hier = horloge.maintenant() - GARDE
    return (
        LectureRecente.objects.filter(vu_le__lt=hier).delete()[0]
        + Elargissement.objects.filter(accorde_le__lt=hier).delete()[0]
    )
