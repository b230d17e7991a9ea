"""L'outbox : ce qui est dû est une ligne posée dans la transaction de l'acte ; la file de messages n'est qu'un réveil."""

import json
import logging
import traceback
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import timedelta
from functools import partial

from django.db import connection, transaction
from django.utils import timezone
from django.utils.module_loading import autodiscover_modules

from .journal import au_nom_de, dire_qui
from .models import Du, Jeton

journaliste = logging.getLogger("jalon.outbox")
TRAVAUX = {}
ESSAIS_MAX = 5
PURGES = []
JOURS_D_UN_JETON, JOURS_D_UN_DU = 7, 30
ATTENDU, SANS_PRESSE = 0, 9  # rangs dans la file : le plus petit passe d'abord
_rang = ContextVar("rang", default=ATTENDU)


def travail(genre, *, a_l_echec=None):
    """Enregistre la fonction qui solde ce genre (ids en mots-clés, rejouable). `a_l_echec(erreur=…, **ids)` après le dernier essai."""

    def decorer(fonction):
        TRAVAUX[genre] = (fonction, a_l_echec)
        return fonction

    return decorer


@contextmanager
def sans_presse():
    """Ce qui s'inscrit ici se solde après ce que quelqu'un attend devant son écran."""
    avant = _rang.set(SANS_PRESSE)
    try:
        yield
    finally:
        _rang.reset(avant)


def devoir(genre, *, par=None, dans=None, **ids):
    """Inscrit un dû dans la transaction en cours (une seule fois tant qu'il n'est pas soldé) et réveille le travailleur après elle.

    `par` : qui le demande ; sans lui, celui qui agit dans la transaction. Le travailleur écrira en son nom.
    `dans` : une durée à attendre avant de le solder ; le balayage s'en charge alors.
    """
    with connection.cursor() as curseur:
        curseur.execute(
            "INSERT INTO socle_du (genre, ids, du_le, essais, erreur, par) "
            "VALUES (%s, %s::jsonb, %s, 0, '', coalesce(%s, jalon_acteur())) "
            "ON CONFLICT (genre, ids) WHERE fait_le IS NULL DO NOTHING RETURNING id",
            [genre, json.dumps(ids), timezone.now() + (dans or timedelta()), getattr(par, "pk", None)],
        )
        ligne = curseur.fetchone()
    if ligne and not dans:
        transaction.on_commit(partial(reveiller, ligne[0], _rang.get()))


def reveiller(numero, rang=ATTENDU):
    """Prévient la file ; une file éteinte n'est pas une erreur, le balayage reprendra ce dû."""
    from .tasks import solder_un_du

    try:
        solder_un_du.apply_async([numero], retry=False, priority=rang)
    except Exception as erreur:
        journaliste.warning("File injoignable, le dû %s attend le balayage : %s", numero, type(erreur).__name__)


def solder(numero):
    """Solde un dû, une fois : verrouillé, exécuté et marqué dans une seule transaction. Rend vrai s'il a été soldé ici."""
    try:
        with transaction.atomic():
            du = Du.objects.select_for_update(skip_locked=True).filter(pk=numero, fait_le=None).first()
            if du is None or du.essais >= ESSAIS_MAX:
                return False
            with au_nom_de(du.par):
                dire_qui(None, f"travail : {du.genre.replace('_', ' ')}")
                _travail(du.genre)[0](**du.ids)
            du.fait_le = timezone.now()
            du.save(update_fields=["fait_le"])
    except Exception as erreur:
        # Le message d'une erreur de la base cite la ligne refusée : seuls son genre et les lieux du code se gardent.
        lieux = "".join(traceback.format_tb(erreur.__traceback__))
        journaliste.error("Le dû %s a échoué : %s\n%s", numero, type(erreur).__name__, lieux)
        _noter_l_echec(numero, erreur)
        return False
    return True


def _travail(genre):
    """(fonction, suite d'un échec) de ce genre ; hors de Celery, les modules `tasks` ne sont chargés qu'ici."""
    if genre not in TRAVAUX:
        autodiscover_modules("tasks")
    return TRAVAUX[genre]


def _noter_l_echec(numero, erreur):
    """Note l'essai manqué et le reporte (5 s, 10 s, 20 s…) ; au dernier, prévient qui l'a demandé."""
    with transaction.atomic():
        du = Du.objects.select_for_update().get(pk=numero)
        du.essais += 1
        du.erreur = type(erreur).__name__
        du.du_le = timezone.now() + timedelta(seconds=5 * 2 ** (du.essais - 1))
        if du.essais >= ESSAIS_MAX:
            du.fait_le = timezone.now()
            _abandonner(du, erreur)
        du.save()


def _abandonner(du, erreur):
    """Prévient qui l'a demandé ; ce qui l'empêche se dit au journal de la machine, et ne fait pas recommencer ce dû sans fin."""
    a_l_echec = TRAVAUX.get(du.genre, (None, None))[1]
    if a_l_echec is None:
        return
    try:
        with transaction.atomic(), au_nom_de(du.par):
            dire_qui(None, f"travail abandonné : {du.genre.replace('_', ' ')}")
            a_l_echec(erreur=erreur, **du.ids)
    except Exception as suite:
        journaliste.error("L’abandon du dû %s n’a pas pu se dire : %s", du.pk, type(suite).__name__)


def a_solder(limite=50):
    """Numéros des dus en retard de réveil, les plus anciens d'abord."""
    return list(
        Du.objects.filter(fait_le=None, du_le__lte=timezone.now())
        .order_by("du_le")
        .values_list("pk", flat=True)[:limite]
    )


def purge(fonction):
    """Inscrit une purge (dans `tasks.py`) : rejouable, dans sa propre transaction, elle rend le nombre de lignes effacées."""
    PURGES.append(fonction)
    return fonction


def purger():
    """Passe chaque purge inscrite : {nom: lignes effacées} ; une purge qui échoue n'empêche pas les autres."""
    autodiscover_modules("tasks")
    faites = {}
    for fonction in PURGES:
        try:
            with transaction.atomic():
                faites[fonction.__name__] = fonction()
        except Exception as erreur:
            journaliste.error("La purge %s a échoué : %s", fonction.__name__, type(erreur).__name__)
    return faites


@purge
def jetons_de_formulaire():
    """Un formulaire ouvert il y a plus d'une semaine ne se renvoie plus."""
    return Jeton.objects.filter(cree_le__lt=timezone.now() - timedelta(days=JOURS_D_UN_JETON)).delete()[0]


@purge
def dus_soldes():
    """Un travail soldé depuis un mois n'explique plus rien ; ce qui reste dû demeure."""
    return Du.objects.filter(fait_le__lt=timezone.now() - timedelta(days=JOURS_D_UN_DU)).delete()[0]
