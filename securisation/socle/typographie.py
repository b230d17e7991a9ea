"""Une seule apostrophe à l'écran, la courbe : gabarits, référentiel et saisies n'écrivent pas tous la même."""

import re

# Ce que XML 1.0 n'écrit pas ; le reste est échappé par les bibliothèques.
HORS_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
# L'apostrophe se cherche d'abord, la lettre qui la précède ensuite : une page sans apostrophe droite ne coûte presque rien.
# Celle d'une adresse électronique se recopie : elle reste droite.
DROITE = re.compile(r"(?:'(?<=[^\W\d_]')|&#x27;(?<=[^\W\d_]&#x27;)|&#39;(?<=[^\W\d_]&#39;))(?=[\w«])(?![^\s<>]{0,64}@)")
# Une balise : ni texte ni apostrophe à courber. Un « < » seul n'en ouvre pas : le balayage reste linéaire.
_BALISE = re.compile(r"(<[^<>]*>)")
# Ce qui se recopie ou se compare tel quel : champs, textes d'un conflit, différences.
_TEL_QUEL = re.compile(r"<(textarea|script|style|pre|code|del|ins|div(?=\s+data-tel-quel))\b", re.IGNORECASE)


def courber(html):
    """Ce HTML, où l'apostrophe droite entre deux lettres devient courbe dans les textes ; ni les balises ni leurs valeurs ne changent."""
    if not DROITE.search(html):
        return html
    morceaux, fin = _BALISE.split(html), ""
    for rang, morceau in enumerate(morceaux):
        if rang % 2 == 0:
            morceaux[rang] = morceau if fin else DROITE.sub("’", morceau)
        elif fin:
            fin = "" if morceau.lower().startswith(fin) else fin
        elif tenu := _TEL_QUEL.match(morceau):
            fin = f"</{tenu[1].lower()}"
    return "".join(morceaux)


class Apostrophes:
    """Intergiciel : courbe les apostrophes des pages et des fragments rendus ; un fichier part tel quel."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        """Rend la réponse, son texte courbé s'il est du HTML."""
        reponse = self.get_response(request)
        if not reponse.streaming and reponse.get("Content-Type", "").startswith("text/html"):
            reponse.content = courber(reponse.text).encode()
        return reponse
