"""Calculer une édition et l'attaquer : les nombres protégés, le rapport, ce qui change depuis celle qu'elle corrige."""

from securisation.pilotage import calcul, faits
from securisation.pilotage.edition import empreintes, fictif
from securisation.pilotage.edition.ecarts import ecarts
from securisation.pilotage.edition.perimetre import perimetre
from securisation.pilotage.models import Edition
from securisation.pilotage.models.edition import Etat
from securisation.pilotage.mots import retenus
from securisation.socle.journal import inscrire

ECHEC = (
    "Le calcul ne s'est pas terminé. Relancez-le ; s'il échoue encore, prévenez la personne qui tient l'installation."
)
TROP_PROCHE = (
    "Moins de onze parcours la séparent de {numero} : les nombres qui changeraient diraient qui. "
    "Attendez que d'autres dossiers aient changé, puis recontrôlez ; ou gardez l'édition déjà publiée."
)


def calculer(definition, registre):
    """(contenu, rapport) de cette définition, contre ce qui a paru : le seul appel au calcul protégé."""
    return calcul.preparer(perimetre(definition), registre)


class CeQuiCompteAChange(Exception):
    """Un dossier ou la définition a changé pendant le calcul : il est à refaire. Le dû reste, et se reprend."""


def faire(numero):
    """Prépare l'édition de cette clé si elle l'attend encore ; rejouable.

    Le calcul ne verrouille pas la ligne : pendant lui, l'édition s'écarte, se recontrôle. Ce qu'elle est devenue se relit avant de ranger.
    """
    edition = Edition.objects.filter(pk=numero, etat=Etat.PREPARATION).first()
    if edition is None:
        return
    contenu, rapport, registre_vu = _calcul_entier(edition)
    lue = Edition.objects.select_for_update(of=("self",)).select_related("corrige").filter(pk=numero).first()
    if lue.etat != Etat.PREPARATION:
        empreintes.effacer(numero)
        return
    if lue.definition != edition.definition:
        raise CeQuiCompteAChange()
    ranger(lue, contenu, rapport, registre_vu=registre_vu)


def _calcul_entier(edition):
    """(contenu, rapport, éditions du registre attaquées) ; les empreintes de ce qui est compté s'écrivent avec."""
    if edition.fictive:
        invente = fictif.contenu(edition.definition["libelles"], periode=(edition.du, edition.au))
        return invente, fictif.non_joue(), 0
    lu = perimetre(edition.definition)
    publiees = list(Edition.objects.du_registre().order_by("pk").values_list("pk", "definition", "contenu"))
    faits.rafraichir()
    empreintes.ecrire(edition.pk, lu)
    contenu, rapport = calculer(edition.definition, _registre(publiees, edition))
    contenu["mots"] = retenus(lu)
    if not empreintes.sont_exactes(edition.pk, lu):
        raise CeQuiCompteAChange()
    if rapport.get("publiable") is True and (proche := empreintes.la_plus_proche(edition.pk)):
        rapport |= {"publiable": False, "pourquoi": TROP_PROCHE.format(numero=proche)}
    return contenu, rapport, len(publiees)


def _registre(publiees, edition):
    """Ce contre quoi cette édition s'attaque ; ses atomes se lisent des empreintes : de ce qui fut compté, non des faits du jour."""
    atomes = empreintes.atomes([*(cle for cle, _, _ in publiees), edition.pk]) if publiees else None
    return calcul.Registre([(perimetre(definition), contenu) for _, definition, contenu in publiees], atomes)


def ranger(edition, contenu, rapport, *, registre_vu):
    """Range le calcul et ce qui change depuis l'édition corrigée."""
    avant = edition.corrige.contenu if edition.corrige else None
    changements = ecarts(avant, contenu) if avant else []
    edition.ranger(contenu=contenu, rapport=rapport, registre_vu=registre_vu, changements=changements)
    inscrire("édition contrôlée", objet=edition, numero=edition.numero, publiable=rapport.get("publiable") is True)


def noter_l_echec(numero):
    """Après le dernier essai : l'édition dit quoi faire."""
    for edition in Edition.objects.filter(pk=numero, etat=Etat.PREPARATION):
        edition.echouer(ECHEC)
