"""Réglages de connexion, importés tels quels par les réglages du projet."""

AUTH_USER_MODEL = "comptes.Professionnel"

# Connexion par l'adresse électronique ; ni réseau social, ni interface sans page, ni inscription publique.
AUTHENTICATION_BACKENDS = ["securisation.comptes.backends.Connexion", "guardian.backends.ObjectPermissionBackend"]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "account_login"
PAGE_DE_CONFIRMATION = "comptes:confirmer"

ACCOUNT_ADAPTER = "securisation.comptes.adaptateurs.AdaptateurComptes"
ACCOUNT_FORMS = {
    "login": "securisation.comptes.forms.ConnexionForm",
    "reset_password": "securisation.comptes.forms.OubliForm",
    "reset_password_from_key": "securisation.comptes.forms.NouveauMotDePasseForm",
    "change_password": "securisation.comptes.forms.ChangementForm",
    "set_password": "securisation.comptes.forms.ChoixForm",
    "reauthenticate": "securisation.comptes.forms.ConfirmationForm",
}
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_USER_MODEL_EMAIL_FIELD = "email"
# L'administrateur crée le compte avec l'adresse professionnelle : elle n'a pas à être confirmée par son titulaire.
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = "Jalon : "
ACCOUNT_PREVENT_ENUMERATION = "strict"
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_REAUTHENTICATION_TIMEOUT = 15 * 60
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_RATE_LIMITS = {
    "login": "60/m/ip",
    "login_failed": "10/15m/key,100/15m/ip",
    "reset_password": "20/m/ip,5/15m/key",
    "reset_password_from_key": "20/m/ip",
    "change_password": "5/m/user",
    "reauthenticate": "10/15m/user",
    "signup": "5/m/ip",
    "invitation": "20/m/ip,60/15m/ip",
    "verification": "30/m/ip,120/15m/ip",
    # Ce qui est envoyé à la même page, compté avant d'être lu.
    "envoi_a_verifier": "30/m/ip,120/15m/ip",
}

MFA_FORMS = {
    "authenticate": "securisation.comptes.forms.CodeForm",
    "reauthenticate": "securisation.comptes.forms.CodeDeConfirmationForm",
    "activate_totp": "securisation.comptes.forms.ActivationForm",
}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_PASSKEY_SIGNUP_ENABLED = False
MFA_ALLOW_UNVERIFIED_EMAIL = True
MFA_TOTP_ISSUER = "Jalon"
# Un pas de 30 secondes de tolérance, pour un téléphone mal à l'heure (RFC 6238, 5.2).
MFA_TOTP_TOLERANCE = 1
MFA_RECOVERY_CODE_COUNT = 10

# Seize caractères, aucune règle de composition, mots courants refusés.
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 16}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "securisation.comptes.motsdepasse.MotDePasseDevinable"},
]
PASSWORD_RESET_TIMEOUT = 3600

# Inactivité : 30 minutes ; durée absolue : 12 heures (intergiciel DureeDeSession).
SESSION_ENGINE = "securisation.comptes.sessions"
SESSION_COOKIE_AGE = 30 * 60
SESSION_DUREE_ABSOLUE = 12 * 3600
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_SAVE_EVERY_REQUEST = False
SESSION_COOKIE_NAME = "jalon_session"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Strict"
CSRF_COOKIE_NAME = "jalon_csrf"
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Strict"
