"""Le travail dû des comptes : envoyer un avis ou un lien ; effacer les sessions finies et les appareils oubliés."""

from datetime import timedelta

from django.db import connection
from django.utils import timezone

from securisation.comptes import courriels
from securisation.comptes.models import Appareil, Session
from securisation.socle.journal import inscrire
from securisation.socle.outbox import purge, travail


def renoncer(*, compte=None, erreur=None, **_ids):
    """Après le dernier essai : le journal dit qu'un courriel n'est pas parti ; rien d'autre ne change."""
    if compte is not None:
        inscrire("courriel non envoyé", compte=compte)


@travail("prevenir_un_compte", a_l_echec=renoncer)
def prevenir_un_compte(compte, modele, le, **contexte):
    """Envoie un avis."""
    courriels.envoyer_un_avis(compte, modele, le, **contexte)


@travail("lien_de_mot_de_passe", a_l_echec=renoncer)
def lien_de_mot_de_passe(compte, site, demande):
    """Envoie un lien de mot de passe."""
    courriels.envoyer_le_lien(compte, site)


@purge
def sessions_finies():
    """Une session expirée n'ouvre plus rien."""
    return Session.objects.filter(expire_date__lt=timezone.now()).delete()[0]


@purge
def appareils_oublies():
    """Un appareil qui n'est pas revenu depuis un an est de nouveau inconnu."""
    return Appareil.objects.filter(vu_le__lt=timezone.now() - timedelta(days=365)).delete()[0]


@purge
def compteurs_expires():
    """Un compteur du limiteur dont le quart d'heure est passé ne compte plus rien."""
    with connection.cursor() as curseur:
        curseur.execute("DELETE FROM socle_cache WHERE expires < now()")
        return curseur.rowcount
