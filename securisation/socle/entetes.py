"""Les en-têtes que toute réponse porte : rien ne se garde, rien ne s'ouvre à un autre site, aucun capteur."""

from django.conf import settings
from django.http import HttpResponse, StreamingHttpResponse
from django.middleware.gzip import GZipMiddleware

# Ce que l'application n'emploie pas est fermé ; les clés d'accès ne servent qu'à ses propres pages.
CAPTEURS = (
    "accelerometer", "autoplay", "bluetooth", "browsing-topics", "camera", "clipboard-read", "display-capture", "encrypted-media",
    "fullscreen", "gamepad", "geolocation", "gyroscope", "hid", "idle-detection", "local-fonts", "magnetometer", "microphone",
    "midi", "payment", "picture-in-picture", "screen-wake-lock", "serial", "storage-access", "usb", "web-share",
    "xr-spatial-tracking",
)  # fmt: skip
CLES = ("publickey-credentials-create", "publickey-credentials-get")
PERMISSIONS = ", ".join([*(f"{nom}=()" for nom in CAPTEURS), *(f"{nom}=(self)" for nom in CLES)])
ISOLEMENT = {
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Embedder-Policy": "require-corp",
    "Permissions-Policy": PERMISSIONS,
    "X-Content-Type-Options": "nosniff",
    "X-Permitted-Cross-Domain-Policies": "none",
    "X-Robots-Tag": "noindex, nofollow",
}
NE_PAS_GARDER = "no-store, private"

# Ouvert à part, un fichier rendu ne charge rien, n'exécute rien et ne s'encadre pas.
SANS_RIEN = "default-src 'none'; frame-ancestors 'none'; sandbox"


def fichier_joint(contenu, *, genre, nom):
    """La réponse qui rend ces octets en pièce jointe, sous ce nom, sans qu'aucun cache les garde ni qu'un navigateur les interprète."""
    return _joindre(HttpResponse(contenu, content_type=genre), nom)


def flux_joint(morceaux, *, genre, nom):
    """La même réponse, écrite au fil de l'envoi : `morceaux` rend les octets un à un, après la transaction de la vue."""
    return _joindre(StreamingHttpResponse(morceaux, content_type=genre), nom)


def _joindre(reponse, nom):
    reponse["Content-Disposition"] = f'attachment; filename="{nom}"'
    reponse["Content-Security-Policy"] = SANS_RIEN
    reponse["Cache-Control"] = NE_PAS_GARDER
    return reponse


class Compression(GZipMiddleware):
    """Compresse les pages, et elles seules : un PDF ou une image le sont déjà.

    Chaque réponse porte un nombre d'octets tiré au hasard, et le témoin de session ne suit pas la demande d'un autre site : la taille
    d'une page ne dit rien à qui l'écoute.
    """

    def process_response(self, request, response):
        """Compresse si c'est du HTML et que le navigateur le demande."""
        genre = response.get("Content-Type", "").split(";")[0]
        return super().process_response(request, response) if genre == "text/html" else response


class Entetes:
    """Pose les en-têtes sur chaque réponse, refus et erreurs compris ; à placer en premier."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        reponse = self.get_response(request)
        for nom, valeur in ISOLEMENT.items():
            reponse.headers.setdefault(nom, valeur)
        if not request.path_info.startswith(settings.STATIC_URL):
            reponse.headers["Cache-Control"] = NE_PAS_GARDER
        return reponse
