"""Les travaux dus : le courriel d'une invitation, dont le lien est tiré là ; la copie de la personne, produite puis retirée."""

from datetime import timedelta

from django.conf import settings
from django.core.mail import send_mail
from django.db.models import Exists, OuterRef
from django.template.loader import render_to_string
from django.urls import reverse

from securisation.comptes.models import Professionnel
from securisation.coordination.fabrique import fabriquer
from securisation.coordination.models import Copie, Invitation
from securisation.documents.rendu import PanneDuRendu
from securisation.socle.horloge import aujourd_hui
from securisation.socle.journal import inscrire
from securisation.socle.outbox import purge, travail
from securisation.socle.trace import hors_porte

RAISON = "envoi d'une invitation"
SUJET = "Jalon : un partage vous est ouvert"
JOURS_APRES_UNE_INVITATION, SANS_NOM = 30, "Partenaire"


def renoncer(*, invitation, erreur=None):
    """Après le dernier essai : la page de l'invitation dit que le courriel n'est pas parti."""
    due = Invitation.objects.filter(pk=invitation, envoi=Invitation.Envoi.DU).first()
    if due is not None:
        with hors_porte(RAISON):
            due.ne_pas_partir(par=None)


@travail("envoyer_invitation", a_l_echec=renoncer)
def envoyer_invitation(invitation):
    """Envoie le lien d'une invitation (clé entière) encore ouverte ; un second passage tire un autre lien, le premier ne vaut plus."""
    due = Invitation.objects.ouvertes().filter(pk=invitation, envoi=Invitation.Envoi.DU).first()
    if due is None:
        return
    with hors_porte(RAISON):
        due.partir(par=None)
    contexte = {
        "lien": f"{settings.ADRESSE_PUBLIQUE}{reverse('coordination:arriver')}#{due.cle_claire}",
        "association": due.accord.parcours.equipe.association or due.accord.parcours.equipe.nom,
        "jusqu_au": due.jusqu_au,
    }
    send_mail(SUJET, render_to_string("coordination/courriels/invitation.txt", contexte), None, [due.courriel])


# -- ce qui est remis à la personne

PRODUCTION, RETRAIT = "production d'une copie", "retrait d'une copie après sept jours"
ECHEC_DE_COPIE = (
    "La copie n’a pas pu être produite après plusieurs essais. Rien n’est perdu : relancez la production ; "
    "si elle échoue encore, prévenez l’administrateur avec son numéro."
)


def abandonner(*, copie, erreur=None):
    """Après le dernier essai : l'échec est dit sur la page, avec quoi faire."""
    demandee = Copie.objects.filter(pk=copie, etat=Copie.Etat.DEMANDEE).first()
    if demandee is not None:
        with hors_porte(PRODUCTION):
            demandee.echouer(par=None, erreur=ECHEC_DE_COPIE)


@travail("produire_copie", a_l_echec=abandonner)
def produire_copie(copie):
    """Produit la copie (clé entière) si elle est encore demandée ; une bibliothèque absente est un échec dit en clair."""
    demandee = Copie.objects.filter(pk=copie, etat=Copie.Etat.DEMANDEE).first()
    if demandee is None:
        return
    try:
        pdf, donnees = fabriquer(demandee)
    except PanneDuRendu as echec:
        with hors_porte(PRODUCTION):
            demandee.echouer(par=None, erreur=str(echec))
        return
    with hors_porte(PRODUCTION):
        demandee.produire(par=None, pdf=pdf, donnees=donnees)


@purge
def copies_remises():
    """Une copie entière d'un dossier ne se garde pas : ses fichiers sont retirés sept jours après leur production."""
    anciennes = list(Copie.objects.a_retirer())
    with hors_porte(RETRAIT):
        for copie in anciennes:
            copie.retirer(par=None)
    return len(anciennes)


@purge
def comptes_invites_finis():
    """Un compte invité se ferme un mois après sa dernière invitation ; celui dont le dossier est effacé perd jusqu'à son nom."""
    limite = aujourd_hui() - timedelta(days=JOURS_APRES_UNE_INVITATION)
    invites, siennes = Professionnel.objects.filter(est_invite=True), Invitation.objects.filter(compte=OuterRef("pk"))
    fermes = invites.filter(~Exists(siennes.filter(jusqu_au__gte=limite)), is_active=True).update(is_active=False)
    if fermes:
        inscrire("comptes invités fermés", nombre=fermes)
    return fermes + invites.filter(~Exists(siennes)).exclude(nom=SANS_NOM).update(nom=SANS_NOM)
