"""Réglages de Jalon. Tout ce qui change d'un lieu à l'autre vient de l'environnement : docs/configuration.md en tient la liste."""

import datetime
import os
import pwd
import sys
import tempfile
from pathlib import Path

import dj_database_url
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from securisation.comptes.reglages import *  # noqa: F403 (réglages de la connexion, tenus par l'app des comptes)

BASE_DIR = Path(__file__).resolve().parent.parent


def _oui(nom, defaut="0"):
    return os.environ.get(nom, defaut).strip().lower() in {"1", "oui", "true", "on"}


def _liste(nom, defaut):
    return [valeur.strip() for valeur in os.environ.get(nom, defaut).split(",") if valeur.strip()]


def _heure(nom, texte):
    try:
        return datetime.time.fromisoformat(texte.strip()) if texte.strip() else None
    except ValueError:
        raise ImproperlyConfigured(f"{nom} s'écrit comme 07:30, ou reste vide.") from None


DEMO = _oui("JALON_DEMO")
DEBUG = _oui("DEBUG")
ESSAIS = "pytest" in sys.modules
SECRET_KEY = os.environ.get("SECRET_KEY") or ("essais-" + "x" * 50 if ESSAIS else "")
if not SECRET_KEY:
    raise ImproperlyConfigured("SECRET_KEY manque dans l'environnement : Jalon ne démarre pas sans clé secrète.")
ALLOWED_HOSTS = _liste("JALON_HOTES", "127.0.0.1,localhost,[::1]")
CSRF_TRUSTED_ORIGINS = _liste("JALON_ORIGINES", "")

INSTALLED_APPS = [
    "securisation.socle",
    "securisation.comptes",
    "securisation.annuaire",
    "securisation.documents",
    "securisation.parcours",
    "diagnostics",
    "interventions",
    "sorties",
    "securisation.coordination",
    "securisation.pilotage",
    "securisation.synthese",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "guardian",
    "simple_history",
    "django_htmx",
    "csp",
]

MIDDLEWARE = [
    "securisation.socle.entetes.Entetes",
    "securisation.comptes.arrets.HoteForge",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "securisation.socle.entetes.Compression",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "securisation.socle.typographie.Apostrophes",
    "securisation.socle.envois.AvantDeLire",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "securisation.comptes.intergiciels.DureeDeSession",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "securisation.comptes.intergiciels.SecondFacteurExige",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "securisation.socle.refus.IntergicielDesRefus",
]

ROOT_URLCONF = "securisation.urls"
WSGI_APPLICATION = "securisation.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "securisation.comptes.contexte.demo",
            ],
        },
    },
]

# Deux rôles : le propriétaire crée et migre les tables, l'application ne peut ni réécrire le journal ni l'historique.
_URL_APPLICATION = os.environ.get("DATABASE_URL", "postgresql:///jalon")
_URL_PROPRIETAIRE = os.environ.get("DATABASE_URL_PROPRIETAIRE") or _URL_APPLICATION
_COMMANDES_DU_PROPRIETAIRE = {
    "migrate",
    "makemigrations",
    "sqlmigrate",
    "flush",
    "dbshell",
    "banc",
    "rejouer_effacements",
}
_EN_PROPRIETAIRE = ESSAIS or (len(sys.argv) > 1 and sys.argv[1] in _COMMANDES_DU_PROPRIETAIRE)
_APPLICATION = dj_database_url.parse(_URL_APPLICATION)
ROLE_APPLICATION = _APPLICATION["USER"] or _APPLICATION.get("OPTIONS", {}).get("user", "")
DATABASES = {
    "default": dj_database_url.parse(_URL_PROPRIETAIRE if _EN_PROPRIETAIRE else _URL_APPLICATION)
    | {"ATOMIC_REQUESTS": True, "CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True}
}
# Le second mur (socle/cloison.py) : une commande et l'exécutant des tâches lisent en système ; un processus web, rien par défaut.
_PROGRAMME = Path(sys.argv[0])
_COMMANDE = _PROGRAMME.name == "manage.py" and sys.argv[1:2] != ["runserver"]
_EN_SYSTEME = ESSAIS or _COMMANDE or bool({_PROGRAMME.name, _PROGRAMME.parent.name} & {"celery", "banc", "livrables"})
DATABASES["default"].setdefault("OPTIONS", {})["options"] = (
    "-c jalon.essais=on -c synchronous_commit=off" if ESSAIS else "-c jalon.essais=off"
) + f" -c jalon.lecteur={'systeme' if _EN_SYSTEME else ''}"
# Ce qu'une écriture faite hors de la porte dit d'elle au journal : le programme, la commande, le compte du système.
_SYSTEME = {compte.pw_uid: compte.pw_name for compte in pwd.getpwall()}.get(os.geteuid(), os.geteuid())
_QUOI = [_PROGRAMME.name, *(sys.argv[1:2] if _PROGRAMME.name == "manage.py" else []), f"par {_SYSTEME}"]
DATABASES["default"]["OPTIONS"]["application_name"] = " ".join(_QUOI)[:60]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Les ancres du journal et la clé qui les signe vivent hors de la base : un dossier par base.
ANCRES = Path(os.environ.get("JALON_ANCRES") or BASE_DIR / ".local" / "ancres" / DATABASES["default"]["NAME"])
CLE_ANCRES = Path(os.environ.get("JALON_CLE_ANCRES") or BASE_DIR / ".local" / "cle-ancres.pem")

# Le sceau des documents (documents/sceau.py) : un PKCS#12 et sa phrase ; sans lui, un certificat d'essai, en démonstration seulement.
SCEAU, SCEAU_PHRASE = (
    ("", "") if ESSAIS else (os.environ.get("JALON_SCEAU", ""), os.environ.get("JALON_SCEAU_PHRASE", ""))
)
SCEAU_D_ESSAI = (
    str(
        Path(tempfile.gettempdir(), f"jalon-essais-{os.getpid()}", "sceau.p12")
        if ESSAIS
        else BASE_DIR / ".local" / "sceau-local.p12"
    )
    if DEMO or ESSAIS
    else ""
)

MODELE_PARCOURS = "parcours.Parcours"
# Au-delà de cinquante dossiers ouverts dans l'heure, un lecteur s'arrête (socle/rythme.py) ; les essais ordinaires en ouvrent davantage.
RYTHME_DES_LECTURES = not ESSAIS
ANONYMOUS_USER_NAME = None
GUARDIAN_RAISE_403 = False

# Hors de la base : ce qu'une restauration rendrait s'efface de nouveau d'après ce fichier (manage.py rejouer_effacements).
REGISTRE_DES_EFFACEMENTS = os.environ.get("JALON_REGISTRE_DES_EFFACEMENTS") or str(
    Path(tempfile.gettempdir(), f"jalon-essais-{os.getpid()}", "effacements.jsonl")
    if ESSAIS
    else BASE_DIR / ".local" / "registre" / "effacements.jsonl"
)

# L'historique est écrit par des déclencheurs PostgreSQL : l'écrivain Python de simple-history est éteint.
SIMPLE_HISTORY_ENABLED = False

# Les essais ne mesurent jamais la force du hachage, qui est faite pour coûter : un mot de passe s'y hache d'un calcul léger.
if ESSAIS:
    PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

# Tout compte a un second facteur avant d'ouvrir quoi que ce soit, sauf ceux de la démonstration et des essais qui n'en parlent pas.
MFA_OBLIGATOIRE = not (DEMO or ESSAIS)

HTTPS = _oui("JALON_HTTPS")
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = HTTPS
SECURE_HSTS_SECONDS = 31536000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
# Mandataires devant l'application : l'adresse d'où l'on vient se lit dans ce que le dernier d'entre eux a écrit, jamais au-delà.
ALLAUTH_TRUSTED_PROXY_COUNT = int(os.environ.get("JALON_MANDATAIRES") or HTTPS)
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
# L'analyseur des fichiers reçus (documents/antivirus.py) : « unix:/chemin » ou « tcp:hôte:port » ; vide, aucun.
ANTIVIRUS = "" if ESSAIS else os.environ.get("JALON_ANTIVIRUS", "")
FILE_UPLOAD_HANDLERS = [
    "securisation.socle.envois.EnvoiBorne",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]
DATA_UPLOAD_MAX_MEMORY_SIZE = 12 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}

LANGUAGE_CODE = "fr"
TIME_ZONE = "Europe/Paris"
USE_I18N = USE_TZ = True
USE_THOUSAND_SEPARATOR = False

STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if ESSAIS or DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
# Les essais cherchent un fichier quand une page le demande : tous les relever d'avance à chaque client neuf triplait son coût.
WHITENOISE_USE_FINDERS = WHITENOISE_AUTOREFRESH = ESSAIS or DEBUG
# Servi à la racine du site, où que soient servis les autres fichiers : le garde du hors-ligne ne veille que sous son adresse.
WHITENOISE_ROOT = BASE_DIR / "static" / "racine"

BROKER_URL = os.environ.get("BROKER_URL", "redis://127.0.0.1:6379/0")
# Un essai ne réveille jamais le travailleur d'une démonstration ouverte à côté.
CELERY_BROKER_URL = "memory://" if ESSAIS else BROKER_URL
# Le limiteur de connexions compte pour tous les processus à la fois.
# Large : au-delà de MAX_ENTRIES, Django jette des compteurs au hasard, et une attaque menée de mille adresses effacerait le sien.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "socle_cache",
        "OPTIONS": {"MAX_ENTRIES": 1_000_000},
    }
}
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "queue_order_strategy": "priority",
    "visibility_timeout": 300,
    "unacked_restore_interval": 2,
    "unacked_restore_throttle": 1,
    "socket_connect_timeout": 2,
}
CELERY_TASK_ACKS_LATE = CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_CONCURRENCY = 2  # le document que quelqu'un attend ne patiente pas derrière celui d'un lot
CELERY_WORKER_MAX_TASKS_PER_CHILD = 400  # deux par document d’un lot : celui qui part emmène son atelier
CELERY_TASK_TIME_LIMIT, CELERY_TASK_SOFT_TIME_LIMIT = 240, 200
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_SERIALIZER = CELERY_RESULT_SERIALIZER = "json"
CELERY_TIMEZONE = TIME_ZONE
# Le travailleur écrit ses journaux comme le reste : sans message d'exception ni argument.
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BEAT_SCHEDULE = {
    "balayer-ce-qui-est-du": {"task": "socle.balayer", "schedule": 5.0, "options": {"expires": 5}},
    "ancrer-le-journal": {"task": "socle.ancrer", "schedule": 900.0, "options": {"expires": 900}},
    "purger": {"task": "socle.purger", "schedule": 3600.0, "options": {"expires": 3600}},
}

EMAIL_BACKEND = os.environ.get("EMAIL_BACKEND", "django.core.mail.backends.console.EmailBackend")
EMAIL_HOST, EMAIL_PORT = os.environ.get("EMAIL_HOST", "localhost"), int(os.environ.get("EMAIL_PORT", "25"))
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = os.environ.get("EMAIL_HOST_USER", ""), os.environ.get("EMAIL_HOST_PASSWORD", "")
EMAIL_USE_TLS, EMAIL_TIMEOUT = _oui("EMAIL_USE_TLS"), 10
# Les courriels partent du travailleur, qui ne voit aucune requête : l'adresse du site lui est donnée.
ADRESSE_PUBLIQUE = os.environ.get("JALON_ADRESSE", "http://127.0.0.1:8000").rstrip("/")
# Qui répond d'un défaut d'accessibilité ; sans adresse, la page renvoie à l'administrateur de l'association.
CONTACT_ACCESSIBILITE = os.environ.get("JALON_CONTACT_ACCESSIBILITE", "")
# L'heure du résumé du jour, à la montre de l'association ; vide : personne n'en reçoit.
RESUME_A = _heure("JALON_RESUME", os.environ.get("JALON_RESUME", "07:30"))
DEFAULT_FROM_EMAIL = os.environ.get("JALON_COURRIEL", "jalon@localhost")
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "simple": {
            "()": "securisation.socle.journaux.SansContenu",
            "format": "{asctime} {levelname} {name} {message}",
            "style": "{",
        }
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "simple"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    # Une adresse introuvable ou un envoi refusé (4xx) sont au journal du dossier ; ici, leur chemin répéterait ce qu'on y a tapé.
    "loggers": {"django.request": {"level": "ERROR"}},
}
