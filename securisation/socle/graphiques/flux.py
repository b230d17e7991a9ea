"""Flux de classe à classe : d'où l'on part à gauche, où l'on arrive à droite ; en pointillé ce qui n'est pas publié."""

from securisation.socle.graphiques.mesures import texte

COULEURS = ("#a4291c", "#b86e00", "#0f5b5e")
LARGEUR, HAUTEUR, MARGE, HAUT, BAS, ECART, BARRE, MINIMUM = 330, 196, 36, 24, 6, 12, 10, 9


def flux(classes, passages, departs, arrivees):
    """Géométrie d'un flux, ou None quand aucun passage n'est publié.

    `classes` : libellés courts ; `passages[i][j]` : de la classe i à la classe j ; `departs`, `arrivees` : leurs totaux. None : non
    publié. Rien n'est déduit : un total absent a la hauteur de ses passages publiés et d'un filet, en contour pointillé.
    """
    if not any(isinstance(v, int) for ligne in passages for v in ligne):
        return None
    colonnes = [list(colonne) for colonne in zip(*passages, strict=True)]
    poids_a = [_poids(total, ligne) for total, ligne in zip(departs, passages, strict=True)]
    poids_b = [_poids(total, colonne) for total, colonne in zip(arrivees, colonnes, strict=True)]
    libre = HAUTEUR - HAUT - BAS - ECART * (len(classes) - 1) - 2 * MINIMUM
    echelle = libre / max(sum(poids_a), sum(poids_b), 1)
    x = (MARGE, LARGEUR - MARGE - BARRE)
    gauche, droite = _piles(poids_a, echelle), _piles(poids_b, echelle)
    rendu = {"largeur": LARGEUR, "hauteur": HAUTEUR, "x0": x[0], "x1": x[1] + BARRE}
    rendu["noeuds"] = [
        *_noeuds(classes, departs, gauche, x[0], x[0] - 7, "end"),
        *_noeuds(classes, arrivees, droite, x[1], x[1] + BARRE + 7, "start"),
    ]
    tous = _passages(passages, gauche, droite, echelle, (x[0] + BARRE, x[1]))
    return rendu | {"passages": sorted(tous, key=lambda passage: passage["masque"])}


def _poids(total, passages):
    """Ce que pèse un nœud : son total publié, au moins ses passages publiés."""
    publies = sum(v for v in passages if isinstance(v, int))
    return max(total, publies) if isinstance(total, int) else publies


def _piles(poids, echelle):
    """[(haut, hauteur)] de chaque nœud, empilés."""
    piles, y = [], HAUT
    for pese in poids:
        hauteur = max(pese * echelle, MINIMUM)
        piles.append((y, hauteur))
        y += hauteur + ECART
    return piles


def _noeuds(classes, totaux, piles, x, x_mot, ancre):
    for rang, (classe, total, (haut, hauteur)) in enumerate(zip(classes, totaux, piles, strict=True)):
        yield {
            "x": x,
            "y": texte(haut),
            "h": texte(hauteur),
            "couleur": COULEURS[rang % len(COULEURS)],
            "masque": not isinstance(total, int),
            "t": classe,
            "tx": x_mot,
            "ty": texte(haut + hauteur / 2 + 5),
            "ancre": ancre,
        }


def _passages(passages, gauche, droite, echelle, bords):
    """Un ruban par passage publié, un trait pointillé par passage qui ne l'est pas, posés dans l'ordre des classes."""
    pas_a = [_filet(ligne, pile, echelle) for ligne, pile in zip(passages, gauche, strict=True)]
    pas_b = [_filet(colonne, pile, echelle) for colonne, pile in zip(zip(*passages, strict=True), droite, strict=True)]
    curseurs_a, curseurs_b = [haut for haut, _ in gauche], [haut for haut, _ in droite]
    for i, ligne in enumerate(passages):
        for j, valeur in enumerate(ligne):
            publie = isinstance(valeur, int)
            a = valeur * echelle if publie else pas_a[i]
            b = valeur * echelle if publie else pas_b[j]
            d = _ruban(bords, curseurs_a[i], curseurs_b[j], a) if publie else None
            d = d or _trait(bords, curseurs_a[i] + a / 2, curseurs_b[j] + b / 2)
            yield {"d": d, "masque": not publie, "couleur": COULEURS[i % len(COULEURS)]}
            curseurs_a[i], curseurs_b[j] = curseurs_a[i] + a, curseurs_b[j] + b


def _filet(passages, pile, echelle):
    """La place laissée à chaque passage non publié : celle qui reste au nœud, partagée également."""
    publies = sum(v for v in passages if isinstance(v, int)) * echelle
    caches = sum(not isinstance(v, int) for v in passages)
    return max(pile[1] - publies, 0) / caches if caches else 0


def _ruban(bords, y1, y2, epais):
    xa, xb = (texte(x) for x in bords)
    m = texte(sum(bords) / 2)
    h1, h2, b1, b2 = texte(y1), texte(y2), texte(y1 + epais), texte(y2 + epais)
    return f"M{xa},{h1} C{m},{h1} {m},{h2} {xb},{h2} L{xb},{b2} C{m},{b2} {m},{b1} {xa},{b1}Z"


def _trait(bords, y1, y2):
    xa, xb = (texte(x) for x in bords)
    m = texte(sum(bords) / 2)
    return f"M{xa},{texte(y1)} C{m},{texte(y1)} {m},{texte(y2)} {xb},{texte(y2)}"
