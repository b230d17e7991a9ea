"""Avec qui ? Ses parcours où un acte lui est permis : les derniers lus d'abord, ou ceux qui répondent à une recherche."""

import datetime
from dataclasses import dataclass
from urllib.parse import urlencode

from django.urls import reverse

from securisation.parcours.droits import DROITS
from securisation.parcours.models import Attribution, Parcours
from securisation.socle import horloge
from securisation.socle.models import Evenement
from securisation.synthese.liste import LIBELLES
from securisation.synthese.recherche import chercher, lire_question

PROPOSES = 8  # sur un téléphone, ce qui se lit sans défiler
RELUES = 300  # lectures relues au journal pour y trouver des dossiers différents
DEPUIS = datetime.timedelta(days=30)


@dataclass(frozen=True)
class Acte:
    """Ce que l'on fera avec la personne choisie : le droit, la page du parcours, et les mots de l'écran.

    `directs` : (mot, valeurs de l'adresse) des boutons qui répondent d'avance à la première question de la page.
    """

    permission: str
    route: str
    titre: str
    icone: str
    se_fait: str
    directs: tuple = ()

    @property
    def regle(self):
        return f"{self.se_fait} là où vous êtes référent, coordonnateur ou intervenant, tant que le parcours n’est pas clos."

    @property
    def aucun(self):
        return f"Aucun parcours où {self.titre[0].lower()}{self.titre[1:]}"

    @property
    def sans_reponse(self):
        return f"Essayez le nom seul, ou le numéro. {self.regle}"


CONTACT = Acte(
    "noter_contact",
    "interventions:noter_contact",
    "Noter un contact",
    "message-plus",
    "Un contact se note",
    directs=(("De sa part", {"initiative": "oui"}), ("De notre part", {"initiative": "non"})),
)
RENDEZ_VOUS = Acte(
    "prevoir_rendez_vous",
    "parcours:prevoir_rendez_vous",
    "Prévoir un rendez-vous",
    "calendar-plus",
    "Un rendez-vous se prévoit",
)


def contexte(par, demande, acte, **suite):
    """Contexte de la page « Avec qui ? » de cet acte ; `suite` : ce que l'adresse de chaque parcours emporte."""
    question = lire_question(demande.get("q", ""))
    roles = trouves(par, question, acte) if question.texte else proposes(par, acte)
    lignes = [_ligne(role.content_object, acte, suite) for role in roles]
    return {"acte": acte, "question": question, "lignes": lignes, "numeros": [ligne["numero"] for ligne in lignes]}


def les_siens(par, acte):
    """Les attributions de ce professionnel sur des parcours qui vivent, et où son rôle lui permet cet acte."""
    roles = Attribution.objects.filter(user=par, permission__codename__in=DROITS[acte.permission])
    return roles.exclude(phase__in=Parcours.FIGES).select_related("content_object__personne")


def derniers_lus(par):
    """Clés des dossiers que ce professionnel a ouverts depuis trente jours, le dernier d'abord."""
    lectures = Evenement.objects.filter(
        acteur=par, action="lecture", chaine__gt=0, quand__gte=horloge.maintenant() - DEPUIS
    )
    return list(dict.fromkeys(lectures.order_by("-quand").values_list("chaine", flat=True)[:RELUES]))


def proposes(par, acte):
    """Au plus huit parcours : les derniers lus, puis ceux dont l'échéance est la plus proche."""
    rangs = {cle: rang for rang, cle in enumerate(derniers_lus(par))}
    lus = sorted(les_siens(par, acte).filter(content_object__in=rangs), key=lambda role: rangs[role.content_object_id])
    lus = lus[:PROPOSES]
    autres = les_siens(par, acte).exclude(pk__in=[role.pk for role in lus]).order_by("echeance", "content_object")
    return [*lus, *autres[: PROPOSES - len(lus)]]


def trouves(par, question, acte):
    """Ceux des siens qui répondent à la recherche, dans l'ordre où elle les rend."""
    cles = [ligne.cle for ligne in chercher(par, question)[0]]
    siens = {role.content_object_id: role for role in les_siens(par, acte).filter(content_object__in=cles)}
    return [siens[cle] for cle in cles if cle in siens]


def _ligne(parcours, acte, suite):
    page = reverse(acte.route, args=[parcours.uuid])
    directs = [(mot, suite | ajout) for mot, ajout in acte.directs]
    return {
        "url": f"{page}?{urlencode(suite)}",
        "directs": [{"url": f"{page}?{urlencode(adresse)}", "mot": mot} for mot, adresse in directs],
        "nom": parcours.personne.appellation,
        "numero": parcours.numero,
        "meta": f"{parcours.numero} · {LIBELLES[parcours.etat]}",
    }
