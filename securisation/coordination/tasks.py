"""Le travail dû : le courriel qui porte le lien d'une invitation. Le lien est tiré là : la base n'en garde que l'empreinte."""

from django.conf import settings
from django.core.mail import send_mail
from django.template.loader import render_to_string
from django.urls import reverse

from securisation.coordination.models import Invitation
from securisation.socle.outbox import travail
from securisation.socle.trace import hors_porte

RAISON = "envoi d'une invitation"
SUJET = "Jalon : un partage vous est ouvert"


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
