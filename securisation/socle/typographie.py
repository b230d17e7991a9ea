"""Une seule apostrophe à l'écran, la courbe : gabarits, référentiel et saisies n'écrivent pas tous la même."""

import re

DROITE = re.compile(r"(?<=[^\W\d_])(?:'|&#x27;|&#39;)(?=[\w«])")
# Ce qui se recopie ou se compare tel quel (champs, textes d'un conflit, différences), et les balises elles-mêmes.
_TEL_QUEL = re.compile(
    r"(<(textarea|script|style|pre|code|del|ins|div(?= data-tel-quel))\b.*?</\2>|<[^>]*>)", re.DOTALL | re.IGNORECASE
)
_PAS = 3  # `_TEL_QUEL` capture deux groupes : un texte tous les trois morceaux


def courber(html):
    """Ce HTML, où l'apostrophe droite entre deux lettres devient courbe dans les textes ; ni les balises ni leurs valeurs ne changent."""
    if not DROITE.search(html):
        return html
    morceaux = _TEL_QUEL.split(html)
    morceaux[::_PAS] = [DROITE.sub("’", texte) for texte in morceaux[::_PAS]]
    del morceaux[2::_PAS]  # le nom de la balise mise à part, déjà dans le morceau qui le précède
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
