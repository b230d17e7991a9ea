"""Les formulaires de la connexion, sans les textes d'exemple d'allauth : l'étiquette suffit ; celui d'une absence."""

from allauth.account import forms as compte
from allauth.mfa.base import forms as facteur
from allauth.mfa.totp import forms as totp
from django import forms

from securisation.comptes.absences import collegues_de, comptes_de
from securisation.comptes.courriels import promettre_un_lien
from securisation.socle.formulaires import ChampJour, FormulaireDActe


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


class FormulaireAbsence(FormulaireDActe):
    """Du, au, et qui remplace ; qui supervise une équipe choisit aussi qui s'absente."""

    compte = forms.ModelChoiceField(label="Qui s’absente", queryset=None, empty_label=None)
    du = ChampJour(label="Du")
    au = ChampJour(label="Au", help_text="Dernier jour compris.")
    remplacant = forms.ModelChoiceField(
        label="Qui remplace", queryset=None, required=False, empty_label="Personne", help_text="De la même équipe."
    )

    def __init__(self, *args, par, **options):
        super().__init__(*args, **options)
        self.fields["remplacant"].queryset = collegues_de(par)
        self.fields["compte"].queryset = comptes_de(par)
        self.initial.setdefault("compte", par.pk)
        if not par.equipes_supervisees:
            del self.fields["compte"]
            self.fields["remplacant"].queryset = collegues_de(par).exclude(pk=par.pk)
