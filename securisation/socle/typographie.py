"""Une seule apostrophe à l'écran, la courbe : gabarits, référentiel et saisies n'écrivent pas tous la même."""

import re
from bisect import bisect_right

# L'apostrophe se cherche d'abord, la lettre qui la précède ensuite : une page sans apostrophe droite ne coûte presque rien.
# Celle d'une adresse électronique se recopie : elle reste droite.
DROITE = re.compile(r"(?:'(?<=[^\W\d_]')|&#x27;(?<=[^\W\d_]&#x27;)|&#39;(?<=[^\W\d_]&#39;))(?=[\w«])(?![^\s<>]{0,64}@)")
# Ce qui se recopie ou se compare tel quel : champs, textes d'un conflit, différences.
_TEL_QUEL = re.compile(
    r"<(textarea|script|style|pre|code|del|ins|div(?=\s+data-tel-quel))\b.*?</\1>", re.DOTALL | re.IGNORECASE
)


def courber(html):
    """Ce HTML, où l'apostrophe droite entre deux lettres devient courbe dans les textes ; ni les balises ni leurs valeurs ne changent."""
    if "'" not in html and "&#" not in html:
        return html
    trouvees = [trouvee for trouvee in DROITE.finditer(html) if not _dans_une_balise(html, trouvee.start())]
    if not trouvees:
        return html
    reserves = [reserve.span() for reserve in _TEL_QUEL.finditer(html)]
    debuts = [debut for debut, _fin in reserves]
    morceaux, ou = [], 0
    for trouvee in trouvees:
        rang = bisect_right(debuts, trouvee.start()) - 1
        if rang < 0 or reserves[rang][1] <= trouvee.start():
            morceaux += [html[ou : trouvee.start()], "’"]
            ou = trouvee.end()
    return "".join([*morceaux, html[ou:]])


def _dans_une_balise(html, ou):
    """Vrai si la dernière balise ouverte avant ce rang n'est pas encore fermée."""
    return html.rfind("<", 0, ou) > html.rfind(">", 0, ou)


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
