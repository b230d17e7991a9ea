"""Ce que la direction fait d'une édition : la préparer, la publier, la corriger, la retirer, l'écarter.

Chaque acte verrouille la ligne, relit son état, vérifie la fonction et s'inscrit au journal ; la base tient le reste (sql/editions.sql).
"""

from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction

from securisation.pilotage import faits
from securisation.pilotage.conventions import exiger_la_direction
from securisation.pilotage.edition import empreintes, lecture
from securisation.pilotage.edition.perimetre import figer, perimetre
from securisation.pilotage.edition.preparation import TROP_PROCHE
from securisation.pilotage.models import Convention, Edition
from securisation.pilotage.models.edition import EN_COURS, Etat
from securisation.pilotage.mots import retenus
from securisation.socle import horloge
from securisation.socle.journal import inscrire
from securisation.socle.outbox import devoir
from securisation.socle.refus import Introuvable, Refus


class EditionRefusee(Refus):
    """L'acte n'est pas possible dans l'état présent de l'édition (409)."""

    titre = "Cette édition a changé d'état"
    que_faire = "Rouvrez sa page : elle dit où elle en est et ce qui peut se faire. Rien n'a été enregistré."


class PasPubliable(EditionRefusee):
    """Le contrôle ne permet pas de publier (409)."""

    titre = "Cette édition n'est pas publiable en l'état"
    que_faire = "Sa page de contrôle dit pourquoi, et ce qui le permettrait. Rien n'a été publié."


A_RECONTROLER = (
    "Une autre édition a été publiée depuis ce contrôle : il faut recontrôler celle-ci contre elle avant de la publier."
)
FAITS_A_RECONTROLER = (
    "Un dossier qu'elle compte a changé depuis ce contrôle : il faut la recontrôler avant de la publier."
)
HORS_CONVENTION = (
    "La convention va maintenant {bornes} : la période de cette édition en sort. "
    "Rétablissez d'abord ces jours dans la convention."
)
MOTS_A_REVOIR = (
    "Des mots qu'elle cite ne peuvent plus l'être : une personne a repris ses mots, ou ils désigneraient trop peu de parcours. "
    "Recontrôlez cette édition, elle paraîtra sans eux."
)


def lues_par(par):
    """Les éditions que ce compte lit, sans leurs grands textes."""
    return Edition.objects.lues_par(par).avec_liens()


def trouver(uuid, *, par):
    """L'édition de ce numéro si ce compte la lit, sinon introuvable."""
    edition = Edition.objects.lues_par(par).select_related("convention", "corrige").filter(uuid=uuid).first()
    if edition is None:
        raise Introuvable()
    return edition


def _verrouiller(uuid, par, etats):
    """L'édition verrouillée et relue ; refusée hors de ces états."""
    exiger_la_direction(par)
    edition = Edition.objects.select_for_update(of=("self",)).select_related("convention").filter(uuid=uuid).first()
    if edition is None:
        raise Introuvable()
    if edition.etat not in etats:
        raise EditionRefusee(f"{edition.numero} : {edition.get_etat_display().lower()}.")
    return edition


def tenir_le_registre():
    """Une seule publication à la fois, de tous les financeurs : le registre ne bouge pas entre le contrôle et elle."""
    with connection.cursor() as curseur:
        curseur.execute("SELECT pg_advisory_xact_lock(hashtext('pilotage_registre'))")


def _deborde(convention, du, au):
    return du < convention.du or au > convention.au


def est_hors_convention(edition):
    """Vrai si sa convention, raccourcie depuis, ne couvre plus sa période."""
    return _deborde(edition.convention, edition.du, edition.au)


def _bornes(convention):
    return f"du {convention.du:%d/%m/%Y} au {convention.au:%d/%m/%Y}"


def _tenir(edition):
    """Verrouille la convention de cette édition et la rend ; ValidationError si, raccourcie depuis, elle ne couvre plus sa période."""
    convention = Convention.objects.select_for_update().get(pk=edition.convention_id)
    if _deborde(convention, edition.du, edition.au):
        raise ValidationError(HORS_CONVENTION.format(bornes=_bornes(convention)))
    return convention


def _verifier_la_periode(convention, du, au):
    if du > au:
        raise ValidationError({"au": "Ce dernier jour vient avant le premier : corrigez l’un des deux."})
    if _deborde(convention, du, au):
        raise ValidationError({"du": f"La période sort de la convention, qui va {_bornes(convention)}."})
    if au >= horloge.aujourd_hui():
        raise ValidationError({"au": "La période n'est pas finie : une édition porte sur des jours passés."})


@transaction.atomic
def preparer(convention, *, par, du, au, fictive=False):
    """Ouvre une édition et demande son calcul ; refusée si la période sort de la convention ou a déjà son édition. La rend."""
    exiger_la_direction(par)
    # Deux demandes ensemble : la seconde attend, et voit l'édition de la première.
    convention = Convention.objects.select_for_update().get(pk=convention.pk)
    _verifier_la_periode(convention, du, au)
    if convention.editions.filter(du=du, au=au, etat=Etat.PUBLIEE).exists():
        raise ValidationError({"du": "Une édition de cette période est déjà publiée : corrigez-la depuis sa page."})
    if convention.editions.filter(du=du, au=au, etat__in=EN_COURS).exists():
        raise ValidationError({"du": "Une édition de cette période est déjà en préparation."})
    champs = {"convention": convention, "du": du, "au": au, "definition": figer(convention, du, au)}
    return _demander(Edition.ouvrir(par=par, fictive=fictive, **champs), par=par)


@transaction.atomic
def corriger(uuid, *, par, mot):
    """Prépare l'édition qui remplacera celle-ci, même période, sur la convention d'aujourd'hui, qui doit encore la couvrir. La rend."""
    ancienne = _verrouiller(uuid, par, (Etat.PUBLIEE,))
    if correction_en_cours(ancienne):
        raise ValidationError(
            "Une correction de cette édition est déjà en préparation : votre texte peut y aller, ou l’attendre."
        )
    convention, periode = _tenir(ancienne), (ancienne.du, ancienne.au)
    champs = {"convention": convention, "du": ancienne.du, "au": ancienne.au, "fictive": ancienne.fictive}
    champs |= {"corrige": ancienne, "mot": mot, "definition": figer(convention, *periode)}
    return _demander(Edition.ouvrir(par=par, **champs), par=par)


def correction_en_cours(edition):
    """La correction de cette édition qui se prépare ou attend d'être publiée, ou None."""
    return edition.corrections.filter(etat__in=EN_COURS).first()


def _demander(edition, *, par):
    inscrire("édition préparée", objet=edition, par=par, numero=edition.numero)
    devoir("preparer_edition", par=par, edition=edition.pk)
    return edition


@transaction.atomic
def recontroler(uuid, *, par):
    """Recalcule et rattaque une édition pas encore publiée, sur la convention d'aujourd'hui, qui doit encore la couvrir."""
    edition = _verrouiller(uuid, par, EN_COURS)
    try:
        convention = _tenir(edition)
    except ValidationError as hors:
        raise EditionRefusee(hors.message) from None
    edition.recommencer(definition=figer(convention, edition.du, edition.au))
    devoir("preparer_edition", par=par, edition=edition.pk)
    inscrire("édition recontrôlée", objet=edition, par=par, numero=edition.numero)
    return edition


def pourquoi_pas(edition):
    """Ce qui empêche de publier cette édition contrôlée, en une phrase ; "" si rien ne l'empêche."""
    rapport = edition.rapport or {}
    if rapport.get("publiable") is not True:
        return str(rapport.get("pourquoi") or "Le contrôle n'a pas conclu : recontrôlez cette édition.")
    if est_hors_convention(edition):
        return HORS_CONVENTION.format(bornes=_bornes(edition.convention))
    if not any(lecture.est_montre(tableau) for tableau in (edition.contenu or {}).get("tableaux", [])):
        return "Aucun tableau ne peut être publié sur cette période : élargissez-la, ou élargissez la convention."
    if not edition.fictive and edition.registre_vu != Edition.objects.du_registre().count():
        return A_RECONTROLER
    if not edition.fictive and _un_mot_a_cesse(edition):
        return MOTS_A_REVOIR
    return ""


def _un_mot_a_cesse(edition):
    """Vrai si une phrase figée au contrôle n'est plus permise (accord retiré, phrase reprise, dossier fermé), ou s'attribuerait."""
    figes = {mot["texte"] for mot in edition.contenu.get("mots", [])}
    return bool(figes) and not figes <= {mot["texte"] for mot in retenus(perimetre(edition.definition))}


def exiger_publiable(edition):
    """Refuse (409) d'ouvrir la confirmation d'une édition qui ne peut pas être publiée."""
    if edition.etat != Etat.CONTROLEE:
        raise EditionRefusee(f"{edition.numero} : {edition.get_etat_display().lower()}.")
    if raison := pourquoi_pas(edition):
        raise PasPubliable(raison)


def _ce_qui_a_change(edition):
    """Ce qui, dans les dossiers, a changé depuis le contrôle et empêche de publier ; "" sinon. Les faits viennent d'être refaits."""
    if edition.fictive:
        return ""
    if not empreintes.sont_exactes(edition.pk, perimetre(edition.definition)):
        return FAITS_A_RECONTROLER
    proche = empreintes.la_plus_proche(edition.pk)
    return TROP_PROCHE.format(numero=proche) if proche else ""


@transaction.atomic
def publier(uuid, *, par):
    """Publie une édition contrôlée, la fige, remplace celle qu'elle corrige et demande ses fichiers. La rend."""
    exiger_la_direction(par)
    faits.rafraichir()  # avant tout verrou : un calcul en cours les tient, et attend peut-être une édition
    tenir_le_registre()
    edition = _verrouiller(uuid, par, (Etat.CONTROLEE,))
    if raison := pourquoi_pas(edition) or _ce_qui_a_change(edition):
        raise PasPubliable(raison)
    if edition.corrige and edition.corrige.etat != Etat.PUBLIEE:
        raise PasPubliable("L'édition qu'elle corrige n'est plus publiée : elle est remplacée ou retirée.")
    try:
        with transaction.atomic():
            edition.paraitre(par=par)
    except IntegrityError:
        raise PasPubliable("Une édition de cette période est déjà publiée : corrigez-la.") from None
    devoir("produire_edition", par=par, edition=edition.pk)
    remplace = edition.corrige.numero if edition.corrige else ""
    inscrire("édition publiée", objet=edition, par=par, numero=edition.numero, remplace=remplace)
    return edition


@transaction.atomic
def retirer(uuid, *, par, motif_retrait):
    """Retire une édition publiée ou remplacée : ses nombres ne se montrent plus, son numéro reste vérifiable."""
    edition = _verrouiller(uuid, par, (Etat.PUBLIEE, Etat.REMPLACEE))
    edition.disparaitre(par=par, motif_retrait=motif_retrait)
    inscrire("édition retirée", objet=edition, par=par, numero=edition.numero)
    return edition


@transaction.atomic
def ecarter(uuid, *, par):
    """Renonce à une édition pas encore publiée."""
    edition = _verrouiller(uuid, par, EN_COURS)
    edition.ecarter()
    inscrire("édition écartée", objet=edition, par=par, numero=edition.numero)
    return edition


@transaction.atomic
def refaire_les_fichiers(uuid, *, par):
    """Redemande les fichiers d'une édition publiée qui n'ont pas pu être produits ; ceux qui le sont restent."""
    edition = _verrouiller(uuid, par, (Etat.PUBLIEE, Etat.REMPLACEE))
    edition.echouer("")
    devoir("produire_edition", par=par, edition=edition.pk)
    inscrire("fichiers d'édition redemandés", objet=edition, par=par, numero=edition.numero)
    return edition
