"""Ce que les pages d'invitation montrent : accords qui se partagent, état de chaque invitation, gestes qui restent."""

from allauth.core import ratelimit

from securisation.annuaire.models import Axe
from securisation.coordination import liaison
from securisation.coordination.models import Invitation
from securisation.coordination.partage import designation
from securisation.coordination.querysets import accords_de_partage
from securisation.socle import horloge
from securisation.socle.refus import Refus

RIEN_NE_S_OUVRE = (
    "Ce lien et ce code n’ouvrent rien. Vérifiez-les auprès de la personne qui vous invite : "
    "après cinq codes faux, ou une fois la date passée, il lui faut refaire une invitation."
)
ANCIENNES_MAX = 20


class TropDEssais(Refus):
    """Trop d'essais depuis cette adresse du réseau (429)."""

    statut = 429
    titre = "Trop d’essais en peu de temps"
    que_faire = "Attendez un quart d’heure, puis recommencez avec le lien et le code que vous avez reçus."


class DejaConnecte(Refus):
    """Une session ordinaire est ouverte : l'invitation ne la remplace pas (409)."""

    titre = "Vous êtes déjà dans Jalon, avec votre compte"
    que_faire = "Une invitation ouvre sa propre session. Déconnectez-vous, puis ouvrez de nouveau le lien reçu."


def compter_l_essai(request):
    """Compte un essai d'entrée dans le limiteur commun (TropDEssais au-delà, DejaConnecte sous un compte ordinaire)."""
    if request.user.is_authenticated and not request.user.est_invite:
        raise DejaConnecte()
    if not ratelimit.consume(request, action="invitation"):
        raise TropDEssais()


def du_parcours(parcours):
    """Contexte de la liste : les accords de partage qui courent, leur invitation, puis les invitations finies."""
    faites = list(
        Invitation.objects.filter(accord__parcours=parcours)
        .select_related("accord__finalite", "compte")
        .order_by("-pk")
    )
    courantes = {i.accord_id: i for i in faites if i.etat == Invitation.Etat.EN_COURS}
    ouvertes = set(Invitation.objects.ouvertes().filter(accord__parcours=parcours).values_list("pk", flat=True))
    noms = dict(Axe.objects.values_list("code", "libelle"))
    accords = (
        accords_de_partage().filter(parcours=parcours).select_related("professionnel").order_by("partenaire", "pk")
    )
    fiches = liaison.dernieres(parcours)
    lignes = [
        _ligne(accord, courantes.pop(accord.pk, None), noms, ouvertes) | {"fiche": fiches.get(str(accord.uuid))}
        for accord in accords
    ]
    montrees = {ligne["invitation"].pk for ligne in lignes if ligne["invitation"]}
    finies = [{"invitation": i, **etat(i, i.pk in ouvertes)} for i in faites if i.pk not in montrees][:ANCIENNES_MAX]
    return {"parcours": parcours, "lignes": lignes, "finies": finies, **retour(parcours)}


def _ligne(accord, invitation, noms, ouvertes):
    return {
        "accord": accord,
        "invitation": invitation,
        "objets": objets(accord, noms),
        "compte": accord.professionnel,
        **(etat(invitation, invitation.pk in ouvertes) if invitation else {"mot": "", "ton": ""}),
    }


def objets(accord, noms):
    """Ce que l'accord nomme, en mots : les axes, puis les documents."""
    return [*(noms.get(code, code) for code in accord.axes), *(f"document {numero}" for numero in accord.documents)]


def etat(invitation, ouverte):
    """L'état d'une invitation en un mot, et son ton ; `ouverte` : elle laisse entrer aujourd'hui."""
    if invitation.etat != Invitation.Etat.EN_COURS:
        bloquee = invitation.etat == Invitation.Etat.BLOQUEE
        return {"mot": "Fermée après cinq codes faux" if bloquee else "Révoquée", "ton": "red" if bloquee else ""}
    if not invitation.accord.est_en_cours:
        return {"mot": "Accord terminé", "ton": ""}
    if not ouverte:
        return {"mot": "Échue" if invitation.jusqu_au < horloge.aujourd_hui() else "Suspendue", "ton": ""}
    if invitation.arrivees:
        return {"mot": "Le partenaire est venu", "ton": "green"}
    if invitation.envoi == Invitation.Envoi.ECHEC:
        return {"mot": "Courriel non parti", "ton": "red"}
    pret = invitation.code and invitation.empreinte
    return {"mot": "Attend le partenaire" if pret else "À transmettre", "ton": "brand" if pret else "amber"}


def de_l_accord(accord):
    """Contexte du formulaire : à qui, pour lire quoi, et l'invitation que la nouvelle remplacera."""
    noms = dict(Axe.objects.values_list("code", "libelle"))
    courante = accord.invitations.filter(etat=Invitation.Etat.EN_COURS).first()
    return {"accord": accord, "objets": objets(accord, noms), "remplace": courante, **retour(accord.parcours)}


def presenter(invitation):
    """Contexte de la page d'une invitation."""
    noms = dict(Axe.objects.values_list("code", "libelle"))
    contexte = {"invitation": invitation, "accord": invitation.accord, "objets": objets(invitation.accord, noms)}
    contexte["ouverte"] = invitation.est_ouverte
    return contexte | etat(invitation, contexte["ouverte"]) | retour(invitation.accord.parcours)


def retour(parcours):
    """Ce que les pages d'un parcours rappellent."""
    return {"parcours": parcours, "retour_url": parcours.get_absolute_url(), "retour": parcours.personne.appellation}


def resumer(partages):
    """Une carte par partage, pour la page d'accueil d'un partenaire."""
    noms = dict(Axe.objects.values_list("code", "libelle"))
    return [
        {
            "uuid": accord.uuid,
            "designation": designation(accord.parcours.personne),
            "numero": accord.parcours.numero,
            "objets": objets(accord, noms),
            "jusqu_au": accord.lisible_jusqu_au,
        }
        for accord in partages
    ]
