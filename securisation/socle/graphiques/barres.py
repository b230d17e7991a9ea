"""Barres horizontales."""

from securisation.socle.graphiques.mesures import couper, texte


def barres(lignes, largeur=640, marge=190, pas=34):
    """Barres horizontales. `lignes` : couples (libellé, valeur), valeur None si inconnue."""
    maxi = max((v for _, v in lignes if v), default=1)
    echelle = (largeur - marge - 60) / maxi
    rendu = []
    for i, (libelle, valeur) in enumerate(lignes):
        longueur = max(valeur or 0, 0) * echelle
        y = i * pas + 6
        rendu.append(
            {
                "t": couper(libelle, 26, 1)[0],
                "v": "non connu" if valeur is None else str(valeur).replace(".", ","),
                "y": y,
                "ty": y + 15,
                "l": texte(longueur),
                "tx": texte(marge + longueur + 8),
            }
        )
    return {"largeur": largeur, "hauteur": pas * len(lignes) + 8, "marge": marge, "lignes": rendu}
