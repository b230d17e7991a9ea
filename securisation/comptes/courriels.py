"""Ce qui se dit à un titulaire par courriel : un changement de son compte, un lien. Dû dans la transaction, envoyé par le travailleur.

Aucune donnée de dossier ; ni mot de passe ni lien dans la file : le lien se fabrique au moment de l'envoi.
"""

import secrets
from smtplib import SMTPRecipientsRefused, SMTPResponseException
from urllib.parse import urljoin

from allauth.account.app_settings import PASSWORD_RESET_TOKEN_GENERATOR
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.dateparse import parse_datetime

from securisation.comptes.models import Professionnel
from securisation.socle.outbox import devoir

LIEN = "account/email/password_reset_key"


def prevenir(compte, modele, **contexte):
    """Dit à ce titulaire ce qui vient de changer ; `modele` : le gabarit (« …_subject.txt », « …_message.txt »)."""
    le = timezone.now().isoformat(timespec="seconds")
    devoir("prevenir_un_compte", compte=compte.pk, modele=modele, le=le, **contexte)


def promettre_un_lien(compte, site):
    """Doit le lien de mot de passe de ce compte (None : aucun compte) ; le même travail dans les deux cas, un leurre ne s'envoie pas."""
    devoir("lien_de_mot_de_passe", compte=getattr(compte, "pk", None), site=site, demande=secrets.token_hex(8))


def envoyer(compte, modele, **contexte):
    """Rend et envoie un courriel à ce titulaire, en français."""
    composer(compte, modele, **contexte).send()


def composer(compte, modele, **contexte):
    """Le courriel d'un titulaire, rendu en français et pas encore parti."""
    with translation.override(settings.LANGUAGE_CODE):
        sujet = render_to_string(f"{modele}_subject.txt", contexte).strip()
        corps = render_to_string(f"{modele}_message.txt", contexte).strip() + "\n"
    automatique = {"Auto-Submitted": "auto-generated"}  # RFC 3834 : nul répondeur n'y répond
    return EmailMessage(settings.ACCOUNT_EMAIL_SUBJECT_PREFIX + sujet, corps, to=[compte.email], headers=automatique)


def est_parti(message):
    """Vrai : le serveur l'a pris ; faux : il ne l'a sûrement pas pris, on peut le reprendre. Ne pas savoir lève une OSError."""
    serveur = get_connection()
    try:
        serveur.open()
    except OSError:
        return False
    try:
        serveur.send_messages([message])
    except (SMTPResponseException, SMTPRecipientsRefused):
        return False
    finally:
        serveur.close()
    return True


def envoyer_un_avis(compte, modele, le, **contexte):
    """L'avis dû, s'il reste un titulaire à prévenir ; `le` : moment du changement (texte ISO)."""
    titulaire = Professionnel.objects.filter(pk=compte).first()
    if titulaire is not None:
        envoyer(titulaire, modele, le=parse_datetime(le), **contexte)


def envoyer_le_lien(compte, site):
    """Le lien de mot de passe d'un compte actif, à usage unique, fabriqué maintenant."""
    titulaire = Professionnel.objects.actifs().filter(pk=compte, est_invite=False).first()
    if titulaire is None:
        return
    cles = {"uidb36": user_pk_to_url_str(titulaire), "key": PASSWORD_RESET_TOKEN_GENERATOR().make_token(titulaire)}
    adresse = urljoin(site, reverse("account_reset_password_from_key", kwargs=cles))
    envoyer(titulaire, LIEN, password_reset_url=adresse)
