"""La note d'un site d'après ses en-têtes, selon le barème public de l'Observatoire HTTP de MDN (dépôt mdn/mdn-http-observatory).

On part de 100 ; chaque règle retire ou ajoute des points ; les points en plus ne comptent que si les retraits laissent 90 au moins.
N'est pas notée la liste de préchargement HSTS des navigateurs, qui ne se lit pas dans les en-têtes (5 points de plus au mieux).
"""

import re
from html.parser import HTMLParser

DEPART, SEUIL_DES_BONUS = 100, 90
SIX_MOIS = 15768000
REFERENTS_SOBRES = {"no-referrer", "same-origin", "strict-origin", "strict-origin-when-cross-origin"}
LARGES = {"*", "http:", "https:", "data:", "blob:"}


class _Scripts(HTMLParser):
    """Ramasse l'adresse et l'empreinte de chaque script d'une page."""

    def __init__(self):
        super().__init__()
        self.vus = []

    def handle_starttag(self, tag, attrs):
        attributs = dict(attrs)
        if tag == "script" and attributs.get("src"):
            self.vus.append(attributs)


def noter(reponse, redirection):
    """Points de chaque règle : {nom: points}. `redirection` : la réponse du même site demandé sans HTTPS."""
    return {
        "politique de contenu": _contenu(reponse),
        "cookies": _cookies(reponse),
        "partage entre origines": -50 if reponse.headers.get("Access-Control-Allow-Origin") else 0,
        "renvoi vers HTTPS": 0 if redirection.headers.get("Location", "").startswith("https://") else -20,
        "adresse d'origine": _referent(reponse),
        "transport": _transport(reponse),
        "scripts d'ailleurs": _scripts(reponse),
        "type de contenu": 0 if reponse.headers.get("X-Content-Type-Options", "") == "nosniff" else -5,
        "cadres": 5 if "frame-ancestors" in _directives(reponse) else -20,
        "ressources": _parmi(reponse, "Cross-Origin-Resource-Policy", {"same-origin", "same-site"}),
        "fenêtres": _parmi(reponse, "Cross-Origin-Opener-Policy", {"same-origin", "same-origin-allow-popups"}),
        "contenus embarqués": _parmi(reponse, "Cross-Origin-Embedder-Policy", {"require-corp", "credentialless"}),
    }


def note(points):
    """La note sur 100, bonus compris s'ils comptent."""
    retraits = DEPART + sum(valeur for valeur in points.values() if valeur < 0)
    bonus = sum(valeur for valeur in points.values() if valeur > 0)
    return max(0, retraits + (bonus if retraits >= SEUIL_DES_BONUS else 0))


def _directives(reponse):
    politique = reponse.headers.get("Content-Security-Policy", "")
    morceaux = [directive.split() for directive in politique.split(";") if directive.strip()]
    return {nom.lower(): sources for nom, *sources in morceaux}


def _contenu(reponse):
    directives = _directives(reponse)
    if not directives:
        return -25
    defaut = directives.get("default-src", ["*"])
    scripts, objets = directives.get("script-src", defaut), directives.get("object-src", defaut)
    styles = directives.get("style-src", defaut)
    if LARGES & {*scripts, *objets} or "'unsafe-inline'" in scripts:
        return -20
    if "'unsafe-eval'" in scripts:
        return -10
    if LARGES & set(styles) or "'unsafe-inline'" in styles:
        return 0
    ferme = defaut == ["'none'"] and directives.get("form-action") in (["'self'"], ["'none'"])
    return 10 if ferme else 5


def _cookies(reponse):
    points = 5 if reponse.cookies else 0
    for temoin in reponse.cookies.values():
        de_session = re.search("login|sess", temoin.key.lower()) is not None
        if de_session and not temoin["secure"]:
            return -40
        if de_session and not temoin["httponly"]:
            return -30
        if not temoin["secure"] or ("csrf" in temoin.key.lower() and not temoin["samesite"]):
            return -20
        if not temoin["samesite"]:
            points = 0
    return points


def _referent(reponse):
    politiques = {mot.strip().lower() for mot in reponse.headers.get("Referrer-Policy", "").split(",") if mot.strip()}
    if not politiques:
        return 0
    return 5 if politiques <= REFERENTS_SOBRES else -5


def _transport(reponse):
    duree = re.search(r"max-age=(\d+)", reponse.headers.get("Strict-Transport-Security", ""))
    if duree is None:
        return -20
    return 0 if int(duree.group(1)) >= SIX_MOIS else -10


def _scripts(reponse):
    lus = _Scripts()
    lus.feed(reponse.content.decode(errors="replace"))
    ailleurs = [script for script in lus.vus if re.match(r"(https?:)?//", script["src"])]
    if not ailleurs:
        return 0
    return 5 if all(script.get("integrity") for script in ailleurs) else -50


def _parmi(reponse, nom, sures):
    valeur = reponse.headers.get(nom, "").strip().lower()
    return 10 if valeur in sures else (-5 if valeur and valeur not in ("cross-origin", "unsafe-none") else 0)
