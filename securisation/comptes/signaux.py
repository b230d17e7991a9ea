"""Connexions, échecs, déconnexions et changements de moyens de connexion, inscrits au journal."""

from allauth.account.internal.flows.login import record_authentication
from allauth.account.signals import authentication_step_completed, password_changed, password_reset, password_set
from allauth.core import context
from allauth.mfa.models import Authenticator
from allauth.mfa.signals import authentication_failed
from django.contrib.auth import get_user_model
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver

from securisation.comptes.appareils import reconnaitre
from securisation.comptes.liens_agenda import revoquer
from securisation.socle import confirmation
from securisation.socle.journal import inscrire


@receiver(user_logged_in, dispatch_uid="comptes_connexion")
def inscrire_connexion(sender, request, user, **kwargs):
    """Inscrit une connexion réussie, qui vaut confirmation."""
    confirmation.noter(request)
    reconnaitre(request, user)
    inscrire("connexion", par=user)


@receiver(authentication_step_completed, dispatch_uid="comptes_confirmation")
def inscrire_confirmation(sender, request, user, method, reauthenticated=False, **kwargs):
    """Note et inscrit une confirmation d'identité, par mot de passe, code ou clé."""
    if reauthenticated:
        confirmation.noter(request)
        inscrire("confirmation", par=user, moyen=kwargs.get("type") or method)


@receiver(user_logged_out, dispatch_uid="comptes_deconnexion")
def inscrire_deconnexion(sender, request, user, **kwargs):
    """Inscrit une déconnexion, sauf celle d'une session déjà anonyme."""
    if user is not None:
        inscrire("déconnexion", par=user)


@receiver(user_login_failed, dispatch_uid="comptes_echec")
def inscrire_echec(sender, credentials, **kwargs):
    """Inscrit un échec ; l'adresse saisie n'est pas recopiée (ce peut être un mot de passe tapé au mauvais endroit)."""
    email = credentials.get("email") or credentials.get("username") or ""
    compte = get_user_model().objects.de_courriel(email).first()
    inscrire("connexion refusée", compte=compte.pk if compte else None)


@receiver([password_changed, password_reset, password_set], dispatch_uid="comptes_mot_de_passe")
def inscrire_mot_de_passe(sender, request, user, **kwargs):
    """Inscrit un changement de mot de passe, qui termine les autres sessions du compte et son lien d'agenda."""
    user.sessions.exclude(pk=request.session.session_key).delete()
    revoquer(user)
    inscrire("mot de passe changé", par=user)


@receiver(authentication_failed, dispatch_uid="comptes_second_facteur_refuse")
def inscrire_second_facteur_refuse(sender, request, user, authenticator=None, **kwargs):
    """Inscrit un code ou une clé refusés après un mot de passe juste."""
    inscrire("connexion refusée", compte=user.pk, facteur=authenticator.type if authenticator else None)


# Sur la ligne elle-même, donc dans sa transaction : allauth n'émet ses propres signaux qu'après l'enregistrement.
@receiver(post_save, sender=Authenticator, dispatch_uid="comptes_moyen_ajoute")
def inscrire_moyen_ajoute(sender, instance, created, **kwargs):
    """Inscrit l'ajout d'un second facteur ou d'une clé d'accès, dont le titulaire vient de se servir : c'est une confirmation."""
    if not created:
        return
    inscrire("moyen de connexion ajouté", par=instance.user, moyen=instance.type)
    request = context.request
    if request is not None and instance.type != Authenticator.Type.RECOVERY_CODES:
        record_authentication(request, instance.user, "mfa", type=instance.type, reauthenticated=True)


@receiver(post_delete, sender=Authenticator, dispatch_uid="comptes_moyen_retire")
def inscrire_moyen_retire(sender, instance, **kwargs):
    """Inscrit le retrait d'un second facteur ou d'une clé d'accès."""
    inscrire("moyen de connexion retiré", par=instance.user, moyen=instance.type)
