"""Le résumé du jour : ce que « À faire » et l'agenda comptent, en nombres seulement, une fois par jour ouvré et par personne.

Le jour se retient sur le compte avant tout envoi (`resume_le`) : deux passages, ou deux ouvriers, n'en préparent qu'un. Le courriel part
après la transaction qui solde le dû : un ouvrier tué n'en envoie jamais deux. Refusé par le serveur, il se reprend une fois.
"""

import datetime
from functools import partial

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from securisation.comptes.courriels import composer, est_parti
from securisation.comptes.models import Professionnel
from securisation.socle import horloge
from securisation.socle.cloison import lire_comme
from securisation.socle.journal import inscrire
from securisation.socle.outbox import devoir
from securisation.socle.templatetags.jalon import compte as compter
from securisation.synthese.agenda.lecture import ECHEANCE, GENRES, lire
from securisation.synthese.dus import PLAFOND, lire_comptes

GENRE, MODELE = "resume_du_jour", "synthese/courriels/resume"
RATTRAPAGE = datetime.timedelta(hours=4)  # un service rallumé plus tard n'envoie pas l'après-midi le résumé du matin
ESSAIS, REPRISE = 2, datetime.timedelta(minutes=10)
UN_JOUR = datetime.timedelta(days=1)
RENDEZ_VOUS = [genre for genre in GENRES if genre != ECHEANCE]


def est_l_heure(moment):
    """Vrai pendant les heures où le résumé de ce jour peut partir."""
    local = timezone.localtime(moment)
    if settings.RESUME_A is None or not horloge.est_ouvre(local.date()):
        return False
    debut = datetime.datetime.combine(local.date(), settings.RESUME_A, tzinfo=local.tzinfo)
    return debut <= local < debut + RATTRAPAGE


def preparer():
    """Doit son résumé à chacun de ceux qui l'attendent et ne l'ont pas eu aujourd'hui ; rend leur nombre."""
    jour = horloge.aujourd_hui()
    if not est_l_heure(horloge.maintenant()):
        return 0
    with transaction.atomic():
        attendent = Professionnel.objects.a_resumer(jour).pas_encore_resumes(jour)
        cles = list(attendent.select_for_update(of=("self",), skip_locked=True).values_list("pk", flat=True))
        Professionnel.objects.filter(pk__in=cles).update(resume_le=jour)
        for cle in cles:
            devoir(GENRE, compte=cle, jour=jour.isoformat(), essai=1)
    return len(cles)


def envoyer(compte, jour, essai):
    """Compose le résumé dû à ce compte et l'envoie une fois la transaction validée ; rien s'il n'y a rien, ou si le jour est passé."""
    jour = datetime.date.fromisoformat(jour)
    titulaire = Professionnel.objects.a_resumer(jour).filter(pk=compte).first()
    if titulaire is None or jour != horloge.aujourd_hui():
        return
    lignes = nombres(titulaire, jour)
    if lignes:
        message = composer(titulaire, MODELE, lignes=lignes, adresse=settings.ADRESSE_PUBLIQUE)
        transaction.on_commit(partial(_partir, message, compte=compte, jour=jour.isoformat(), essai=essai))


def nombres(titulaire, jour):
    """Les lignes du résumé (« 3 échéances en retard »), lues avec les seuls droits de ce compte ; vide quand rien n'est dû."""
    with lire_comme(titulaire):
        comptes = lire_comptes(titulaire, faire="tout", montres=0)
        attendu = lire(titulaire, du=jour, avant=jour + UN_JOUR, qui=[titulaire.pk], genres=RENDEZ_VOUS)
    reponses = comptes.semaine.get("reponses", 0)
    autres = sum(comptes.semaine.values()) - reponses
    suite = "autre échéance,autres échéances" if reponses else "échéance,échéances"
    dits = [
        (comptes.dus_en_retard, "échéance en retard,échéances en retard"),
        (reponses, "réponse attendue cette semaine,réponses attendues cette semaine"),
        (autres, ",".join(f"{mots} cette semaine" for mots in suite.split(","))),
        (sum(e.etat == "prevu" for e in attendu), "rendez-vous aujourd’hui,rendez-vous aujourd’hui"),
        (len(comptes.a_decider), "prolongation à décider,prolongations à décider"),
    ]
    au_moins = "Au moins " if comptes.examines >= PLAFOND else ""
    return [f"{au_moins}{compter(nombre, formes)}" for nombre, formes in dits if nombre]


def _partir(message, *, compte, jour, essai):
    """Envoie ; ce que le serveur n'a pas pris se reprend une fois, ce dont on ne sait rien ne se renvoie pas : au plus un courriel."""
    try:
        parti, repris = est_parti(message), essai < ESSAIS
    except OSError:
        parti = repris = False
    with transaction.atomic():
        if not parti and repris:
            devoir(GENRE, dans=REPRISE, compte=compte, jour=jour, essai=essai + 1)
        elif not parti:
            inscrire("courriel non envoyé", compte=compte)
