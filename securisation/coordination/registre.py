"""Le registre d'accès d'un parcours : qui l'a vu ou changé, quand, pourquoi, dans les mots de la personne.

Lu dans le journal, regroupé par jour et par fonction. Le nom d'un professionnel n'y paraît que si l'association l'a choisi : la personne
a droit aux dates et aux raisons des consultations (CJUE, 22 juin 2023, C-579/21), non à l'identité de qui agit sous l'autorité du
responsable. Un partenaire, lui, est nommé : c'est la personne qui l'a choisi.
"""

import datetime
from dataclasses import dataclass, field

from django.conf import settings
from django.db import connection
from django.db.models import Q
from django.utils import timezone

from securisation.comptes.models import Fonction, Professionnel, Reglages
from securisation.parcours.models import Accord, Attribution
from securisation.socle import horloge
from securisation.socle.templatetags.jalon import date_longue

JOURS_GARDES = 365  # le journal des accès se remet sur douze mois
PAR_PAGE = 31  # jours
APPLICATION, SERVICE = "L’application", "Professionnel de l’association"
_EVENEMENTS = """
SELECT (j.quand AT TIME ZONE %(fuseau)s)::date AS jour, j.acteur, j.action, j.modele, coalesce(j.charge ->> 'page', ''),
       bool_or(j.fait_le IS NOT NULL), count(*), min(j.quand)
  FROM socle_journal j
 WHERE j.chaine = %(chaine)s AND j.quand >= %(du)s AND j.quand < %(au)s AND j.action <> ALL(%(tus)s)
 GROUP BY 1, 2, 3, 4, 5 ORDER BY 1 DESC, 8
"""
_DERNIER = "SELECT max(quand) FROM socle_journal WHERE chaine = %s AND quand < %s AND quand >= %s AND action <> ALL(%s)"
# Ce que le journal note pour se tenir lui-même, et qui n'ouvre ni ne change rien.
TUS = ["refus", "effacement"]
VERBES = {"creation": "ajouté", "modification": "modifié", "suppression": "retiré"}
# Ce qui a été écrit, par modèle ; un essai refuse un modèle d'un dossier sans mot.
ECRITS = {
    "parcours.parcours": "votre parcours",
    "parcours.personne": "votre fiche",
    "parcours.entourage": "une personne de votre entourage",
    "parcours.qualification": "la décision d’admission",
    "parcours.accord": "un accord",
    "parcours.attribution": "un rôle auprès de vous",
    "parcours.rendezvous": "un rendez-vous",
    "parcours.presence": "qui vous attend à un rendez-vous",
    "parcours.declarationinteret": "une déclaration de conflit d’intérêts",
    "parcours.demande": "une demande sur vos données",
    "parcours.ouverture": "une ouverture motivée de votre dossier",
    "parcours.effacement": "une demande d’effacement",
    "parcours.conservation": "la durée de conservation de votre dossier",
    "documents.document": "un document",
    "diagnostics.diagnostic": "votre diagnostic",
    "diagnostics.evaluationaxe": "un axe de votre diagnostic",
    "diagnostics.facteurretenu": "un constat de votre diagnostic",
    "diagnostics.dominoexamine": "un enchaînement de votre diagnostic",
    "interventions.intervention": "le cadre de votre accompagnement",
    "interventions.action": "une démarche",
    "interventions.suspension": "une suspension",
    "interventions.prolongation": "une prolongation",
    "interventions.derogation": "une dérogation au terme",
    "interventions.contact": "un contact",
    "interventions.piece": "une pièce jointe",
    "sorties.sortie": "votre bilan de sortie",
    "sorties.cotationsortie": "un axe de votre bilan",
    "sorties.risque": "un risque de votre bilan",
    "sorties.additif": "un additif à votre bilan",
    "pilotage.parole": "une phrase de vous, pour un rapport",
    "coordination.copie": "une copie de vos données",
    "coordination.invitation": "l’invitation d’un partenaire",
}
# Ce qui a été lu, par page, à défaut par étage ; un essai refuse un étage sans mot.
LUS = {
    "parcours:modifier_personne": "votre fiche et vos coordonnées",
    "parcours:roles": "qui vous accompagne",
    "synthese:historique": "l’historique de votre parcours",
    "synthese:piste": "ce qui a changé dans votre dossier",
    "coordination:droits": "vos droits et vos demandes",
    **dict.fromkeys(
        [
            f"coordination:{acte}demande"
            for acte in ("", "enregistrer_", "repondre_", "prolonger_", "lever_", "retirer_")
        ],
        "une demande sur vos données",
    ),
    "coordination:remettre_copie": "la préparation de votre copie",
    "coordination:remettre_registre": "la préparation de ce registre",
    "coordination:registre": "ce registre d’accès",
    "coordination:copie": "une copie de vos données",
    "coordination": "ce que vous partagez",
    "synthese": "la page de votre parcours",
    "parcours": "votre dossier",
    "documents": "un document",
    "diagnostics": "votre diagnostic",
    "interventions": "votre accompagnement",
    "sorties": "votre bilan de sortie",
    "pilotage": "vos mots pour un rapport",
}
DOSSIER = "votre dossier"
ACTIONS = {
    "coordonnees": ("affiché", "vos coordonnées"),
    "telechargement": ("téléchargé", "un document"),
    "export": ("téléchargé", "la copie de vos données"),
    "invitation refusée": ("refusé", "une arrivée par invitation"),
}


@dataclass
class Ligne:
    """Ce qu'une fonction a fait un jour : qui, pourquoi, et ses faits, (verbe, quoi) → nombre."""

    qui: str
    pourquoi: str
    reprise: bool = False
    comptes: dict = field(default_factory=dict)

    @property
    def nombre(self):
        """Combien de lectures et de changements cette ligne résume."""
        return sum(self.comptes.values())

    @property
    def faits(self):
        """Une phrase par verbe : « Lu : votre diagnostic (3 fois), un document »."""
        par_verbe = {}
        for (verbe, quoi), nombre in self.comptes.items():
            par_verbe.setdefault(verbe, []).append(quoi if nombre == 1 else f"{quoi} ({nombre} fois)")
        return [f"{verbe.capitalize()} : {', '.join(choses)}" for verbe, choses in par_verbe.items()]


@dataclass
class Jour:
    """Un jour du registre et ses lignes, dans l'ordre de la journée."""

    le: datetime.date
    lignes: list

    @property
    def dit(self):
        return date_longue(self.le).capitalize()


def lire_registre(parcours, *, avant=None, jours=PAR_PAGE):
    """Les jours du registre, du plus récent au plus ancien, sur une période de `jours` finissant la veille de `avant`.

    Rend (jours, date de la page suivante ou None). Rien au-delà de douze mois.
    """
    demain = horloge.aujourd_hui() + datetime.timedelta(days=1)
    plancher = horloge.aujourd_hui() - datetime.timedelta(days=JOURS_GARDES)
    fin = min(max(avant or demain, plancher), demain)  # un jour d'adresse peut être de l'an 1
    debut = max(fin - datetime.timedelta(days=jours), plancher)
    evenements = _lire(parcours, debut, fin)
    acteurs = _designer_les_acteurs(parcours, {evenement[1] for evenement in evenements})
    lignes = {}
    for jour, acteur, action, modele, page, reprise, nombre, _ in evenements:
        qui, pourquoi = acteurs[acteur]
        ligne = lignes.setdefault(jour, {}).setdefault((qui, pourquoi), Ligne(qui, pourquoi))
        fait = dire(action, modele, page)
        ligne.comptes[fait] = ligne.comptes.get(fait, 0) + nombre
        ligne.reprise |= reprise
    return [Jour(jour, list(par_qui.values())) for jour, par_qui in lignes.items()], _suite(parcours, debut, plancher)


def _lire(parcours, debut, fin):
    bornes = {"du": _minuit(debut), "au": _minuit(fin)}
    with connection.cursor() as curseur:
        curseur.execute(_EVENEMENTS, {"chaine": parcours.pk, "fuseau": settings.TIME_ZONE, "tus": TUS} | bornes)
        return curseur.fetchall()


def _minuit(jour):
    return timezone.make_aware(datetime.datetime.combine(jour, datetime.time.min))


def _suite(parcours, debut, plancher):
    """Le lendemain du dernier jour écrit avant `debut` : là commence la page suivante."""
    with connection.cursor() as curseur:
        bornes = [_minuit(debut), _minuit(plancher)]
        curseur.execute(_DERNIER, [parcours.pk, *bornes, TUS])
        dernier = curseur.fetchone()[0]
    return dernier and timezone.localdate(dernier) + datetime.timedelta(days=1)


def dire(action, modele, page):
    """(« lu », « votre diagnostic »), (« ajouté », « un accord ») : ce qui a été fait, en mots simples."""
    if action in VERBES:
        return VERBES[action], ECRITS.get(modele, "un élément de votre dossier")
    return ACTIONS.get(action) or ("lu", LUS.get(page) or LUS.get(page.partition(":")[0], DOSSIER))


# -- qui


def designer(professionnel, *, nommer=False):
    """Les mots qui désignent un professionnel à la personne : son métier ; précédé de son nom si l'association l'a choisi."""
    fonction = professionnel.metier or SERVICE
    return f"{professionnel.nom_complet}, {fonction[:1].lower()}{fonction[1:]}" if nommer else fonction


def _designer_les_acteurs(parcours, cles):
    """{clé d'acteur: (qui, pourquoi)} ; None : l'application elle-même."""
    nommer = Reglages.actuels().registre_nomme
    roles = set(Attribution.history.filter(content_object_id=parcours.pk).values_list("user_id", flat=True))
    comptes = Professionnel.objects.filter(pk__in=cles - {None}).prefetch_related("fonctions")
    dits = {compte.pk: _dire_qui(parcours, compte, compte.pk in roles, nommer) for compte in comptes}
    return dict.fromkeys(cles, (APPLICATION, "Tenir le dossier : documents, rappels, sauvegardes")) | dits


def _dire_qui(parcours, compte, accompagne, nommer):
    qui, fonctions = designer(compte, nommer=nommer), {(f.genre, f.equipe_id) for f in compte.fonctions.all()}
    if accompagne:
        return qui, "Vous accompagner"
    if (Fonction.Genre.SUPERVISEUR, parcours.equipe_id) in fonctions:
        return qui, "Superviser l’équipe qui vous accompagne"
    if (Fonction.Genre.DPO, None) in fonctions:
        return qui, "Protéger vos données"
    if compte.equipe_id is None and (partenaire := _partenaire(parcours, compte)):
        return f"Partenaire : {partenaire}", "L’accord de partage que vous avez donné"
    return qui, "Faire fonctionner le service"


def _partenaire(parcours, compte):
    siens = Q(professionnel=compte) | Q(invitations__compte=compte)
    partages = Accord.objects.filter(siens, parcours=parcours, finalite__code="PARTAGE")
    return partages.order_by("-le", "-pk").values_list("partenaire", flat=True).first()
