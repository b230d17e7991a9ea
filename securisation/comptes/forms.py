"""Les formulaires de la connexion, sans les textes d'exemple d'allauth : l'étiquette suffit."""

from allauth.account import forms as compte
from allauth.mfa.base import forms as facteur
from allauth.mfa.totp import forms as totp

from securisation.comptes.courriels import promettre_un_lien


class SansExemple:
    """Retire les textes d'exemple et les aides qui répètent l'étiquette ou un lien voisin."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for champ in self.fields.values():
            champ.widget.attrs.pop("placeholder", None)
            champ.help_text = ""


class ConnexionForm(SansExemple, compte.LoginForm):
    """Adresse et mot de passe."""


class OubliForm(SansExemple, compte.ResetPasswordForm):
    """Adresse où envoyer le lien."""

    def save(self, request, **kwargs):
        """Doit un lien : le même travail que l'adresse soit connue ou non, et l'envoi se fait plus tard."""
        titulaires = [
            compte for compte in self.users if not compte.est_invite
        ]  # un invité n'entre que par son invitation
        promettre_un_lien(titulaires[0] if titulaires else None, request.build_absolute_uri("/"))
        return self.cleaned_data["email"]


class NouveauMotDePasseForm(SansExemple, compte.ResetPasswordKeyForm):
    """Mot de passe choisi par le lien reçu."""


class ChangementForm(SansExemple, compte.ChangePasswordForm):
    """Mot de passe actuel, puis le nouveau deux fois."""


class ChoixForm(SansExemple, compte.SetPasswordForm):
    """Premier mot de passe d'un compte connecté sans en avoir."""


class ConfirmationForm(SansExemple, compte.ReauthenticateForm):
    """Mot de passe, pour confirmer que c'est la même personne."""


class CodeForm(SansExemple, facteur.AuthenticateForm):
    """Code du second facteur, à la connexion."""


class CodeDeConfirmationForm(SansExemple, facteur.ReauthenticateForm):
    """Code du second facteur, pour confirmer que c'est la même personne."""


class ActivationForm(SansExemple, totp.ActivateTOTPForm):
    """Premier code de l'application d'authentification."""
